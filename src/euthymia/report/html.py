"""A review as one self-contained page: no network, no eval, everything escaped, readable from 360 px to paper.

Several reviews are a folder: an index, worst first, one page each, and the chart's script once beside them.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import vl_convert
from markupsafe import Markup

from euthymia.domains import DomainView
from euthymia.report.chart import chart
from euthymia.report.options_page import decide_view
from euthymia.report.progress import progress
from euthymia.report.review_words import decision_lines, history_lines, position_lines, trial_row
from euthymia.report.rules_words import rule_lines
from euthymia.report.tokens import DARK, LIGHT
from euthymia.report.words import (
    DOMAIN_WORDS,
    FINDING_SHAPES,
    TONES,
    badge,
    chance_rests_on,
    chance_title,
    data_lines,
    due_words,
    finding_words,
    number,
    panel_row,
    percent,
    phase_words,
    provenance_lines,
    safety_line,
    short_day,
    standing,
    status_counts,
    worst_first,
)
from euthymia.reviewing import Review
from euthymia.timeline import Lane
from euthymia.wording import STATUS_SHAPES, STATUS_WORDS

_SCRIPT = "chart.js"
_SPARK_WIDTH, _SPARK_HEIGHT = 84, 24


def page(review: Review, *, script: str | None = None) -> str:
    """The page of one review. `script`: the address of the chart's script; None: it is inside the page."""
    picture = _chart(review, script)
    code = f"'sha256-{_digest(_javascript())}'" if script is None else "'self' file:"
    return (
        _environment()
        .get_template("review.html")
        .render(
            review=review,
            csp=_policy(code if picture else "'none'"),
            css=_css(),
            tone=TONES[review.verdict.status],
            shapes=FINDING_SHAPES,
            finding_words=finding_words,
            standing=standing(review),
            badge=badge(review),
            course=" ".join(review.answer.reasons[:2]) if review.verdict.better is not None else "",
            chance=_chance(review),
            chart=picture,
            instrument=review.timeline.scale.short_name if review.timeline.scale else "",
            domains=[_domain(view, review) for view in review.domains],
            parts=list(_parts(review)),
            due=[{"words": due_words(item, review.on), "overdue": item.overdue} for item in review.due],
            data_lines=data_lines(review),
            safety_line=safety_line(review),
            ratings=[_rating(review, index) for index in range(len(review.episode.ratings))],
            history=list(_history(review)),
            decide=decide_view(review.options),
            decision={"lines": decision_lines(review), "overdue": bool(review.decisions.due and review.decisions.due.overdue)},
            rules=rule_lines(review.rules),
            position=position_lines(review),
            told=history_lines(review),
            trials=[trial_row(trial) for trial in review.history.trials],
            provenance=provenance_lines(review),
        )
    )


def write_page(review: Review, path: Path) -> Path:
    """Write one page to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(review), encoding="utf-8")
    return path


def picture_page(template: str, light: dict[str, Any] | None, dark: dict[str, Any] | None, **said: object) -> str:
    """A self-contained page with one chart in two themes (or with none), by a template that shows `said` beside it."""
    if light is None or dark is None:
        return _environment().get_template(template).render(csp=_policy("'none'"), css=_css(), chart=None, **said)
    specs, policy = {"light": _compiled(light), "dark": _compiled(dark)}, _policy(f"'sha256-{_digest(_javascript())}'")
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
        **_spark(points, review.episode.cut),
    }


def _chart(review: Review, script: str | None) -> dict[str, Any] | None:
    light = chart(review, LIGHT)
    if light is None:
        return None
    specs = {"light": _compiled(light), "dark": _compiled(chart(review, DARK) or light)}
    source = Markup('<script src="{}"></script>').format(script) if script else Markup(f"<script>{_javascript()}</script>")  # noqa: S704
    return {"description": light["description"], "specs": _json(specs), "script": source}


def _compiled(spec: dict[str, Any]) -> dict[str, Any]:
    compiled: dict[str, Any] = vl_convert.vegalite_to_vega(spec)
    return {key: value for key, value in compiled.items() if key != "$schema"}


def _json(value: object) -> Markup:
    """JSON that is safe inside a script element: no tag, no comment can begin in it."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704


def _chance(review: Review) -> dict[str, Any] | None:
    title, chance = chance_title(review), review.verdict.probability
    if title is None or chance is None or review.verdict.status == "cannot_tell":
        return None
    return {"title": title, "percent": percent(chance), "width": round(chance * 100), "rests_on": chance_rests_on(review)}


def _domain(view: DomainView, review: Review) -> dict[str, Any]:
    cut = review.episode.cut if view.domain == "symptoms" else None
    totals = [total for _, total in view.points]
    return {
        "title": DOMAIN_WORDS[view.domain],
        "short_name": view.short_name,
        "latest": None if view.latest is None else number(view.latest),
        "day": short_day(view.day) if view.day else "",
        "higher_is_better": not view.lower_is_better,
        "words": view.words,
        "course": f"course: {', '.join(number(total) for total in totals)}",
        **_spark(totals, cut),
    }


def _spark(totals: Sequence[float], cut: float | None) -> dict[str, Any]:
    """A small line from the first to the last score, with the remission line where it is known."""
    if len(totals) < 2:
        return {"spark": None, "cut": None, "end": None}
    seen = [*totals, *([cut] if cut is not None else [])]
    low, span = min(seen), (max(seen) - min(seen)) or 1.0

    def height(total: float) -> float:
        return round(_SPARK_HEIGHT - 2 - (total - low) / span * (_SPARK_HEIGHT - 4), 1)

    points = [(round(i * (_SPARK_WIDTH - 4) / (len(totals) - 1), 1), height(total)) for i, total in enumerate(totals)]
    return {"spark": " ".join(f"{x},{y}" for x, y in points), "end": points[-1], "cut": None if cut is None else height(cut)}


def _parts(review: Review) -> Iterator[str]:
    for words, part in (("Mood and thinking", review.left.mood_thinking), ("Bodily", review.left.bodily)):
        if part:
            yield f"{words}: {number(part.total)} of {number(part.maximum)}"


def _rating(review: Review, index: int) -> dict[str, str]:
    rating = review.episode.ratings[index]
    counted, score = any(rating.id == each.id for each in review.episode.series), rating.score
    return {
        "day": short_day(rating.day),
        "instrument": _instrument(review, rating.instrument),
        "score": number(rating.total) if rating.total is not None else "no total" if score else "incomplete",
        "band": ((score.band_label or "") + (" (prorated)" if score.prorated else "")) if score else "",
        "phase": phase_words(rating.phase),
        "counted": "yes" if counted else "no",
    }


def _instrument(review: Review, instrument: str) -> str:
    """The short name where the review holds it, else the id as it is written on paper."""
    names = {view.instrument: view.short_name for view in review.domains}
    scale = review.timeline.scale
    return scale.short_name if scale and scale.instrument == instrument else names.get(instrument) or instrument.upper().replace("_", "-")


def _history(review: Review) -> Iterator[tuple[str, str, str]]:
    for lane in review.timeline.lanes:
        yield from _lane_rows(lane)
    for mark in review.timeline.marks:
        yield short_day(mark.day), f"{mark.kind}: {mark.words}", mark.detail or ""


def _lane_rows(lane: Lane) -> Iterator[tuple[str, str, str]]:
    if lane.doses:
        taken = [dose for dose in lane.doses if dose.taken]
        amounts = sorted({dose.amount for dose in taken if dose.amount})
        unit = next((dose.unit for dose in taken if dose.unit), "")
        span = (
            f"{number(amounts[0])} to {number(amounts[-1])} {unit}"
            if len(amounts) > 1
            else f"{number(amounts[0])} {unit}"
            if amounts
            else ""
        )
        when = f"{short_day(lane.doses[0].day)} to {short_day(lane.doses[-1].day)}"
        yield when, lane.name, ", ".join(filter(None, (f"{len(taken)} of {len(lane.doses)} taken", span)))
    for stretch in lane.stretches:
        until = short_day(stretch.end) if stretch.end else "today"
        yield f"{short_day(stretch.start)} to {until}", lane.name, stretch.words


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
