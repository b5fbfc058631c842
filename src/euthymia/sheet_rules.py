"""The sheet of a dosing session as data: what is asked for, what each answer becomes in the record, and when.

No limit stands here: what must be said of a typed value is read out of the rules (`session_sheet/limits.py`).
"""

from typing import Literal

from pydantic import Field, FiniteFloat, model_validator

from euthymia.facts import Fact, Id, Number, Strict

Section = Literal["before", "dose", "during", "leaving", "after"]
Input = Literal["number", "choice", "yes_no", "text", "instant"]
Step = Literal["dose", "leave", "sign_off"]
STEPS: tuple[Step, ...] = ("dose", "leave", "sign_off")
OfSession = Literal["at", "treatment", "route", "dose", "weight_kg", "lot", "monitored_by", "ended", "note"]


class FieldRow(Fact):
    """One question of the sheet, and what its answer becomes: at most one of a measurement, an observation, a part of the session.

    `shown_in`: where it stands, the first of them its home. `routes`: only with these; none: with every one. `needed_for`: what
    waits for an answer given in this session; what may be older is asked for by the rules themselves.
    """

    id: Id
    label: str = Field(min_length=1)
    shown_in: tuple[Section, ...] = Field(min_length=1)
    input: Input
    unit: str | None = None
    choices: dict[Id, str] = Field({})
    repeats: bool = False
    needed_for: tuple[Step, ...] = ()
    routes: tuple[Id, ...] = ()
    measurement: str | None = Field(None, description="A measurement of the vocabulary, or a name that others read (weight).")
    observation: Id | None = None
    session: OfSession | None = None
    incident: bool = Field(False, description="Whether there was a serious adverse event, or what it was.")
    low: FiniteFloat | None = Field(None, description="The least that can be, of a number that no measurement of the vocabulary holds.")
    high: FiniteFloat | None = None

    @model_validator(mode="after")
    def _coherent(self) -> "FieldRow":
        becomes = [name for name in ("measurement", "observation", "session") if getattr(self, name) is not None]
        if len(becomes) > 1 and becomes != ["measurement", "session"]:
            raise ValueError(
                f"found that it becomes {', '.join(becomes)}; allowed: one of them, or a measurement and a part of the session"
            )
        if (self.input == "choice") != bool(self.choices):
            raise ValueError("found choices without the input choice, or the reverse; allowed: both or neither")
        if (self.input == "number") != (self.unit is not None):
            raise ValueError("found a number without a unit, or a unit without a number; allowed: both or neither")
        if (self.low is None) != (self.high is None) or (self.low is not None and self.high is not None and self.low >= self.high):
            raise ValueError(f"found low {self.low} and high {self.high}; allowed: both with low below high, or neither")
        return self


class TimeRow(Fact):
    """When vital signs are read. `after`: minutes after the start of the dose; before it and on leaving need no number."""

    when: Literal["before", "after", "leaving"]
    minutes: FiniteFloat | None = Field(None, gt=0)
    routes: tuple[Id, ...] = Field(min_length=1)
    words: str = Field(min_length=1)

    @model_validator(mode="after")
    def _with_minutes(self) -> "TimeRow":
        if (self.when == "after") != (self.minutes is not None):
            raise ValueError(f"found when = {self.when!r} and minutes {self.minutes}; allowed: minutes after the dose, only then")
        return self


class SheetRules(Strict):
    """The fields in their order, the times, pairs of which the first is the higher, and the tolerances."""

    fields: tuple[FieldRow, ...] = Field(min_length=1)
    times: tuple[TimeRow, ...] = Field(min_length=1)
    pairs: tuple[tuple[Id, Id], ...] = ()
    clock_tolerance_minutes: Number
    late_minutes: Number
    pair_minutes: Number
    pair_most_apart: Number
    weight_ratio: Number
    weight_tolerance_percent: Number
    dose_rounding_percent: Number
    without_end_hours: Number

    @model_validator(mode="after")
    def _coherent(self) -> "SheetRules":
        ids = [field.id for field in self.fields]
        if len(set(ids)) != len(ids):
            raise ValueError(f"found the field {', '.join(sorted({i for i in ids if ids.count(i) > 1}))} twice; allowed: each once")
        if unknown := sorted({name for pair in self.pairs for name in pair} - set(ids)):
            raise ValueError(f"found the field {', '.join(unknown)} in pairs; allowed: {', '.join(ids)}")
        return self

    def field(self, field_id: str) -> FieldRow | None:
        """The field of that id; None where there is none."""
        return next((field for field in self.fields if field.id == field_id), None)
