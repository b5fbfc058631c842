"""Every recorded change of treatment, and every treatment from its beginning to its end: drugs, courses, sessions, doses at home.

Only what is recorded: a drug entered again with the dose that it had is no change, and between two dose logs nothing is made up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise

from euthymia.adequacy.naming import named
from euthymia.catalog import Catalog
from euthymia.combination.result import Given, TreatmentChange
from euthymia.events import DoseLog, DoseSession, Medication, Plan, Regimen, TreatmentCourse
from euthymia.moment import Moment, day_in_words, moment_in_words
from euthymia.plain_words import plain
from euthymia.record import PatientRecord
from euthymia.routes import same_route_key

Dosed = DoseSession | DoseLog


@dataclass(frozen=True)
class Treatments:
    """What was changed, by time, and what was given."""

    changes: tuple[TreatmentChange, ...]
    given: tuple[Given, ...]


def treatments(record: PatientRecord, catalog: Catalog, on: date) -> Treatments:
    """All changes and treatments of a record that has already been cut at `on`."""
    case = _Case(record, catalog, on)
    found = [*_drugs(case), *_courses(case), *_sessions(case), *_at_home(case)]
    changes = [each for each in found if isinstance(each, TreatmentChange)]
    changes += _plans(case, changes)
    given = [each for each in found if isinstance(each, Given)]
    return Treatments(
        tuple(sorted(changes, key=lambda c: (c.first_day, c.last_day, c.words))),
        tuple(sorted(given, key=lambda g: (g.first_day, g.name))),
    )


def about(treatment: str, route: str | None) -> str:
    """The key of a treatment by a route, as changes and levels of doses are held together."""
    return f"{plain(treatment).strip()}/{same_route_key(route) or ''}"


def doses_apart(one: float, other: float, catalog: Catalog) -> bool:
    """Whether two doses are further apart than rounding and a moving weight make them."""
    return abs(one - other) > catalog.combination.same_dose_share.value * min(one, other)


@dataclass(frozen=True)
class _Case:
    record: PatientRecord
    catalog: Catalog
    on: date

    def name(self, treatment: str) -> str:
        """One name for what records write differently: Spravato is esketamine."""
        found = named(self.catalog, treatment).treatment
        return found.id if found else plain(treatment).strip()

    def change(self, key: str, at: Moment, words: str) -> TreatmentChange:
        zone = self.record.zone
        when = day_in_words(at.day(zone)) if at.has_day else f"in {moment_in_words(at)}, the day is not known"
        return TreatmentChange(key, at.day(zone), at.last_day(zone), words, when)

    def given(self, key: str, name: str, began: Moment, ended: Moment | None, now: str = "") -> Given:
        zone = self.record.zone
        day = "" if began.has_day else ", the day is not known"
        since = f"{day_in_words(began.day(zone)) if began.has_day else moment_in_words(began)}{day}"
        return Given(key, name, since, began.day(zone), ended.day(zone) if ended else None, now.strip())

    def follows(self, ended: Moment | None, began: Moment) -> bool:
        """Whether what began takes the place of what ended, rather than beginning anew."""
        near = timedelta(days=self.catalog.verdict.same_change_days.value)
        return ended is None or began.day(self.record.zone) <= ended.last_day(self.record.zone) + near


Found = Iterator[TreatmentChange | Given]


def _drugs(case: _Case) -> Found:
    by_dose: list[Dosed | Regimen] = [*case.record.of_kind(DoseSession), *case.record.of_kind(DoseLog), *case.record.of_kind(Regimen)]
    spoken = {case.name(dose.treatment) for dose in by_dose}
    # A drug given in sessions or by a regimen is spoken of by its doses; an entry of it beside them is not another treatment.
    entries = sorted((m for m in case.record.of_kind(Medication) if case.name(m.drug) not in spoken), key=lambda m: plain(m.drug))
    for _, group in groupby(entries, key=lambda m: plain(m.drug)):
        yield from _drug(case, _one_a_day(case, list(group)))


def _one_a_day(case: _Case, entries: Sequence[Medication]) -> list[Medication]:
    """Of several entries of one day the prescription counts: what is reported beside it says what is taken, not what was changed."""
    days: dict[date, Medication] = {}
    for entry in entries:
        day = entry.at.day(case.record.zone)
        if day not in days or (entry.intent == "prescribed" and days[day].intent != "prescribed"):
            days[day] = entry
    return list(days.values())


def _drug(case: _Case, entries: Sequence[Medication]) -> Found:
    """The entries of one drug by time: begun, raised, lowered, stopped."""
    name, key = entries[0].drug, about(entries[0].drug, None)
    dose, began = entries[0].daily_dose_mg, entries[0].at
    yield case.change(key, began, f"{name} began{_at(_daily(dose))}")
    for before, entry in pairwise(entries):
        if not case.follows(before.ended, entry.at):
            yield from _drug_ended(case, before, began, dose)
            began = entry.at
            yield case.change(key, entry.at, f"{name} began again{_at(_daily(entry.daily_dose_mg))}")
        elif dose is not None and entry.daily_dose_mg not in (None, dose):
            moved = "raised" if (entry.daily_dose_mg or 0.0) > dose else "lowered"
            yield case.change(key, entry.at, f"{name} was {moved} from {dose:g} to {entry.daily_dose_mg:g} mg a day")
        dose = entry.daily_dose_mg or dose
    yield from _drug_ended(case, entries[-1], began, dose)


def _drug_ended(case: _Case, entry: Medication, began: Moment, dose: float | None) -> Found:
    key = about(entry.drug, None)
    if entry.ended is not None:
        yield case.change(key, entry.ended, f"{entry.drug}{_daily(dose)} was stopped")
    yield case.given(key, entry.drug, began, entry.ended, _daily(dose))


def _daily(dose: float | None) -> str:
    return f" {dose:g} mg a day" if dose is not None else ""


def _at(dose: str) -> str:
    return f" at{dose}" if dose else ""


def _courses(case: _Case) -> Found:
    for course in case.record.of_kind(TreatmentCourse):
        name = _course(course)
        key = about(course.treatment, None)
        yield case.change(key, course.at, f"{name} began")
        if course.ended is not None:
            yield case.change(key, course.ended, f"{name} ended")
        done = "" if course.sessions_done is None else f"{course.sessions_done} session{'' if course.sessions_done == 1 else 's'}"
        yield case.given(key, name, course.at, course.ended, done)


def _course(course: TreatmentCourse) -> str:
    """A course with its technique, where that says more than its name."""
    technique = course.technique or ""
    if not technique or plain(technique) in plain(course.treatment):
        return course.treatment
    return technique if plain(course.treatment) in plain(technique) else f"{course.treatment} ({technique})"


def _sessions(case: _Case) -> Found:
    """Sessions that no course sums up."""
    courses = {case.name(course.treatment) for course in case.record.of_kind(TreatmentCourse)}
    yield from _dosed(case, [s for s in case.record.of_kind(DoseSession) if case.name(s.treatment) not in courses], "")


def _at_home(case: _Case) -> Found:
    """By the regimens where one is recorded, else by the doses logged as taken."""
    regimens = sorted(case.record.of_kind(Regimen), key=lambda r: about(r.treatment, r.route))
    keys = {about(r.treatment, r.route) for r in regimens}
    for key, group in groupby(regimens, key=lambda r: about(r.treatment, r.route)):
        yield from _regimens(case, key, list(group))
    taken = [log for log in case.record.of_kind(DoseLog) if log.was_taken]
    yield from _dosed(case, [log for log in taken if about(log.treatment, log.route) not in keys], ", at home")


def _dosed(case: _Case, events: Sequence[Dosed], place: str) -> Found:
    for key, group in groupby(sorted(events, key=lambda e: about(e.treatment, e.route)), key=lambda e: about(e.treatment, e.route)):
        doses = list(group)
        name = _named(doses[0].treatment, doses[0].route) + place
        yield case.change(key, doses[0].at, f"{name} began{_at(_one_dose(doses[0]))}")
        yield from _later_doses(case, key, name, doses)


def _later_doses(case: _Case, key: str, name: str, doses: Sequence[Dosed]) -> Found:
    """Another dose, a long pause, and the end: a treatment goes on for as long as no pause is as long as the catalog's."""
    gap, zone = case.catalog.adequacy.session_gap_days.value, case.record.zone
    began, last = doses[0].at, doses[0]
    for before, dose in pairwise(doses):
        if (dose.at.day(zone) - before.at.day(zone)).days > gap:
            yield case.change(key, before.at, f"{name} paused")
            yield case.given(key, name, began, before.at)
            yield case.change(key, dose.at, f"{name} began again{_at(_one_dose(dose))}")
            began, last = dose.at, dose
            continue
        amount, was = _same_unit(dose, last)
        if amount is None or was is None:
            last = dose if _amounts(dose) else last
        elif doses_apart(amount[0], was[0], case.catalog):
            yield case.change(key, dose.at, f"the dose of {name} went from {was[0]:g} to {amount[0]:g} {amount[1]}")
            last = dose
    end = doses[-1].at
    ended = (case.on - end.day(zone)).days > gap
    if ended:
        yield case.change(key, end, f"{name} was recorded for the last time")
    yield case.given(key, name, began, end if ended else None, _one_dose(last))


def _amounts(dose: Dosed) -> dict[str, float]:
    """What was recorded of a dose, by unit; by weight first, since that is how it was chosen."""
    per_kg = dose.dose_mg_per_kg if isinstance(dose, DoseSession) else None
    return {unit: value for unit, value in (("mg/kg", per_kg), ("mg", dose.dose_mg)) if value is not None}


def _same_unit(dose: Dosed, before: Dosed) -> tuple[tuple[float, str] | None, tuple[float, str] | None]:
    """Both doses in one unit that both were recorded in; nothing is converted."""
    now, then = _amounts(dose), _amounts(before)
    unit = next((unit for unit in now if unit in then), None)
    return ((now[unit], unit), (then[unit], unit)) if unit else (None, None)


def _one_dose(dose: Dosed) -> str:
    return next((f" {value:g} {unit}" for unit, value in _amounts(dose).items()), "")


def _regimens(case: _Case, key: str, regimens: Sequence[Regimen]) -> Found:
    name = f"{_named(regimens[0].treatment, regimens[0].route)}, at home"
    began = regimens[0].at
    yield case.change(key, began, f"{name} began{_prescribed(regimens[0])}")
    for before, now in pairwise(regimens):
        if not case.follows(before.ended, now.at):
            yield case.change(key, before.ended or now.at, f"{name} ended")
            yield case.given(key, name, began, before.ended)
            began = now.at
            yield case.change(key, now.at, f"{name} began again{_prescribed(now)}")
        elif _prescribed(now) != _prescribed(before):
            yield case.change(key, now.at, f"{name}: another dose or other days{_prescribed(now)}")
    last = regimens[-1]
    if last.ended is not None:
        yield case.change(key, last.ended, f"{name} ended")
    yield case.given(key, name, began, last.ended, _prescribed(last).strip(" ()"))


def _prescribed(regimen: Regimen) -> str:
    parts = [f"{regimen.dose_mg:g} mg"] if regimen.dose_mg is not None else []
    parts += [", ".join(day.capitalize() for day in regimen.weekdays)] if regimen.weekdays else []
    parts += [f"every {regimen.every_days:g} days"] if regimen.every_days is not None else []
    parts += [f"{regimen.doses_a_day} doses a day"] if regimen.doses_a_day > 1 else []
    return f" ({', '.join(parts)})" if parts else ""


def _plans(case: _Case, changes: Sequence[TreatmentChange]) -> Iterator[TreatmentChange]:
    """Another interval between sessions; and a plan with another protocol, where no treatment that began is recorded with it."""
    near = timedelta(days=case.catalog.verdict.same_change_days.value)
    before: Plan | None = None
    for plan in case.record.of_kind(Plan):
        day, same = plan.at.day(case.record.zone), before is not None and plan.protocol == before.protocol
        was, now = (_interval(case.catalog, each) for each in (before, plan))
        protocol = case.catalog.protocols.get(plan.protocol or "")
        if same and was is not None and now is not None and was != now:
            moved = "lengthened" if now > was else "shortened"
            what = "doses" if protocol is not None and protocol.setting == "home" else "sessions"
            yield case.change("interval", plan.at, f"the interval between {what} was {moved} from {was:g} to {now:g} days")
        elif not same and protocol is not None and not any(abs(c.first_day - day) <= near for c in changes):
            yield case.change("plan", plan.at, f"the plan “{protocol.name}” came into force")
        before = plan


def _interval(catalog: Catalog, plan: Plan | None) -> float | None:
    protocol = catalog.protocols.get(plan.protocol or "") if plan else None
    phase = protocol.phase(plan.phase) if protocol and plan else None
    return (plan.session_interval_days if plan else None) or (phase.session_interval_days if phase else None)


def _named(treatment: str, route: str | None) -> str:
    return f"{treatment} {route}" if route else treatment
