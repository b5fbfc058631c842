"""A dose at home as a form: from what a patient typed to what was said of the dose, or to what is wrong, in the patient's words."""

import re
from collections.abc import Mapping
from datetime import datetime
from math import isfinite
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from euthymia.catalog import Catalog
from euthymia.dose_check import ASKED, pressure_problem
from euthymia.events import DoseLog
from euthymia.moment import Moment
from euthymia.record import PatientRecord
from euthymia.sentences import HomeDoseSentences
from euthymia_clinic.home.said import DoseSaid, Pressure
from euthymia_clinic.pages.presenters.entry_forms import moment_of

Problems = dict[str, str]
Form = Mapping[str, str]
LONGEST_WORDS = 2000
_NUMBER = re.compile(r"\d{1,6}([.,]\d{1,4})?", re.ASCII)
_MINUTES_IN_AN_HOUR = 60


class DoseFormError(Exception):
    """What was typed is no dose that can be kept; `problems` by the name of the field."""

    def __init__(self, problems: Problems) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def dose_in(form: Form, said: HomeDoseSentences, catalog: Catalog, zone: ZoneInfo, now: datetime, fixed: Mapping[str, str]) -> DoseSaid:
    """What a form says of a dose. `fixed`: its id, the drug by its route, the log that it changes. Raises DoseFormError."""
    problems: Problems = {}
    taken = form.get("taken", "")
    if taken not in said.taken_as:
        problems["taken"] = said.choose_taken
    at = _when(form, said, zone, now, problems)
    worrying = _yes_no(form, "worrying")
    words = form.get("words", "").strip()[:LONGEST_WORDS] if worrying else ""
    more: dict[str, Any] = dict(fixed)
    if taken == "changed":
        more |= _amount(form, said, problems)
    if taken in ("taken", "changed"):
        more["someone_present"] = _yes_no(form, "present")
        more["pressure"] = pressure_in(form, said, catalog, problems) or ("not_measured" if form.get("not_measured") == "yes" else None)
        more["effects_minutes"] = _effects(form, said, problems)
    if problems or at is None:
        raise DoseFormError(problems)
    kept = cast("Literal['taken', 'not_taken', 'changed']", taken)
    return DoseSaid(at=at, taken=kept, worrying=worrying, words=words, **more)


def check_in(form: Form, said: HomeDoseSentences, catalog: Catalog) -> tuple[dict[str, bool], Pressure | None]:
    """The answers before a dose, and the reading of the cuff. Raises DoseFormError."""
    problems: Problems = {}
    answers = {about: answer for about in ASKED if (answer := _yes_no(form, about)) is not None}
    pressure = pressure_in(form, said, catalog, problems)
    if problems:
        raise DoseFormError(problems)
    return answers, pressure


def pressure_in(form: Form, said: HomeDoseSentences, catalog: Catalog, problems: Problems) -> Pressure | None:
    """The two numbers of the cuff; what cannot be stands in `problems`. "Not measured" counts only where no number was typed."""
    typed = [form.get(name, "").strip() for name in ("upper", "lower")]
    if not any(typed):
        return None
    if not all(typed):
        problems["pressure"] = said.pressure_both
        return None
    upper, lower = (_number(each) for each in typed)
    for name, value in (("systolic", upper), ("diastolic", lower)):
        if value is None:
            span = catalog.measurements[name].plausible
            given = typed[0 if name == "systolic" else 1][:20]
            low, high = (f"{span.low:g}", f"{span.high:g}") if span else ("0", "…")
            problems["pressure"] = said.pressure_wrong.format(found=given, low=low, high=high)
    if upper is None or lower is None:
        return None
    if wrong := pressure_problem(catalog, upper, lower):
        both = {"upper": f"{upper:g}", "lower": f"{lower:g}"}
        span_words = {"low": f"{wrong.low:g}", "high": f"{wrong.high:g}"} if wrong.low is not None and wrong.high is not None else {}
        sentence = {"swapped": said.pressure_swapped, "apart": said.pressure_apart}.get(wrong.kind, said.pressure_wrong)
        problems["pressure"] = sentence.format(**both, **span_words, found=f"{wrong.found:g}")
    return upper, lower


def blank(day: str, now: datetime) -> dict[str, str]:
    """What a new form begins with: the day of the dose, and the clock only where that is today."""
    today = now.date().isoformat()
    return {"day": day or today, "time": f"{now:%H:%M}" if day in ("", today) else ""}


def given_of(log: DoseLog, record: PatientRecord, readings: Mapping[str, float]) -> dict[str, str]:
    """What a form holds of a dose that was logged: the same as the patient would have said. `readings`: systolic, diastolic."""
    local = log.at.instant.astimezone(record.zone) if log.at.instant else None
    answers = {"present": log.someone_present, "worrying": log.worrying}
    given = {name: "yes" if answer else "no" for name, answer in answers.items() if answer is not None}
    given |= {"taken": log.taken if log.taken != "unknown" else "", "day": log.at.day(record.zone).isoformat(), "words": log.note or ""}
    given |= {"time": f"{local:%H:%M}"} if local else {}
    if log.taken == "changed" and (amount := log.units or log.dose_mg) is not None:
        given |= {"amount": f"{amount:g}", "unit": "units" if log.units else "mg"}
    given |= {"not_measured": "yes"} if log.pressure == "not_measured" else {}
    given |= {name: f"{readings[key]:g}" for name, key in (("upper", "systolic"), ("lower", "diastolic")) if key in readings}
    if log.effects_minutes is not None:
        hours, minutes = divmod(log.effects_minutes, _MINUTES_IN_AN_HOUR)
        felt = {"effects": "lasted", "hours": f"{hours:g}", "minutes": f"{minutes:g}"}
        given |= felt if log.effects_minutes else {"effects": "none"}
    return given


def _when(form: Form, said: HomeDoseSentences, zone: ZoneInfo, now: datetime, problems: Problems) -> Moment | None:
    day, clock = form.get("day", "").strip(), form.get("time", "").strip()
    found = f"{day} {clock}".strip()[:40] or said.nothing_said
    try:
        at = moment_of(day, clock, zone)
    except ValueError:
        problems["when"] = said.when_wrong.format(found=found)
        return None
    ahead = at.instant > now if at.instant else at.day(zone) > now.astimezone(zone).date()
    if not at.has_day or ahead:
        problems["when"] = said.when_wrong.format(found=found)
        return None
    return at


def _amount(form: Form, said: HomeDoseSentences, problems: Problems) -> dict[str, float]:
    """Milligrams or pieces; nothing, where nothing was said."""
    typed = form.get("amount", "").strip()
    value = _number(typed)
    if typed and not value:
        problems["amount"] = said.amount_wrong.format(found=typed[:20])
    return {"units" if form.get("unit") == "units" else "dose_mg": value} if value else {}


def _effects(form: Form, said: HomeDoseSentences, problems: Problems) -> float | None:
    """Minutes; None where it was not said, and while they still go on: then nobody knows."""
    chosen = form.get("effects", "")
    if chosen == "none":
        return 0.0
    if chosen != "lasted":
        return None
    typed = [form.get(name, "").strip() for name in ("hours", "minutes")]
    hours, minutes = (_number(each) if each else 0.0 for each in typed)
    if hours is None or minutes is None or not (hours or minutes):
        problems["effects"] = said.effects_wrong.format(found=" ".join(typed).strip()[:20] or said.nothing_said)
        return None
    return hours * _MINUTES_IN_AN_HOUR + minutes


def _yes_no(form: Form, name: str) -> bool | None:
    return {"yes": True, "no": False}.get(form.get(name, ""))


def _number(typed: str) -> float | None:
    """A number with a point or a comma; None of anything else."""
    found = float(typed.replace(",", ".")) if _NUMBER.fullmatch(typed) else None
    return found if found is not None and isfinite(found) else None
