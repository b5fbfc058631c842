"""What a monitoring form of the REMS is, once filled: every field with its answer, or with what would settle it."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from euthymia.facts import Status
from euthymia.monitoring_form import Kind, Section

SCHEMA = "euthymia/rems-form/1"
# by_hand: not held here, to be written on the form. not_asked: the field above it says that it does not arise.
State = Literal["filled", "missing", "by_hand", "not_asked"]
# Which entry would settle a field: of the person, the session, the list of medicines, a measurement, an observation of the session.
SettledBy = Literal["", "person", "session", "medicines", "measurement", "observation", "incident"]


@dataclass(frozen=True)
class Answer:
    """One field. `words`: as it is printed, "" where nothing is. `source`: where it was found. `settle`: what is missing, and why.

    `remark`: what has to be known beside an answer that stands. `about`: of an observation that would settle it; `says`: what
    such a look at a clock time would say (of a field that is a time).
    """

    id: str
    label: str
    section: Section
    kind: Kind
    required: bool
    state: State
    words: str = ""
    source: str = ""
    settle: str = ""
    settled_by: SettledBy = ""
    about: str = ""
    says: Literal["", "yes", "no"] = ""
    remark: str = ""


@dataclass(frozen=True)
class RemsForm:
    """The form of one session, as of a day. Nothing in it is guessed: what the record does not say is missing, never "no"."""

    schema: str
    version: str
    version_name: str
    version_from: date
    version_status: Status
    version_note: str
    title: str
    patient_id: str
    session_id: str
    session_day: date
    on: date
    due_by: date
    submitted: date | None
    answers: tuple[Answer, ...]
    catalog_digest: str

    @property
    def missing(self) -> tuple[Answer, ...]:
        """The required fields that nobody has answered."""
        return tuple(answer for answer in self.answers if answer.required and answer.state == "missing")

    @property
    def complete(self) -> bool:
        """Whether every required field that can be answered from the record is; what is written by hand is not counted."""
        return not self.missing

    def answer(self, field_id: str) -> Answer:
        """The answer of one field. Raises KeyError with the known ids."""
        found = next((answer for answer in self.answers if answer.id == field_id), None)
        if found is None:
            raise KeyError(f"unknown field {field_id!r}; known: {', '.join(answer.id for answer in self.answers)}")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON: days as ISO dates, what is not known as null or empty."""
        said = {key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(self).items()}
        return {**said, "answers": list(said["answers"]), "complete": self.complete}


@dataclass(frozen=True)
class NotRems:
    """A session that the programme has no form for, and why."""

    reason: str


@dataclass(frozen=True)
class CannotTellRems:
    """A session of which nobody can tell whether the programme has a form for it, and what would settle it."""

    missing: str
