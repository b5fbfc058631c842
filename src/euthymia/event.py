"""What every event of a record carries: `id` (the source's), `at` (when it happened), `recorded_at` (when it became known), `source`
and `supersedes`.
"""

from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from euthymia.moment import Moment

_FIRST_YEAR, _LAST_YEAR = 1850, 2199

Text = Annotated[str, Field(min_length=1)]


@cache
def zones() -> frozenset[str]:
    """The IANA names of this machine: a walk through its files, of which once is enough."""
    return frozenset(available_timezones())


class Frozen(BaseModel):
    """A table of a record: frozen, no unknown fields."""

    # Text is stripped and never empty: a blank cell, "" and None all mean "not known", in every format.
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class EventBase(Frozen):
    """What every event carries. `id` is the source's, so that importing twice changes nothing."""

    id: Text
    at: Moment
    recorded_at: Moment | None = Field(None, description="When it became known (an instant); absent: as it happened.")
    source: Text | None = Field(None, description="Where it comes from: a system, a file, a person's role.")
    supersedes: Text | None = Field(
        None, description="The id of the event that this one corrects: of the same kind, and of the same instrument."
    )
    entered_in_error: bool = Field(False, description="This event never happened; with `supersedes`, neither did the one that it names.")

    @field_validator("at")
    @classmethod
    def _at_is_a_real_time(cls, value: Moment) -> Moment:
        # Other systems write "not known" as 0001-01-01 or 9999-12-31; nothing is reckoned from such a date.
        if not _FIRST_YEAR <= int(value.text[:4]) <= _LAST_YEAR:
            raise ValueError(f"found {value.text!r}; allowed: a year from {_FIRST_YEAR} to {_LAST_YEAR}")
        return value

    @field_validator("recorded_at")
    @classmethod
    def _recorded_at_is_an_instant(cls, value: Moment | None) -> Moment | None:
        if value is not None and value.precision != "instant":
            raise ValueError(f"found {value.text!r}; allowed: an instant with its offset (2026-03-01T09:30:00+01:00, or Z)")
        return value

    @model_validator(mode="after")
    def _corrects_another(self) -> "EventBase":
        if self.supersedes == self.id:
            raise ValueError(f"found the event {self.id!r} that supersedes itself; allowed: the id of another event")
        return self


class Code(Frozen):
    """A code with the system that it belongs to (a URI, as in FHIR)."""

    system: Text
    code: Text
    display: Text | None = None
