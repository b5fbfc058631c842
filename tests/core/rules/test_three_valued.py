"""What a rule makes of facts that are not known, against the list of everything that they could be."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from core.rules.people import CATALOG
from euthymia.rule import Condition, Rule, RuleSet
from euthymia.rules.judging import CannotTell, Finding, judge, truth
from euthymia.rules.known import Known
from euthymia.three_valued import both, either, negation

FACTS = ("pain", "craving", "haematuria", "dissociation", "diversion", "confusion")
AGES = {fact: {"ever": True, "status": "design", "note": "made up"} for fact in FACTS}


class Stated:
    vocabulary = CATALOG.vocabulary

    def __init__(self, values):
        self.values = values

    def get(self, fact_id, _age):
        value = self.values[fact_id]
        return Known(fact_id, "known" if value else "not_known", value, None, "test")


def leaf(fact):
    return {"fact": fact, "value": "yes"}


def trees(facts):
    """Conditions in which each fact stands once."""
    if len(facts) == 1:
        return st.sampled_from([leaf(facts[0]), {"not": leaf(facts[0])}])
    return st.builds(
        lambda cut, kind: (facts[: cut % (len(facts) - 1) + 1], facts[cut % (len(facts) - 1) + 1 :], kind),
        st.integers(0, 10),
        st.sampled_from(["all", "any", "not"]),
    ).flatmap(lambda s: st.tuples(trees(s[0]), trees(s[1])).map(lambda parts: joined(s[2], parts)))


def joined(kind, parts):
    return {"not": {"any": tuple(parts)}} if kind == "not" else {kind: tuple(parts)}


def plain(tree, values):
    """Two-valued, by a route of its own."""
    if "fact" in tree:
        return values[tree["fact"]] == "yes"
    if "not" in tree:
        return not plain(tree["not"], values)
    return all(plain(p, values) for p in tree["all"]) if "all" in tree else any(plain(p, values) for p in tree["any"])


def completions(values):
    unknown = [fact for fact, value in values.items() if value is None]
    return [{**values, **dict(zip(unknown, chosen, strict=True))} for chosen in product(("yes", "no"), repeat=len(unknown))]


def possible(tree, values):
    return {plain(tree, full) for full in completions(values)}


stated = st.fixed_dictionaries({fact: st.sampled_from(["yes", "no", None]) for fact in FACTS})


def rule_set(when, applies):
    rule = {"id": "r", "severity": "hold", "question": "whether", "sentence": "so", "applies": applies, "when": when}
    rule |= {"status": "design", "note": "made up"}
    used = {part.fact for tree in (when, applies) for part in Condition.model_validate(tree).leaves()}
    ages = {fact: age for fact, age in AGES.items() if fact in used}
    return RuleSet.model_validate({"id": "s", "name": "s", "asked": ("review",), "facts": ages, "rules": (rule,)})


def test_the_three_tables():
    for a, b in product((True, False, None), repeat=2):
        worlds = [(x, y) for x in ([a] if a is not None else [True, False]) for y in ([b] if b is not None else [True, False])]
        for three, two in ((both((a, b)), {x and y for x, y in worlds}), (either((a, b)), {x or y for x, y in worlds})):
            assert three == (two.pop() if len(two) == 1 else None)
    assert [negation(t) for t in (True, False, None)] == [False, True, None]
    assert (both([]), either([])) == (True, False)


@settings(max_examples=300, deadline=None)
@given(trees(FACTS), stated)
def test_a_condition_is_known_exactly_where_every_completion_agrees(tree, values):
    rules = rule_set(tree, leaf("pain"))
    found = possible(tree, values)
    assert truth(rules.rules[0].when, rules, Stated(values)) == (found.pop() if len(found) == 1 else None)


@settings(max_examples=300, deadline=None)
@given(trees(FACTS[:3]), trees(FACTS[3:]), stated)
def test_a_rule_is_said_unless_it_surely_does_not_apply_and_is_silent_only_by_what_is_known(applies, when, values):
    rules = rule_set(when, applies)
    result = judge(rules, rules.rules[0], Stated(values))
    if possible(applies, values) == {False} or possible(when, values) == {False}:
        expected = "NotApplicable"
    else:
        expected = "Finding" if possible(when, values) == {True} else "CannotTell"
    assert type(result).__name__ == expected


@settings(max_examples=200, deadline=None)
@given(trees(FACTS[:3]), trees(FACTS[3:]), stated, st.sampled_from(FACTS))
def test_a_fact_that_is_taken_away_never_silences(applies, when, values, fact):
    rules = rule_set(when, applies)
    if isinstance(judge(rules, rules.rules[0], Stated(values)), Finding):
        assert isinstance(judge(rules, rules.rules[0], Stated({**values, fact: None})), Finding | CannotTell)


def test_every_rule_says_only_what_its_words_can_hold():
    for rules in CATALOG.rules.values():
        for rule in rules.rules:
            assert isinstance(rule, Rule)
            assert rule.question.startswith(("whether", "when")), rule.id
