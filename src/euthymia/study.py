"""A study as data: its arms, its figures, whom it studied. Every row of figures keeps its own status.

What is not known is absent. Standard deviations are never imputed; a percentage becomes a count only where exactly one
whole number of people rounds to it.
"""

from collections import defaultdict
from typing import Any, Literal

from pydantic import Field, FiniteFloat, model_validator

from euthymia.facts import Fact, Id, Strict

Kind = Literal["acute", "maintenance", "low_dose", "other"]
Design = Literal["rct", "meta_analysis", "cohort", "case_series"]
Measure = Literal["RR", "OR", "RD", "MD", "HR", "SMD"]
RATIOS: tuple[Measure, ...] = ("RR", "OR", "HR")
NULL: dict[Measure, float] = {"RR": 1.0, "OR": 1.0, "HR": 1.0, "RD": 0.0, "MD": 0.0, "SMD": 0.0}


class Said(Fact):
    """Something stated in words."""

    text: str


class People(Fact):
    """How many people."""

    value: int = Field(ge=1)


class Arm(Fact):
    """A group of a study. `step`: where people of one step enter the next, each step is added up by itself."""

    id: Id
    name: str
    n: int | None = Field(None, ge=1)
    step: int = Field(1, ge=1)


class Share(Strict):
    """How many of an arm had the outcome.

    `n`: of how many, where not the whole arm was looked at; `part`: of a part of it whose size is not known. `percent` is as
    printed; `decimals`: how many were printed, where TOML cannot say it ("20.0").
    """

    arm: Id
    percent: FiniteFloat | None = Field(None, ge=0, le=100)
    decimals: int | None = Field(None, ge=0, le=3)
    n: int | None = Field(None, ge=1)
    events: int | None = Field(None, ge=0)
    part: bool = False

    @model_validator(mode="after")
    def _possible(self) -> "Share":
        if self.percent is None and self.events is None:
            raise ValueError(f"found neither `percent` nor `events` of {self.arm}; allowed: at least one of them")
        if self.n is not None and self.events is not None and self.events > self.n:
            raise ValueError(f"found {self.events} events in {self.n} people of {self.arm}; allowed: at most {self.n}")
        if self.n is not None and self.percent is not None and not self.candidates(self.n):
            allowed = "the percentage of a whole number of people"
            raise ValueError(f"found {self.percent:g} % of {self.n} people of {self.arm}; allowed: {allowed}")
        return self

    def candidates(self, n: int) -> tuple[int, ...]:
        """The counts of `n` people that are printed as this percentage; the printed count alone where there is one."""
        if self.percent is None:
            return () if self.events is None else (self.events,)
        half = 0.5 * 10.0 ** -self._decimals() + 1e-9
        near = int(self.percent * n / 100)
        found = tuple(k for k in range(max(0, near - n), min(n, near + n) + 1) if abs(100 * k / n - self.percent) <= half)
        return found if self.events is None else tuple(k for k in found if k == self.events)

    def _decimals(self) -> int:
        if self.decimals is not None:
            return self.decimals
        fraction = repr(self.percent).partition(".")[2]
        return 0 if fraction == "0" else len(fraction)


class Effect(Strict):
    """A printed comparison: the active arm against the control, with its standard error or its 95 % interval."""

    measure: Measure
    active: Id
    control: Id
    estimate: FiniteFloat
    se: FiniteFloat | None = Field(None, gt=0)
    lower: FiniteFloat | None = None
    upper: FiniteFloat | None = None

    @model_validator(mode="after")
    def _possible(self) -> "Effect":
        if (self.lower is None) != (self.upper is None):
            raise ValueError("found one end of an interval; allowed: both ends, or none")
        if self.lower is not None and self.upper is not None:
            if self.lower > self.upper:
                raise ValueError(f"found an interval from {self.lower:g} to {self.upper:g}; allowed: the lower end first")
            if not self.lower <= self.estimate <= self.upper:
                allowed = "an interval that contains its estimate"
                raise ValueError(f"found {self.estimate:g} outside of {self.lower:g} to {self.upper:g}; allowed: {allowed}")
        if self.measure in RATIOS and min(self.estimate, self.lower if self.lower is not None else self.estimate) <= 0:
            raise ValueError(f"found a {self.measure} of {self.estimate:g}, or an end of its interval, at or below 0; allowed: above 0")
        return self


class Result(Fact):
    """One row of figures: of one outcome, at one time, on one instrument. `kind` is what it may be evidence of."""

    id: Id
    kind: Kind
    outcome: Literal["response", "remission", "relapse", "no_relapse", "symptoms", "suicidality", "harms", "other"]
    time: str
    instrument: str | None = None
    definition: str | None = Field(None, description="What counted as remission, response or relapse.")
    shares: tuple[Share, ...] = ()
    effect: Effect | None = None
    text: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Result":
        if not self.shares and self.effect is None and self.text is None:
            raise ValueError(f"found nothing in the result {self.id!r}; allowed: `shares`, `effect` or `text`")
        arms = [share.arm for share in self.shares]
        if len(set(arms)) < len(arms):
            raise ValueError(f"found an arm twice in the result {self.id!r}; allowed: each arm once")
        return self


class Masking(Fact):
    """Who knew what was given. `guess_rate`: percent who guessed right; `dropout_difference`: points between the arms."""

    comparator: Literal["psychoactive", "inactive", "open", "sham", "none"]
    guess_rate: FiniteFloat | None = Field(None, ge=0, le=100)
    dropout_difference: FiniteFloat | None = Field(None, ge=0, le=100)


class Traits(Fact):
    """Whom a study took in, as far as it is known: what a patient is held against."""

    age_min: int | None = Field(None, ge=0)
    age_max: int | None = None
    trials_min: int | None = Field(None, ge=0, description="Trials without response that were asked for.")
    psychosis: Literal["excluded", "included"] | None = None
    polarity: Literal["unipolar", "bipolar", "both"] | None = None
    settings: tuple[Literal["inpatient", "outpatient", "home"], ...] = ()
    routes: tuple[str, ...] = ()
    antidepressant: Literal["with", "without"] | None = Field(None, description="Given beside an antidepressant, or without one.")
    resistant: bool | None = Field(None, description="Whether treatment-resistant depression was asked for.")
    enriched: bool | None = Field(None, description="Whether only people who had done well on it were randomised.")


class Study(Strict):
    """One study. A row without a `ref` of its own has the study's. `apart`: why the arms do not add up to `n`."""

    citation: str
    ref: str
    year: int = Field(ge=1950, le=2100)
    doi: Said | None = None
    pmid: Said | None = None
    population: Said
    design: Design
    design_words: str
    n: People | None = None
    apart: str | None = None
    arms: tuple[Arm, ...] = ()
    results: tuple[Result, ...] = ()
    traits: Traits | None = None
    masking: Masking | None = None
    harms: Said | None = None
    rob: str = Field(description="A short note on risk of bias, not a formal rating.")

    @model_validator(mode="before")
    @classmethod
    def _own_ref(cls, data: Any) -> Any:  # noqa: ANN401
        if not isinstance(data, dict) or not isinstance(data.get("ref"), str):
            return data
        return {key: _with_ref(value, data["ref"]) for key, value in data.items()}

    @model_validator(mode="after")
    def _adds_up(self) -> "Study":
        known = {arm.id for arm in self.arms}
        for name, ids in (("arm", [a.id for a in self.arms]), ("result", [r.id for r in self.results])):
            if len(set(ids)) < len(ids):
                raise ValueError(f"found the same {name} twice in {', '.join(ids)}; allowed: each once")
        for result in self.results:
            named = {s.arm for s in result.shares} | ({result.effect.active, result.effect.control} if result.effect else set())
            if unknown := sorted(named - known):
                raise ValueError(f"found the arms {', '.join(unknown)} in the result {result.id!r}; allowed: {', '.join(sorted(known))}")
            for share in result.shares:
                n = self.arm(share.arm).n
                if share.n is None and share.events is not None and n is not None and share.events > n:
                    raise ValueError(f"found {share.events} events in {n} people of {share.arm}; allowed: at most {n}")
        self._people_add_up()
        return self

    def _people_add_up(self) -> None:
        if self.n is None:
            return
        steps: dict[int, list[int | None]] = defaultdict(list)
        for arm in self.arms:
            steps[arm.step].append(arm.n)
        for step, sizes in steps.items():
            total = sum(n or 0 for n in sizes)
            short = total < self.n.value and step == 1 and None not in sizes and self.apart is None
            if total > self.n.value or short:
                allowed = "the same, or `apart` saying who is not in them"
                raise ValueError(f"found {total} people in the arms and n = {self.n.value}; allowed: {allowed}")

    def arm(self, arm_id: str) -> Arm:
        """The arm of that id. Raises KeyError."""
        return next(arm for arm in self.arms if arm.id == arm_id)

    def counts(self, result: Result) -> dict[str, tuple[int, int]] | None:
        """Events and people of every arm of a row; None unless each of them is one exact whole number.

        One arm whose percentage fits no whole number says that the row counts other people than the arms hold.
        """
        found: dict[str, tuple[int, int]] = {}
        for share in result.shares:
            n = share.n if share.n is not None or share.part else self.arm(share.arm).n
            events = share.candidates(n) if n is not None else ()
            if n is None or len(events) != 1:
                return None
            found[share.arm] = (events[0], n)
        return found or None

    def result(self, result_id: str) -> Result | None:
        """The row of that id; None where there is none."""
        return next((found for found in self.results if found.id == result_id), None)


def _with_ref(value: Any, ref: str) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {"ref": ref, **value} if "status" in value else value
    if isinstance(value, tuple | list):
        return tuple(_with_ref(inner, ref) for inner in value)
    return value


class StudyFile(Strict):
    """One file of studies, by their ids."""

    studies: dict[Id, Study] = Field(min_length=1)
