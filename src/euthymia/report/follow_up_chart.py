"""Long-term safety as small pictures: one for each number that is followed and one for the answers of a subject.

Against time, or against the sessions and doses so far. Readings are points, thresholds are lines that say their number, what
follows and how well it is known; sessions are ticks at the foot. What cannot be used is a cross, never left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from euthymia.follow_up import FollowUp, Point, Series, Threshold
from euthymia.report.axes import stamp
from euthymia.report.follow_up_words import STATUS_SHORT, value_words
from euthymia.report.rules_words import ALARMING, severity_words
from euthymia.report.tokens import FONT, Tokens
from euthymia.report.words import short_day

Spec = dict[str, Any]
Against = Literal["time", "doses"]
_HEIGHT_PX, _ROW_PX, _MARGIN = 150, 26, 0.08
# Points of the second series of a picture (the peak beside the reading before the dose) have another shape.
_SHAPES = ("circle", "triangle-up")


@dataclass(frozen=True)
class Panel:
    """One picture: the subject that it belongs to, its title, what it shows in words, and its series."""

    id: str
    subject: str
    title: str
    description: str
    series: tuple[Series, ...]


def panels(said: FollowUp) -> list[Panel]:
    """Every picture that has something to show, in the order of the page."""
    found = []
    for subject in said.subjects:
        by_fact = {series.fact: series for series in subject.series}
        for facts in subject.drawn:
            drawn = tuple(by_fact[fact] for fact in facts if by_fact[fact].points)
            if drawn:
                found.append(Panel(f"{subject.id}-{facts[0]}", subject.id, _title(drawn), _described(drawn), drawn))
        answers = tuple(series for series in subject.series if not series.numeric and series.stated and series.points)
        if answers:
            found.append(
                Panel(f"{subject.id}-answers", subject.id, f"{subject.name}: what was asked and seen", _described(answers), answers)
            )
    return found


def _title(drawn: Sequence[Series]) -> str:
    words = drawn[0].words[:1].upper() + drawn[0].words[1:]
    more = f" (● before, ▲ {drawn[1].words.split()[-3]} the dose: the highest)" if len(drawn) > 1 else ""
    return words.removesuffix(" before the dose") + more if len(drawn) > 1 else words


def _described(drawn: Sequence[Series]) -> str:
    """The picture in words, for who cannot see it."""
    return " ".join(f"{series.words}: {_course(series)}." for series in drawn)


def _course(series: Series) -> str:
    usable = [point for point in series.points if point.value is not None]
    if not usable:
        return "no reading that can be used"
    first, last = usable[0], usable[-1]
    ends = f"{value_words(series, last.value, last.upper)} on {short_day(last.day)}"
    if len(usable) == 1:
        return f"one reading, {ends}"
    lines = "; ".join(f"a line at {_label(each)}" for each in series.thresholds if each.level is not None)
    begins = f"{len(usable)} readings, from {value_words(series, first.value, first.upper)} on {short_day(first.day)} to {ends}"
    return f"{begins}{f'; {lines}' if lines else ''}"


def panel_chart(panel: Panel, said: FollowUp, tokens: Tokens, against: Against = "time") -> Spec:
    """The specification of one picture in one theme."""
    numeric = panel.series[0].numeric
    layers = _numbers(panel, said, tokens) if numeric else _answers(panel, said, tokens)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": panel.description,
        "width": "container",
        "height": _HEIGHT_PX if numeric else _ROW_PX * (len(panel.series) + 1),
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": {"left": 2, "right": 8, "top": 6, "bottom": 2},
        "background": "transparent",
        "config": _config(tokens),
        "encoding": {"x": _x(said, panel, against)},
        # The place of the picture carries its description: the marks stay silent.
        "layer": [{**layer, "mark": {**layer["mark"], "aria": False}} for layer in (*_ticks(said, tokens, against), *layers)],
    }


def _config(tokens: Tokens) -> Spec:
    axis = {"labelColor": tokens.muted, "labelFontSize": 11, "grid": False, "domain": False, "tickColor": tokens.line}
    title = {"titleColor": tokens.muted, "titleFontWeight": 400, "titleFontSize": 11}
    return {"font": FONT, "view": {"stroke": None}, "axis": {**axis, **title}, "text": {"fontSize": 11, "color": tokens.muted}}


def _span(said: FollowUp, panel: Panel) -> tuple[date, date]:
    """The days of every picture: of all doses and numbers, so that pictures can be held against each other; without any, its own."""
    numbers = [point.day for subject in said.subjects for series in subject.series if series.numeric for point in series.points]
    days = [*numbers, *(each.day for each in said.exposure.course)] or [point.day for series in panel.series for point in series.points]
    first, last = min([*days, said.on]), max([*days, said.on])
    margin = timedelta(days=max(2, (last - first).days // 40))
    return first - margin, last + margin


def _x(said: FollowUp, panel: Panel, against: Against) -> Spec:
    if against == "doses":
        scale = {"domain": [-0.5, max(said.exposure.doses, 1) + 0.5], "nice": False}
        axis = {"title": "sessions and doses so far", "tickMinStep": 1, "tickCount": {"expr": "max(3, floor(width / 70))"}, "format": "d"}
        return {"field": "doses", "type": "quantitative", "scale": scale, "axis": axis}
    first, last = _span(said, panel)
    domain = [{"year": day.year, "month": day.month, "date": day.day} for day in (first, last)]
    axis = {"format": "%b %Y" if (last - first).days > 200 else "%-d %b", "labelOverlap": True, "title": None}
    return {
        "field": "day",
        "type": "temporal",
        "scale": {"domain": domain, "nice": False},
        "axis": {**axis, "tickCount": {"expr": "max(3, floor(width / 80))"}},
    }


def _place(day: date, doses: int) -> Spec:
    return {"day": stamp(day), "doses": doses}


def _ticks(said: FollowUp, tokens: Tokens, against: Against) -> Iterator[Spec]:
    """The days with a dose, at the foot of the picture."""
    rows = [{**_place(each.day, each.doses), "Date": short_day(each.day), "Doses so far": each.doses} for each in said.exposure.course]
    if against == "time":
        mark = {"type": "rule", "color": tokens.muted, "strokeWidth": 1.2, "clip": True}
        foot: Spec = {"y": {"value": {"expr": "height"}}, "y2": {"value": {"expr": "height - 7"}}}
        yield {"data": {"values": rows}, "mark": mark, "encoding": {**foot, "tooltip": [{"field": "Date"}, {"field": "Doses so far"}]}}


def _numbers(panel: Panel, said: FollowUp, tokens: Tokens) -> Iterator[Spec]:
    low, high = _range(panel.series)
    scale = {"domain": [low, high], "nice": False, "zero": False}
    whole = all(point.value == round(point.value) for series in panel.series for point in series.points if isinstance(point.value, float))
    axis = {"tickCount": 4, "ticks": False, "title": None, **({"tickMinStep": 1} if whole else {})}
    y: Spec = {"field": "value", "type": "quantitative", "scale": scale, "axis": axis}
    lines = [(threshold, f"{_SHAPE_NAMES[place]} " if len(panel.series) > 1 else "") for place, series in enumerate(panel.series)
             for threshold in series.thresholds if threshold.level is not None]  # fmt: skip
    for threshold, of in _one_a_level(lines):
        yield from _line(threshold, of, y, tokens)
    for place, series in enumerate(panel.series):
        yield from _course_of(series, place, said, y, tokens)
    yield from _unusable(panel.series, low, y, tokens)


_SHAPE_NAMES = ("●", "▲")


def _one_a_level(lines: Sequence[tuple[Threshold, str]]) -> list[tuple[Threshold, str]]:
    """One line a level: where two series share a number, the graver says it for both."""
    found: dict[float, tuple[Threshold, str]] = {}
    for threshold, of in lines:
        level = threshold.level or 0.0
        found[level] = (threshold, f"{found[level][1]}{of}") if level in found else (threshold, of)
    return list(found.values())


def _range(drawn: Sequence[Series]) -> tuple[float, float]:
    """Readings and thresholds, with room above for the words of the highest line."""
    seen = [end for series in drawn for point in series.points for end in (point.value, point.upper) if isinstance(end, float)]
    seen += [threshold.level for series in drawn for threshold in series.thresholds if threshold.level is not None]
    low, high = (min(seen), max(seen)) if seen else (0.0, 1.0)
    room = (high - low or 1.0) * _MARGIN
    return low - room, high + 2.2 * room


def _label(threshold: Threshold) -> str:
    level = "" if threshold.level is None else f"{threshold.level:g}"
    return f"{level} {severity_words(threshold.severity)} · {STATUS_SHORT[threshold.status]}"


def _line(threshold: Threshold, of: str, y: Spec, tokens: Tokens) -> Iterator[Spec]:
    """A threshold across the picture, with its number, what follows and its status in words."""
    colour = tokens.losing if threshold.severity in ALARMING else tokens.holding
    dash = {"verified": [1, 0], "recalled": [6, 3], "design": [2, 3]}[threshold.status]
    data = {"values": [{"value": threshold.level}]}
    across: Spec = {"x": {"value": 0}, "x2": {"value": "width"}, "y": y}
    yield {"data": data, "mark": {"type": "rule", "color": colour, "strokeWidth": 1.4, "strokeDash": dash}, "encoding": across}
    text = {"type": "text", "align": "left", "baseline": "bottom", "dx": 2, "dy": -2, "fontSize": 10.5, "color": colour}
    said = {"x": {"value": 0}, "y": y, "text": {"value": f"{of}{_label(threshold)}"}}
    yield {"data": data, "mark": {**text, "stroke": tokens.card, "strokeWidth": 3, "opacity": 0.8}, "encoding": said}
    yield {"data": data, "mark": text, "encoding": said}


def _course_of(series: Series, place: int, said: FollowUp, y: Spec, tokens: Tokens) -> Iterator[Spec]:
    known = [_row(series, point, said) for point in series.points if isinstance(point.value, float)]
    rows, ranges = [row for row in known if row["upper"] is None], [row for row in known if row["upper"] is not None]
    colour = tokens.accent if place == 0 else tokens.not_improving
    tooltip = [{"field": name} for name in ("Date", "What", "Value", "Sessions and doses so far", "mg so far")]
    bar = {"type": "rule", "color": colour, "strokeWidth": 4, "opacity": 0.6}
    yield {"data": {"values": ranges}, "mark": bar, "encoding": {"y": y, "y2": {"field": "upper"}, "tooltip": tooltip}}
    yield {"data": {"values": rows}, "mark": {"type": "line", "color": colour, "strokeWidth": 1.2, "opacity": 0.6}, "encoding": {"y": y}}
    point = {
        "type": "point",
        "shape": _SHAPES[place],
        "filled": place == 0,
        "fill": colour if place == 0 else tokens.card,
        "stroke": colour,
    }
    mark = {**point, "size": 42, "strokeWidth": 1.6, "opacity": 1}
    yield {"data": {"values": rows}, "mark": mark, "encoding": {"y": y, "tooltip": tooltip}}


def _row(series: Series, point: Point, said: FollowUp) -> Spec:
    accrued = next((each for each in reversed(said.exposure.course) if each.day <= point.day), None)
    mg = (
        [f"{given.drug} {given.route or ''} {amount:g}" for given, amount in zip(said.exposure.given, accrued.mg, strict=True)]
        if accrued
        else []
    )
    return {
        **_place(point.day, point.doses),
        "value": point.value,
        "upper": point.upper,
        "Date": short_day(point.day),
        "What": series.words,
        "Value": value_words(series, point.value, point.upper) if point.value is not None else f"cannot be used: {point.why}",
        "Sessions and doses so far": point.doses,
        "mg so far": "; ".join(mg) or "none",
    }


def _unusable(drawn: Sequence[Series], low: float, y: Spec, tokens: Tokens) -> Iterator[Spec]:
    """What was recorded and cannot be used, as crosses at the foot."""
    rows = [
        {
            **_place(point.day, point.doses),
            "value": low,
            "Date": short_day(point.day),
            "What": series.words,
            "Why": point.why or "not known",
        }
        for series in drawn
        for point in series.points
        if point.value is None
    ]
    if rows:
        mark = {"type": "point", "shape": "cross", "size": 60, "color": tokens.losing, "opacity": 1, "angle": 45, "yOffset": -12}
        yield {"data": {"values": rows}, "mark": mark, "encoding": {"y": y, "tooltip": [{"field": n} for n in ("Date", "What", "Why")]}}


def _answers(panel: Panel, said: FollowUp, tokens: Tokens) -> Iterator[Spec]:
    """One row a question: filled where the answer was yes, hollow where it was no, a cross where it was unclear."""
    names = [series.words[:1].upper() + series.words[1:] for series in panel.series]
    rows = [
        {**_row(series, point, said), "row": place + 0.62, "answer": point.value if point.value in ("yes", "no") else "unclear"}
        for place, series in enumerate(panel.series)
        for point in series.points
    ]
    y: Spec = {
        "field": "row",
        "type": "quantitative",
        "scale": {"domain": [len(names) + 0.4, 0], "nice": False, "zero": False},
        "axis": None,
    }
    labels = [{"row": place + 0.3, "label": name} for place, name in enumerate(names)]
    text = {"type": "text", "align": "left", "baseline": "middle", "fontSize": 10.5, "limit": {"expr": "width"}}
    yield {"data": {"values": labels}, "mark": text, "encoding": {"x": {"value": 0}, "y": y, "text": {"field": "label"}}}
    tooltip = [{"field": name} for name in ("Date", "What", "Value", "Sessions and doses so far")]
    grave = {series.words: series.worse for series in panel.series}
    for answer, shape in (("yes", "square"), ("no", "circle"), ("unclear", "cross")):
        for worse, colour in ((True, tokens.losing), (False, tokens.muted)):
            own = [row for row in rows if row["answer"] == answer and (grave[row["What"]] == answer) == worse]
            fill = tokens.card if answer == "no" else colour
            mark = {
                "type": "point",
                "shape": shape,
                "size": 46,
                "fill": fill,
                "stroke": colour,
                "strokeWidth": 1.5,
                "opacity": 1,
                "clip": True,
            }
            yield {"data": {"values": own}, "mark": mark, "encoding": {"y": y, "tooltip": tooltip}}
