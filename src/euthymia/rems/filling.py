"""The form of one session, filled from the record: each field by where its answer is found, or missing with what would settle it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from euthymia.catalog import Catalog
from euthymia.events import DoseSession, Incident, Measurement, Observation, Person
from euthymia.moment import day_in_words
from euthymia.monitoring_form import FormField, MonitoringForm
from euthymia.plain_words import plain
from euthymia.record import PatientRecord
from euthymia.rems.duty import due_by, submitted_on
from euthymia.rems.effects import effect
from euthymia.rems.form import SCHEMA, Answer, CannotTellRems, NotRems, RemsForm, SettledBy
from euthymia.rems.pressures import pressure
from euthymia.rems.session import Seen, form_on, not_rems
from euthymia.rules.known import look_up


def rems_form(
    record: PatientRecord, session_id: str, catalog: Catalog, on: date, beside: Mapping[str, str] | None = None
) -> RemsForm | NotRems | CannotTellRems:
    """The monitoring form of a session, from what is in the record by the end of `on`.

    `beside`: what the caller knows and a record does not hold (the healthcare setting; a name), by field id; the record's
    own answer comes first. Raises KeyError where the record has no such session by then.
    """
    cut = record.until(on)
    session = next((s for s in cut.of_kind(DoseSession) if session_id in cut.ids_of(s)), None)
    if session is None:
        raise KeyError(f"unknown session {session_id!r}; known: {', '.join(s.id for s in cut.of_kind(DoseSession)) or 'none'}")
    form = form_on(catalog, session.at.day(cut.zone))
    if form is None:
        return NotRems("the catalog has no form")
    other = not_rems(session, form, catalog)
    return other if other is not None else _filled(Seen(cut, catalog, form, session), on, beside or {})


def _filled(seen: Seen, on: date, beside: Mapping[str, str]) -> RemsForm:
    form, answers = seen.form, dict[str, Answer]()
    for field in form.fields:
        answers[field.id] = _answered(seen, field, answers, beside)
    return RemsForm(
        schema=SCHEMA,
        version=form.id,
        version_name=form.name,
        version_from=form.in_force.day,
        version_status=form.in_force.status,
        version_note=_version_note(form, seen.day),
        title=form.title,
        patient_id=seen.record.patient_id,
        session_id=seen.session.id,
        session_day=seen.day,
        on=on,
        due_by=due_by(seen.day, form.submit_within_days.value),
        submitted=submitted_on(seen.record, seen.session),
        answers=tuple(answers.values()),
        catalog_digest=seen.catalog.digest,
    )


def _version_note(form: MonitoringForm, day: date) -> str:
    """What is to be known of the version: its own note, and where the session is earlier than every version known here."""
    earlier = f"The session is earlier than {day_in_words(form.in_force.day)}; the form of that day is not known here. "
    return f"{earlier if day < form.in_force.day else ''}{form.in_force.note or ''}"


def _answered(seen: Seen, field: FormField, above: Mapping[str, Answer], beside: Mapping[str, str]) -> Answer:
    """One field; one that hangs on another only where that was answered yes."""
    if field.of is not None and (first := above[field.of]).words != "yes":
        if first.state == "filled" or first.state == "not_asked":
            return _answer(field, state="not_asked")
        return _missing(field, f"say first: {first.label.rstrip('?').lower()}", first.settled_by, first.about)
    found = _SOURCES[field.source](seen, field)
    if found.state in ("missing", "by_hand") and (said := beside.get(field.id, "").strip()):
        return _answer(field, state="filled", words=said, source="the clinic")
    return found


def _answer(field: FormField, **said: Any) -> Answer:  # noqa: ANN401 - the fields of an Answer
    return Answer(id=field.id, label=field.label, section=field.section, kind=field.kind, required=field.required, **said)


def _given(field: FormField, words: str, source: str, remark: str = "") -> Answer:
    return _answer(field, state="filled", words=words, source=source, remark=remark)


def _missing(field: FormField, why: str, by: SettledBy, about: str = "") -> Answer:
    of = field.about[0] if field.about else about
    return _answer(field, state="missing", settle=why, settled_by=by, about=of, says=_SAYS.get(field.source, ""))


def _of_person(seen: Seen, field: FormField) -> Answer:
    """The name, the date of birth to the day, the sex: as last stated."""
    said = [getattr(person, field.source) for person in seen.record.of_kind(Person)]
    value = next((value for value in reversed(said) if value not in (None, "unknown")), None)
    if value is None:
        return _missing(field, "not recorded", "person")
    if field.source == "birth_date" and value.precision != "day":
        return _missing(field, f"found {value.text}; needed: the day", "person")
    return _given(field, str(value), "person")


def _first_treatment(seen: Seen, field: FormField) -> Answer:
    """As stated; else "no" where an earlier session stands here. That none does is no answer: there may be one elsewhere."""
    if stated := seen.observed(field.about):
        return _yes_no(field, stated[-1])
    zone = seen.record.zone
    earlier = [s for s in seen.record.of_kind(DoseSession) if s.id != seen.session.id and s.at.last_day(zone) < seen.day]
    if any(not_rems(s, seen.form, seen.catalog) is None for s in earlier):
        return _given(field, "no", "earlier sessions recorded here")
    return _missing(field, "no earlier session is recorded here; one elsewhere is not ruled out", "observation")


def _enrolled(seen: Seen, field: FormField) -> Answer:
    """As last stated of the session, or by its day."""
    words = {plain(word) for word in field.about}
    found = [o for o in seen.record.of_kind(Observation) if plain(o.about) in words and o.at.happened_by(seen.day, seen.record.zone)]
    stated = seen.observed(field.about) or found
    return _yes_no(field, stated[-1]) if stated else _missing(field, "not recorded", "observation")


def _yes_no(field: FormField, stated: Observation) -> Answer:
    if stated.answer == "unclear":
        return _missing(field, "the answer was unclear", "observation")
    return _given(field, stated.answer, stated.by or "observed")


def _fact(seen: Seen, field: FormField) -> Answer:
    """A class of drugs on the session's day, as the rules know it: "no" only where the list of medicines was gone through."""
    known = look_up(seen.scene, field.fact or "", seen.form.medicines_age)
    if known.state == "known":
        return _given(field, str(known.value), known.source)
    why = known.why if known.state != "stale" else f"the list of medicines was gone through last on {known.day}, which is {known.why}"
    return _missing(
        field, "the list of medicines was not gone through" if why == "not recorded" else why, "medicines", "medicines_reviewed"
    )


def _of_session(name: str) -> Callable[[Seen, FormField], Answer]:
    def found(seen: Seen, field: FormField) -> Answer:
        value = getattr(seen.session, name)
        return _given(field, str(value), "session") if value else _missing(field, "not recorded", "session")

    return found


def _day(seen: Seen, field: FormField) -> Answer:
    if not seen.session.at.has_day:
        return _missing(field, f"found {seen.session.at.text}; needed: the day", "session")
    return _given(field, seen.day.isoformat(), "session")


def _dose(seen: Seen, field: FormField) -> Answer:
    dose = seen.session.dose_mg
    return _given(field, f"{dose:g}", "session") if dose is not None else _missing(field, "the dose in mg is not recorded", "session")


def _total_minutes(seen: Seen, field: FormField) -> Answer:
    start, end, least = seen.start, seen.end, seen.form.minimum_minutes.value
    if start is None or end is None:
        what = "the clock time of the dose" if start is None else "the clock time at which monitoring ended"
        return _missing(field, f"{what} is not recorded", "session")
    minutes = (end - start).total_seconds() / 60
    if minutes <= 0:
        return _missing(field, f"found an end {-minutes:g} minutes before the dose; allowed: after it", "session")
    remark = f"below the {least:g} minutes of monitoring that the form asks for" if minutes < least else ""
    # Whole minutes that have passed: 119.9 are not 120.
    return _given(field, f"{int(minutes)}", "session", remark)


def _ready_minutes(seen: Seen, field: FormField) -> Answer:
    """As measured in minutes; else from the first look from which on the patient was ready."""
    words = {plain(word) for word in field.about}
    stated = [m for m in seen.record.of_kind(Measurement) if plain(m.measure) in words and seen.alone and seen.of_the_day(m)]
    if stated:
        last = stated[-1]
        if last.value is None or last.value < 0 or last.unit not in (None, "min"):
            return _missing(
                field, f"found {last.value if last.value is not None else last.text!r} {last.unit or ''}; needed: minutes", "observation"
            )
        return _given(field, f"{last.value:g}", "measured")
    looks = seen.observed(field.about)
    unready = max((place for place, look in enumerate(looks) if look.answer != "yes"), default=-1)
    minutes = [seen.minutes_at(look) for look in looks[unready + 1 :]]
    if not minutes or minutes[0] is None or minutes[0] < 0:
        return _missing(field, "not recorded" if not minutes else "its clock time is not known, or lies before the dose", "observation")
    return _given(field, f"{int(minutes[0])}", "observed")


def _observed(seen: Seen, field: FormField) -> Answer:
    """A judgement of whoever was there; never made out of the numbers."""
    stated = seen.observed(field.about)
    return _yes_no(field, stated[-1]) if stated else _missing(field, "nobody has said so", "observation")


def _pressure(which: str) -> Callable[[Seen, FormField], Answer]:
    def found(seen: Seen, field: FormField) -> Answer:
        chosen = pressure(seen, which)
        if isinstance(chosen, str):
            return _missing(field, chosen, "session" if "clock time" in chosen else "measurement")
        return _given(field, f"{chosen.systolic:g}/{chosen.diastolic:g}", f"measured at {chosen.at:%H:%M}")

    return found


def _effect(seen: Seen, field: FormField) -> Answer:
    found = effect(seen, field)
    return _missing(field, found.why, "observation") if found.answer is None else _given(field, found.answer, "observed")


def _when(which: str) -> Callable[[Seen, FormField], Answer]:
    """When an effect was first noted, or gone: by the clock, with the minutes after the dose."""

    def found(seen: Seen, field: FormField) -> Answer:
        of = next(each for each in seen.form.fields if each.id == field.of)
        look = getattr(effect(seen, of), which)
        if look is None or look.at.instant is None:
            return _missing(field, "no look with its clock time is recorded", "observation", of.about[0])
        minutes = seen.minutes_at(look)
        after = f" ({int(minutes)} minutes after the dose)" if minutes is not None else ""
        return _given(field, f"{look.at.instant.astimezone(seen.record.zone):%H:%M}{after}", "observed")

    return found


def _serious(seen: Seen, field: FormField) -> Answer:
    """Yes by what was said of the session, or by an incident of its day; "no" only where somebody said so and no incident is left open."""
    stated = seen.observed(field.about)
    incidents = [i for i in seen.record.of_kind(Incident) if seen.of_the_day(i)]
    remark = "reported on its own form as well"
    if any(look.answer == "yes" for look in stated) or any(incident.serious for incident in incidents):
        return _given(field, "yes", "incident" if any(i.serious for i in incidents) else "observed", remark)
    if any(incident.serious is None for incident in incidents):
        return _missing(field, "an incident of that day does not say whether it was serious", "incident")
    return _yes_no(field, stated[-1]) if stated else _missing(field, "not recorded", "observation")


def _not_held(_seen: Seen, field: FormField) -> Answer:
    return _answer(field, state="by_hand", settle="not held here")


_SAYS = {"onset": "yes", "resolution": "no"}
_SOURCES: dict[str, Callable[[Seen, FormField], Answer]] = {
    "name": _of_person,
    "birth_date": _of_person,
    "sex": _of_person,
    "first_treatment": _first_treatment,
    "enrolled": _enrolled,
    "fact": _fact,
    "monitored_by": _of_session("monitored_by"),
    "day": _day,
    "dose": _dose,
    "lot": _of_session("lot"),
    "total_minutes": _total_minutes,
    "ready_minutes": _ready_minutes,
    "observed": _observed,
    "pressure_before": _pressure("before"),
    "pressure_check": _pressure("check"),
    "pressure_end": _pressure("end"),
    "effect": _effect,
    "onset": _when("first"),
    "resolution": _when("gone"),
    "serious_event": _serious,
    "beside": _not_held,
    "by_hand": _not_held,
}
