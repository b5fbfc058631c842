"""A rating by staff: any instrument of the catalog, item by item, or by its total."""

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from euthymia.catalog import Catalog
from euthymia.events import Assessment
from euthymia.instrument import Instrument, Item
from euthymia_clinic.pages.presenters.entry_forms import EntryError, Problems, moment_of

PHASES = (
    ("before_session", "before a session"),
    ("after_dose", "in the days after a dose"),
    ("unrelated", "not near a dose"),
)
MODES = (
    ("self", "by the patient"),
    ("staff_read", "read aloud by staff"),
    ("clinician", "by the clinician"),
    ("proxy", "by somebody close"),
)
# As many choices as are laid out side by side; beyond that a number is typed.
_LAID_OUT = 11


def instruments_of(catalog: Catalog) -> list[tuple[str, str, str]]:
    """Every instrument: id, short name, name; what can carry a verdict first."""
    ordered = sorted(catalog.instruments.values(), key=lambda i: (not i.severity_of_depression, i.short_name))
    return [(i.id, i.short_name, i.name) for i in ordered]


def rating_values(instrument: Instrument, post: Mapping[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """The fields of an assessment, as typed. Raises EntryError."""
    problems: Problems = {}
    values: dict[str, Any] = {"instrument": instrument.id, **{n: post[n] for n in ("phase", "mode", "language") if post.get(n)}}
    try:
        values["at"] = moment_of(post.get("at", "").strip(), post.get("at_time", "").strip(), zone)
        if not values["at"].has_day:
            raise ValueError(f"found {values['at']}; allowed: a day, such as 2026-03-01")
    except ValueError as error:
        problems["at"] = [str(error)]
    answers = [_answer(item, post.get(f"item_{item.id}", "").strip(), problems) for item in instrument.items]
    if any(answer is not None for answer in answers):
        values["answers"] = tuple(answers)
    if (total := _total(instrument, post.get("total", "").strip(), problems)) is not None:
        values["total"] = total
    if "answers" not in values and "total" not in values and not problems:
        problems["total"] = ["found neither a total nor answers; allowed: the total, the answers, or both"]
    if problems:
        raise EntryError(problems)
    return values


def _answer(item: Item, typed: str, problems: Problems) -> float | None:
    if not typed:
        return None
    number = _number(typed)
    allowed = [item.minimum + item.step * place for place in range(_steps(item) + 1)]
    if number is None or number not in allowed:
        problems[f"item_{item.id}"] = [f"found {typed[:20]!r}; allowed: {allowed[0]:g} to {allowed[-1]:g} in steps of {item.step:g}"]
        return None
    return number


def _total(instrument: Instrument, typed: str, problems: Problems) -> float | None:
    if not typed:
        return None
    number, span = _number(typed), instrument.range
    if number is None or (span and not span.minimum <= number <= span.maximum):
        problems["total"] = [f"found {typed[:20]!r}; allowed: {f'{span.minimum:g} to {span.maximum:g}' if span else 'a number'}"]
        return None
    return number


def _number(typed: str) -> float | None:
    try:
        return float(typed)
    except ValueError:
        return None


def _steps(item: Item) -> int:
    return round((item.maximum - item.minimum) / item.step)


def shown_items(instrument: Instrument, given: Mapping[str, str], problems: Problems) -> Iterator[dict[str, Any]]:
    """The items as they are shown: in the published wording where the licence or the site allows it, else by our own short name."""
    for place, item in enumerate(instrument.items, 1):
        steps = _steps(item)
        values = [f"{item.minimum + item.step * step:g}" for step in range(steps + 1)] if steps < _LAID_OUT else []
        yield {
            "name": f"item_{item.id}",
            "place": place,
            "words": item.text or item.label,
            "choices": [(value, instrument.answers.get(value, "")) for value in values],
            "low": item.minimum,
            "high": item.maximum,
            "step": item.step,
            "value": given.get(f"item_{item.id}", ""),
            "problems": problems.get(f"item_{item.id}", []),
        }


def given_rating(assessment: Assessment, instrument: Instrument) -> dict[str, str]:
    """What the form holds for a rating that stands."""
    answers = assessment.answers or ()
    given = {f"item_{item.id}": f"{answer:g}" for item, answer in zip(instrument.items, answers, strict=False) if answer is not None}
    if assessment.total is not None:
        given["total"] = f"{assessment.total:g}"
    return given
