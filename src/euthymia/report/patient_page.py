"""The patient's page as HTML: self-contained, no script, large text, one sheet of A4 or Letter; and the same as plain text."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import jinja2
from markupsafe import Markup

from euthymia.conversation import Conversation, Picture
from euthymia.report.words import number, printable

# The picture's own units; it grows with the page.
_WIDTH, _HEIGHT = 640.0, 164.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 12.0, 44.0, 26.0, 14.0


@dataclass(frozen=True)
class Drawing:
    """The small chart, ready to be drawn: points and the agreed line in picture units."""

    width: float
    height: float
    points: tuple[tuple[float, float], ...]
    first_score: str
    last_score: str
    line: float | None
    words: str
    line_words: str | None
    first: str
    last: str


def patient_page(page: Conversation) -> str:
    """The page of one conversation."""
    style = f"'sha256-{base64.b64encode(hashlib.sha256(_css().encode()).digest()).decode()}'"
    policy = f"default-src 'none'; style-src {style}; base-uri 'none'; form-action 'none'"
    drawing = drawn(page.picture) if page.picture else None
    return _environment().get_template("patient.html").render(page=page, drawing=drawing, css=_css(), csp=policy)


def write_patient_page(page: Conversation, path: Path) -> Path:
    """Write the page to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(patient_page(page), encoding="utf-8")
    return path


def patient_lines(page: Conversation) -> Iterator[str]:
    """The same as plain text, in the same order."""
    yield printable(page.title)
    yield printable(page.made_on)
    for section in page.sections:
        yield ""
        yield printable(section.title)
        yield from (f"  {printable(line)}" for line in section.lines)
    if page.notices:
        yield ""
        yield from (printable(notice) for notice in page.notices)


def drawn(picture: Picture) -> Drawing:
    """Days from left to right, scores upward from the lowest that is shown; the line where it lies."""
    days, scores = [day for day, _ in picture.points], [score for _, score in picture.points]
    seen = [*scores, *([picture.line] if picture.line is not None else [])]
    low, high = min(0.0, *seen), max(seen)
    span, first, length = (high - low) or 1.0, days[0], (days[-1] - days[0]).days or 1

    def height(score: float) -> float:
        return round(_HEIGHT - _BOTTOM - (score - low) / span * (_HEIGHT - _TOP - _BOTTOM), 1)

    def place(days_since: int) -> float:
        return round(_LEFT + days_since / length * (_WIDTH - _LEFT - _RIGHT), 1)

    return Drawing(
        width=_WIDTH,
        height=_HEIGHT,
        points=tuple((place((day - first).days), height(score)) for day, score in picture.points),
        first_score=number(scores[0]),
        last_score=number(scores[-1]),
        line=height(picture.line) if picture.line is not None else None,
        words=picture.words,
        line_words=picture.line_words,
        first=picture.first,
        last=picture.last,
    )


@cache
def _css() -> Markup:
    return Markup((files("euthymia.report") / "static" / "patient.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("euthymia.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
