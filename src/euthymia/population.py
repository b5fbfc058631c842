"""A fitted population of the trajectory model as knowledge: its parameters, how uncertain they are, and where they come from."""

from typing import Literal

from pydantic import Field, model_validator

from euthymia.facts import Fact, Id, Strict


class PopulationSource(Strict):
    """Where a population comes from: how many people, which data, which command made it."""

    people: int = Field(ge=2)
    ratings: int = Field(ge=2)
    data: str
    licence: str
    command: str
    treatments: str


class BorrowedRule(Fact):
    """How much wider every variance becomes when the population serves another instrument or treatment."""

    variance_factor: float = Field(ge=1)


class PopulationParameters(Strict):
    """The parameters of the state-space model (symbols as in TRAJECTORY.md): weeks, points of the population's instrument.

    Where patients differ they are medians.
    """

    rate_per_week: float = Field(gt=0, description="lambda: how fast the level approaches the set point")
    wandering_sd: float = Field(ge=0, description="sigma_x, points per root week")
    rating_sd: float = Field(gt=0, description="sigma_y: the noise of a rating")
    set_point_sd: float = Field(gt=0, description="sigma_mu: how much set points differ")
    wane_per_week: float = Field(gt=0, description="kappa: how fast the effect of a session wanes")
    carry: float = Field(ge=0, lt=1, description="rho: the share of the effect still there that a session keeps")
    start_mean: float = Field(description="B")
    start_sd: float = Field(gt=0, description="root of v_B")
    set_point_mean: float = Field(description="c + r B: the set point of who starts at B")
    set_point_slope: float = Field(description="r")
    set_point_drift_sd: float = Field(ge=0, description="q, points per root week")
    set_point_step_sd: float = Field(ge=0, description="sigma_Delta: at a change of protocol")
    effect_mean: float = Field(description="m_a: the fall that follows a session")
    effect_sd: float = Field(ge=0, description="root of v_a")
    outlier_share: float = Field(ge=0, lt=1, description="how often a rating is an outlier")
    recall_share: float = Field(ge=0, le=1, description="how much of the instrument's recall window counts in what people answer")


class Population(Strict):
    """A fitted population of the state-space model, on its own instrument and the scale on which it is Gaussian.

    `covariance`: how uncertain the parameters are, in their order, as they are carried (positive ones as logarithms,
    shares as log-odds). `stated`: parameters that the data could not tell and that were written down.
    """

    id: Id
    name: str
    instrument: str
    source: PopulationSource
    borrowed: BorrowedRule
    scale: Literal["identity", "square_root", "logit"]
    parameters: PopulationParameters
    covariance: tuple[tuple[float, ...], ...]
    stated: tuple[str, ...] = ()
    carries_verdict: bool = Field(True, description="Whether a verdict may rest on it; if not, `why_not` says why.")
    why_not: str | None = None
    protocols: tuple[str, ...] = Field((), description="Protocols of the people in the fit; elsewhere it is borrowed.")

    @model_validator(mode="after")
    def _square(self) -> "Population":
        count = len(PopulationParameters.model_fields)
        rows = [len(row) for row in self.covariance]
        if rows != [count] * count:
            raise ValueError(f"found a covariance of {len(rows)} rows with {sorted(set(rows))} numbers; allowed: {count} rows of {count}")
        if any(abs(self.covariance[i][j] - self.covariance[j][i]) > 1e-9 for i in range(count) for j in range(i)):
            raise ValueError("found a covariance that is not symmetric; allowed: the same number at [i][j] and [j][i]")
        if any(self.covariance[i][i] < 0 for i in range(count)):
            raise ValueError("found a negative variance in the covariance; allowed: 0 or more on its diagonal")
        unknown = sorted(set(self.stated) - set(PopulationParameters.model_fields))
        if unknown:
            raise ValueError(f"found the stated parameters {', '.join(unknown)}; allowed: names of parameters")
        return self
