"""Entries and reads as an auditor reads them: who, what, of whom. No clinical content, no hashes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_PATIENT = "patient:"
# What the chain needs and nobody reads.
_UNREAD = frozenset({"rows", "marks", "digest", "first", "last"})
_LONGEST = 60


@dataclass(frozen=True)
class Line:
    """One line of the list."""

    number: int
    at: datetime
    who: str
    what: str
    patient: str
    details: str
    break_glass: bool = False


def who_in_words(actor: str, names: Mapping[str, str]) -> str:
    """Who it was: a person by name, a patient by their link, the clinic's own worker by its job."""
    kind, _, key = actor.partition(":")
    if kind == "person":
        return names.get(key, f"person {key}")
    return "the patient, by a link" if kind == "link" else f"the clinic itself ({key})"


def what_in_words(name: str) -> str:
    """An action's name as people read it: "record.added" as "record added"."""
    return name.replace(".", " ").replace("_", " ")


def patient_in_words(subject: str, codes: Mapping[str, str]) -> str:
    """The patient's code; another subject as it is named."""
    return codes.get(subject, "a patient") if subject.startswith(_PATIENT) else subject.replace(":", " ")


def details_in_words(details: Mapping[str, Any]) -> str:
    """Numbers and short words as they are, lists by how many."""
    said = []
    for key, value in sorted(details.items()):
        if key in _UNREAD or value in (None, "", [], {}):
            continue
        if isinstance(value, list | dict):
            said.append(f"{key}: {len(value)}")
        elif isinstance(value, bool | int) or (isinstance(value, str) and len(value) <= _LONGEST):
            said.append(f"{key}: {value}")
    return ", ".join(said).replace("_", " ")
