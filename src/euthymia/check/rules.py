"""Rules: every case judged; for each rule what is said, what is not, what cannot be told; both sides of every number and every age."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from euthymia.catalog import Catalog
from euthymia.check.cases import Case, CaseFile, FileReport, find, same, twice
from euthymia.knowledge_file import CatalogError, read_knowledge
from euthymia.rule import COMPARISONS, Condition, MaximumAge, Rule, RuleSet, VocabularyFact
from euthymia.rules.judging import CannotTell, Finding, judge
from euthymia.rules.known import Known, too_old

Outcome = Literal["finding", "not_applicable", "cannot_tell"]
Stated = float | str
UNITS = {"minutes": 1.0, "hours": 60.0, "days": 24 * 60.0}


class RuleCase(Case):
    """What is known (a fact not named is not; "" takes one of `given` away), how old it is, and what one rule makes of it.

    `ages`: in the unit of the fact's maximum age; absent: of this minute.
    """

    rule: str
    facts: dict[str, Stated] = Field({})
    ages: dict[str, float] = Field({})
    expect: Outcome


class RuleCases(CaseFile):
    """The cases of one rule file. `given`: what every case starts from."""

    given: dict[str, Stated] = Field({})
    cases: tuple[RuleCase, ...] = Field(min_length=1)


class _StatedFacts:
    """What a case says is known."""

    def __init__(self, vocabulary: Mapping[str, VocabularyFact], stated: Mapping[str, Stated], ages: Mapping[str, float]) -> None:
        self.vocabulary = vocabulary
        self._stated, self._ages = stated, ages

    def get(self, fact_id: str, age: MaximumAge) -> Known:
        """As stated, unless it is too old by then."""
        value = self._stated.get(fact_id, "")
        value = float(value) if not isinstance(value, str) else value
        why = too_old(age, self._ages.get(fact_id, 0.0) * _minutes(age))
        if value == "" or why:
            return Known(fact_id, "stale" if why else "not_known", None, None, "case", why=why or "not stated")
        return Known(fact_id, "known", value, None, "case")


def rules_file(catalog: Catalog, rules: RuleSet, folders: Sequence[Path]) -> FileReport:
    """The report of one rule file's cases."""
    name = f"rules/{rules.id}.cases.toml"
    try:
        read = read_knowledge(find(name, folders), RuleCases)
    except CatalogError as error:
        return FileReport(name, 0, (str(error),))
    wrong = [f"{case.name}: {problem}" for case in read.cases for problem in _problems(catalog, rules, case, read.given)]
    stated = [(case, _stated(case, read.given)) for case in read.cases]
    return FileReport(name, len(read.cases), (*wrong, *twice(read.cases), *_uncovered(catalog, rules, stated)))


def _stated(case: RuleCase, given: Mapping[str, Stated]) -> dict[str, Stated]:
    return {fact: value for fact, value in {**given, **case.facts}.items() if value != ""}


def _problems(catalog: Catalog, rules: RuleSet, case: RuleCase, given: Mapping[str, Stated]) -> Iterator[str]:
    rule = next((rule for rule in rules.rules if rule.id == case.rule), None)
    if rule is None:
        yield f"found the rule {case.rule!r}; allowed: {', '.join(each.id for each in rules.rules)}"
        return
    if unknown := sorted({*case.facts, *case.ages} - set(rules.facts)):
        yield f"found the facts {', '.join(unknown)}; allowed: {', '.join(sorted(rules.facts))}"
        return
    result = judge(rules, rule, _StatedFacts(catalog.vocabulary, _stated(case, given), case.ages))
    found = "finding" if isinstance(result, Finding) else "cannot_tell" if isinstance(result, CannotTell) else "not_applicable"
    if found != case.expect:
        yield f"expected {case.expect}, found {found}"


_Judged = tuple[RuleCase, dict[str, Stated]]


def _uncovered(catalog: Catalog, rules: RuleSet, cases: Sequence[_Judged]) -> Iterator[str]:
    """What no case asks of a rule: an outcome that it can have, a side of a number, a side of an age."""
    for rule in rules.rules:
        own = [(case, stated) for case, stated in cases if case.rule == rule.id]
        wanted: tuple[Outcome, ...] = ("finding", "not_applicable", *(("cannot_tell",) if _can_be_open(rule) else ()))
        for outcome in wanted:
            if not any(case.expect == outcome for case, _ in own):
                yield f"{rule.id}: no case of {outcome}"
        for part in (rule.applies, rule.when):
            for leaf in part.leaves() if part else ():
                yield from (f"{rule.id}: {problem}" for problem in _one_sided(catalog, rules, leaf, own))
    for leaf in rules.applies.leaves() if rules.applies else ():
        yield from _one_sided(catalog, rules, leaf, cases)
    for fact_id, age in rules.facts.items():
        if not age.ever and not _aged_on_both_sides(fact_id, age, cases):
            yield f"no case on both sides of the age of {fact_id} ({_limit(age):g})"


def _can_be_open(rule: Rule) -> bool:
    """Whether taking facts away can leave a rule open: not where each of its facts is asked for as missing too."""
    asked = {leaf.fact for leaf in rule.when.leaves() if leaf.op == "missing"}
    return any(leaf.fact not in asked for leaf in rule.when.leaves())


def _one_sided(catalog: Catalog, rules: RuleSet, leaf: Condition, cases: Iterable[_Judged]) -> Iterator[str]:
    """A number without two cases that differ in it alone, at the number and one step beside it, and end differently."""
    if leaf.op not in COMPARISONS or leaf.threshold is None or leaf.fact is None:
        return
    at, step = rules.thresholds[leaf.threshold].value, catalog.vocabulary[leaf.fact].step
    beside = at + step if leaf.op in (">", "<=") else at - step
    known = list(cases)
    on_it, off_it = (_with_value(known, leaf.fact, value) for value in (at, beside))
    if not any(a[:2] == b[:2] and a[2] != b[2] for a in on_it for b in off_it):
        yield f"no two cases on both sides of {leaf.fact} {leaf.op} {at:g} ({at:g} and {beside:g}) that differ in nothing else"


def _with_value(cases: Iterable[_Judged], fact_id: str, value: float) -> list[tuple[str, dict[str, Stated], Outcome]]:
    """Rule, the other facts, and the outcome of the cases with that value."""
    found = []
    for case, stated in cases:
        own = stated.get(fact_id)
        if not isinstance(own, str) and own is not None and same(own, value) and not case.ages:
            found.append((case.rule, {key: each for key, each in stated.items() if key != fact_id}, case.expect))
    return found


def _aged_on_both_sides(fact_id: str, age: MaximumAge, cases: Sequence[_Judged]) -> bool:
    limit = _limit(age)
    sides = [
        [(case.rule, stated, case.expect) for case, stated in cases if same(case.ages.get(fact_id, -1.0), old)]
        for old in (limit, limit + 1)
    ]
    return any(a[:2] == b[:2] and a[2] != b[2] for a in sides[0] for b in sides[1])


def _limit(age: MaximumAge) -> float:
    return next(limit for limit in (age.minutes, age.hours, age.days, 0.0) if limit is not None)


def _minutes(age: MaximumAge) -> float:
    return next((minutes for unit, minutes in UNITS.items() if getattr(age, unit) is not None), 0.0)
