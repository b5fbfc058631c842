"""Definitions of treatment resistance, methods of staging, and what can look like resistance: as data.

DM-TRD (Peeters 2016) is not here: its weights were not read, and nothing is encoded from memory of them.
"""

from typing import Literal

from pydantic import Field, model_validator

from euthymia.facts import Fact, Id, Number, Strict
from euthymia.treatment import TreatmentKind, Words


class ResistanceDefinition(Fact):
    """So many adequate trials of different antidepressants with one outcome, in the current episode.

    `partial`: what a partial response (25 to 49 %) is by this definition; `not_said`: the wording leaves it open.
    """

    id: Id
    name: str
    minimum_trials: int = Field(gt=0)
    outcome: Literal["no_response", "partial_response"] = "no_response"
    partial: Literal["counts", "separate", "not_said"] = "separate"


class Stage(Strict):
    """One stage: different classes beside the named ones, the named ones, and bilateral ECT."""

    stage: str
    classes: int = Field(ge=1, description="Different classes, those of `also` apart.")
    also: tuple[str, ...] = ()
    bilateral_ect: bool = False


class ThaseRush(Fact):
    """Stages in order; each includes what the one before it asks."""

    name: str
    stages: tuple[Stage, ...] = Field(min_length=1)
    bilateral: Words
    unilateral: Words


class MghStaging(Fact):
    """Points: per trial without response, per optimisation, for ECT. `optimisations`: ways of optimising one trial that count."""

    name: str
    per_trial: float = Field(gt=0)
    per_optimisation: float = Field(gt=0)
    ect: float = Field(gt=0)
    optimisations: tuple[str, ...]


class Row(Strict):
    """One category of a dimension: up to and including `at_most` (None: no limit)."""

    label: str
    score: int
    at_most: float | None = None


class Total(Strict):
    """A band of the total, both ends included."""

    label: str
    low: int
    high: int


class Severity(Fact):
    """Which score a severity band of an instrument gives; a severe episode with psychosis has its own."""

    bands: dict[str, int] = Field(description="Band id, in any instrument, to score.")
    severe: int
    severe_with_psychosis: int


class Maudsley(Fact):
    """The Maudsley Staging Method."""

    name: str
    duration_months: tuple[Row, ...] = Field(min_length=1)
    trials: tuple[Row, ...] = Field(min_length=1)
    augmentation: int
    ect: int
    totals: tuple[Total, ...] = Field(min_length=1)
    severity: Severity

    @model_validator(mode="after")
    def _in_order(self) -> "Maudsley":
        for name in ("duration_months", "trials"):
            rows = getattr(self, name)
            limits = [row.at_most for row in rows]
            known = [limit for limit in limits if limit is not None]
            if limits[-1] is not None or None in limits[:-1] or known != sorted(set(known)):
                raise ValueError(f"found {name} that end at {limits}; allowed: rising limits, and none in the last row")
        return self


class Interaction(Fact):
    """A drug that can weaken a treatment, where it is read that it does."""

    id: Id
    weakens: tuple[TreatmentKind, ...]
    words: tuple[str, ...]
    sentence: str


class PseudoResistanceTable(Strict):
    """What is looked for in a record before "resistant" is said."""

    other_diagnoses: Words
    thyroid_conditions: Words
    thyroid_measures: Words
    thyroid_max_age_days: Number
    looked_at: dict[Id, Words] = Field(description="Id of the item: words of an Observation that answers it (no = absent).")
    interactions: tuple[Interaction, ...]


class ResistanceTable(Strict):
    """knowledge/adequacy/resistance.toml."""

    definitions: tuple[ResistanceDefinition, ...] = Field(min_length=1)
    thase_rush: ThaseRush
    mgh_s: MghStaging
    maudsley: Maudsley
    pseudo_resistance: PseudoResistanceTable
