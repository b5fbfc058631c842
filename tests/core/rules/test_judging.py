"""What a rule says, word for word: the facts that decided, what is missing, and the weakest status of what it rests on."""

from datetime import date, datetime, timedelta

from core.rules.people import CATALOG, ON, gated, observed, record, reviewed, screener
from euthymia.episode import current_episode
from euthymia.record import PatientRecord
from euthymia.rule import MaximumAge, RuleSet
from euthymia.rules.judging import CannotTell, FactsOf, FactUsed, Finding, NotApplicable, evaluate, gates, judge
from euthymia.rules.known import Known
from euthymia.rules.readings import Scene
from euthymia.safety import safety

DESIGN = {"status": "design", "note": "made up"}
VERIFIED = {"status": "verified", "ref": "ucum"}
RECALLED = {"status": "recalled", "confidence": "high", "ref": "convention"}
WHEN = {"any": ({"fact": "systolic", "op": ">", "threshold": "limit"}, {"not": {"fact": "pain", "value": "yes"}})}
RULE = {
    "id": "one",
    "severity": "hold",
    "question": "whether it is so",
    "sentence": "{systolic} {systolic.day} by {systolic.source}; pain {pain} {pain.day}",
    "applies": {"fact": "haematuria", "value": "yes"},
    "when": WHEN,
    "actions": ("do this",),
    "limits": ("group:titrate_up",),
    **VERIFIED,
}
RULES = RuleSet.model_validate(
    {
        "id": "mine",
        "name": "a test",
        "asked": ("review",),
        "applies": {"fact": "craving", "value": "yes"},
        "facts": {
            "systolic": {"ever": True, **VERIFIED},
            "pain": {"days": 30, **DESIGN},
            "haematuria": {"ever": True, **VERIFIED},
            "craving": {"ever": True, **VERIFIED},
        },
        "thresholds": {"limit": {"value": 140, **RECALLED}},
        "rules": (RULE,),
    }
)


class Stated:
    """Facts as a test states them; what it does not state was never recorded."""

    vocabulary = CATALOG.vocabulary

    def __init__(self, **stated):
        applicable = {"haematuria": known("haematuria", "yes"), "craving": known("craving", "yes")}
        self.stated = applicable | stated

    def get(self, fact_id, _age):
        return self.stated.get(fact_id, Known(fact_id, "not_known", None, None, "record", why="not recorded"))


def known(fact, value, upper=None, day=None, source="record"):
    return Known(fact, "known", value, day, source, upper)


def stale(fact):
    return Known(fact, "stale", None, date(2026, 1, 5), "record", why="older than 30 days", last="no")


def judged(**stated):
    return judge(RULES, RULES.rules[0], Stated(**stated))


def test_a_finding_says_what_it_rests_on():
    found = judged(systolic=known("systolic", 150.0, 170.0, date(2026, 3, 2), "cuff"), pain=known("pain", "no", source="nurse"))
    assert found == Finding(
        "one",
        "mine",
        "hold",
        "150 to 170 mm Hg on 2 March 2026 by cuff; pain no on a day that is not known",
        (FactUsed("systolic", "150 to 170 mm Hg", date(2026, 3, 2), "cuff"), FactUsed("pain", "no", None, "nurse")),
        ("do this",),
        ("group:titrate_up",),
        "ucum",
        "recalled",  # the rule is verified, its number is not
    )


def test_what_does_not_apply_says_by_which_fact():
    no = NotApplicable("one", "mine", "craving for ketamine: no")
    assert judged(craving=known("craving", "no")) == no
    both = judged(craving=known("craving", "no"), haematuria=known("haematuria", "no"))
    assert both == NotApplicable("one", "mine", "craving for ketamine: no; blood in the urine: no")


def test_what_does_not_hold_says_by_which_facts():
    found = judged(systolic=known("systolic", 120.0, 140.0), pain=known("pain", "yes"))
    assert found == NotApplicable("one", "mine", "systolic blood pressure: 120 to 140 mm Hg; pain: yes")


def test_what_cannot_be_told_says_all_that_is_missing():
    found = judged(
        haematuria=stale("haematuria"),
        systolic=known("systolic", 130.0, 150.0),
        pain=Known("pain", "not_known", None, None, "", why="not recorded"),
    )
    assert isinstance(found, CannotTell)
    assert (found.rule, found.subject, found.severity, found.limits) == ("one", "mine", "hold", ("group:titrate_up",))
    assert found.question == "whether it is so"
    assert found.missing == (
        "blood in the urine: older than 30 days; last known no on 5 January 2026",
        "systolic blood pressure: 130 to 150 mm Hg, not known exactly",
        "pain: not recorded",
    )
    assert found.sentence == f"cannot tell whether it is so: {'; '.join(found.missing)}"


def test_what_is_known_is_not_missing():
    found = judged(pain=known("pain", "yes"))
    assert isinstance(found, CannotTell)
    assert found.missing == ("systolic blood pressure: not recorded",)


def test_an_age_weakens_what_it_has_made_stale_and_nothing_else():
    assert judged(pain=stale("pain")).status == "design"
    assert judged(pain=stale("pain"), systolic=stale("systolic")).status == "design"
    assert judged(pain=stale("pain"), haematuria=stale("haematuria")).status == "design"
    assert judged(systolic=stale("systolic")).status == "recalled"
    several = RULES.model_copy(update={"facts": {**RULES.facts, "systolic": RULES.facts["pain"], "pain": RULES.facts["systolic"]}})
    assert judge(several, several.rules[0], Stated(systolic=stale("systolic"), pain=stale("pain"))).status == "design"


def test_only_the_first_tier_is_said_and_the_others_name_it():
    found = reviewed(record(screener(1, 1, 1, 1, 0, 0, None)))
    assert isinstance(found["suicidality_high"], Finding)
    assert found["suicidality_moderate"] == NotApplicable("suicidality_moderate", "suicidality", "said by suicidality_high")
    assert found["suicidality_low_open"] == NotApplicable("suicidality_low_open", "suicidality", "said by suicidality_high")


def test_each_group_has_its_own_first():
    def rule(name, group, fact):
        return {
            "id": name,
            "first_match": group,
            "severity": "note",
            "question": "whether",
            "sentence": "so",
            "when": {"fact": fact, "value": "yes"},
            **DESIGN,
        }

    facts = {fact: {"ever": True, **DESIGN} for fact in ("pain", "craving")}
    listed = (rule("a", "left", "pain"), rule("b", "right", "pain"), rule("c", "left", "craving"), rule("d", "right", "craving"))
    mine = RuleSet.model_validate({"id": "mine", "name": "a test", "asked": ("review",), "facts": facts, "rules": listed})
    catalog = CATALOG.model_copy(update={"rules": {"mine": mine}})
    cut = record(observed("pain", "yes", "2026-03-01"), observed("craving", "yes", "2026-03-01")).until(ON)
    found = evaluate(cut, current_episode(cut, catalog), catalog, ON)
    assert {result.rule: type(result).__name__ for result in found} == {
        "a": "Finding",
        "b": "Finding",
        "c": "NotApplicable",
        "d": "NotApplicable",
    }


def test_one_fact_may_be_too_old_for_one_rule_and_not_for_another():
    cut = record(observed("pain", "yes", (ON - timedelta(days=40)).isoformat())).until(ON)
    episode = current_episode(cut, CATALOG)
    facts = FactsOf(Scene(cut, episode, CATALOG, ON, safety(cut, episode, CATALOG, ON)))
    short, long = (MaximumAge.model_validate({"days": float(days), **DESIGN}) for days in (30, 60))
    assert [facts.get("pain", age).state for age in (short, long)] == ["stale", "known"]


def test_the_day_of_a_gate_is_the_patients():
    """Half past eleven on 1 March in Honolulu is 2 March elsewhere: what is recorded of 2 March has not happened."""
    there = {"id": "zone", "kind": "person", "at": "2026-01-01", "zone": "Pacific/Honolulu"}
    seen = {"id": "seen", "kind": "observation", "about": "active_psychosis", "answer": "yes", "at": "2026-03-02"}
    found = PatientRecord.model_validate({"patient_id": "p", "events": [there, seen]})
    at = datetime.fromisoformat("2026-03-01T23:30:00-10:00")
    assert [r for r in gates(found, CATALOG, at, "before") if isinstance(r, Finding) and "psychosis" in r.rule] == []
    later = gates(found, CATALOG, at + timedelta(hours=1), "before")
    assert any(isinstance(r, Finding) and r.subject == "mania_psychosis" for r in later)


def test_a_session_of_yesterday_is_not_the_one_that_ends_now():
    yesterday = {"kind": "dose_session", "at": "2026-03-01T10:00:00+01:00", "treatment": "esketamine", "route": "nasal", "dose_mg": 84}
    found = gated(record(yesterday, session=False), 150, "discharge")
    assert not isinstance(found["observation_two_hours"], NotApplicable)
