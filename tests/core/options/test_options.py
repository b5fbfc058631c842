"""Options: what is offered to whom, what is held back and by what, and that nothing recommends."""

import re
from dataclasses import replace

import pytest

from core.options.people import CATALOG, ON, SAMPLES, ago, event, ids, looked, options_on, plateau, record_of, sample, view
from euthymia.options.offering import CERTAINTY, NOT_EXCLUDED
from euthymia.rules import CannotTell, Finding

FIBSER = {
    "low": event("assessment", 3, instrument="fibser", answers=[1, 1, 1]),
    "high": event("assessment", 3, instrument="fibser", answers=[6, 6, 6]),
}
DOSE = event("dose_log", 3, treatment="ketamine", route="sublingual", taken="taken", dose_mg=100)
BOUNDS = {"dose_lower": 50, "dose_upper": 300}


def test_a_plateau_asks_why_before_anything_else() -> None:
    found = options_on(plateau(), ON)
    assert found.question == "Why is this patient not remitting?"
    assert {item.id for item in found.differential} == {each.id for each in CATALOG.looking.looked if each.differential}


def test_up_is_offered_only_with_known_bounds_and_a_known_low_burden() -> None:
    def titrate(*more: dict, **plan: float) -> tuple[bool, str]:
        found = options_on(plateau(*more, **plan), ON, rules=())
        up = view(found, "titrate_up")
        assert up is not None
        return "titrate_up" in ids(found.offered), " ".join(up.blocked_by)

    assert titrate(FIBSER["low"], DOSE, **BOUNDS) == (True, "")
    assert titrate(FIBSER["high"], DOSE, **BOUNDS)[0] is False
    assert "FIBSER first" in titrate(DOSE, **BOUNDS)[1]
    assert "bounds or dose are not known" in titrate(FIBSER["low"], DOSE)[1]
    assert "bounds or dose are not known" in titrate(FIBSER["low"], **BOUNDS)[1]
    assert "no step left" in titrate(FIBSER["low"], {**DOSE, "dose_mg": 300}, **BOUNDS)[1]


def test_an_old_burden_is_not_known() -> None:
    old = event("assessment", 29, instrument="fibser", answers=[1, 1, 1])
    assert "titrate_up" not in ids(options_on(plateau(old, DOSE, **BOUNDS), ON, rules=()).offered)


@pytest.mark.parametrize("severity", ["emergency", "contraindicated", "hold", "block"])
def test_a_rule_that_holds_names_the_option_as_not_offered(severity: str) -> None:
    finding = Finding("r", "s", severity, "held by the rule", (), (), ("group:interventional", "titrate_up"), None, "design")
    unknown = CannotTell("r", "s", severity, "nobody can tell", ("x",), ("tms",), "design")
    found = options_on(plateau(FIBSER["low"], DOSE, **BOUNDS), ON, rules=(finding, unknown))
    assert "esketamine" in ids(found.withheld)
    assert "titrate_up" in ids(found.withheld)
    tms = view(found, "tms")
    assert tms is not None
    assert tms.blocked_by == ("nobody can tell",)


@pytest.mark.parametrize("severity", ["escalate", "caution", "overdue", "note"])
def test_a_milder_rule_stands_beside_the_option(severity: str) -> None:
    finding = Finding("r", "s", severity, "be careful", (), (), ("tms",), None, "design")
    unknown = CannotTell("r", "s", severity, "nobody can tell", ("x",), ("tms",), "design")
    tms = view(options_on(plateau(), ON, rules=(finding, unknown)), "tms")
    assert tms is not None
    assert "be careful" in tms.against
    assert "nobody can tell" in tms.know_first
    assert tms.blocked_by == ()


def test_under_18_nothing_is_said_of_ketamine() -> None:
    found = options_on(plateau(birth="2010-01-01"), ON)
    assert found.not_applicable == "ketamine and esketamine: not applicable under 18 (age 16)"
    shown = (*found.offered, *found.withheld)
    assert not [v.id for v in shown if CATALOG.options[v.id].ketamine]
    said = " ".join(line for v in shown for line in (*v.why, v.what, *v.monitoring, v.evidence.sentence if v.evidence else ""))
    assert "tms" in ids(shown)
    assert "ketamine" not in re.sub("racemic ketamine, low dose[^.]*|ketamine in adults", "", said)


def test_a_birth_year_that_leaves_it_open_asks_for_the_age() -> None:
    found = options_on(plateau(birth="2008"), ON, rules=())
    assert found.not_applicable is None
    esketamine = view(found, "esketamine")
    assert esketamine is not None
    assert "the patient's age" in esketamine.know_first


def test_polarity_unknown_is_said_of_every_antidepressant() -> None:
    record = plateau()
    unknown = [e.model_copy(update={"polarity": "unknown"}) if e.kind == "episode" else e for e in record.events]
    found = options_on(type(record)(patient_id="p", events=tuple(unknown)), ON)
    shown = [v for v in (*found.offered, *found.withheld) if CATALOG.options[v.id].antidepressant]
    assert shown
    assert all(NOT_EXCLUDED in v.against for v in shown)
    assert not [v for v in options_on(record, ON).offered if NOT_EXCLUDED in v.against]


def test_bipolar_disorder_holds_antidepressants_back() -> None:
    found = options_on(plateau(looked("bipolarity", "yes")), ON)
    assert {"optimise_dose", "switch_antidepressant"} <= set(ids(found.withheld))


def test_what_is_running_is_not_listed_as_something_new() -> None:
    assert view(options_on(plateau(), ON), "augment_lithium") is not None
    running = event("medication", 60, drug="lithium", daily_dose_mg=600)
    assert view(options_on(plateau(running), ON), "augment_lithium") is None


def test_not_yet_tried_stands_before_tried_and_tried_says_so() -> None:
    tried = event("medication", 260, drug="aripiprazole", daily_dose_mg=10, ended=ago(225), adherence_percent=95, outcome="none")
    augment = [v for v in options_on(plateau(tried), ON).offered if v.group == "augment"]
    assert augment[-1].id == "augment_aripiprazole"
    assert any("tried" in line and "aripiprazole" in line for line in augment[-1].against)
    assert [v.tried for v in augment] == sorted(v.tried for v in augment)


def test_sleep_that_is_left_brings_cbt_for_insomnia() -> None:
    sleepless = event("assessment", 1, instrument="isi", answers=[3] * 7)
    found = view(options_on(plateau(sleepless), ON), "cbt_for_insomnia")
    assert found is not None
    assert view(options_on(plateau(), ON), "cbt_for_insomnia") is None


def test_from_60_on_falls_are_named_with_bupropion() -> None:
    for birth, named in (("1966-06-01", True), ("1966-06-02", False), ("1966", False)):
        added = view(options_on(plateau(birth=birth), ON), "augment_bupropion")
        assert added is not None
        assert any("falls" in line for line in added.against) is named


def test_trials_that_nobody_can_judge_are_named_where_they_are_missing() -> None:
    record = plateau()
    blurred = [e.model_copy(update={"outcome": "unknown"}) if getattr(e, "drug", "") == "venlafaxine" else e for e in record.events]
    tms = view(options_on(type(record)(patient_id="p", events=tuple(blurred)), ON), "tms")
    assert tms is not None
    assert any("whether 2 trials were adequate" in line for line in tms.know_first)


def test_after_a_death_there_is_nothing_to_decide() -> None:
    record = plateau(event("person", 2, died=ago(2)))
    found = options_on(record, ON)
    assert (found.offered, found.withheld, found.differential, found.question) == ((), (), (), None)
    assert found.not_applicable == f"died: {ago(2)}"


def test_a_booster_stands_below_the_question_even_in_remission() -> None:
    record = sample("in-remission")
    last = record.last_day()
    assert last is not None
    dip = {
        "kind": "assessment",
        "id": "dip",
        "at": last.replace(day=31).isoformat(),
        "instrument": "phq9",
        "answers": [1, 1, 1, 1, 1, 0, 0, 1, 0],
        "phase": "unrelated",
    }
    risen = record_of(*[e.model_dump(mode="json") for e in record.events], dip)
    found = options_on(risen, last.replace(day=31), rules=())
    assert view(found, "booster") is not None
    assert found.question == "Why is this patient not remitting?"


def test_no_escalation_in_remission() -> None:
    record = sample("in-remission")
    day = record.last_day()
    assert day is not None
    found = options_on(record, day)
    assert {"continue_in_remission", "watch_for_relapse"} <= set(ids(found.offered))
    assert view(found, "lengthen_interval") is not None
    assert not {"titrate_up", "esketamine", "ketamine_iv", "tms", "ect", "switch_antidepressant"} & {
        *ids(found.offered),
        *ids(found.withheld),
    }


def test_losing_ground_says_safety_first() -> None:
    record = sample("losing-ground")
    day = record.last_day()
    assert day is not None
    found = options_on(record, day)
    assert found.offered[0].id == "safety_first"
    assert not [v.id for v in (*found.offered, *found.withheld) if v.group in ("augment", "interventional", "titrate")]


def test_too_early_adds_nothing() -> None:
    early = record_of(
        event("person", 90, birth_date="1980-05-02"),
        event("episode", 80, polarity="unipolar", psychotic=False),
        event("medication", 79, drug="sertraline", daily_dose_mg=150),
        event("plan", 10, protocol="ketamine_iv"),
        event("assessment", 10, instrument="phq9", answers=[3, 3, 2, 2, 2, 2, 2, 2, 0]),
        event("assessment", 3, instrument="phq9", answers=[3, 2, 2, 2, 2, 2, 2, 2, 0]),
    )
    found = options_on(early, ON)
    assert not [v.id for v in (*found.offered, *found.withheld) if v.adds]
    assert "measure_again" in ids(found.offered)
    assert found.question is None


def test_cannot_tell_measures() -> None:
    found = options_on(record_of(event("episode", 80)), ON)
    assert ids(found.offered) == ["measure_again"]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_every_option_of_every_sample_says_why_and_how_sure(path: object) -> None:
    record = sample(path.stem)  # type: ignore[attr-defined]
    day = record.last_day()
    assert day is not None
    found = options_on(record, day)
    for shown in (*found.offered, *found.withheld):
        assert shown.why
        assert all(shown.why)
        assert shown.regulatory
        assert shown.evidence is not None
        assert shown.evidence.certainty in CERTAINTY
        assert shown.monitoring
        assert "{" not in " ".join((*shown.why, *shown.against))
    assert all(not v.blocked_by for v in found.offered)
    assert all(v.blocked_by for v in found.withheld)
    assert "recommends nothing" in found.order


PERSUADING = re.compile(
    r"\b(should|best|recommended|you must|clearly|superior|ideal|proven|safe long-term|better than ect|fda-approved)\b", re.IGNORECASE
)


def test_no_text_of_an_option_persuades() -> None:
    for option in CATALOG.options.values():
        texts = [option.name, option.what, option.regulatory.text, *option.monitoring, *(a.words for a in option.against)]
        texts += [t for row in option.listed_when for t in row.why] + [n.otherwise for n in option.needs]
        assert [t for t in texts if PERSUADING.search(t)] == [], option.id


def test_no_option_holds_a_dose() -> None:
    """Doses stand in labels, protocols and adequacy files; an option has none, and converts none."""
    dose = re.compile(r"\d\s?(mg|mcg|µg|ug|mL)\b")
    for option in CATALOG.options.values():
        assert not dose.search(" ".join((option.name, option.what, *option.monitoring, option.regulatory.text))), option.id


def test_the_same_case_with_other_rules_keeps_its_order() -> None:
    found = options_on(plateau(), ON, rules=())
    again = options_on(plateau(), ON, rules=())
    assert replace(found) == again


def test_an_antidepressant_that_is_taken_is_held_against_the_studies_as_one() -> None:
    """By whatever name it is recorded; a drug that the catalog does not know may be one: then nobody can tell."""

    def beside_it(drug: str | None) -> tuple[set[str], set[str]]:
        events = [e for e in plateau().events if not (e.kind == "medication" and e.drug == "sertraline")]
        taken = () if drug is None else record_of(event("medication", 139, drug=drug)).events
        found = options_on(type(plateau())(patient_id="p", events=(*events, *taken)), ON)
        held = [v.evidence for v in (*found.offered, *found.withheld) if v.evidence]
        words = "an antidepressant beside it"
        return (
            {line for each in held for line in each.mismatches if words in line},
            {line for each in held for line in each.unknown if words in line},
        )

    assert beside_it("Sertraline 100 mg tablets")[0] == {"trial without an antidepressant beside it"}
    assert beside_it("lisinopril")[0] == {"trial with an antidepressant beside it"}
    for unknown in ("zzyzzamab", None):
        mismatches, not_known = beside_it(unknown)
        assert (mismatches, bool(not_known)) == (set(), True)
