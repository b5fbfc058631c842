"""What a session still waits for: fields without an answer, gates neither clear nor explained, entries neither confirmed nor corrected."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from euthymia.catalog import Catalog
from euthymia.record import PatientRecord
from euthymia.rule import Severity
from euthymia.rules import CannotTell, Finding, gates
from euthymia.session_sheet.entries import Entry, gate_field, instant, last, started
from euthymia.session_sheet.limits import STAGES, Stage
from euthymia.session_sheet.problems import problems
from euthymia.session_sheet.sheet import Sheet, SheetField
from euthymia.sheet_rules import Step


@dataclass(frozen=True)
class Gate:
    """A rule of the session that found something, or cannot tell. `fields`: of the sheet, that would settle it.

    `explained`: the reason why it goes on all the same, given after the last answer to one of these fields; None: none.
    """

    stage: Stage
    result: Finding | CannotTell
    fields: tuple[str, ...]
    explained: str | None

    @property
    def is_open(self) -> bool:
        """Whether it still has to be answered or explained; a note asks for nothing."""
        return self.explained is None and self.result.severity != "note"


@dataclass(frozen=True)
class OpenItem:
    """One thing that a step waits for. `id`: of the field, of the gate ("subject/rule"), or of the entry."""

    step: Step
    kind: Literal["field", "gate", "problem"]
    id: str
    words: str
    fields: tuple[str, ...]
    severity: Severity | None = None


def gates_now(catalog: Catalog, sheet: Sheet, entries: Sequence[Entry], record: PatientRecord, now: datetime) -> tuple[Gate, ...]:
    """The gates of every stage that has come, each as of its own time: before the dose, while observed, on leaving.

    `record` holds the events of the entries already.
    """
    start, end = started(sheet, entries), instant(last(entries, "ended"), sheet)
    times: dict[Stage, datetime | None] = {
        "before": start or now,
        "during": now if start and end is None else None,
        "discharge": (end or now) if start else None,
    }
    found = []
    for stage in STAGES:
        if at := times[stage]:
            results = gates(record, catalog, at, stage)
            found += [_gate(catalog, stage, r, entries) for r in results if isinstance(r, Finding | CannotTell)]
    return tuple(found)


def open_items(catalog: Catalog, sheet: Sheet, entries: Sequence[Entry], record: PatientRecord, now: datetime) -> tuple[OpenItem, ...]:
    """What dose, leaving and sign-off wait for; the sign-off waits for everything. `record` holds the events of the entries already.

    Where no dose was given, only what looks wrong is still asked about.
    """
    wrong = [
        OpenItem("sign_off", "problem", p.entry, f"found {p.found}; allowed: {p.allowed}", (p.field,))
        for p in problems(sheet, entries, now)
        if p.is_open
    ]
    start = started(sheet, entries)
    if start is None and last(entries, "no_dose"):
        return tuple(wrong)
    steps: dict[Stage, Step] = {"before": "dose", "discharge": "leave"}
    held = [gate for gate in gates_now(catalog, sheet, entries, record, now) if gate.is_open and gate.stage in steps]
    at_gates = [OpenItem(steps[g.stage], "gate", _gate_id(g.result), g.result.sentence, g.fields, g.result.severity) for g in held]
    return (*_unanswered(sheet, entries, start), *at_gates, *wrong)


def _unanswered(sheet: Sheet, entries: Sequence[Entry], start: datetime | None) -> Iterator[OpenItem]:
    """Fields without an answer. What is asked again counts for the dose before it, and for leaving after it."""
    for field in sheet.fields:
        for step in field.needed_for:
            until = start if step == "dose" and field.repeats else None
            after = start if step == "leave" and field.repeats else None
            if last(entries, field.id, until, after) is None:
                yield OpenItem(step, "field", field.id, _needed_words(field, step), (field.id,))


def _needed_words(field: SheetField, step: Step) -> str:
    when = {"dose": " before the dose", "leave": " before leaving", "sign_off": ""}[step] if field.repeats else ""
    return f"not answered{when}: {field.label}"


def _gate_id(result: Finding | CannotTell) -> str:
    return f"{result.subject}/{result.rule}"


def _gate(catalog: Catalog, stage: Stage, result: Finding | CannotTell, entries: Sequence[Entry]) -> Gate:
    fields = tuple(_settled_by(catalog, result))
    reason = last(entries, gate_field(result.subject, result.rule))
    anew = any(reason and (e := last(entries, field)) and _answers_anew(e, reason) for field in fields)
    return Gate(stage, result, fields, reason.value.strip() if reason and not anew else None)


def _answers_anew(entry: Entry, reason: Entry) -> bool:
    """Whether an answer was measured, or corrected, after the reason was given: the reason spoke of another one."""
    return entry.at > reason.at or entry.recorded_at > reason.recorded_at


def _settled_by(catalog: Catalog, result: Finding | CannotTell) -> Iterator[str]:
    """The fields of the sheet whose answers the rule reads."""
    facts = {leaf.fact or "" for leaf in catalog.rules[result.subject].leaves[result.rule]}
    known = [(fact, catalog.vocabulary[fact]) for fact in facts]
    names = {name for fact, kind in known for name in (fact, *kind.observed, *kind.denied_by, *kind.of, kind.measured or "")}
    timed = any(kind.computed == "minutes_since_dose" for _, kind in known)
    for row in catalog.sheet.fields:
        if row.measurement in names or row.observation in names or (timed and row.session == "at"):
            yield row.id
