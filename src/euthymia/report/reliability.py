"""The reliability plot: of those given a chance of remission, how many remitted. One specification, as picture and as page."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import vl_convert

from euthymia.report.html import picture_page
from euthymia.report.tokens import DARK, FONT, LIGHT, Tokens

Spec = dict[str, Any]
_HEIGHT, _WIDTH = 420, 560


class Group(NamedTuple):
    """Forecasts of one model with about the same chance: the mean of what was said, the share that remitted (95 %), how many."""

    model: str
    chance: float
    share: float
    low: float
    high: float
    forecasts: int


def reliability_chart(groups: Sequence[Group], tokens: Tokens) -> Spec:
    """The specification in one theme. The model of the first group is the one that matters; the others are thin lines."""
    models = list(dict.fromkeys(group.model for group in groups))
    colour = _colour(models, tokens)
    peers = [_row(group) for group in groups if group.model != models[0]]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": f"Share that remitted by the chance of remission said, for {', '.join(models)}.",
        "width": "container",
        "height": _HEIGHT,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": {"left": 2, "right": 10, "top": 8, "bottom": 2},
        "background": "transparent",
        "config": _config(tokens),
        "encoding": {"x": _axis("chance", "chance of remission said"), "y": _axis("share", "how many remitted")},
        "layer": [*_right(tokens), *_peers(peers, colour), *_first([_row(g) for g in groups if g.model == models[0]], colour, tokens)],
    }


def reliability_svg(groups: Sequence[Group]) -> str:
    """The picture, in the light theme."""
    spec = {**reliability_chart(groups, LIGHT), "width": _WIDTH, "background": LIGHT.card}
    return str(vl_convert.vegalite_to_svg(spec))


def reliability_page(groups: Sequence[Group], title: str, subtitle: str, lines: Sequence[str]) -> str:
    """The page, with the same numbers as a table; `lines` stand at its foot."""
    charts = (reliability_chart(groups, tokens) for tokens in (LIGHT, DARK))
    rows = [
        {"model": g.model, "said": _percent(g.chance), "came": _percent(g.share), "between": _between(g), "forecasts": g.forecasts}
        for g in groups
    ]
    return picture_page("reliability.html", *charts, title=title, subtitle=subtitle, rows=rows, lines=lines)


def _axis(field: str, title: str) -> Spec:
    scale = {"domain": [0, 1], "nice": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": {"format": ".0%", "tickCount": 5, "title": title}}


def _config(tokens: Tokens) -> Spec:
    axis = {"labelColor": tokens.muted, "titleColor": tokens.muted, "gridColor": tokens.line, "domain": False, "titleFontWeight": 400}
    legend = {"labelColor": tokens.muted, "orient": "bottom", "title": None, "columns": 2, "symbolType": "stroke"}
    return {"font": FONT, "view": {"stroke": None}, "axis": axis, "legend": legend}


def _right(tokens: Tokens) -> Iterator[Spec]:
    """Where what was said is what came."""
    ends = [{"chance": 0, "share": 0}, {"chance": 1, "share": 1}]
    yield {"data": {"values": ends}, "mark": {"type": "line", "color": tokens.muted, "strokeDash": [4, 4], "strokeWidth": 1.5}}


def _colour(models: Sequence[str], tokens: Tokens) -> Spec:
    """One colour a model; the first has that of what was measured."""
    colours = [tokens.holding, tokens.not_improving, tokens.remission, tokens.losing, tokens.muted]
    peers = [colours[place % len(colours)] for place in range(len(models) - 1)]
    return {"field": "model", "type": "nominal", "scale": {"domain": list(models), "range": [tokens.accent, *peers]}}


def _peers(rows: Sequence[Spec], colour: Spec) -> Iterator[Spec]:
    if rows:
        line = {"type": "line", "strokeWidth": 1.2, "opacity": 0.75, "point": {"size": 14}}
        yield {"data": {"values": rows}, "mark": line, "encoding": {"color": colour}}


def _first(rows: Sequence[Spec], colour: Spec, tokens: Tokens) -> Iterator[Spec]:
    tooltip = [{"field": name} for name in ("Chance said", "Remitted", "Forecasts")]
    ends = {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}}
    yield {"data": {"values": rows}, "mark": {"type": "rule", "color": tokens.accent, "opacity": 0.6}, "encoding": ends}
    yield {"data": {"values": rows}, "mark": {"type": "line", "strokeWidth": 2.5}, "encoding": {"color": colour}}
    point = {"type": "point", "filled": True, "size": 70, "color": tokens.accent, "opacity": 1}
    yield {"data": {"values": rows}, "mark": point, "encoding": {"tooltip": tooltip}}


def _row(group: Group) -> Spec:
    said = {"Chance said": _percent(group.chance), "Remitted": f"{_percent(group.share)} ({_between(group)})", "Forecasts": group.forecasts}
    return {**group._asdict(), **said}


def _between(group: Group) -> str:
    return f"{_percent(group.low)} to {_percent(group.high)}"


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")
