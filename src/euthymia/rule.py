"""Rules as data: a closed vocabulary of facts, and conditions over it. Nothing is evaluated as code.

A vocabulary says what each fact is called, in which unit, which values can occur, and how it is found in a record. A rule
set says how old each fact may be, which numbers divide (`thresholds`), and what follows (`rules`).
"""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Literal

from pydantic import ConfigDict, Field, FiniteFloat, model_validator

from euthymia.facts import Fact, Id, Number, Strict
from euthymia.followed import Followed, LongTermEvidence
from euthymia.instrument import LoincCode

Severity = Literal["emergency", "contraindicated", "hold", "escalate", "block", "caution", "overdue", "note"]
SEVERITIES: tuple[Severity, ...] = ("emergency", "contraindicated", "hold", "escalate", "block", "caution", "overdue", "note")
# What these find holds a dose, or a higher one, back; the others stand beside it.
HOLDING: tuple[Severity, ...] = ("emergency", "contraindicated", "hold", "block")
Asked = Literal["review", "before", "during", "discharge"]
Group = Literal["optimise", "augment", "psychotherapy", "neuromodulation", "interventional", "titrate_up", "dose_now"]
GROUPS: tuple[Group, ...] = ("optimise", "augment", "psychotherapy", "neuromodulation", "interventional", "titrate_up", "dose_now")
Op = Literal["==", "!=", "<", "<=", ">", ">=", "in", "missing"]
COMPARISONS: tuple[Op, ...] = ("<", "<=", ">", ">=")
Computed = Literal[
    "ketamine_care", "ketamine_session", "route", "protocol", "primary", "age", "pregnancy_possible", "polarity", "psychotic_episode",
    "weeks_in_phase", "days_since_treatment_start", "minutes_since_dose", "induction", "suicidality", "cssrs_higher",
    "percent_of_range_after_dose",
    "sessions_within", "sessions_in_all", "days_since_last_session", "percent_drop", "percent_drop_within", "doses_alone",
    "dose_above_bound", "doses_at_home", "home_early_refill", "home_above_regimen", "home_extra", "home_unlogged", "home_unaccounted",
    "pressure_falling", "rise_since_dose", "peak_rise", "rises_at_stable_dose",
]  # fmt: skip
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")  # {fact}, {fact.day}, {fact.source}


class Plausible(Fact):
    """What can occur at all: a value outside is kept and asked about, never used."""

    low: FiniteFloat
    high: FiniteFloat

    @model_validator(mode="after")
    def _in_order(self) -> "Plausible":
        if self.low >= self.high:
            raise ValueError(f"found a plausible range from {self.low:g} to {self.high:g}; allowed: low below high")
        return self


class Measured(Fact):
    """A number as records hold it: its names and codes, its UCUM unit, what can occur; `instruments`: ids whose stated total it is."""

    words: tuple[str, ...] = Field(min_length=1)
    loinc: tuple[LoincCode, ...] = ()
    unit: str = Field(description="UCUM; in braces ({score}) it may be left out in a record.")
    plausible: Plausible | None = None
    instruments: tuple[str, ...] = ()


class UnitConversion(Fact):
    """An exact conversion between two units of one quantity: value · factor."""

    found: str
    to: str
    factor: FiniteFloat = Field(gt=0)


class DrugClass(Fact):
    """The drugs of a class by their names, as whole words. `known` alone: recognised, and in no class that a rule asks about."""

    name: str
    words: tuple[str, ...] = Field(min_length=1)


class ScoreFound(Strict):
    """A score in the assessments of one of `instruments`: its total, one item's answer, or its band."""

    instruments: tuple[str, ...] = Field(min_length=1)
    reading: Literal["total", "item", "band"] = "total"
    item: str | None = None


class ConditionFound(Strict):
    """A diagnosis by its words or by how its codes begin. `ever`: history counts as well as what is active."""

    words: tuple[str, ...] = Field(min_length=1)
    codes: dict[str, tuple[str, ...]] = Field({})
    ever: bool = False


class SinceFound(Strict):
    """How long ago any of the facts `of` was last known: in days, or in ketamine sessions."""

    of: tuple[Id, ...] = Field(min_length=1)
    count: Literal["days", "sessions"]


class ChangeFound(Strict):
    """The last value of `of` against the patient's own first one."""

    of: Id
    direction: Literal["rise", "fall"]


class RatioFound(Strict):
    """The last value of `of` divided by the last one of `to`."""

    of: Id
    to: Id


class VocabularyFact(Strict):
    """One fact that a rule can read, and every way in which it is found. Several ways: the latest counts, on one day the worst."""

    words: str
    kind: Literal["number", "yes_no", "one_of"]
    unit: str | None = Field(None, description="UCUM unit of a number.")
    values: tuple[str, ...] = Field((), description="one_of: what it can be, the worst first.")
    worst: Literal["highest", "lowest", "yes", "no"] = "yes"
    step: FiniteFloat = Field(1.0, gt=0, description="The smallest difference that is recorded.")
    measured: Id | None = None
    place: Literal["any", "before_dose", "after_dose"] = "any"
    observed: tuple[str, ...] = Field((), description="Words of an Observation beside the fact's own id.")
    score: ScoreFound | None = None
    condition: ConditionFound | None = None
    drug_class: Id | None = None
    since: SinceFound | None = None
    change: ChangeFound | None = None
    ratio: RatioFound | None = None
    computed: Computed | None = None
    of: tuple[Id, ...] = Field((), description="computed: the facts or measurements that it is made of.")
    parameters: dict[Id, Number] = Field({}, description="computed: the numbers that it needs.")
    denied_by_measured: Id | None = Field(None, description="A measurement whose negative result in words means that this is absent.")
    denied_by: tuple[Id, ...] = Field((), description="Observations whose yes means that this is absent where nothing says otherwise.")

    @model_validator(mode="after")
    def _coherent(self) -> "VocabularyFact":
        if (self.kind == "one_of") != bool(self.values):
            raise ValueError("found values without the kind one_of, or the reverse; allowed: both or neither")
        if (self.kind == "number") != (self.worst in ("highest", "lowest")):
            raise ValueError(f"found worst = {self.worst!r} of a {self.kind}; allowed: highest or lowest of a number, else yes or no")
        if self.kind == "number" and self.unit is None:
            raise ValueError("found a number without a unit; allowed: a UCUM unit")
        if self.score and (self.score.reading == "item") != (self.score.item is not None):
            raise ValueError("found an item without the reading item, or the reverse; allowed: both or neither")
        return self


class MaximumAge(Fact):
    """How old a fact may be when a rule reads it: exactly one of hours, days, or ever (it does not age)."""

    minutes: FiniteFloat | None = Field(None, gt=0)
    hours: FiniteFloat | None = Field(None, gt=0)
    days: FiniteFloat | None = Field(None, ge=0)
    ever: Literal[True] | None = None

    @model_validator(mode="after")
    def _one(self) -> "MaximumAge":
        if sum(limit is not None for limit in (self.minutes, self.hours, self.days, self.ever)) != 1:
            raise ValueError("found no limit or several; allowed: exactly one of minutes, hours, days, ever = true")
        return self


class Condition(Strict):
    """One comparison (`fact`, `op`, `value` or `threshold`), or `all`, `any`, `not` of others."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)

    fact: Id | None = None
    op: Op = "=="
    value: str | tuple[str, ...] | None = None
    threshold: Id | None = None
    all: tuple["Condition", ...] | None = Field(None, min_length=1)
    any: tuple["Condition", ...] | None = Field(None, min_length=1)
    negated: "Condition | None" = Field(None, alias="not")

    @model_validator(mode="after")
    def _one_form(self) -> "Condition":
        forms = [form for form in (self.fact, self.all, self.any, self.negated) if form is not None]
        if len(forms) != 1:
            raise ValueError(f"found {len(forms)} of fact, all, any, not; allowed: exactly one")
        if self.fact is not None and self.op == "missing" and (self.value is not None or self.threshold is not None):
            raise ValueError("found `missing` with a value; allowed: the fact alone")
        if self.fact is not None and self.op in COMPARISONS and self.threshold is None:
            raise ValueError(f"found {self.op!r} without `threshold`; allowed: the id of a threshold, which says where it is from")
        if self.fact is not None and self.op in ("==", "!=", "in") and (self.value is None or self.threshold is not None):
            raise ValueError(f"found {self.op!r} without `value`; allowed: a word, or words after 'in'")
        if (self.op == "in") != isinstance(self.value, tuple):
            raise ValueError("found `in` with one word, or several words without it; allowed: both or neither")
        if self.negated is not None and any(leaf.op == "missing" for leaf in self.negated.leaves()):
            # Otherwise a fact that is taken away could turn a finding into silence.
            raise ValueError("found `missing` inside `not`; allowed: outside, so that a fact taken away never silences")
        return self

    def leaves(self) -> Iterator["Condition"]:
        """Every comparison, from left to right."""
        if self.fact is not None:
            yield self
        for part in (*(self.all or ()), *(self.any or ()), *((self.negated,) if self.negated else ())):
            yield from part.leaves()


class Rule(Fact):
    """Whether something is to be said: where `applies` is not known to be false and `when` holds."""

    id: Id
    severity: Severity
    question: str = Field(description="What is not known where it cannot be told: 'whether …'.")
    sentence: str = Field(description="With {fact}, {fact.day} and {fact.source} in it.")
    applies: Condition | None = None
    when: Condition
    actions: tuple[str, ...] = ()
    limits: tuple[str, ...] = Field((), description="Ids of options that it speaks against, or 'group:<group>'.")
    asked: tuple[Asked, ...] = Field((), description="Where it is asked; absent: as its file says.")
    first_match: Id | None = Field(None, description="Of the rules of one group in a file only the first that holds is said.")


class RuleSet(Strict):
    """The rules of one subject, with the facts that they read and the numbers that divide."""

    id: Id
    name: str
    asked: tuple[Asked, ...] = Field(min_length=1)
    applies: Condition | None = Field(None, description="Asked before every rule of the file.")
    facts: dict[Id, MaximumAge]
    thresholds: dict[Id, Number] = Field({})
    rules: tuple[Rule, ...] = Field(min_length=1)

    def conditions(self, rule: Rule) -> tuple[Condition, ...]:
        """What a rule rests on: the file's `applies`, its own, and its `when`."""
        return tuple(condition for condition in (self.applies, rule.applies, rule.when) if condition is not None)

    @cached_property
    def leaves(self) -> dict[str, tuple[Condition, ...]]:
        """Every comparison of each rule, by rule id."""
        return {rule.id: tuple(leaf for part in self.conditions(rule) for leaf in part.leaves()) for rule in self.rules}

    @model_validator(mode="after")
    def _coherent(self) -> "RuleSet":
        for problem in _problems(self):
            raise ValueError(problem)
        return self


class Vocabulary(Strict):
    """The file `vocabulary.toml`: facts, measurements, drug classes, units, and which facts are followed in the long term."""

    facts: dict[Id, VocabularyFact]
    measurements: dict[Id, Measured]
    drug_classes: dict[Id, DrugClass]
    conversions: tuple[UnitConversion, ...] = ()
    followed: dict[Id, Followed] = Field({})
    long_term_evidence: LongTermEvidence | None = None


def placeholder_fact(name: str) -> str:
    """The fact that a placeholder of a sentence shows."""
    return name.removesuffix(".day").removesuffix(".source")


def _problems(rules: RuleSet) -> Iterator[str]:
    """Everything in one file that contradicts itself, with the rule it is found in."""
    ids = [rule.id for rule in rules.rules]
    if len(set(ids)) != len(ids):
        yield f"found rule ids with one twice ({', '.join(sorted({i for i in ids if ids.count(i) > 1}))}); allowed: each once"
    for rule in rules.rules:
        yield from (f"rule {rule.id}: {problem}" for problem in _rule_problems(rules, rule))
    used = {leaf.fact for leaves in rules.leaves.values() for leaf in leaves}
    said = {placeholder_fact(name) for rule in rules.rules for name in PLACEHOLDER.findall(rule.sentence)}
    if idle := sorted(set(rules.facts) - used - said):
        yield f"found facts that no rule reads ({', '.join(idle)}); allowed: facts of its rules"
    if idle := sorted(set(rules.thresholds) - {leaf.threshold for leaves in rules.leaves.values() for leaf in leaves}):
        yield f"found thresholds that no rule uses ({', '.join(idle)}); allowed: thresholds of its rules"


def _rule_problems(rules: RuleSet, rule: Rule) -> Iterator[str]:
    allowed = f"allowed: {', '.join(sorted(rules.facts))}"
    for leaf in rules.leaves[rule.id]:
        if leaf.fact not in rules.facts:
            yield f"found the fact {leaf.fact!r}, which has no maximum age under [facts]; {allowed}"
        if leaf.threshold is not None and leaf.threshold not in rules.thresholds:
            yield f"found the threshold {leaf.threshold!r}; allowed: {', '.join(sorted(rules.thresholds)) or 'none'}"
    for name in PLACEHOLDER.findall(rule.sentence):
        if placeholder_fact(name) not in rules.facts:
            yield f"found {{{name}}} in the sentence; {allowed}"
    for group in (limit.removeprefix("group:") for limit in rule.limits if limit.startswith("group:")):
        if group not in GROUPS:
            yield f"found the group {group!r} in limits; allowed: {', '.join(GROUPS)}"
