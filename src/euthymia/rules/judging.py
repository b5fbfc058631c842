"""Closed-vocabulary rules over what is known: `Finding`, `NotApplicable` (needs a positive fact), or `CannotTell`.

A rule is said where `applies` is not known to be false and `when` holds. What is not known never silences: it asks.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode, current_episode
from euthymia.facts import WEAKEST, Fact, Status
from euthymia.moment import day_in_words
from euthymia.record import PatientRecord
from euthymia.rule import PLACEHOLDER, SEVERITIES, Asked, Condition, MaximumAge, Rule, RuleSet, Severity, VocabularyFact, placeholder_fact
from euthymia.rules.known import Known, holds, look_up, said, shown
from euthymia.rules.readings import Scene, SessionPhase
from euthymia.safety import Safety, safety
from euthymia.three_valued import Truth, both, either, negation


@dataclass(frozen=True)
class FactUsed:
    """A fact that a finding rests on, with its day and where it is from."""

    fact: str
    value: str
    day: date | None
    source: str


@dataclass(frozen=True)
class Finding:
    """Something to be said. `limits`: ids of options that it speaks against, or "group:<group>"."""

    rule: str
    subject: str
    severity: Severity
    sentence: str
    facts: tuple[FactUsed, ...]
    actions: tuple[str, ...]
    limits: tuple[str, ...]
    ref: str | None
    status: Status


@dataclass(frozen=True)
class NotApplicable:
    """Nothing to be said, by a positive fact, which `reason` names."""

    rule: str
    subject: str
    reason: str


@dataclass(frozen=True)
class CannotTell:
    """Nobody can tell; `missing` says what would settle it, in words. `severity`: of what it may hide. `question`: "whether …"."""

    rule: str
    subject: str
    severity: Severity
    sentence: str
    missing: tuple[str, ...]
    limits: tuple[str, ...]
    status: Status
    question: str = ""


RuleResult = Finding | NotApplicable | CannotTell


class Facts(Protocol):
    """What is known, fact by fact, as a rule asks for it."""

    vocabulary: Mapping[str, VocabularyFact]

    def get(self, fact_id: str, age: MaximumAge) -> Known:
        """The fact as known at that age."""


class FactsOf:
    """What is known in one scene, looked up once for each fact and age."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.vocabulary: Mapping[str, VocabularyFact] = scene.catalog.vocabulary
        self._found: dict[tuple[str, int], Known] = {}

    def get(self, fact_id: str, age: MaximumAge) -> Known:
        """The fact as known at that age."""
        key = fact_id, id(age)
        if key not in self._found:
            self._found[key] = look_up(self.scene, fact_id, age)
        return self._found[key]


def evaluate(
    record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, on: date, safe: Safety | None = None
) -> tuple[RuleResult, ...]:
    """Every rule of a review on `on`, worst first. The record has already been cut at its day."""
    return judged(facts_on(record, episode, catalog, on, safe or safety(record, episode, catalog, on)))


def facts_on(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, on: date, safe: Safety) -> FactsOf:
    """What is known on the day of a review, for everything that asks: the rules, and what is to be watched."""
    return FactsOf(Scene(record, episode, catalog, on, safe))


def judged(facts: FactsOf) -> tuple[RuleResult, ...]:
    """Every rule of a review over what is known on its day, worst first."""
    return _all(facts, "review")


def gates(record: PatientRecord, catalog: Catalog, at: datetime, phase: SessionPhase) -> tuple[RuleResult, ...]:
    """Every gate of a session at an instant: before the dose, during observation, or at discharge; worst first."""
    on = at.astimezone(record.zone).date()
    cut = record.until(on)
    episode = current_episode(cut, catalog)
    return _all(FactsOf(Scene(cut, episode, catalog, on, safety(cut, episode, catalog, on), at, phase)), phase)


def _all(facts: FactsOf, asked: Asked) -> tuple[RuleResult, ...]:
    found: list[RuleResult] = []
    for rules in facts.scene.catalog.rules.values():
        first: dict[str, str] = {}
        for rule in rules.rules:
            if asked not in (rule.asked or rules.asked):
                continue
            result = judge(rules, rule, facts)
            if isinstance(result, Finding) and rule.first_match:
                ahead = first.setdefault(rule.first_match, rule.id)
                result = result if ahead == rule.id else NotApplicable(rule.id, rules.id, f"said by {ahead}")
            found.append(result)
    return tuple(sorted(found, key=_order))


def _order(result: RuleResult) -> tuple[int, int, str, str]:
    """Findings before what cannot be told, of one severity; then what does not apply."""
    if isinstance(result, NotApplicable):
        return len(SEVERITIES), 0, result.subject, result.rule
    return SEVERITIES.index(result.severity), isinstance(result, CannotTell), result.subject, result.rule


def judge(rules: RuleSet, rule: Rule, facts: Facts) -> RuleResult:
    """One rule over what is known."""
    conditions = [condition for condition in (rules.applies, rule.applies) if condition is not None]
    applies = both(truth(condition, rules, facts) for condition in conditions)
    if applies is False:
        deciding = [leaf for condition in conditions for leaf in _deciding(condition, rules, facts, wanted=False)]
        return NotApplicable(rule.id, rules.id, _known_words(deciding, rules, facts))
    when = truth(rule.when, rules, facts)
    if when is False:
        return NotApplicable(rule.id, rules.id, _known_words(_deciding(rule.when, rules, facts, wanted=False), rules, facts))
    if when is True:
        return _finding(rules, rule, facts)
    return _cannot_tell(rules, rule, facts, [*(conditions if applies is None else []), rule.when])


def truth(condition: Condition, rules: RuleSet, facts: Facts) -> Truth:
    """Whether a condition holds over what is known: True, False, or None for not known."""
    if condition.fact is not None:
        threshold = rules.thresholds[condition.threshold].value if condition.threshold else None
        return holds(condition, facts.get(condition.fact, rules.facts[condition.fact]), threshold)
    if condition.all is not None:
        return both(truth(part, rules, facts) for part in condition.all)
    if condition.any is not None:
        return either(truth(part, rules, facts) for part in condition.any)
    return negation(truth(condition.negated, rules, facts)) if condition.negated else None


def _deciding(condition: Condition, rules: RuleSet, facts: Facts, wanted: Truth) -> Iterator[Condition]:
    """The comparisons that make a condition what it is."""
    if truth(condition, rules, facts) is not wanted:
        return
    if condition.fact is not None:
        yield condition
    for part in (*(condition.all or ()), *(condition.any or ())):
        yield from _deciding(part, rules, facts, wanted)
    if condition.negated is not None:
        yield from _deciding(condition.negated, rules, facts, negation(wanted))


def _known_words(leaves: Iterable[Condition], rules: RuleSet, facts: Facts) -> str:
    words = []
    for leaf in leaves:
        known = facts.get(leaf.fact or "", rules.facts[leaf.fact or ""])
        fact = facts.vocabulary[leaf.fact or ""]
        words.append(f"{fact.words}: {shown(fact, known.value, known.upper)}")
    return "; ".join(dict.fromkeys(words))


def _finding(rules: RuleSet, rule: Rule, facts: Facts) -> Finding:
    vocabulary = facts.vocabulary
    used = []
    for leaf in _deciding(rule.when, rules, facts, wanted=True):
        known = facts.get(leaf.fact or "", rules.facts[leaf.fact or ""])
        used.append(FactUsed(known.fact, shown(vocabulary[known.fact], known.value, known.upper), known.day, known.source))

    def filled(match: re.Match[str]) -> str:
        fact_id = placeholder_fact(match[1])
        known = facts.get(fact_id, rules.facts[fact_id])
        if match[1].endswith(".day"):
            return f"on {day_in_words(known.day)}" if known.day else "on a day that is not known"
        return known.source if match[1].endswith(".source") else shown(vocabulary[fact_id], known.value, known.upper)

    sentence = PLACEHOLDER.sub(filled, rule.sentence)
    status = _status(rules, rule)
    return Finding(rule.id, rules.id, rule.severity, sentence, tuple(dict.fromkeys(used)), rule.actions, rule.limits, rule.ref, status)


def _cannot_tell(rules: RuleSet, rule: Rule, facts: Facts, conditions: Iterable[Condition]) -> CannotTell:
    missing, ages = [], []
    for condition in conditions:
        for leaf in _deciding(condition, rules, facts, wanted=None):
            known = facts.get(leaf.fact or "", rules.facts[leaf.fact or ""])
            if known.value is None:
                missing.append(said(facts.vocabulary[known.fact], known))
                ages += [rules.facts[known.fact]] if known.state == "stale" else []
            else:
                words = facts.vocabulary[known.fact]
                missing.append(f"{words.words}: {shown(words, known.value, known.upper)}, not known exactly")
    unique = tuple(dict.fromkeys(missing))
    sentence = f"cannot tell {rule.question}: {'; '.join(unique)}"
    return CannotTell(rule.id, rules.id, rule.severity, sentence, unique, rule.limits, _status(rules, rule, ages), rule.question)


def _status(rules: RuleSet, rule: Rule, also: Iterable[Fact] = ()) -> Status:
    """The weakest of the rule and of the numbers that it uses."""
    numbers = [rules.thresholds[leaf.threshold] for leaf in rules.leaves[rule.id] if leaf.threshold]
    return max((fact.status for fact in (rule, *numbers, *also)), key=WEAKEST.index)
