"""The timeline below the ratings: time in remission, doses by their height, drugs and courses as bars."""

from collections.abc import Iterator
from typing import Any

from euthymia.report.axes import Axes, stamp
from euthymia.report.tokens import Tokens
from euthymia.report.words import number, short_day
from euthymia.reviewing import Review
from euthymia.timeline import Lane

Spec = dict[str, Any]
_STATES = {"in_remission": "in remission", "above": "above remission", "not_observed": "not observed"}


def lanes(review: Review, axes: Axes, tokens: Tokens) -> Iterator[Spec]:
    """Every lane, from the top: time in remission first, then one for each treatment."""
    yield from _course(review, axes, tokens)
    for at, lane in enumerate(review.timeline.lanes, 1):
        yield from _lane(review, lane, axes, at, tokens)


def _course(review: Review, axes: Axes, tokens: Tokens) -> Iterator[Spec]:
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


def _lane(review: Review, lane: Lane, axes: Axes, at: int, tokens: Tokens) -> Iterator[Spec]:
    words = next((s.words for s in reversed(lane.stretches) if s.words), "")
    yield _lane_label(f"{lane.name} {words}".strip(), axes, at, tokens)
    if lane.stretches:
        yield _stretches(review, lane, axes, at, tokens)
    if lane.doses:
        yield from _doses(lane, axes, at, tokens)


def _lane_label(words: str, axes: Axes, at: int, tokens: Tokens) -> Spec:
    text = {"type": "text", "align": "left", "baseline": "bottom", "fontSize": 10.5, "color": tokens.muted, "limit": {"expr": "width"}}
    rows = [{"score": axes.base(at) + axes.lane * 0.53, "label": words}]
    return {"data": {"values": rows}, "mark": text, "encoding": {"x": {"value": 0}, "text": {"field": "label"}}}


def _stretches(review: Review, lane: Lane, axes: Axes, at: int, tokens: Tokens) -> Spec:
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


def _doses(lane: Lane, axes: Axes, at: int, tokens: Tokens) -> Iterator[Spec]:
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
