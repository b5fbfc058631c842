"""One session's sheet: the fields of its route, with their limits, the times of the vital signs, the doses allowed."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from euthymia.catalog import Catalog
from euthymia.events import DoseSession, Plan
from euthymia.facts import Status
from euthymia.position.dosing import bounds_in_force, last_weight
from euthymia.protocol import Protocol
from euthymia.record import PatientRecord
from euthymia.routes import route_named
from euthymia.session_sheet.limits import NUMBER, STAGES, Limit, limits_of
from euthymia.sheet_rules import FieldRow, Input, Section, Step


@dataclass(frozen=True)
class SheetField:
    """One question. `section`: its home; `shown_in`: everywhere it can be answered. `low`, `high`: what can be, else refused.

    `needed_for`: what waits for an answer in this session. `limits`: compared as one types.
    """

    id: str
    label: str
    section: Section
    shown_in: tuple[Section, ...]
    input: Input
    unit: str | None
    choices: tuple[tuple[str, str], ...]
    low: float | None
    high: float | None
    repeats: bool
    needed_for: tuple[Step, ...]
    routes: tuple[str, ...]
    limits: tuple[Limit, ...]


@dataclass(frozen=True)
class VitalsTime:
    """When vital signs are read: `minutes` after the start of the dose (0: before it); `when` says which kind of time it is."""

    minutes: int
    words: str
    status: Status
    ref: str | None
    when: Literal["before", "after", "leaving"] = "after"


@dataclass(frozen=True)
class DoseAllowed:
    """The bounds in force of one dose. `unclear`: why they cannot be used. `treatments`: how the plan names its drug."""

    unit: Literal["mg", "mg/kg"] | None = None
    lower: float | None = None
    upper: float | None = None
    source: Literal["protocol", "prescriber"] | None = None
    unclear: str | None = None
    treatments: tuple[str, ...] = ()
    route: str | None = None


@dataclass(frozen=True)
class Tolerances:
    """From when on something is asked about or said although it can be: a clock, a pair of pressures, a weight, a dose, no end."""

    clock_minutes: float
    late_minutes: float
    pair_minutes: float
    pair_most_apart: float
    weight_ratio: float
    weight_percent: float
    dose_percent: float
    without_end_hours: float


@dataclass(frozen=True)
class Sheet:
    """The sheet of one patient's session at one time.

    `id`: under which its events stand in the record. `pairs`: fields of which the first is the higher. `number_pattern`: what is read
    as a number. `gates`: what may be explained, as "subject/rule". `weight_kg`: the last known, and `sessions_today`: ids of the
    sessions of this day, both of the record without this sheet.
    """

    id: str
    protocol: str
    route: str | None
    fields: tuple[SheetField, ...]
    times: tuple[VitalsTime, ...]
    pairs: tuple[tuple[str, str], ...]
    number_pattern: str
    gates: tuple[str, ...]
    dose: DoseAllowed
    weight_kg: float | None
    weight_day: date | None
    sessions_today: tuple[str, ...]
    tolerances: Tolerances

    def field(self, field_id: str) -> SheetField | None:
        """The field of that id; None where this sheet has none."""
        return next((field for field in self.fields if field.id == field_id), None)

    def to_dict(self) -> dict[str, Any]:
        """As JSON for the browser."""
        found = asdict(self)
        found["weight_day"] = self.weight_day.isoformat() if self.weight_day else None
        return found


def sheet(catalog: Catalog, protocol_id: str, record: PatientRecord, at: datetime, sheet_id: str = "") -> Sheet:
    """The sheet of a session by that protocol. Raises KeyError with the known ids where there is no such protocol.

    `sheet_id`: names this sheet; what it has put into the record already is not held against what is typed into it.
    """
    protocol = catalog.protocols.get(protocol_id)
    if protocol is None:
        raise KeyError(f"found the protocol {protocol_id!r}; allowed: {', '.join(catalog.protocols)}")
    route = route_named(protocol.route)
    on = at.astimezone(record.zone).date()
    others = _without(record, sheet_id).until(on)
    dose = _dose_allowed(protocol, others)
    last, _ = last_weight(others)
    rows = [row for row in catalog.sheet.fields if route is None or not row.routes or route in row.routes]
    return Sheet(
        id=sheet_id,
        protocol=protocol_id,
        route=route,
        fields=tuple(_field(catalog, row, dose, route) for row in rows),
        times=tuple(_times(catalog, route)),
        pairs=catalog.sheet.pairs,
        number_pattern=NUMBER,
        gates=tuple(_gates(catalog)),
        dose=dose,
        weight_kg=last[1] if last else None,
        weight_day=last[0] if last else None,
        sessions_today=tuple(_sessions_on(others, on)),
        tolerances=_tolerances(catalog),
    )


def event_prefix(sheet_id: str) -> str:
    """How the ids of a sheet's events begin."""
    return f"sheet-{sheet_id}-"


def _without(record: PatientRecord, sheet_id: str) -> PatientRecord:
    """The record as it would be without what this sheet has put into it."""
    others = tuple(event for event in record.events if not event.id.startswith(event_prefix(sheet_id)))
    return PatientRecord(patient_id=record.patient_id, events=others)


def _gates(catalog: Catalog) -> Iterator[str]:
    for rules in catalog.rules.values():
        yield from (f"{rules.id}/{rule.id}" for rule in rules.rules if {*STAGES} & {*(rule.asked or rules.asked)})


def _field(catalog: Catalog, row: FieldRow, dose: DoseAllowed, route: str | None) -> SheetField:
    kind = catalog.measurements.get(row.measurement or "")
    span = kind.plausible if kind else None
    needed = ("dose",) if row.session == "weight_kg" and dose.unit == "mg/kg" else row.needed_for
    return SheetField(
        id=row.id,
        label=row.label,
        section=row.shown_in[0],
        shown_in=row.shown_in,
        input=row.input,
        unit=row.unit,
        choices=tuple(row.choices.items()) if row.choices else (("yes", "yes"), ("no", "no")) if row.input == "yes_no" else (),
        low=span.low if span else row.low,
        high=span.high if span else row.high,
        repeats=row.repeats,
        needed_for=needed,
        routes=row.routes,
        limits=limits_of(catalog, row.measurement, route) if kind and row.measurement else (),
    )


def _times(catalog: Catalog, route: str | None) -> Iterator[VitalsTime]:
    """By the clock. Where the route is not known, those of every route: too many readings harm nobody."""
    leaving = round(catalog.rules["discharge"].thresholds["observation_minutes"].value)
    found: dict[tuple[int, str], VitalsTime] = {}
    for row in catalog.sheet.times:
        if route is None or route in row.routes:
            minutes = {"before": 0, "leaving": leaving}.get(row.when, round(row.minutes or 0))
            found.setdefault((minutes, row.when), VitalsTime(minutes, row.words, row.status, row.ref, row.when))
    yield from sorted(found.values(), key=lambda time: time.minutes)


def _dose_allowed(protocol: Protocol, record: PatientRecord) -> DoseAllowed:
    """The bounds of the phase in force, and the drug and route of the plan."""
    plan = next((plan for plan in reversed(record.of_kind(Plan)) if plan.protocol == protocol.id), None)
    phase = protocol.phase(plan.phase if plan else None)
    named = DoseAllowed(treatments=protocol.drugs, route=route_named(protocol.route))
    if phase is None or phase.dose is None:
        return replace(named, unclear="the plan in force names no dose")
    bounds = bounds_in_force(phase.dose, plan)
    return replace(named, unit=phase.dose.unit, lower=bounds.lower, upper=bounds.upper, source=bounds.source, unclear=bounds.unclear)


def _sessions_on(record: PatientRecord, on: date) -> Iterator[str]:
    yield from (session.id for session in record.of_kind(DoseSession) if session.at.day(record.zone) == on)


def _tolerances(catalog: Catalog) -> Tolerances:
    rules = catalog.sheet
    return Tolerances(
        clock_minutes=rules.clock_tolerance_minutes.value,
        late_minutes=rules.late_minutes.value,
        pair_minutes=rules.pair_minutes.value,
        pair_most_apart=rules.pair_most_apart.value,
        weight_ratio=rules.weight_ratio.value,
        weight_percent=rules.weight_tolerance_percent.value,
        dose_percent=rules.dose_rounding_percent.value,
        without_end_hours=rules.without_end_hours.value,
    )
