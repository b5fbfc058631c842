"""What a knowledge file is made of: strict, frozen types, and facts that keep their status.

`verified`: seen in a public source. `recalled`: background knowledge, not confirmed. `design`: this project's own
proposal, for a site to adopt or change. Nothing is promoted silently.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

Status = Literal["verified", "recalled", "design"]
WEAKEST: tuple[Status, ...] = ("verified", "recalled", "design")  # The last is the weakest.
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Strict(BaseModel):
    """A table of a knowledge file: frozen, no unknown keys, nothing converted."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Fact(Strict):
    """Something stated by medicine, or by us, with its honest status and its reference id."""

    status: Status
    ref: str | None = None
    confidence: Literal["high", "medium", "low"] | None = Field(None, description="Of a recalled fact.")
    note: str | None = None

    @model_validator(mode="after")
    def _honest(self) -> "Fact":
        if self.status == "verified" and not self.ref:
            raise ValueError("found a verified fact without `ref`; allowed: a reference id, or status 'recalled'")
        if self.status == "recalled" and not self.confidence:
            raise ValueError("found a recalled fact without `confidence`; allowed: 'high', 'medium' or 'low'")
        if self.status == "design" and not self.note:
            raise ValueError("found a design fact without `note`; allowed: the reason in one sentence")
        return self


class Number(Fact):
    """One number of medicine."""

    value: FiniteFloat


class Reference(Strict):
    """A source. `seen` says what of it was read when the fact was written down."""

    citation: str
    url: str | None = None
    seen: Literal["full", "abstract", "excerpt", "secondary", "not seen"]
