"""Do the rules read facts that exist, and do the facts lead to instruments, measurements and drug classes that exist?"""

from collections.abc import Iterator

from euthymia.catalog import Catalog
from euthymia.followed import Followed
from euthymia.rule import COMPARISONS, Condition, RuleSet, VocabularyFact


def rule_link_problems(catalog: Catalog) -> Iterator[str]:
    """Each problem with its file, its place, what was found and what is allowed."""
    for fact_id, fact in catalog.vocabulary.items():
        yield from (f"vocabulary.toml: facts.{fact_id}: {problem}" for problem in _fact_problems(catalog, fact))
    for rules in catalog.rules.values():
        yield from (f"{rules.id}.toml: {problem}" for problem in _rule_problems(catalog, rules))
    for name, followed in catalog.followed.items():
        yield from (f"vocabulary.toml: followed.{name}: {problem}" for problem in _followed_problems(catalog, followed))


def _fact_problems(catalog: Catalog, fact: VocabularyFact) -> Iterator[str]:
    for name, found, known in (
        ("measurement", fact.measured, catalog.measurements),
        ("measurement", fact.denied_by_measured, catalog.measurements),
        ("drug class", fact.drug_class, catalog.drug_classes),
    ):
        if found is not None and found not in known:
            yield f"found the {name} {found!r}; allowed: {', '.join(sorted(known))}"
    others = (
        *(fact.since.of if fact.since else ()),
        *((fact.change.of,) if fact.change else ()),
        *((fact.ratio.of, fact.ratio.to) if fact.ratio else ()),
    )
    for other in others:
        if other not in catalog.vocabulary:
            yield f"found the fact {other!r}; allowed: {', '.join(sorted(catalog.vocabulary))}"
    for other in fact.of:
        if other not in catalog.vocabulary and other not in catalog.measurements and other not in catalog.instruments:
            yield f"found {other!r} in `of`; allowed: a fact, a measurement or an instrument"
    for instrument_id in fact.score.instruments if fact.score else ():
        instrument = catalog.instruments.get(instrument_id)
        if instrument is None:
            yield f"found the instrument {instrument_id!r}; allowed: {', '.join(sorted(catalog.instruments))}"
        elif fact.score and fact.score.item is not None and fact.score.item not in instrument.item_index:
            yield f"found the item {fact.score.item!r} of {instrument_id}; allowed: {', '.join(instrument.item_index)}"


def _followed_problems(catalog: Catalog, followed: Followed) -> Iterator[str]:
    referral = followed.referral
    for fact_id in (*followed.facts, *((referral.fact,) if referral else ())):
        if fact_id not in catalog.vocabulary:
            yield f"found the fact {fact_id!r}; allowed: {', '.join(sorted(catalog.vocabulary))}"
    if strange := sorted({fact for drawn in followed.drawn for fact in drawn} - set(followed.facts)):
        yield f"found {', '.join(strange)} in drawn; allowed: {', '.join(followed.facts)}"
    rules = {rule.id for file in catalog.rules.values() for rule in file.rules}
    for rule_id in referral.asked_by if referral else ():
        if rule_id not in rules:
            yield f"found the rule {rule_id!r} in asked_by; allowed: {', '.join(sorted(rules))}"


def _rule_problems(catalog: Catalog, rules: RuleSet) -> Iterator[str]:
    for fact_id in rules.facts:
        if fact_id not in catalog.vocabulary:
            yield f"facts.{fact_id}: found a fact that the vocabulary does not have; allowed: {', '.join(sorted(catalog.vocabulary))}"
    for rule in rules.rules:
        for leaf in rules.leaves[rule.id]:
            if fact := catalog.vocabulary.get(leaf.fact or ""):
                yield from (f"rule {rule.id}: {problem}" for problem in _leaf_problems(leaf, fact))
        for limit in rule.limits:
            if not limit.startswith("group:") and limit not in catalog.options:
                yield f"rule {rule.id}: limits: found the option {limit!r}; allowed: group:<group>, or {', '.join(sorted(catalog.options))}"


def _leaf_problems(leaf: Condition, fact: VocabularyFact) -> Iterator[str]:
    allowed = fact.values if fact.kind == "one_of" else ("yes", "no")
    words = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,) if leaf.value is not None else ()
    if fact.kind == "number" and words:
        allowed_ops = f"{', '.join(COMPARISONS)} with a threshold, or missing"
        yield f"found {leaf.fact} {leaf.op} {leaf.value!r}, but it is a number; allowed: {allowed_ops}"
    elif fact.kind != "number" and leaf.op in COMPARISONS:
        yield f"found {leaf.fact} {leaf.op}, but it is not a number; allowed: ==, !=, in, missing"
    elif unknown := [word for word in words if word not in allowed]:
        yield f"found {leaf.fact} {leaf.op} {', '.join(unknown)}; allowed: {', '.join(allowed)}"
