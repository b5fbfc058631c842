"""GRADE: where a level starts, what lowers and raises it, and which doubts the figures themselves ask about.

The judgements are people's, written down with their reasons. The thresholds only ask: a doubt that the figures raise
and that no judgement looks at is a problem of the question's file (`euthymia check`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from euthymia.question import LEVELS, Certainty, Domain, GradingRules, Judgement

_START = {"rct": len(LEVELS) - 1, "observational": 1}


@dataclass(frozen=True)
class Weighed:
    """What the figures of a question say: None where they do not say it. `counted`: outcomes are counted, not scaled."""

    i2: float | None = None
    participants: int | None = None
    events: int | None = None
    counted: bool = False
    lower: float | None = None
    upper: float | None = None
    null: float | None = None
    comparator: Literal["psychoactive", "inactive", "open", "sham", "none"] | None = None
    guess_rate: float | None = None
    dropout_difference: float | None = None
    madrs: bool = False


@dataclass(frozen=True)
class Doubt:
    """A domain that the figures ask about, and why."""

    domain: Domain
    why: str


def level(starts: Literal["rct", "observational", "no_study", "disputed"], changes: Sequence[int]) -> Certainty:
    """The level after every change; never below the lowest, never above the highest."""
    if starts not in _START:
        return "none"
    place = _START[starts] + sum(changes)
    return LEVELS[min(max(place, 0), len(LEVELS) - 1)]


def lowered(certainty: Certainty, by: int) -> Certainty:
    """The level `by` levels lower, at most the lowest; without a level there is none to lower."""
    return certainty if certainty == "none" else LEVELS[max(LEVELS.index(certainty) - by, 0)]


def level_of(starts: Literal["rct", "observational", "no_study", "disputed"], judgements: Sequence[Judgement]) -> Certainty:
    """The level that the judgements of a question give."""
    return level(starts, [each.change for each in judgements])


def doubts(found: Weighed, rules: GradingRules) -> tuple[Doubt, ...]:
    """Every domain that the figures ask about, by the thresholds of grading.toml."""
    return (*_masking(found, rules), *_inconsistency(found, rules), *_imprecision(found, rules))


def _masking(found: Weighed, rules: GradingRules) -> Iterator[Doubt]:
    if found.comparator in ("inactive", "open"):
        yield Doubt("risk_of_bias", "open label" if found.comparator == "open" else "against an inactive control")
    if found.guess_rate is not None and found.guess_rate > rules.guess_rate.value:
        yield Doubt("risk_of_bias", f"{found.guess_rate:g} % guessed the allocation, above {rules.guess_rate.value:g} %")
    if found.dropout_difference is not None and found.dropout_difference > rules.dropout_difference.value:
        words = f"dropout differed by {found.dropout_difference:g} points, above {rules.dropout_difference.value:g}"
        yield Doubt("risk_of_bias", words)


def _inconsistency(found: Weighed, rules: GradingRules) -> Iterator[Doubt]:
    if found.i2 is not None and found.i2 > rules.inconsistency_i2.value:
        yield Doubt("inconsistency", f"I² {found.i2:.0f} %, above {rules.inconsistency_i2.value:g} %")


def _imprecision(found: Weighed, rules: GradingRules) -> Iterator[Doubt]:
    if found.counted and found.events is not None and found.events < rules.few_events.value:
        yield Doubt("imprecision", f"{found.events} events, fewer than {rules.few_events.value:g}")
    if not found.counted and found.participants is not None and found.participants < rules.few_participants.value:
        yield Doubt("imprecision", f"{found.participants} people, fewer than {rules.few_participants.value:g}")
    if found.lower is None or found.upper is None:
        return
    if found.null is not None and found.lower <= found.null <= found.upper:
        yield Doubt("imprecision", "the interval includes no difference")
    if found.madrs and found.lower <= -rules.meaningful_madrs.value <= found.upper:
        yield Doubt("imprecision", f"the interval includes {rules.meaningful_madrs.value:g} points, what one person notices")
