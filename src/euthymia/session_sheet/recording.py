"""From entries to events of the record. What entries have made is never made otherwise by later ones: a change is a new event.

A session and a serious adverse event are put together from several entries: each entry that changes one makes a version of it,
which takes the place of the one before.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from euthymia.catalog import Catalog
from euthymia.events import DoseSession, EventBase, Incident, Measurement, Observation
from euthymia.moment import Moment
from euthymia.session_sheet.entries import Entry, gate_of, instant, last, readable, started
from euthymia.session_sheet.limits import number
from euthymia.session_sheet.sheet import Sheet, event_prefix
from euthymia.sheet_rules import FieldRow

SOURCE = "session sheet"
NO_DRUG = "drug not recorded yet"  # A dose has begun: its clock runs, whatever else is still to be typed.
E = TypeVar("E", DoseSession, Incident)


def events_of(catalog: Catalog, sheet: Sheet, entries: Sequence[Entry]) -> tuple[EventBase, ...]:
    """The events of a sheet's entries, in the order of their arrival, with ids that follow from the entries'.

    More entries add events and change none. An entry that the sheet cannot read makes none.
    """
    found: list[EventBase] = []
    session: DoseSession | None = None
    incident: Incident | None = None
    for place, entry in enumerate(entries, start=1):
        known = entries[:place]
        row = catalog.sheet.field(entry.field)
        found += _single(sheet, row, entry, known)
        if row and row.session:
            session = _version(found, session, _session(catalog, sheet, known), entry, sheet, "session")
        if row and row.incident:
            incident = _version(found, incident, _incident(sheet, known), entry, sheet, "incident")
    return tuple(found)


def session_id(sheet_id: str) -> str:
    """The id of the session that a sheet's observations belong to: its first version's."""
    return f"{event_prefix(sheet_id)}session"


def _single(sheet: Sheet, row: FieldRow | None, entry: Entry, known: Sequence[Entry]) -> Iterator[EventBase]:
    """What one entry says by itself: a measurement, an observation, an explanation. Taken back, it never happened."""
    before = next((e for e in known if e.id == entry.replaces and e.field == entry.field), None)
    said = _said(sheet, row, entry) or (_said(sheet, row, before) if before and not entry.value.strip() else None)
    if said is None:
        return
    replaced = before is not None and _said(sheet, row, before) is not None
    yield said.model_copy(
        update={
            "id": _id(sheet, entry),
            "recorded_at": Moment.of(entry.recorded_at),
            "supersedes": _id(sheet, before) if replaced and before else None,
            "entered_in_error": not entry.value.strip(),
        }
    )


def _said(sheet: Sheet, row: FieldRow | None, entry: Entry) -> Measurement | Observation | None:
    common: dict[str, Any] = {"id": _id(sheet, entry), "at": Moment.of(entry.at), "source": SOURCE}
    seen = common | {"of": session_id(sheet.id), "by": entry.by}
    if gate := gate_of(entry.field):
        return Observation(**seen, about="gate_explained", answer="yes", note=f"{gate}: {entry.value}") if entry.value.strip() else None
    field = sheet.field(entry.field)
    if row is None or field is None or not entry.value.strip() or not readable(field, entry, sheet):
        return None
    if row.measurement:
        return Measurement(**common, measure=row.measurement, value=number(entry.value), unit=row.unit)
    if row.observation is None:
        return None
    if row.input == "yes_no":
        return Observation(**seen, about=row.observation, answer="yes" if entry.value.strip() == "yes" else "no")
    named = instant(entry, sheet) if row.input == "instant" else None
    when = {"at": Moment.of(named)} if named else {"note": entry.value.strip()}
    return Observation(**(seen | when), about=row.observation, answer="yes")


def _session(catalog: Catalog, sheet: Sheet, known: Sequence[Entry]) -> DoseSession | None:
    """The session as the entries known so far make it; None before its dose."""
    start = started(sheet, known)
    if start is None:
        return None
    said: dict[str, Any] = {}
    for row in catalog.sheet.fields:
        entry, field = last(known, row.id), sheet.field(row.id)
        if row.session and entry and field and readable(field, entry, sheet):
            said[row.session] = number(entry.value) if row.input == "number" else instant(entry, sheet) or entry.value.strip()
    dose, weight, ended = said.get("dose"), said.get("weight_kg"), said.get("ended")
    return DoseSession(
        id=session_id(sheet.id),
        at=Moment.of(start),
        source=SOURCE,
        treatment=said.get("treatment", NO_DRUG),
        route=said.get("route"),
        dose_mg=dose,
        dose_mg_per_kg=round(dose / weight, 3) if dose and weight and sheet.dose.unit == "mg/kg" else None,
        weight_kg=weight,
        ended=Moment.of(ended) if ended else None,
        lot=said.get("lot"),
        monitored_by=said.get("monitored_by"),
        note=said.get("note"),
    )


def _incident(sheet: Sheet, known: Sequence[Entry]) -> Incident | None:
    happened, words = last(known, "serious_adverse_event"), last(known, "serious_adverse_event_words")
    if happened is None or happened.value.strip() != "yes":
        return None
    return Incident(
        id=f"{event_prefix(sheet.id)}incident",
        at=Moment.of(happened.at),
        source=SOURCE,
        incident="adverse_event",
        serious=True,
        description=words.value.strip() if words else None,
    )


def _version(found: list[EventBase], before: E | None, now: E | None, entry: Entry, sheet: Sheet, name: str) -> E | None:
    """Adds the next version where something has changed, and gives the last one. What is no more was entered in error."""
    error = now is None
    next_one = now or before
    if next_one is None or (before is not None and _content(next_one, error) == _content(before, before.entered_in_error)):
        return before
    changed = {"recorded_at": Moment.of(entry.recorded_at), "entered_in_error": error}
    if before is not None:
        changed |= {"id": f"{event_prefix(sheet.id)}{name}-{entry.id}", "supersedes": before.id}
    made = next_one.model_copy(update=changed)
    found.append(made)
    return made


def _content(event: EventBase, error: bool) -> dict[str, Any]:
    return event.model_dump(exclude={"id", "recorded_at", "supersedes", "entered_in_error"}) | {"error": error}


def _id(sheet: Sheet, entry: Entry | None) -> str:
    return f"{event_prefix(sheet.id)}{entry.id if entry else ''}"
