"""A question that studies answer, as data: its claim, its evidence, how its certainty was judged, what may be said."""

from typing import Literal

from pydantic import Field, model_validator

from euthymia.facts import Fact, Id, Number, Strict
from euthymia.study import Kind, Measure, Said

Level = Literal["high", "moderate", "low", "very_low"]
Certainty = Literal["high", "moderate", "low", "very_low", "none"]
Domain = Literal[
    "risk_of_bias", "inconsistency", "indirectness", "imprecision", "publication_bias", "large_effect", "dose_response", "confounding"
]
Group = Literal["acute", "maintenance", "low_dose", "next_step_drugs", "neuromodulation", "psychotherapy", "safety"]
LEVELS: tuple[Level, ...] = ("very_low", "low", "moderate", "high")
UPGRADES: tuple[Domain, ...] = ("large_effect", "dose_response", "confounding")
Row = Field(pattern=r"^[a-z][a-z0-9_]*/[a-z][a-z0-9_]*$")


class Judgement(Strict):
    """One GRADE domain: by how many levels, and why. 0: looked at, and not changed for the reason given."""

    domain: Domain
    change: int = Field(ge=-2, le=1)
    reason: str

    @model_validator(mode="after")
    def _right_way(self) -> "Judgement":
        if (self.domain in UPGRADES) != (self.change > 0) and self.change != 0:
            raise ValueError(f"found {self.change:+d} for {self.domain}; allowed: domains of doubt lower, {', '.join(UPGRADES)} raise")
        return self


class Grading(Fact):
    """Our judgement of the certainty. `draft`: the levels that the clinical pack drafted, where it did.

    `starts`: randomised trials start high, everything else low; without a study, or where the figures themselves are
    disputed, no level is given.
    """

    starts: Literal["rct", "observational", "no_study", "disputed"]
    judgements: tuple[Judgement, ...] = ()
    draft: tuple[Level, ...] = ()
    draft_row: str | None = None


class Pooled(Strict):
    """One study in a pool: the row, and by counts the two arms that are compared (active, control)."""

    row: str = Row
    arms: tuple[Id, Id] | None = None


class Pool(Fact):
    """Studies that measured the same thing at a comparable time; `left_out`: who is not in it, and why."""

    id: Id
    measure: Measure
    what: str
    instrument: str | None = None
    favours_low: bool = Field(description="Whether a lower value favours the active arm.")
    studies: tuple[Pooled, ...] = Field(min_length=2)
    left_out: tuple[str, ...] = ()


class Question(Strict):
    """One question. `says` is worded as sure as the certainty is; `carries`: the rows that the certainty rests on, as study/row."""

    id: Id
    name: str
    asks: str
    group: Group
    kind: Kind
    says: str
    carries: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    pools: tuple[Pool, ...] = ()
    why_not_pooled: str | None = None
    grading: Grading
    statement: Literal["acute", "maintenance", "low_dose", "safety"] | None = None
    tells_not: tuple[str, ...] = Field(min_length=1)
    positions: tuple[str, ...] = ()
    disagreements: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> "Question":
        if bool(self.pools) == bool(self.why_not_pooled):
            raise ValueError("found both or neither of `pools` and `why_not_pooled`; allowed: exactly one")
        if bool(self.carries) == (self.grading.starts == "no_study"):
            raise ValueError("found rows that carry a level without studies, or the reverse; allowed: `carries` where studies start it")
        if self.statement is not None and self.statement not in (self.kind, "safety"):
            raise ValueError(f"found the statement on {self.statement} beside a question of kind {self.kind}; allowed: its own kind")
        return self

    def rows(self) -> tuple[str, ...]:
        """Every row it quotes, each once, what carries the level first."""
        pooled = (each.row for pool in self.pools for each in pool.studies)
        return tuple(dict.fromkeys((*self.carries, *pooled, *self.beside)))


class Position(Fact):
    """What a guideline or a body says."""

    body: str
    says: str


class GradingRules(Strict):
    """The numbers and words of grading and of applicability (certainty.md, section 1)."""

    inconsistency_i2: Number
    few_participants: Number
    few_events: Number
    guess_rate: Number
    dropout_difference: Number
    meaningful_madrs: Number
    resistant_trials: Number
    mismatch_levels: Number
    words: dict[Level, Said]
    statements: dict[Literal["acute", "maintenance", "low_dose", "safety"], Said]
    positions: dict[Id, Position]
