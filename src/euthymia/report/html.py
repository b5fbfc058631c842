"""A review as one self-contained page: no network, no eval, everything escaped, readable from 360 px to paper.

Several reviews are a folder: an index, worst first, one page each, and the chart's script once beside them.
"""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from euthymia.report.chart import chart_description
from euthymia.report.compiled import compiled, pictures
from euthymia.report.follow_up_page import follow_up_pictures
from euthymia.report.progress import progress
from euthymia.report.review_context import review_context, spark
from euthymia.report.words import (
    TONES,
    panel_row,
    provenance_lines,
    status_counts,
    worst_first,
)
from euthymia.reviewing import Review
from euthymia.wording import STATUS_SHAPES, STATUS_WORDS

_SCRIPT = "chart.js"


def page(review: Review, *, script: str | None = None) -> str:
    """The page of one review. `script`: the address of the chart's script; None: it is inside the page."""
    picture = _chart(review)
    code = f"'sha256-{_digest(_javascript())}'" if script is None else "'self' file:"
    # A folder of many keeps its pages small: there the readings stand in words alone.
    panels = follow_up_pictures(review.follow_up) if script is None else {}
    csp = _policy(code if picture or panels else "'none'")
    drawn = {"chart": picture, "panels": _json(panels) if panels else None, "script": _script(script)}
    return _environment().get_template("review.html").render(csp=csp, css=_css(), **drawn, **review_context(review))


def write_page(review: Review, path: Path) -> Path:
    """Write one page to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(review), encoding="utf-8")
    return path


def picture_page(template: str, light: dict[str, Any] | None, dark: dict[str, Any] | None, **said: object) -> str:
    """A self-contained page with one chart in two themes (or with none), by a template that shows `said` beside it."""
    if light is None or dark is None:
        return _environment().get_template(template).render(csp=_policy("'none'"), css=_css(), chart=None, **said)
    specs, policy = {"light": compiled(light), "dark": compiled(dark)}, _policy(f"'sha256-{_digest(_javascript())}'")
    script = Markup(f"<script>{_javascript()}</script>")  # noqa: S704
    chart = {"description": light["description"], "specs": _json(specs), "script": script}
    return _environment().get_template(template).render(csp=policy, css=_css(), chart=chart, **said)


def write_pages(reviews: Sequence[Review], folder: Path) -> Path:
    """Write an index, worst first, and one page a patient; the index is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    ordered = worst_first(reviews)
    names = [f"{place:04d}-{_slug(review.patient_id)}.html" for place, review in enumerate(ordered, 1)]
    (folder / _SCRIPT).write_text(_javascript(), encoding="utf-8")
    for review, name in progress(list(zip(ordered, names, strict=True)), "Writing pages"):
        (folder / name).write_text(page(review, script=_SCRIPT), encoding="utf-8")
    index = folder / "index.html"
    index.write_text(panel(ordered, names), encoding="utf-8")
    return index


def panel(ordered: Sequence[Review], addresses: Sequence[str]) -> str:
    """The page of many: how many stand where, then one line each."""
    counts = [
        {"words": STATUS_WORDS[status], "shape": STATUS_SHAPES[status], "tone": TONES[status], "number": found}
        for status, found in status_counts(ordered)
    ]
    rows = [_panel_row(review, address) for review, address in zip(ordered, addresses, strict=True)]
    provenance = provenance_lines(ordered[0])[1:] if ordered else []
    template = _environment().get_template("panel.html")
    return template.render(csp=_policy("'none'"), css=_css(), counts=counts, rows=rows, provenance=provenance)


def _panel_row(review: Review, address: str) -> dict[str, Any]:
    said = panel_row(review)
    points = [r.total for r in review.episode.series if r.total is not None]
    return {
        "href": address,
        "name": review.patient_id,
        "tone": TONES[review.verdict.status],
        "shape": review.answer.shape,
        "status": review.answer.words,
        "now": said.now,
        "chance": said.chance,
        "safety": said.safety,
        "due": said.due,
        "positive": any(f.state == "positive" for f in review.safety.findings),
        "overdue": any(item.overdue for item in review.due),
        **spark(points, review.episode.cut),
    }


def _chart(review: Review) -> dict[str, Any] | None:
    specs = pictures(review)
    if specs is None:
        return None
    return {"description": chart_description(review), "specs": _json(specs)}


def _script(address: str | None) -> Markup:
    return Markup('<script src="{}"></script>').format(address) if address else Markup(f"<script>{_javascript()}</script>")  # noqa: S704


def _json(value: object) -> Markup:
    """JSON that is safe inside a script element: no tag, no comment can begin in it."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:40] or "patient"


def _policy(script: str) -> str:
    """No network at all; only this style and this script."""
    style = f"'sha256-{_digest(_css())}'"
    return f"default-src 'none'; style-src {style}; script-src {script}; img-src data:; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _css() -> Markup:
    return Markup(_static("page.css"))  # noqa: S704 - our own file


@cache
def _javascript() -> str:
    return "\n".join(_static(name) for name in ("vega.min.js", "vega-interpreter.js", "page.js"))


def _static(name: str) -> str:
    return (files("euthymia.report") / "static" / name).read_text(encoding="utf-8")


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("euthymia.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
