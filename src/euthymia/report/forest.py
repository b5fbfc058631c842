"""The forest plot of an answer: rows, the range that is drawn, and a Vega-Lite specification for pages.

One measure a picture. A square is a study (hollow where its figures are recalled), a diamond the pooled effect; its
95 % interval is a solid line and the prediction interval a dashed one below it. An arrow says that an interval leaves
the picture. The line of no difference is the strongest of the picture.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from euthymia.evidence.answering import Answer
from euthymia.evidence.effects import LOGARITHMIC
from euthymia.evidence.pools import Drawn, PooledEffect
from euthymia.evidence.quoting import MEASURES, between, figure
from euthymia.report.tokens import FONT, Tokens
from euthymia.study import NULL, Measure

Spec = dict[str, Any]
_ROW_PX, _TOP_PX = 62, 8


@dataclass(frozen=True)
class Row:
    """One line of the plot. `words`: the figures as they are read. `outer`: the normal interval, where it is the wider."""

    label: str
    words: str
    estimate: float
    lower: float
    upper: float
    kind: Literal["study", "pooled", "prediction"]
    recalled: bool
    weight: float | None
    outer: tuple[float, float] | None = None


@dataclass(frozen=True)
class Forest:
    """Rows of one measure, the range drawn, and which side favours the active arm (None: it depends on the outcome)."""

    title: str
    measure: Measure
    rows: tuple[Row, ...]
    low: float
    high: float
    meaningful: float | None
    favours_low: bool | None

    @property
    def null(self) -> float:
        return NULL[self.measure]

    @property
    def logarithmic(self) -> bool:
        return self.measure in LOGARITHMIC


def forests(answer: Answer) -> tuple[Forest, ...]:
    """One forest a pool; without a pool one of the measure that most of the question's single effects have."""
    if answer.pooled:
        return tuple(_of_pool(each) for each in answer.pooled)
    if not answer.alone:
        return ()
    measures = [each.measure for each in answer.alone]
    printed = {each.measure for each in answer.alone if not each.computed}
    measure = max(dict.fromkeys(measures), key=lambda each: (measures.count(each), each in printed))
    rows = tuple(_study_row(each, f"{each.label}: {each.of}") for each in answer.alone if each.measure == measure)
    title = f"{MEASURES[measure]}, each study for itself: not pooled"
    return (_forest(title, measure, rows, None, None),)


def _of_pool(found: PooledEffect) -> Forest:
    summary, studies = found.summary, tuple(_study_row(each, each.label) for each in found.studies)
    estimate = found.read(summary.estimate)
    ends = (found.read(summary.lower), found.read(summary.upper))
    ahead = (found.read(summary.prediction_lower), found.read(summary.prediction_upper))
    recalled = found.status == "recalled"
    words = f"{figure(estimate)} ({between(*ends)})"
    outer = (found.read(summary.normal_lower), found.read(summary.normal_upper)) if summary.narrower_than_normal else None
    words += f"; read {between(*outer)}" if outer else ""
    pooled = Row(f"Pooled, {summary.k} studies", words, estimate, *ends, "pooled", recalled, None, outer)
    prediction = Row("A further study (prediction)", between(*ahead), estimate, *ahead, "prediction", recalled, None)
    noticed = None if found.noticed is None else -found.noticed if found.pool.favours_low else found.noticed
    title = f"{found.pool.what}; {MEASURES[found.pool.measure]}"
    return _forest(title, found.pool.measure, (*studies, pooled, prediction), noticed, found.pool.favours_low)


def _study_row(each: Drawn, label: str) -> Row:
    words = f"{figure(each.estimate)} ({between(each.lower, each.upper)})"
    return Row(label, words, each.estimate, each.lower, each.upper, "study", each.status == "recalled", each.weight)


def _forest(title: str, measure: Measure, rows: tuple[Row, ...], meaningful: float | None, favours_low: bool | None) -> Forest:
    """The range holds every study, the null and the pooled estimate; what reaches farther is cut and has an arrow."""
    null = NULL[measure]
    held = [end for row in rows if row.kind == "study" for end in (row.lower, row.upper)] + [null, *([meaningful] if meaningful else [])]
    low, high = min(held), max(held)
    if measure in LOGARITHMIC:
        low, high = low / (high / low) ** 0.06, high * (high / low) ** 0.06
    else:
        low, high = low - 0.06 * (high - low), high + 0.06 * (high - low)
    return Forest(title, measure, rows, low, high, meaningful, favours_low)


def direction_words(forest: Forest) -> tuple[str, str]:
    """What lies left and right of no difference."""
    if forest.favours_low is None:
        return "← less of it in the arm that is named", "more of it →"
    left, right = "favours the treatment", "favours the control"
    return (f"← {left}", f"{right} →") if forest.favours_low else (f"← {right}", f"{left} →")


def forest_chart(forest: Forest, tokens: Tokens) -> Spec:
    """The specification in one theme."""
    height = _ROW_PX * len(forest.rows) + _TOP_PX
    said = "; ".join(f"{row.label}: {row.words}" for row in forest.rows)
    scale: Spec = {"type": "log" if forest.logarithmic else "linear", "domain": [forest.low, forest.high], "nice": False, "zero": False}
    axis = {"tickCount": 5, "title": f"{MEASURES[forest.measure]}", "format": "~g"}
    x = {"field": "estimate", "type": "quantitative", "scale": scale, "axis": axis}
    y = {"field": "place", "type": "quantitative", "scale": {"domain": [len(forest.rows), 0], "nice": False, "zero": False}, "axis": None}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": f"Forest plot of {forest.title}. {said}",
        "width": "container",
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": {"left": 6, "right": 10, "top": 4, "bottom": 2},
        "background": "transparent",
        "config": _config(tokens),
        "encoding": {"x": x, "y": y},
        "layer": [*_lines(forest, tokens), *_intervals(forest, tokens), *_marks(forest, tokens), *_words(forest, tokens)],
    }


def _config(tokens: Tokens) -> Spec:
    axis = {"labelColor": tokens.muted, "titleColor": tokens.muted, "gridColor": tokens.line, "domain": False, "titleFontWeight": 400}
    return {"font": FONT, "view": {"stroke": None}, "axis": axis, "text": {"fontSize": 12, "color": tokens.ink}}


def _lines(forest: Forest, tokens: Tokens) -> Iterator[Spec]:
    """No difference, the strongest line; and where one person notices a difference, if the measure has such a point."""
    across = {"y": {"value": 0}, "y2": {"value": "height"}}
    yield {
        "data": {"values": [{"estimate": forest.null}]},
        "mark": {"type": "rule", "color": tokens.ink, "strokeWidth": 2.5},
        "encoding": across,
    }
    if forest.meaningful is not None:
        line = {"type": "rule", "color": tokens.holding, "strokeWidth": 1.5, "strokeDash": [2, 3]}
        yield {"data": {"values": [{"estimate": forest.meaningful}]}, "mark": line, "encoding": across}


def _values(forest: Forest) -> list[Spec]:
    rows = []
    for place, row in enumerate(forest.rows):
        known = "recalled" if row.recalled else "seen"
        rows.append(
            {
                "place": place + 0.8,
                "estimate": min(max(row.estimate, forest.low), forest.high),
                "low": max(row.lower, forest.low),
                "high": min(row.upper, forest.high),
                "cut_low": row.lower < forest.low,
                "cut_high": row.upper > forest.high,
                "kind": row.kind,
                "recalled": row.recalled,
                "size": 60 if row.weight is None else 30 + 3 * row.weight,
                "label": row.label + (" · recalled" if row.recalled else ""),
                "words": row.words,
                "label_place": place + 0.2,
                "words_place": place + 0.48,
                "Study": row.label,
                "Effect": row.words,
                "Figures": known,
                "Weight": "" if row.weight is None else f"{row.weight:.0f} %",
            }
        )
    return rows


def _intervals(forest: Forest, tokens: Tokens) -> Iterator[Spec]:
    outer = [
        {"place": place + 0.8, "low": max(row.outer[0], forest.low), "high": min(row.outer[1], forest.high)}
        for place, row in enumerate(forest.rows)
        if row.outer is not None
    ]
    thin = {"type": "rule", "color": tokens.ink, "strokeWidth": 1}
    ends: Spec = {"x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}}
    yield {"data": {"values": outer}, "mark": thin, "encoding": ends}
    for kind, width, dash in (("study", 1.5, [1, 0]), ("pooled", 3, [1, 0]), ("prediction", 1.5, [5, 4])):
        rows = [row for row in _values(forest) if row["kind"] == kind]
        colour = tokens.accent if kind == "study" else tokens.ink
        mark = {"type": "rule", "color": colour, "strokeWidth": width, "strokeDash": dash}
        yield {"data": {"values": rows}, "mark": mark, "encoding": ends}
        for side, shape, end in (("cut_low", "triangle-left", "low"), ("cut_high", "triangle-right", "high")):
            cut = [row for row in rows if row[side]]
            arrow = {"type": "point", "shape": shape, "filled": True, "size": 70, "color": colour, "opacity": 1}
            yield {"data": {"values": cut}, "mark": arrow, "encoding": {"x": {"field": end, "type": "quantitative"}}}


def _marks(forest: Forest, tokens: Tokens) -> Iterator[Spec]:
    tooltip = [{"field": name} for name in ("Study", "Effect", "Weight", "Figures")]
    size = {"field": "size", "type": "quantitative", "scale": None, "legend": None}
    for hollow in (False, True):
        rows = [row for row in _values(forest) if row["kind"] == "study" and row["recalled"] == hollow]
        mark = {"type": "point", "shape": "square", "filled": True, "opacity": 1, "stroke": tokens.accent, "strokeWidth": 1.5}
        mark["fill"] = tokens.card if hollow else tokens.accent
        yield {"data": {"values": rows}, "mark": mark, "encoding": {"size": size, "tooltip": tooltip}}
    rows = [row for row in _values(forest) if row["kind"] == "pooled"]
    mark = {"type": "point", "shape": "diamond", "filled": True, "size": 220, "opacity": 1, "stroke": tokens.ink, "strokeWidth": 1.5}
    mark["fill"] = tokens.card if rows and rows[0]["recalled"] else tokens.ink
    yield {"data": {"values": rows}, "mark": mark, "encoding": {"tooltip": tooltip}}


def _words(forest: Forest, tokens: Tokens) -> Iterator[Spec]:
    """Above each interval its label, then its figures. A halo keeps them readable on the lines."""
    for name, weight, colour in (("label", 600, tokens.ink), ("words", 400, tokens.muted)):
        text = {"type": "text", "align": "left", "baseline": "middle", "fontWeight": weight, "limit": {"expr": "width"}}
        encoding = {"x": {"value": 0}, "y": {"field": f"{name}_place", "type": "quantitative"}, "text": {"field": name}}
        halo = {**text, "stroke": tokens.card, "strokeWidth": 4, "color": tokens.card}
        yield {"data": {"values": _values(forest)}, "mark": halo, "encoding": encoding}
        yield {"data": {"values": _values(forest)}, "mark": {**text, "color": colour}, "encoding": encoding}
