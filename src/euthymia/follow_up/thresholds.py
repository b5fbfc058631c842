"""The numbers at which something follows, as the catalog has them: nothing is said again here. And which rules speak of which facts."""

from collections.abc import Iterator

from euthymia.catalog import Catalog
from euthymia.follow_up.result import Point, Threshold
from euthymia.rule import SEVERITIES, Condition, Rule, RuleSet


def rules_on(catalog: Catalog, facts: tuple[str, ...]) -> set[tuple[str, str]]:
    """The rules (file, rule) that speak of one of the facts, or of something that is computed from it."""
    asked = set(facts)
    return {
        (rules.id, rule.id)
        for rules in catalog.rules.values()
        for rule in rules.rules
        if any(asked & _speaks_of(catalog, leaf.fact) for leaf in rule.when.leaves() if leaf.fact)
    }


def _speaks_of(catalog: Catalog, fact_id: str) -> set[str]:
    fact = catalog.vocabulary[fact_id]
    since, change, ratio = fact.since, fact.change, fact.ratio
    made_of = (*(since.of if since else ()), *((change.of,) if change else ()), *((ratio.of, ratio.to) if ratio else ()), *fact.of)
    return {fact_id, *made_of}


def thresholds_of(catalog: Catalog, fact_id: str, first: Point | None) -> tuple[Threshold, ...]:
    """The thresholds of a fact that suffice alone, gravest first; of two rules with one number the graver."""
    found: dict[tuple[bool, str, float], Threshold] = {}
    for rules in catalog.rules.values():
        for rule in rules.rules:
            for leaf in _sufficient(rule.when) if rule.severity != "overdue" else ():
                if threshold := _threshold(catalog, rules, rule, leaf, fact_id, first):
                    key = threshold.since_first, threshold.op, threshold.value
                    if key not in found or _gravity(threshold) < _gravity(found[key]):
                        found[key] = threshold
    return tuple(sorted(found.values(), key=lambda each: (_gravity(each), each.value)))


def _gravity(threshold: Threshold) -> int:
    return SEVERITIES.index(threshold.severity)


def _sufficient(condition: Condition) -> Iterator[Condition]:
    """The comparisons each of which makes a condition hold by itself."""
    if condition.fact is not None and condition.threshold is not None:
        yield condition
    for part in condition.any or ():
        yield from _sufficient(part)


def _threshold(catalog: Catalog, rules: RuleSet, rule: Rule, leaf: Condition, fact_id: str, first: Point | None) -> Threshold | None:
    change = catalog.vocabulary[leaf.fact or ""].change
    since_first = change is not None and change.of == fact_id
    if leaf.fact != fact_id and not since_first:
        return None
    number = rules.thresholds[leaf.threshold or ""]
    own = first.value if first is not None and isinstance(first.value, float) else None
    sign = -1 if change is not None and change.direction == "fall" else 1
    reference = catalog.references.get(number.ref or "")
    return Threshold(
        rule=rule.id,
        severity=rule.severity,
        op=leaf.op,
        value=number.value,
        unit=catalog.vocabulary[leaf.fact or ""].unit or "",
        since_first=since_first,
        level=number.value if not since_first else None if own is None else own + sign * number.value,
        question=rule.question,
        actions=rule.actions,
        status=number.status,
        rule_status=rule.status,
        source=reference.citation if reference else "",
        note=number.note or "",
    )
