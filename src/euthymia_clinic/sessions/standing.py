"""How a sheet stands now: what its entries say, put before the core, which tells what is open, held, late or due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

from euthymia import session_sheet
from euthymia.catalog import Catalog
from euthymia.record import PatientRecord
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.to_core import record_of
from euthymia_clinic.sessions.models import Sheet, SheetEntry
from euthymia_clinic.sessions.permissions import FOR_PRESCRIBERS

Step = Literal["dose", "leave", "sign_off"]


@dataclass(frozen=True)
class Asked:
    """A sheet with what is asked of it: the core's own sheet, and the record that it stands in."""

    row: Sheet
    catalog: Catalog
    record: PatientRecord
    core: session_sheet.Sheet


def asked_of(row: Sheet) -> Asked:
    """The sheet as the core asks it: by its protocol, as of the instant at which it was opened."""
    catalog, record = catalog_of(row.patient.site), record_of(row.patient)
    return Asked(row, catalog, record, session_sheet.sheet(catalog, row.protocol, record, row.opened_at, str(row.pk)))


def core_entry(entry: SheetEntry) -> session_sheet.Entry:
    """An entry as the core takes it. Its times have been set right already, so that its clock is off by nothing."""
    return session_sheet.Entry(
        id=str(entry.pk),
        field=entry.field,
        value=entry.value,
        at=entry.measured_at,
        recorded_at=entry.arrived_at,
        by=f"user:{entry.by_id}",
        replaces=str(entry.replaces) if entry.replaces else None,
        confirmed=entry.confirmed,
    )


@dataclass(frozen=True)
class Standing:
    """A sheet as of `now`. `entries`: all, in the order of their arrival."""

    asked: Asked
    entries: tuple[SheetEntry, ...]
    now: datetime

    @property
    def row(self) -> Sheet:
        return self.asked.row

    @property
    def core(self) -> session_sheet.Sheet:
        return self.asked.core

    @cached_property
    def said(self) -> tuple[session_sheet.Entry, ...]:
        """The entries as the core takes them."""
        return tuple(core_entry(entry) for entry in self.entries)

    @cached_property
    def standing(self) -> tuple[SheetEntry, ...]:
        """The entries that hold, by when they were measured."""
        rows = {str(entry.pk): entry for entry in self.entries}
        return tuple(rows[entry.id] for entry in session_sheet.standing(self.said))

    @cached_property
    def latest(self) -> Mapping[str, SheetEntry]:
        """The last entry that holds, by field."""
        return {entry.field: entry for entry in self.standing}

    @cached_property
    def started(self) -> datetime | None:
        return session_sheet.started(self.core, self.said)

    @cached_property
    def ended(self) -> datetime | None:
        entry = self.latest.get("ended")
        return datetime.fromisoformat(entry.value) if entry else None

    @cached_property
    def problems(self) -> tuple[session_sheet.Problem, ...]:
        """What looks wrong among the entries that hold."""
        return session_sheet.problems(self.core, self.said, self.now)

    @cached_property
    def gates(self) -> tuple[session_sheet.Gate, ...]:
        """The gates of every stage that has come, that are not clear."""
        return session_sheet.gates_now(self.asked.catalog, self.core, self.said, self.asked.record, self.now)

    @cached_property
    def open(self) -> tuple[session_sheet.OpenItem, ...]:
        """What dose, leaving and sign-off still wait for."""
        return session_sheet.open_items(self.asked.catalog, self.core, self.said, self.asked.record, self.now)

    def missing(self, step: Step) -> list[str]:
        """What a step waits for, in words; the sign-off waits for everything."""
        return list(dict.fromkeys(item.words for item in self.open if step in (item.step, "sign_off")))

    @cached_property
    def explained(self) -> Mapping[str, SheetEntry]:
        """The last explanation of each gate, by its field, whether it still answers the gate or not."""
        return {field: entry for field, entry in self.latest.items() if session_sheet.gate_of(field) is not None}

    @cached_property
    def leaving(self) -> session_sheet.Leaving:
        """Whether the patient may leave now."""
        return session_sheet.leaving(self.asked.record, self.asked.catalog, self.now)

    @property
    def without_end(self) -> bool:
        """Whether the dose began so long ago that an end is asked about."""
        hours = timedelta(hours=self.core.tolerances.without_end_hours)
        return self.started is not None and self.ended is None and self.now - self.started > hours

    @property
    def times(self) -> list[tuple[session_sheet.VitalsTime, bool]]:
        """The times after the dose at which is read, and whether a reading of then, or later, is there."""
        if self.started is None:
            return [(time, False) for time in self.core.times if time.when != "before"]
        read = self.core.pairs[0][0] if self.core.pairs else ""
        early = self.core.tolerances.late_minutes
        after = [(e.measured_at - self.started).total_seconds() / 60 + early for e in self.standing if e.field == read]
        return [(time, any(minutes >= time.minutes for minutes in after)) for time in self.core.times if time.when != "before"]

    @property
    def before_dose(self) -> dict[str, float]:
        """The last number of each field that was read before the dose."""
        until = self.started or self.now
        found = {e.field: session_sheet.number(e.value) for e in self.standing if e.measured_at <= until and self.is_number(e.field)}
        return {field: value for field, value in found.items() if value is not None}

    def is_number(self, field_id: str) -> bool:
        """Whether a field asks for a number."""
        field = self.core.field(field_id)
        return field is not None and field.input == "number"

    def is_instant(self, field_id: str) -> bool:
        """Whether a field asks for a time."""
        field = self.core.field(field_id)
        return field is not None and field.input == "instant"


def for_prescribers(gate: session_sheet.Gate) -> bool:
    """Whether only a prescriber may say why it goes on against this gate."""
    return gate.result.severity in FOR_PRESCRIBERS


def field_of(gate: session_sheet.Gate) -> str:
    """The field of the entry that explains a gate."""
    return session_sheet.gate_field(gate.result.subject, gate.result.rule)


def with_new(asked: Asked, entries: Sequence[SheetEntry], now: datetime) -> Standing:
    """How a sheet would stand with entries that are not in the record yet: with their events in it."""
    said = tuple(core_entry(entry) for entry in entries)
    made = session_sheet.events_of(asked.catalog, asked.core, said)
    others = tuple(event for event in asked.record.events if event.id not in {each.id for each in made})
    record = PatientRecord(patient_id=asked.record.patient_id, events=(*others, *made))
    return Standing(Asked(asked.row, asked.catalog, record, asked.core), tuple(entries), now)


def standing_of(row: Sheet, now: datetime) -> Standing:
    """How a sheet stands now."""
    return Standing(asked_of(row), tuple(row.entries.select_related("by").order_by("arrived_at")), now)
