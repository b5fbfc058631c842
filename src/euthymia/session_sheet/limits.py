"""Limits of typed values, read out of the rules of a session: one comparison each, made as one types and again on the server.

A limit says less than its rule: the rule is asked through `gates`, with everything else that it needs. `alone` tells whether
the comparison by itself makes the rule's finding; `together_with` names what it takes besides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

from euthymia.catalog import Catalog
from euthymia.facts import WEAKEST, Status
from euthymia.rule import COMPARISONS, SEVERITIES, Condition, Rule, RuleSet, Severity
from euthymia.three_valued import Truth, both, either, negation

Comparison = Literal["<", "<=", ">", ">="]
Stage = Literal["before", "during", "discharge"]
STAGES: tuple[Stage, ...] = ("before", "during", "discharge")
Against = Literal["value", "before_dose"]
NUMBER = r"[+-]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)"  # What is read as a number, in Python and in the browser alike.
_WORDS: dict[Comparison, str] = {"<": "below", "<=": "at or below", ">": "above", ">=": "at or above"}


@dataclass(frozen=True)
class Limit:
    """One comparison of a typed value with a number of a rule. `stage`: from when on it is made.

    `against`: the value itself, or the value minus the last reading before the dose. `alone`: whether it makes the rule's finding
    by itself; if not, `together_with` says what it takes besides. `subject` and `rule` name the gate.
    """

    subject: str
    rule: str
    severity: Severity
    op: Comparison
    value: float
    against: Against
    stage: Stage
    words: str
    actions: tuple[str, ...]
    status: Status
    ref: str | None
    alone: bool = True
    together_with: tuple[str, ...] = ()


def number(typed: str) -> float | None:
    """A typed text as a number: digits, with a point or a comma; None of anything else."""
    text = typed.strip()
    return float(text.replace(",", ".")) if re.fullmatch(NUMBER, text) else None


def passed(limit: Limit, typed: float | None, before: float | None) -> bool | None:
    """Whether the limit is passed: its comparison holds. None where the value, or the one before the dose, is not known."""
    if typed is None or (limit.against == "before_dose" and before is None):
        return None
    value = typed if limit.against == "value" else typed - (before or 0.0)
    return {"<": value < limit.value, "<=": value <= limit.value, ">": value > limit.value, ">=": value >= limit.value}[limit.op]


def limits_of(catalog: Catalog, measurement: str, route: str | None) -> tuple[Limit, ...]:
    """Every comparison of the session's rules over one measurement, by this route (None: by any); by stage, the worst first."""
    found = dict.fromkeys(_limits(catalog, measurement, route))
    return tuple(sorted(found, key=lambda limit: (STAGES.index(limit.stage), SEVERITIES.index(limit.severity))))


def _limits(catalog: Catalog, measurement: str, route: str | None) -> Iterator[Limit]:
    for rules in catalog.rules.values():
        for rule in rules.rules:
            stage = next((stage for stage in STAGES if stage in (rule.asked or rules.asked)), None)
            if stage is None or (rule.applies and _given(rule.applies, None, route) is False):
                continue
            for leaf in rule.when.leaves():
                if against := _against(catalog, leaf, measurement):
                    yield _limit(catalog, rules, rule, leaf, stage, against, route)


def _against(catalog: Catalog, leaf: Condition, measurement: str) -> Against | None:
    """What a comparison holds a measurement against; None where it is none of that measurement."""
    if leaf.op not in COMPARISONS:
        return None
    fact = catalog.vocabulary[leaf.fact or ""]
    if fact.measured == measurement:
        return "value"
    return "before_dose" if fact.computed == "rise_since_dose" and measurement in fact.of else None


def _limit(catalog: Catalog, rules: RuleSet, rule: Rule, leaf: Condition, stage: Stage, against: Against, route: str | None) -> Limit:
    threshold = rules.thresholds[leaf.threshold or ""]
    alone = all(_given(part, leaf, route) for part in (rule.applies, rule.when) if part)
    others = () if alone else tuple(dict.fromkeys(_besides(catalog, rule, leaf)))
    op = cast("Comparison", leaf.op)
    fact = catalog.vocabulary[leaf.fact or ""]
    return Limit(
        subject=rules.id,
        rule=rule.id,
        severity=rule.severity,
        op=op,
        value=threshold.value,
        against=against,
        stage=stage,
        words=f"{fact.words} {_WORDS[op]} {threshold.value:g} {unit_words(fact.unit)}".strip(),
        actions=rule.actions,
        status=max(rule.status, threshold.status, key=WEAKEST.index),
        ref=threshold.ref or rule.ref,
        alone=alone,
        together_with=others,
    )


def _given(condition: Condition, leaf: Condition | None, route: str | None) -> Truth:
    """What a condition is where one comparison holds, the route is known, and nothing else is."""
    if condition.fact is not None:
        if condition is leaf:
            return True
        return route == condition.value if condition.fact == "route" and route else None
    if condition.all is not None:
        return both(_given(part, leaf, route) for part in condition.all)
    if condition.any is not None:
        return either(_given(part, leaf, route) for part in condition.any)
    return negation(_given(condition.negated, leaf, route)) if condition.negated else None


def _besides(catalog: Catalog, rule: Rule, leaf: Condition) -> Iterator[str]:
    """The words that a rule asks for besides its numbers."""
    for part in (rule.applies, rule.when):
        for other in part.leaves() if part else ():
            if other is not leaf and other.op in ("==", "in"):
                yield catalog.vocabulary[other.fact or ""].words


def unit_words(unit: str | None) -> str:
    """A unit as a person reads it; empty of a score."""
    return "" if unit is None or unit.startswith("{") else unit.replace("mm[Hg]", "mm Hg")
