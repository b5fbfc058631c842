"""An outcome definition as data: what is called response, remission, recovery and relapse, and by whom."""

from typing import Literal

from pydantic import Field, model_validator

from euthymia.facts import Fact, Id, Strict


class RemissionCut(Fact):
    """The highest (or, where higher is better, lowest) score that still counts as remission, by this definition."""

    at_most: float


class RelapseRule(Fact):
    """Two ratings at or above `at_least`, `apart_days` or more apart; an incident of `incidents` alone suffices."""

    at_least: float
    ratings: int = Field(2, ge=1)
    apart_days: float = Field(0, ge=0)
    within_days: float | None = Field(None, gt=0)
    incidents: tuple[Literal["hospitalisation", "attempt"], ...] = ()


class Durations(Fact):
    """How long scores must stay at or below the cut: `remission_days` from the first to the last such rating."""

    remission_days: float = Field(ge=0)
    remission_ratings: int = Field(1, ge=1)
    max_gap_days: float | None = Field(None, gt=0)
    recovery_days: float | None = Field(None, gt=0)


class Fractions(Fact):
    """Improvement since the index: at least `response`; from `partial_response` to below it is partial."""

    response: float = Field(gt=0, lt=1)
    partial_response: float | None = Field(None, gt=0, lt=1)


class Definition(Strict):
    """An outcome definition: what is called response, remission, recovery and relapse, and by whom."""

    id: Id
    name: str
    used_by: str
    fractions: Fractions | None = None
    durations: Durations
    remission: dict[str, RemissionCut] = Field(description="Instrument id to cut.")
    relapse: dict[str, RelapseRule] = Field({})

    @model_validator(mode="after")
    def _relapse_above_remission(self) -> "Definition":
        for instrument, rule in self.relapse.items():
            cut = self.remission.get(instrument)
            if cut is None or rule.at_least <= cut.at_most:
                raise ValueError(f"found a relapse of {instrument} from {rule.at_least:g}; allowed: above its cut for remission")
        return self
