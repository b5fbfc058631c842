"""Every gate by reflection, through `gates` on a built record: both sides of every number, what it says where a fact is missing,
and how old each fact may be. Which facts have to be as they are for one of them to decide is read out of the rule itself.
"""

from collections.abc import Iterator

import pytest

from core.rules.people import CATALOG
from core.rules.stated import LONG_AFTER, NOW, Value, record_of, when
from euthymia.rule import COMPARISONS, Condition, MaximumAge, Rule, RuleSet
from euthymia.rules import CannotTell, Finding, NotApplicable, RuleResult, gates

# What a fact is when nothing is wrong with it, where a rule also asks whether it is missing.
_UNREMARKABLE: dict[str, Value] = {
    "systolic_after_dose": 130.0, "diastolic_after_dose": 80.0, "systolic_rise": 0.0, "diastolic_rise": 0.0, "cssrs_tier": "none",
    "near_zero_explained": "yes",
}  # fmt: skip
SILENT = ""  # What a rule asks for as missing.
PHASES = ("before", "during", "discharge")
Asked = tuple[str, RuleSet, Rule]
ASKED: list[Asked] = [(p, s, r) for s in CATALOG.rules.values() for r in s.rules for p in PHASES if p in (r.asked or s.asked)]


def _make(condition: Condition, rules: RuleSet, truth: bool) -> dict[str, Value]:
    """Facts that make a condition true, or false; a fact that is asked for as missing is left out, or stated."""
    if condition.fact is not None:
        return _made(condition, rules, truth)
    if condition.negated is not None:
        return _make(condition.negated, rules, not truth)
    parts = condition.all or condition.any or ()
    if (condition.all is not None) == truth:
        found: dict[str, Value] = {}
        for part in parts:
            found = {**_make(part, rules, truth), **found}
        return found
    # One part is enough: not one that asks for silence, where there is another.
    chosen = sorted(parts, key=lambda part: (part.op == "missing") == truth)
    return _make(chosen[0], rules, truth)


def _made(leaf: Condition, rules: RuleSet, truth: bool) -> dict[str, Value]:
    fact_id = leaf.fact or ""
    fact = CATALOG.vocabulary[fact_id]
    if leaf.op == "missing":
        return {fact_id: SILENT if truth else _UNREMARKABLE[fact_id]}
    if leaf.op in COMPARISONS:
        at, up = rules.thresholds[leaf.threshold or ""].value, leaf.op in (">", ">=")
        beside = at + (fact.step if up == truth else -fact.step)
        return {fact_id: beside if truth or leaf.op in ("<=", ">=") else at}
    named = leaf.value if isinstance(leaf.value, tuple) else (leaf.value or "",)
    others = tuple(value for value in (fact.values or ("yes", "no")) if value not in named)
    return {fact_id: (named if (leaf.op != "!=") == truth else others)[0]}


def _around(condition: Condition, leaf: Condition, rules: RuleSet) -> dict[str, Value] | None:
    """What everything beside a leaf has to be, so that the condition is what the leaf is; None where the leaf is not in it."""
    if condition is leaf:
        return {}
    for part in (*(condition.all or ()), *(condition.any or ()), *((condition.negated,) if condition.negated else ())):
        inside = _around(part, leaf, rules)
        if inside is not None:
            found = dict(inside)
            for other in (*(condition.all or ()), *(condition.any or ())):
                if other is not part:
                    found = {**_make(other, rules, condition.all is not None), **found}
            return found
    return None


def _context(rules: RuleSet, rule: Rule, leaf: Condition) -> dict[str, Value]:
    """Facts under which this comparison alone decides what the rule says; its own fact is not among them."""
    found: dict[str, Value] = {}
    for condition in rules.conditions(rule):
        around = _around(condition, leaf, rules)
        part = _make(condition, rules, truth=True) if around is None else around
        found = {**part, **found} if around is None else {**found, **part}
    return {fact: value for fact, value in found.items() if value != SILENT and fact != leaf.fact}


def _asked(
    facts: dict[str, Value], phase: str, rule: Rule, rules: RuleSet, ages: dict[str, str] | None = None, unknown: str | None = None
) -> RuleResult:
    results = gates(record_of(facts, ages or {}, phase, unknown), CATALOG, NOW, phase)  # type: ignore[arg-type]
    return next(r for r in results if (r.subject, r.rule) == (rules.id, rule.id))


def _leaves(rules: RuleSet, rule: Rule) -> Iterator[Condition]:
    seen = set()
    for leaf in rules.leaves[rule.id]:
        key = leaf.fact, leaf.op, leaf.threshold, leaf.value
        if key not in seen:
            seen.add(key)
            yield leaf


NUMBERS = [(p, s, r, leaf) for p, s, r in ASKED for leaf in _leaves(s, r) if leaf.op in COMPARISONS]
READ = [(p, s, r, leaf) for p, s, r in ASKED for leaf in _leaves(s, r) if leaf.op != "missing"]
AGED = [(p, s, r, leaf) for p, s, r, leaf in READ if not s.facts[leaf.fact or ""].ever]


def _name(case: tuple[str, RuleSet, Rule, Condition]) -> str:
    phase, rules, rule, leaf = case
    return f"{phase}-{rules.id}-{rule.id}-{leaf.fact}{leaf.op}{leaf.threshold or leaf.value}"


def _can_be(fact: str, value: float) -> bool:
    """Whether a value can occur at all: no alertness of 6."""
    kind = CATALOG.measurements.get(CATALOG.vocabulary[fact].measured or "")
    return kind is None or kind.plausible is None or kind.plausible.low <= value <= kind.plausible.high


def _holds(op: str, value: float, number: float) -> bool:
    return {"<": value < number, "<=": value <= number, ">": value > number, ">=": value >= number}[op]


@pytest.mark.parametrize("case", NUMBERS, ids=_name)
def test_both_sides_of_every_number(case):
    phase, rules, rule, leaf = case
    number, step = rules.thresholds[leaf.threshold].value, CATALOG.vocabulary[leaf.fact].step
    values = [number - step, number, number + step]
    if leaf.fact == "percent_of_range_after_dose":  # A quotient: nobody writes down exactly seven percent of a scale.
        values.remove(number)
    for value in values:
        if not _can_be(leaf.fact, value):
            continue
        found = _asked({**_context(rules, rule, leaf), leaf.fact: value}, phase, rule, rules)
        expected = Finding if _holds(leaf.op, value, number) else NotApplicable
        assert isinstance(found, expected), f"{leaf.fact} {value:g}: {found}"


@pytest.mark.parametrize("case", READ, ids=_name)
def test_a_missing_fact_is_asked_for_and_never_clears(case):
    phase, rules, rule, leaf = case
    found = _asked(_context(rules, rule, leaf), phase, rule, rules, unknown=leaf.fact)
    assert not isinstance(found, NotApplicable), found
    silent_says_something = any(other.op == "missing" and other.fact == leaf.fact for other in rule.when.leaves())
    if leaf in tuple(rule.when.leaves()) and not silent_says_something:
        assert isinstance(found, CannotTell), found
        assert any(CATALOG.vocabulary[leaf.fact].words in missing for missing in found.missing)


@pytest.mark.parametrize("case", AGED, ids=_name)
def test_a_fact_counts_until_its_age_and_not_after_it(case):
    phase, rules, rule, leaf = case
    age: MaximumAge = rules.facts[leaf.fact]
    most = next(limit for limit in (age.minutes, age.hours, age.days) if limit is not None)
    facts = {**_context(rules, rule, leaf), **_make(leaf, rules, truth=True)}
    if "minutes_since_dose" in facts:
        facts["minutes_since_dose"] = LONG_AFTER
    for units, counts in ((most - 1, True), (most, True), (most + 1, False)):
        found = _asked(facts, phase, rule, rules, {leaf.fact: when(age, units)})
        if counts:
            assert isinstance(found, Finding), f"{units:g}: {found}"
        else:
            assert not isinstance(found, NotApplicable), found
            if isinstance(found, CannotTell):
                assert f"older than {most:g}" in found.sentence


def test_the_audit_leaves_nothing_out():
    """Every gate is in it; each has a comparison that decides; each fact that ages has been aged."""
    assert {rule.id for _, _, rule in ASKED} == {rule.id for _, _, rule, _ in READ}
    aged = {(s.id, fact) for _, s, r in ASKED for leaf in s.leaves[r.id] if not s.facts[fact := leaf.fact or ""].ever}
    assert {(s.id, leaf.fact) for _, s, _, leaf in AGED} == aged
    assert len(NUMBERS) == sum(leaf.op in COMPARISONS for _, s, r in ASKED for leaf in _leaves(s, r))
