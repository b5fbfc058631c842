"""The monitoring form of a restricted drug programme as data: which sessions it is for, since when, its fields, its clocks.

A version is one file. Each field says where in a record its answer is found; what a record does not hold is left open.
"""

from datetime import date
from typing import Literal

from pydantic import Field, FiniteFloat, model_validator

from euthymia.facts import Fact, Id, Number, Strict
from euthymia.rule import MaximumAge

Kind = Literal["yes_no", "number", "text", "date", "time", "choice", "pressure"]
Section = Literal["patient", "medicines", "monitoring", "session", "vitals", "effects", "serious"]
# Where an answer is found. observed: an observation of the session. effect: whether it occurred at any time of the session.
# onset, resolution: when the effect `of` was first noted, and gone. fact: of the rules' vocabulary, on the session's day.
# beside: what the record does not hold and the caller may say. by_hand: held nowhere here.
Source = Literal[
    "name", "birth_date", "sex", "first_treatment", "enrolled", "fact", "monitored_by", "day", "dose", "lot", "total_minutes",
    "ready_minutes", "observed", "pressure_before", "pressure_check", "pressure_end", "effect", "onset", "resolution",
    "serious_event", "beside", "by_hand",
]  # fmt: skip


class InForce(Fact):
    """The day from which a version is used."""

    day: date


class Applies(Fact):
    """For which sessions the form is: the drug by its words, the route by its name, the countries of the programme.

    `unnamed`: words that say that the drug is not known. `written`: how the route is abbreviated, where that is the whole of it.
    `others`: words of routes that are surely another.
    """

    drugs: tuple[str, ...] = Field(min_length=1)
    unnamed: tuple[str, ...] = ()
    route: str = Field(min_length=1)
    written: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    countries: tuple[Id, ...] = Field(min_length=1)


class Score(Fact):
    """A measurement that speaks for an effect: where it is below, or above, a value, nobody writes "no" unasked."""

    measured: Id
    below: FiniteFloat | None = None
    above: FiniteFloat | None = None

    @model_validator(mode="after")
    def _one(self) -> "Score":
        if (self.below is None) == (self.above is None):
            raise ValueError("found neither or both of `below` and `above`; allowed: exactly one")
        return self

    def speaks(self, value: float) -> bool:
        """Whether a value speaks for the effect."""
        return value < self.below if self.below is not None else self.above is not None and value > self.above


class FormField(Fact):
    """One field. `about`: the words of the observations or measurements that answer it. `of`: the yes/no that it hangs on."""

    id: Id
    label: str = Field(min_length=1)
    section: Section
    kind: Kind
    source: Source
    required: bool = True
    about: tuple[str, ...] = ()
    fact: Id | None = None
    of: Id | None = None
    score: Score | None = None

    @model_validator(mode="after")
    def _coherent(self) -> "FormField":
        if (self.source == "fact") != (self.fact is not None):
            raise ValueError("found a fact without the source fact, or the reverse; allowed: both or neither")
        if self.source in ("observed", "effect", "ready_minutes", "enrolled", "serious_event", "first_treatment") and not self.about:
            raise ValueError(f"found the source {self.source!r} without `about`; allowed: the words of what answers it")
        if self.source in ("onset", "resolution") and self.of is None:
            raise ValueError(f"found the source {self.source!r} without `of`; allowed: the effect that it is of")
        return self


class MonitoringForm(Strict):
    """One version of the form, with the clocks that are counted for it."""

    id: Id
    name: str
    title: str
    in_force: InForce
    applies: Applies
    submit_within_days: Number
    minimum_minutes: Number
    check_minutes: Number
    check_window_minutes: Number
    end_window_minutes: Number
    medicines_age: MaximumAge
    fields: tuple[FormField, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _coherent(self) -> "MonitoringForm":
        ids = [field.id for field in self.fields]
        if len(set(ids)) != len(ids):
            raise ValueError(f"found fields {ids} with one twice; allowed: each once")
        for place, field in enumerate(self.fields):
            if field.of is not None and field.of not in ids[:place]:
                raise ValueError(f"found the field {field.id!r} of {field.of!r}; allowed: a field above it")
        if self.medicines_age.days is None:
            raise ValueError("found medicines_age without days; allowed: days")
        return self
