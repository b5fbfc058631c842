"""What is said about resistance: by definition, by stage, and what can look like it."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from euthymia.adequacy import Trial
from euthymia.facts import Status

State = Literal["met", "not_met", "cannot_tell"]


@dataclass(frozen=True)
class Resistance:
    """One definition: met, not met, or cannot tell. `counted`: names of the trials that count; `reasons` says why each does or not."""

    definition: str
    name: str
    state: State
    counted: tuple[str, ...]
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    status: Status


@dataclass(frozen=True)
class Staging:
    """One method of staging: `value` where it is known, else between `lowest` and `highest` over what is not known."""

    method: str
    name: str
    value: str | None
    lowest: float | None
    highest: float | None
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    status: Status


@dataclass(frozen=True)
class PseudoResistance:
    """One thing that can look like resistance: present, absent (somebody looked), or cannot tell."""

    id: str
    state: Literal["present", "absent", "cannot_tell"]
    sentence: str
    day: date | None
    status: Status


@dataclass(frozen=True)
class History:
    """The treatment history of one patient. `not_trials`: drugs and courses that are no treatment of depression."""

    trials: tuple[Trial, ...]
    resistance: tuple[Resistance, ...]
    staging: tuple[Staging, ...]
    pseudo_resistance: tuple[PseudoResistance, ...]
    sentence: str
    not_trials: tuple[str, ...] = ()
