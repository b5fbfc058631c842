"""What was recorded around each dose: blood pressure before it and at its peak, dissociation; and what was not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from euthymia.events import DoseLog, DoseSession
from euthymia.follow_up.exposure import Dose, amount_mg, kind_of
from euthymia.follow_up.result import SessionSeen
from euthymia.rules.care_facts import exposures
from euthymia.rules.readings import Reading, Scene, measured, readings_are_known


@dataclass(frozen=True)
class Around:
    """One pressure around one dose: the last reading before it, the highest after it; where one is not known, why."""

    before: float | None
    peak: float | None
    why_before: str
    why_peak: str

    @property
    def rise(self) -> float | None:
        return None if self.before is None or self.peak is None else self.peak - self.before
