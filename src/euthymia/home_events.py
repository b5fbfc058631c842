"""The kinds of event of doses at home: what was prescribed, dispensed, logged and left over."""

from typing import Literal

from pydantic import Field, FiniteFloat, model_validator

from euthymia.event import EventBase, Text
from euthymia.moment import Moment


class DoseLog(EventBase):
    """A dose at home, as logged by the patient. Never logged is unknown, never "taken"."""

    kind: Literal["dose_log"] = "dose_log"
    treatment: Text
    route: Text | None = None
    taken: Literal["taken", "not_taken", "changed", "unknown"] = "unknown"
    dose_mg: FiniteFloat | None = Field(None, gt=0)
    units: FiniteFloat | None = Field(None, gt=0, description="How many of the units dispensed (tablets, troches, sprays) it was.")
    someone_present: bool | None = None
    pressure: Literal["measured", "not_measured"] | None = Field(
        None, description="Whether blood pressure was measured with a cuff; the readings are measurements of their own."
    )
    effects_minutes: FiniteFloat | None = Field(None, ge=0, description="How long effects lasted; 0: none were felt.")
    worrying: bool | None = Field(None, description="Whether anything was worrying; what it was stands in `note`.")
    note: Text | None = None

    @property
    def was_taken(self) -> bool:
        """Whether a dose was surely taken, as prescribed or otherwise."""
        return self.taken in ("taken", "changed")


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Regimen(EventBase):
    """Doses prescribed for home; `at`: the day from which it holds, until it ended or another of the drug and route began.

    Its days are weekdays, or every so many days from `at` on; where it names neither, no day is a day with a dose.
    """

    kind: Literal["regimen"] = "regimen"
    treatment: Text
    route: Text | None = None
    dose_mg: FiniteFloat | None = Field(None, gt=0, description="One dose.")
    weekdays: tuple[Weekday, ...] = ()
    every_days: FiniteFloat | None = Field(None, ge=1, le=366)
    doses_a_day: int = Field(1, ge=1, le=24, description="Doses on a day with a dose.")
    words: Text | None = Field(None, description="The prescription exactly as it was written; shown to the patient word for word.")
    prescriber: Text | None = None
    telehealth: bool | None = Field(None, description="Whether somebody of the clinic is there by video at each dose.")
    ended: Moment | None = None

    @model_validator(mode="after")
    def _one_way_to_say_the_days(self) -> "Regimen":
        if self.weekdays and self.every_days is not None:
            raise ValueError("found both weekdays and every_days; allowed: one of them, or neither where the days are not fixed")
        if len(set(self.weekdays)) != len(self.weekdays):
            raise ValueError(f"found a weekday twice in {', '.join(self.weekdays)}; allowed: each once")
        return self


class Dispensing(EventBase):
    """Something handed out for use at home; `at`: the day on which the patient received it."""

    kind: Literal["dispensing"] = "dispensing"
    treatment: Text
    route: Text | None = None
    quantity: FiniteFloat = Field(gt=0, description="How many units: tablets, troches, sprays.")
    unit_mg: FiniteFloat | None = Field(None, gt=0, description="What one unit holds.")
    days_supply: FiniteFloat | None = Field(None, gt=0, description="For how many days, as the pharmacy says.")
    pharmacy: Text | None = None
    compounded: bool | None = Field(None, description="Whether a pharmacy made it up, rather than a manufacturer.")
    lot: Text | None = None


class LeftOver(EventBase):
    """How many units were still there when they were counted; `at`: when. What nobody counted is not known."""

    kind: Literal["left_over"] = "left_over"
    treatment: Text
    route: Text | None = None
    units: FiniteFloat = Field(ge=0)
    counted_by: Literal["patient", "staff"] | None = None
