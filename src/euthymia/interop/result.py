"""What reading gives: the record, and what was skipped and why."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from euthymia.record import PatientRecord

LONGEST_SHOWN = 60
# A text in quotes, as `repr` writes it, that is longer: what stands in a wrong field may be a sentence about the patient.
_LONG = re.compile(rf"(?P<quote>['\"])(?P<shown>(?:\\.|(?!(?P=quote)).){{{LONGEST_SHOWN}}})(?:\\.|(?!(?P=quote)).)+(?P=quote)")


class ReadError(Exception):
    """Nothing could be read: the message names the file, what was found and what is allowed."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not read.

    `where` is the file and the place in it (row and column, or path); `found` and `allowed` are said in plain words,
    with no more of the patient than the first 60 characters of the offending value.
    """

    where: str
    found: str
    allowed: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "found", _LONG.sub(r"\g<quote>\g<shown>\g<quote>…", self.found))

    def __str__(self) -> str:
        return f"{self.where}: found {self.found}; allowed: {self.allowed}"


class Reading(NamedTuple):
    """One patient's record, and everything of its source that is not in it."""

    record: PatientRecord
    skipped: tuple[Skipped, ...]
