"""The chart of a review as a Vega-Lite specification: a plain dict, drawn the same in a page and in a picture.

One view holds everything, so that one zoom moves everything: above zero the ratings with bands, remission line and
fan; below zero the timeline, one lane a treatment. Lower is better, always.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from euthymia.report.tokens import FONT, Tokens
from euthymia.report.words import TONES, heading_words, number, phase_words, remission_words, short_day
from euthymia.reviewing import Review
from euthymia.timeline import Lane, Scale

Spec = dict[str, Any]
_PLOT_PX, _LANE_PX, _MARK_ROWS = 300, 30, 3
_STATES = {"in_remission": "in remission", "above": "above remission", "not_observed": "not observed"}


@dataclass(frozen=True)
class _Axes:
    """The ranges of the picture: scores above, one lane below them for each line of the timeline."""

    scale: Scale
    cut: float
    first: date
    last: date
    lanes: int

    @property
    def lane(self) -> float:
        return (self.scale.high - self.scale.low) * _LANE_PX / _PLOT_PX

    @property
    def bottom(self) -> float:
        return self.scale.low - self.lane * (self.lanes + 0.3)

    @property
    def line(self) -> float:
        """Where the remission line runs: between the last score in the range and the first above it."""
        return self.cut + self.scale.step / 2

    def base(self, lane: int) -> float:
        """The score at which a lane stands."""
        return self.scale.low - self.lane * (lane + 1.1)


def chart(review: Review, tokens: Tokens) -> Spec | None:
    """The specification in one theme; None where no instrument carries the episode."""
    axes = _axes(review)
    if axes is None:
        return None
    layers = [
        *_bands(review, axes, tokens),
        *_marks(review, axes, tokens),
        *_past(review, tokens),
        *_future(review, tokens),
        *_remission(review, axes, tokens),
        *_course(review, axes, tokens),
        *(layer for at, lane in enumerate(review.timeline.lanes, 1) for layer in _lane(review, lane, axes, at, tokens)),
        *_today(review, tokens),
        _ratings(review, axes, tokens),
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": f"{axes.scale.short_name} over time, lower is better. {review.answer.sentence}",
        "width": "container",
        "height": _PLOT_PX + round(_LANE_PX * (axes.lanes + 0.3)),
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": {"left": 2, "right": 6, "top": 4, "bottom": 2},
        "background": None,
        "config": _config(tokens),
        "encoding": {"x": _x(axes), "y": _y(axes)},
        "layer": layers,
    }


def stamp(day: date) -> str:
    """A day as local midnight: a bare date would be read as UTC and shown a day early in the west."""
    return f"{day.isoformat()}T00:00:00"


def _axes(review: Review) -> _Axes | None:
    scale, cut, days = review.timeline.scale, review.episode.cut, [r.day for r in review.episode.series]
    if scale is None or cut is None or not days:
        return None
    last = max([review.on, *(point.day for point in review.fan)])
    margin = timedelta(days=max(2, (last - days[0]).days // 60))
    return _Axes(scale, cut, days[0] - margin, last + margin, 1 + len(review.timeline.lanes))


def _config(tokens: Tokens) -> Spec:
    axis = {"labelColor": tokens.muted, "labelFontSize": 11, "grid": False, "domain": False, "tickColor": tokens.line, "title": None}
    return {"font": FONT, "view": {"stroke": None}, "axis": axis, "text": {"fontSize": 11, "color": tokens.muted}}


def _x(axes: _Axes) -> Spec:
    domain = [{"year": d.year, "month": d.month, "date": d.day} for d in (axes.first, axes.last)]
    long = (axes.last - axes.first).days > 400
    axis = {"format": "%b %Y" if long else "%-d %b", "tickCount": {"expr": "max(3, floor(width / 75))"}, "labelOverlap": True}
    return {"field": "day", "type": "temporal", "scale": {"domain": domain, "nice": False}, "axis": axis}


def _y(axes: _Axes) -> Spec:
    values = sorted({axes.scale.low, axes.scale.high, *(band.low for band in axes.scale.bands)})
    scale = {"domain": [axes.bottom, axes.scale.high], "nice": False, "zero": False}
    return {"type": "quantitative", "field": "score", "scale": scale, "axis": {"values": values, "ticks": False}}


def _bands(review: Review, axes: _Axes, tokens: Tokens) -> Iterator[Spec]:
    """Severity in quiet grey, darker with severity; the remission range in green."""
    bands = sorted(axes.scale.bands, key=lambda b: b.low)
    edges = [*(band.low for band in bands[1:]), axes.scale.high]
    rows: list[dict[str, Any]] = [
        {"from": b.low, "to": edge, "label": b.label, "shade": 0.02 + 0.07 * i / len(bands)}
        for i, (b, edge) in enumerate(zip(bands, edges, strict=True))
    ]
    across: Spec = {"x": {"value": 0}, "x2": {"value": "width"}, "y": {"field": "from", "type": "quantitative"}, "y2": {"field": "to"}}
    opacity = {"field": "shade", "type": "quantitative", "scale": None, "legend": None}
    yield {"data": {"values": rows}, "mark": {"type": "rect", "color": tokens.ink}, "encoding": {**across, "opacity": opacity}}
    green = [{"from": axes.scale.low, "to": axes.line}]
    yield {"data": {"values": green}, "mark": {"type": "rect", "color": tokens.remission, "opacity": 0.12}, "encoding": across}
    room, heading = (axes.scale.high - axes.scale.low) * 0.08, review.fan[-1].high if review.fan else -1.0
    # A band's name gives way to the words above the fan that say where the plan is heading.
    free = [row for row in rows if not row["to"] - 2 * room < heading < row["to"]]
    labelled = [row for row in free if row["to"] - max(row["from"], axes.line) > room]
    at = {"x": {"value": "width"}, "y": {"field": "to", "type": "quantitative"}, "text": {"field": "label"}}
    text = {"type": "text", "align": "right", "baseline": "top", "dx": -6, "dy": 5, "fontSize": 10}
    yield {"data": {"values": labelled}, "mark": text, "encoding": at}


def _past(review: Review, tokens: Tokens) -> Iterator[Spec]:
    """The level as believed after each rating, with its band."""
    rows = [{"day": stamp(p.day), "score": p.middle, "low": p.low, "high": p.high} for p in review.fan if p.past]
    area = {"type": "area", "color": tokens.accent, "opacity": 0.16, "interpolate": "monotone", "clip": True}
    line = {"type": "line", "color": tokens.accent, "strokeWidth": 2, "interpolate": "monotone", "clip": True}
    yield {"data": {"values": rows}, "mark": area, "encoding": {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}}}
    yield {"data": {"values": rows}, "mark": line}


def _future(review: Review, tokens: Tokens) -> Iterator[Spec]:
    """Visibly different from the past: a fan and dashes, with words that say where it is heading."""
    points = [p for p in review.fan if not p.past]
    if not points or review.verdict.status == "cannot_tell":
        return
    colour = tokens.tone(TONES[review.verdict.status])
    rows = [{"day": stamp(p.day), "score": p.middle, "low": p.low, "high": p.high} for p in points]
    area = {"type": "area", "color": colour, "opacity": 0.2, "interpolate": "monotone", "clip": True}
    yield {"data": {"values": rows}, "mark": area, "encoding": {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}}}
    yield {"data": {"values": rows}, "mark": {"type": "line", "color": colour, "strokeWidth": 2, "strokeDash": [6, 4], "clip": True}}
    text = {"type": "text", "align": "right", "baseline": "bottom", "dy": -4, "fontSize": 12, "fontWeight": 600, "color": colour}
    above = {"y": {"field": "high", "type": "quantitative"}, "text": {"value": heading_words(review)}}
    yield {"data": {"values": rows[-1:]}, "mark": text, "encoding": above}


def _remission(review: Review, axes: _Axes, tokens: Tokens) -> Iterator[Spec]:
    """The strongest line of the picture."""
    rows = [{"score": axes.line}]
    across = {"x": {"value": 0}, "x2": {"value": "width"}}
    yield {"data": {"values": rows}, "mark": {"type": "rule", "color": tokens.remission, "strokeWidth": 2.5}, "encoding": across}
    text = {
        "type": "text",
        "align": "left",
        "baseline": "top",
        "dx": 6,
        "dy": 5,
        "fontSize": 12,
        "fontWeight": 600,
        "color": tokens.remission,
    }
    yield {"data": {"values": rows}, "mark": text, "encoding": {"x": {"value": 0}, "text": {"value": remission_words(review)}}}


def _today(review: Review, tokens: Tokens) -> Iterator[Spec]:
    rows = [{"day": stamp(review.on)}]
    top = {"y": {"value": 0}, "y2": {"value": "height"}}
    yield {"data": {"values": rows}, "mark": {"type": "rule", "color": tokens.muted, "strokeDash": [2, 4], "clip": True}, "encoding": top}
    text = {"type": "text", "align": "right", "baseline": "top", "dx": -4, "dy": 3, "fontWeight": 600, "color": tokens.ink, "clip": True}
    yield {"data": {"values": rows}, "mark": text, "encoding": {"y": {"value": 0}, "text": {"value": "today"}}}


def _marks(review: Review, axes: _Axes, tokens: Tokens) -> Iterator[Spec]:
    """Plans, decisions and incidents: a line through everything and a few words; all of it on hover."""
    days: dict[date, list[str]] = {}
    for mark in review.timeline.marks:
        if mark.day >= axes.first:
            days.setdefault(mark.day, []).append(mark.words + (f": {mark.detail}" if mark.detail else ""))
    rows = [
        {
            "day": stamp(day),
            "label": words[0].split(":")[0],
            "What": "; ".join(words),
            "Date": short_day(day),
            "row": 16 + 13 * (i % _MARK_ROWS),
        }
        for i, (day, words) in enumerate(days.items())
    ]
    tooltip = [{"field": "Date"}, {"field": "What"}]
    tall: Spec = {"y": {"value": 0}, "y2": {"value": "height"}, "tooltip": tooltip}
    yield {"data": {"values": rows}, "mark": {"type": "rule", "color": tokens.line, "strokeWidth": 1.5, "clip": True}, "encoding": tall}
    text = {"type": "text", "align": "left", "baseline": "top", "dx": 3, "fontSize": 10, "limit": {"expr": "width / 6"}, "clip": True}
    room = {"condition": {"test": "width < 480", "value": 0}, "value": 1}
    at = {"y": {"field": "row", "type": "quantitative", "scale": None}, "text": {"field": "label"}, "tooltip": tooltip, "opacity": room}
    yield {"data": {"values": rows}, "mark": text, "encoding": at}


def _course(review: Review, axes: _Axes, tokens: Tokens) -> Iterator[Spec]:
    """Time in remission (thick), above it (thin), and what nobody observed (hollow)."""
    base, high = axes.base(0), {"in_remission": 0.3, "above": 0.12, "not_observed": 0.3}
    rows = [
        {
            "day": stamp(s.start),
            "end": stamp(s.end),
            "from": base,
            "to": base + axes.lane * high[s.state],
            "state": s.state,
            "What": _STATES[s.state],
            "Days": s.days,
        }
        for s in review.outcomes.spans
    ]
    fill = {"in_remission": tokens.remission, "above": tokens.muted, "not_observed": "transparent"}
    colour = {"field": "state", "type": "nominal", "scale": {"domain": list(fill), "range": list(fill.values())}, "legend": None}
    bar = {"type": "rect", "stroke": tokens.muted, "strokeWidth": 1, "opacity": 0.75, "cornerRadius": 2, "clip": True}
    place = {"x2": {"field": "end"}, "y": {"field": "from", "type": "quantitative"}, "y2": {"field": "to"}}
    tooltip = [{"field": "What"}, {"field": "Days", "type": "quantitative"}]
    yield {"data": {"values": rows}, "mark": bar, "encoding": {**place, "color": colour, "tooltip": tooltip}}
    yield _lane_label("thick: in remission · thin: above · hollow: not observed", axes, 0, tokens)


def _lane(review: Review, lane: Lane, axes: _Axes, at: int, tokens: Tokens) -> Iterator[Spec]:
    words = next((s.words for s in reversed(lane.stretches) if s.words), "")
    yield _lane_label(f"{lane.name} {words}".strip(), axes, at, tokens)
    if lane.stretches:
        yield _stretches(review, lane, axes, at, tokens)
    if lane.doses:
        yield from _doses(lane, axes, at, tokens)


def _lane_label(words: str, axes: _Axes, at: int, tokens: Tokens) -> Spec:
    text = {"type": "text", "align": "left", "baseline": "bottom", "fontSize": 10.5, "color": tokens.muted, "limit": {"expr": "width"}}
    rows = [{"score": axes.base(at) + axes.lane * 0.53, "label": words}]
    return {"data": {"values": rows}, "mark": text, "encoding": {"x": {"value": 0}, "text": {"field": "label"}}}


def _stretches(review: Review, lane: Lane, axes: _Axes, at: int, tokens: Tokens) -> Spec:
    base = axes.base(at)
    rows = [
        {
            "day": stamp(s.start),
            "end": stamp(s.end or review.on),
            "from": base,
            "to": base + axes.lane * 0.24,
            "What": f"{lane.name} {s.words}".strip(),
            "From": short_day(s.start),
            "Until": short_day(s.end) if s.end else "still going on",
        }
        for s in lane.stretches
    ]
    place = {"x2": {"field": "end"}, "y": {"field": "from", "type": "quantitative"}, "y2": {"field": "to"}}
    tooltip = [{"field": name} for name in ("What", "From", "Until")]
    colour = tokens.remission if lane.kind == "course" else tokens.muted
    bar = {"type": "rect", "color": colour, "opacity": 0.5, "cornerRadius": 3, "clip": True}
    return {"data": {"values": rows}, "mark": bar, "encoding": {**place, "tooltip": tooltip}}


def _doses(lane: Lane, axes: _Axes, at: int, tokens: Tokens) -> Iterator[Spec]:
    """Height is dose; one that is not known, or was not taken, is hollow."""
    highest = max((dose.amount or 0.0 for dose in lane.doses), default=0.0)
    base = axes.base(at)
    rows = [
        {
            "day": stamp(d.day),
            "from": base,
            "to": base + axes.lane * 0.45 * ((d.amount or 0.0) / highest if highest and d.amount else 0.5),
            "taken": bool(d.taken),
            "Date": short_day(d.day),
            "Dose": f"{number(d.amount)} {d.unit}" if d.amount else "dose not known",
            "What": lane.name if d.taken else f"{lane.name}: {'not taken' if d.taken is False else 'not known whether taken'}",
        }
        for d in lane.doses
    ]
    colour = {"condition": {"test": "datum.taken", "value": tokens.accent}, "value": tokens.card}
    place = {"y": {"field": "from", "type": "quantitative"}, "y2": {"field": "to"}, "color": colour}
    tooltip = [{"field": name} for name in ("What", "Date", "Dose")]
    bar = {"type": "bar", "width": 4, "stroke": tokens.accent, "strokeWidth": 1, "cornerRadius": 1, "clip": True}
    yield {"data": {"values": rows}, "mark": bar, "encoding": {**place, "tooltip": tooltip}}


def _ratings(review: Review, axes: _Axes, tokens: Tokens) -> Spec:
    """Open points; those that do not carry the verdict are lighter. The zoom belongs to this layer."""
    counted = {rating.id for rating in review.episode.series}
    rows = [
        {
            "day": stamp(r.day),
            "score": r.total,
            "counted": r.id in counted,
            "Date": short_day(r.day),
            "Score": f"{axes.scale.short_name} {number(r.total)}" + (f", {r.score.band_label}" if r.score.band_label else ""),
            "Phase": phase_words(r.phase) + ("" if r.id in counted else "; does not carry the verdict"),
        }
        for r in sorted(review.episode.ratings, key=lambda r: r.id in counted)
        if r.instrument == axes.scale.instrument and r.total is not None
    ]
    light = {"condition": {"test": "datum.counted", "value": tokens.ink}, "value": tokens.muted}
    size = {"condition": {"test": "datum.counted", "value": 62}, "value": 34}
    tooltip = [{"field": name} for name in ("Date", "Score", "Phase")]
    point = {"type": "point", "fill": tokens.card, "strokeWidth": 1.8, "opacity": 1, "clip": True}
    zoom = {"type": "interval", "encodings": ["x"], "zoom": "wheel![event.shiftKey]", "clear": "dblclick"}
    return {
        "data": {"values": rows},
        "params": [{"name": "zoom", "select": zoom, "bind": "scales"}],
        "mark": point,
        "encoding": {"stroke": light, "size": size, "tooltip": tooltip},
    }
