"""`euthymia check` asks of doses at home that every number is held by cases on both its sides, and every kind of finding met."""

import pytest

from euthymia.check.home import NAME, home_file
from euthymia.facts import Number
from euthymia.home_rules import FINDING_KINDS, HomeRules
from euthymia.knowledge_file import KNOWLEDGE
from euthymia.loading import load_catalog

CATALOG = load_catalog()
NUMBERS = [name for name in HomeRules.model_fields if isinstance(getattr(CATALOG.home, name), Number)]
CASES = (KNOWLEDGE / NAME).read_text(encoding="utf-8").split("\n[[cases]]\n")
HANDED_OUT = 'events = [{ kind = "dispensing", day = 0, treatment = "ketamine", quantity = 5 }]\n'


def report(folder, cases=CASES):
    (folder / NAME).parent.mkdir(exist_ok=True)
    (folder / NAME).write_text("\n[[cases]]\n".join(cases), encoding="utf-8")
    return home_file(CATALOG, (folder, KNOWLEDGE))


def test_the_shipped_cases_hold():
    found = home_file(CATALOG, (KNOWLEDGE,))
    assert found.failures == ()
    assert found.cases == len(CASES) - 1


@pytest.mark.parametrize("step", [-1, 1])
@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_moves_breaks_a_case(name, step):
    number = getattr(CATALOG.home, name)
    moved = CATALOG.home.model_copy(update={name: number.model_copy(update={"value": number.value + step})})
    assert home_file(CATALOG.model_copy(update={"home": moved}), (KNOWLEDGE,)).failures


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("look back: a finding of 89", "no case notices look_back_days at 89 in place of 90"),
        ("three days before the supply ends", "no case notices early_refill_days at 2 in place of 3"),
        ("unaccounted: everything", ""),
        ("by another route is said", "no case finds other_route"),
    ],
)
def test_an_edge_without_a_case_is_found(tmp_path, words, problem):
    kept = [case for case in CASES if words not in case.splitlines()[0]]
    assert len(kept) == len(CASES) - 1
    failures = report(tmp_path, kept).failures
    assert (problem in failures) if problem else failures == ()


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        ('name = "wrong"\non = 1\n' + HANDED_OUT + 'expect = ["extra"]', "expected extra, found nothing"),
        ('name = "late"\non = 1\n' + HANDED_OUT + "count_by = 9", "expected to be counted by day 9, found day 30"),
        ('name = "unread"\non = 1\nevents = [{ kind = "dispensing", day = 0 }]', "found an event that cannot be read"),
        ('name = "spelt"\non = 1\nevnts = []', "evnts"),
        (CASES[1], "twice"),
    ],
)
def test_a_case_that_is_wrong_is_named(tmp_path, case, problem):
    assert problem in "\n".join(report(tmp_path, [*CASES, case]).failures)


def test_no_cases_at_all_are_found(tmp_path):
    assert "no such file" in home_file(CATALOG, (tmp_path,)).failures[0]


@pytest.mark.parametrize("kind", FINDING_KINDS)
def test_every_kind_of_finding_needs_words(kind):
    kept = {name: words for name, words in CATALOG.home.findings.items() if name != kind}
    with pytest.raises(ValueError, match=f"found no words for the findings {kind}; allowed: words for each"):
        HomeRules.model_validate({**CATALOG.home.model_dump(), "findings": kept})


def test_a_notice_names_a_drug_of_the_file():
    data = CATALOG.home.model_dump()
    notices = ({**data["notices"][0], "drug": "ketamin"},)
    with pytest.raises(ValueError, match="found the drug 'ketamin' of a notice; allowed: esketamine"):
        HomeRules.model_validate({**data, "notices": notices})
