"""The chart of a review as a Vega-Lite specification: a plain dict, drawn the same in a page and in a picture.

One view holds everything, so that one zoom moves everything: above zero the ratings with bands, remission line and
fan; below zero the timeline, one lane a treatment. Lower is better, always.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from euthymia.report.axes import LANE_PX, PLOT_PX, Axes, axes_of, stamp
from euthymia.report.lanes import lanes
from euthymia.report.tokens import FONT, Tokens
from euthymia.report.words import TONES, heading_words, number, phase_words, remission_words, short_day
from euthymia.reviewing import Review

Spec = dict[str, Any]
_MARK_ROWS = 3


def chart(review: Review, tokens: Tokens) -> Spec | None:
    """The specification in one theme; None where no instrument carries the episode."""
    axes = axes_of(review)
    if axes is None:
        return None
    layers = [
        *_bands(review, axes, tokens),
        *_marks(review, axes, tokens),
        *_past(review, tokens),
        *_future(review, tokens),
        *_remission(axes, tokens),
        *lanes(review, axes, tokens),
        *_today(review, tokens),
        _ratings(review, axes, tokens),
        *_labels(review, axes, tokens),
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": chart_description(review),
        "width": "container",
        "height": PLOT_PX + round(LANE_PX * (axes.lanes + 0.3)),
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": {"left": 2, "right": 6, "top": 4, "bottom": 2},
        "background": "transparent",
        "config": _config(tokens),
        "encoding": {"x": _x(axes), "y": _y(axes)},
        "layer": layers,
    }


def chart_description(review: Review) -> str:
    """What the chart shows, for who cannot see it; empty where there is none."""
    scale = review.timeline.scale
    return f"{scale.short_name} over time, lower is better. {review.answer.sentence}" if scale and axes_of(review) else ""


def _config(tokens: Tokens) -> Spec:
    axis = {"labelColor": tokens.muted, "labelFontSize": 11, "grid": False, "domain": False, "tickColor": tokens.line, "title": None}
    return {"font": FONT, "view": {"stroke": None}, "axis": axis, "text": {"fontSize": 11, "color": tokens.muted}}


def _x(axes: Axes) -> Spec:
    domain = [{"year": d.year, "month": d.month, "date": d.day} for d in (axes.first, axes.last)]
    long = (axes.last - axes.first).days > 400
    axis = {"format": "%b %Y" if long else "%-d %b", "tickCount": {"expr": "max(4, floor(width / 75))"}, "labelOverlap": True}
    return {"field": "day", "type": "temporal", "scale": {"domain": domain, "nice": False}, "axis": axis}


def _y(axes: Axes) -> Spec:
    values = sorted({axes.scale.low, axes.top, *(band.low for band in axes.scale.bands)})
    scale = {"domain": [axes.bottom, axes.top], "nice": False, "zero": False}
    return {"type": "quantitative", "field": "score", "scale": scale, "axis": {"values": values, "ticks": False}}


def _bands(review: Review, axes: Axes, tokens: Tokens) -> Iterator[Spec]:
    """Severity in quiet grey, darker with severity; the remission range in green."""
    bands = sorted(axes.scale.bands, key=lambda b: b.low)
    # A scale without severity bands (CES-D) has a remission line all the same.
    edges = [*(band.low for band in bands[1:]), axes.top][: len(bands)]
    rows: list[dict[str, Any]] = [
        {"from": b.low, "to": edge, "label": b.label, "shade": 0.02 + 0.07 * i / len(bands)}
        for i, (b, edge) in enumerate(zip(bands, edges, strict=True))
    ]
    across: Spec = {"x": {"value": 0}, "x2": {"value": "width"}, "y": {"field": "from", "type": "quantitative"}, "y2": {"field": "to"}}
    opacity = {"field": "shade", "type": "quantitative", "scale": None, "legend": None}
    yield {"data": {"values": rows}, "mark": {"type": "rect", "color": tokens.ink}, "encoding": {**across, "opacity": opacity}}
    green = [{"from": axes.scale.low, "to": axes.line}]
    yield {"data": {"values": green}, "mark": {"type": "rect", "color": tokens.remission, "opacity": 0.12}, "encoding": across}
    room, heading = (axes.top - axes.scale.low) * 0.08, review.fan[-1].high if review.fan else -1.0
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


def _remission(axes: Axes, tokens: Tokens) -> Iterator[Spec]:
    """The strongest line of the picture."""
    rows = [{"score": axes.line}]
    across = {"x": {"value": 0}, "x2": {"value": "width"}}
    yield {"data": {"values": rows}, "mark": {"type": "rule", "color": tokens.remission, "strokeWidth": 2.5}, "encoding": across}


def _labels(review: Review, axes: Axes, tokens: Tokens) -> Iterator[Spec]:
    """The two things to read first, on top of everything: the remission line's name, and where the plan is heading."""
    said = {"type": "text", "fontSize": 12, "fontWeight": 600}
    below = {**said, "align": "left", "baseline": "top", "dx": 6, "dy": 5, "color": tokens.remission}
    line = {"x": {"value": 0}, "text": {"value": remission_words(review)}}
    yield from _readable({"data": {"values": [{"score": axes.line}]}, "mark": below, "encoding": line}, tokens)
    heading = heading_words(review)
    if heading and review.fan and review.verdict.status != "cannot_tell":
        last = [{"day": stamp(review.fan[-1].day), "score": review.fan[-1].high}]
        colour = tokens.tone(TONES[review.verdict.status])
        above = {**said, "align": "right", "baseline": "bottom", "dy": -4, "color": colour}
        yield from _readable({"data": {"values": last}, "mark": above, "encoding": {"text": {"value": heading}}}, tokens)


def _readable(layer: Spec, tokens: Tokens) -> Iterator[Spec]:
    """A text with a halo of the card's colour, so that it can be read on top of whatever is there."""
    yield {**layer, "mark": {**layer["mark"], "stroke": tokens.card, "strokeWidth": 3, "strokeJoin": "round", "opacity": 0.6}}
    yield layer


def _today(review: Review, tokens: Tokens) -> Iterator[Spec]:
    rows = [{"day": stamp(review.on)}]
    top = {"y": {"value": 0}, "y2": {"value": "height"}}
    yield {"data": {"values": rows}, "mark": {"type": "rule", "color": tokens.muted, "strokeDash": [2, 4], "clip": True}, "encoding": top}
    text = {"type": "text", "align": "right", "baseline": "top", "dx": -4, "dy": 3, "fontWeight": 600, "color": tokens.ink, "clip": True}
    yield {"data": {"values": rows}, "mark": text, "encoding": {"y": {"value": 0}, "text": {"value": "today"}}}


def _marks(review: Review, axes: Axes, tokens: Tokens) -> Iterator[Spec]:
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


def _ratings(review: Review, axes: Axes, tokens: Tokens) -> Spec:
    """Open points; those that do not carry the verdict are lighter. The zoom belongs to this layer."""
    counted = {rating.id for rating in review.episode.series}
    rows = [
        {
            "day": stamp(r.day),
            "score": r.total,
            "counted": r.id in counted,
            "Date": short_day(r.day),
            "Score": f"{axes.scale.short_name} {number(r.total)}" + (f", {r.score.band_label}" if r.score and r.score.band_label else ""),
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
