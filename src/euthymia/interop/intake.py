"""Where every reader brings what it finds: each event is validated on its own and kept under its patient.

One bad event never costs the others. The same event twice is one; two different events under one id are not both
true, so the second is skipped with a word.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from euthymia.events import KINDS, Event, EventBase
from euthymia.interop.result import LONGEST_SHOWN, ReadError, Reading, Skipped
from euthymia.record import PatientRecord

_EVENT: TypeAdapter[Any] = TypeAdapter(Event)
_ALLOWED = {
    "missing": "a value",
    "too_short": "at least one",
    "string_too_short": "text that is not empty",
    "string_unicode": "text in Unicode",
    "dict_type": "an object",
    "model_type": "an object",
    "tuple_type": "a list",
}

Problem = tuple[str, str, str]


@dataclass
class Intake:
    """The events found so far, by patient, each with its place; and what was skipped (None: of no patient)."""

    found: dict[str, list[tuple[str, EventBase]]] = field(default_factory=dict)
    skipped: list[tuple[str | None, Skipped]] = field(default_factory=list)

    def patient(self, patient_id: str) -> None:
        """Note that there is such a patient, with or without events."""
        self.found.setdefault(patient_id, [])

    def skip(self, where: str, found: str, allowed: str, patient_id: str | None = None) -> None:
        """Note what was not read."""
        self.skipped.append((patient_id, Skipped(where, found, allowed)))

    def admit(self, patient_id: str, where: str, data: Mapping[str, object], *, strict: bool = False, separator: str = ".") -> None:
        """Validate one event and keep it, or note why not. `strict`: a number written as text is not a number."""
        try:
            event, problems = read_event(data, strict=strict)
        except RecursionError:
            event, problems = None, [("", "an object nested too deeply", "some tens of levels")]
        self.patient(patient_id)
        for path, found, allowed in problems:
            self.skip(f"{where}{separator}{path}" if path else where, found, allowed, patient_id)
        if event is not None:
            self.found[patient_id].append((where, event))

    def readings(self) -> list[Reading]:
        """One reading per patient, in the order of their first appearance.

        What belongs to no patient is told with the first one, so that it is never lost. Raises ReadError where there
        is no patient at all.
        """
        for patient_id in [each for each in self.found if not _is_text(each)]:
            self.skip("patient_id", shown(patient_id), "text in Unicode that is not empty")
            del self.found[patient_id]
        if not self.found:
            raise ReadError("\n".join(str(note) for _, note in self.skipped) or "found no patient; allowed: one at least")
        first = next(iter(self.found))
        return [self._reading(patient_id, patient_id == first) for patient_id in self.found]

    def _reading(self, patient_id: str, first: bool) -> Reading:
        by_id: dict[str, EventBase] = {}
        skipped = [note for owner, note in self.skipped if owner == patient_id or (first and owner not in self.found)]
        for where, event in self.found[patient_id]:
            if by_id.setdefault(event.id, event) != event:
                found = f"another event with the id {shown(event.id)} and different content"
                skipped.append(Skipped(where, found, "one event per id (a correction has its own id)"))
        record = PatientRecord(patient_id=patient_id, events=cast(Any, tuple(by_id.values())))
        return Reading(record, tuple(skipped))


def _is_text(patient_id: str) -> bool:
    """Whether a record can have this id (half of a surrogate pair is no text)."""
    return bool(patient_id.strip()) and not any("\ud800" <= each <= "\udfff" for each in patient_id)


def read_event(data: Mapping[str, object], *, strict: bool = False) -> tuple[EventBase | None, list[Problem]]:
    """Validate one event: the event, or None, and the problems as (path, found, allowed).

    A field that the kind does not have is reported and left out; the rest of the event is kept.
    """
    try:
        return cast(EventBase, _EVENT.validate_python(_tuples(data), strict=strict)), []
    except ValidationError as error:
        problems = error.errors(include_url=False)
    unknown = [p for p in problems if p["type"] == "extra_forbidden" and len(p["loc"]) == 2]
    explained = [_explain(p, data) for p in problems]
    if not unknown or len(unknown) < len(problems):
        return None, explained
    known = {key: value for key, value in data.items() if key not in {p["loc"][1] for p in unknown}}
    event, others = read_event(known, strict=strict)
    return event, explained + others


def shown(value: object) -> str:
    """A value as it may appear in a message: never a whole object, never a long text."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return repr(value) if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]!r}…"
    if isinstance(value, int | float):
        return str(value)
    return "a list" if isinstance(value, list | tuple) else "an object"


def path_of(parts: Iterator[object] | list[object] | tuple[object, ...]) -> str:
    """A path in the usual notation: `events[3].code.system`."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def split_reason(reason: str) -> tuple[str, str] | None:
    """The two halves of "found …; allowed: …"; None where the sentence has another form."""
    found, separator, allowed = reason.partition("; allowed: ")
    return (found.removeprefix("found "), allowed) if separator else None


def _explain(problem: Any, data: Mapping[str, object]) -> Problem:  # noqa: ANN401
    kind = data.get("kind")
    if problem["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return "kind", shown(kind), "one of " + ", ".join(KINDS)
    path = path_of(problem["loc"][1:])
    if problem["type"] == "extra_forbidden":
        return path, "a field that this kind does not have", f"the fields of {kind}: check its spelling"
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "value_error" and (halves := split_reason(message)):
        return path, *halves
    found = "nothing" if problem["type"] == "missing" else _private(path) or shown(problem["input"])
    return path, found, _ALLOWED.get(problem["type"], message.removeprefix("Input should be ").replace("valid ", ""))


def _private(path: str) -> str | None:
    return "a value that is not shown" if path == "name" else None


def _tuples(value: Any) -> Any:  # noqa: ANN401
    """Lists as tuples: strict validation takes nothing else."""
    if isinstance(value, Mapping):
        return {key: _tuples(inner) for key, inner in value.items()}
    return tuple(_tuples(inner) for inner in value) if isinstance(value, list) else value
