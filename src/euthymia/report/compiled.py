"""Charts compiled for the browser: a Vega-Lite specification becomes Vega here, so that the page needs no eval."""

from typing import Any

import vl_convert

from euthymia.report.chart import chart
from euthymia.report.tokens import DARK, LIGHT
from euthymia.reviewing import Review


def pictures(review: Review) -> dict[str, Any] | None:
    """The chart of a review in both themes; None where no instrument carries the episode."""
    light, dark = chart(review, LIGHT), chart(review, DARK)
    return None if light is None or dark is None else {"light": compiled(light), "dark": compiled(dark)}


def compiled(spec: dict[str, Any]) -> dict[str, Any]:
    """One specification as the browser draws it."""
    compiled: dict[str, Any] = vl_convert.vegalite_to_vega(spec)
    return {key: value for key, value in compiled.items() if key != "$schema"}
