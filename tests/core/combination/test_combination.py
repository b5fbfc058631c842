"""What coincides: marked changes and changes of treatment by slow second routes, and that nothing is ever credited."""

from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.properties.histories import START, histories
from core.strategies import records
from euthymia.combination import Combination, combination, treatments
from euthymia.combination.rating_changes import swings
from euthymia.episode import current_episode
from euthymia.loading import load_catalog
from euthymia.record import PatientRecord

CATALOG = load_catalog()
ZERO = date(2026, 3, 3)
some = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def day(offset: int) -> str:
    return (ZERO + timedelta(days=offset)).isoformat()


def event(kind: str, offset: int | str, **fields: Any) -> dict[str, Any]:
    at = offset if isinstance(offset, str) else day(offset)
    return {"id": f"{kind} {at} {sorted(fields.items())}", "kind": kind, "at": at, **fields}


def phq9(offset: int, total: float) -> dict[str, Any]:
    return event("assessment", offset, instrument="phq9", total=total, phase="unrelated")


def record_of(*events: dict[str, Any]) -> PatientRecord:
    return PatientRecord.model_validate({"patient_id": "p", "events": list(events)})


def combined(record: PatientRecord, on: date) -> Combination | None:
    cut = record.until(on)
    return combination(cut, current_episode(cut, CATALOG), CATALOG, on)


def found(*events: dict[str, Any], on: int = 60) -> Combination:
    said = combined(record_of(*events), ZERO + timedelta(days=on))
    assert said is not None
    return said


FALL = (phq9(0, 19), phq9(21, 11))
SPRAY = event("dose_session", 0, treatment="esketamine", route="nasal", dose_mg=56)


# --- In words ---


def test_several_changes_are_listed_and_none_is_credited() -> None:
    said = found(
        *FALL,
        SPRAY,
        event("medication", -60, drug="sertraline", daily_dose_mg=100),
        event("medication", 7, drug="sertraline", daily_dose_mg=150),
        event("treatment_course", 9, treatment="CBT"),
        on=21,
    )
    assert said.coincidences[0].sentence == (
        "Between 3 March 2026 and 24 March 2026 PHQ-9 fell from 19 to 11. In the same weeks, or in the 28 days before: esketamine nasal"
        " began at 56 mg (3 March 2026), sertraline was raised from 100 to 150 mg a day (10 March 2026), CBT began (12 March 2026)."
        " The improvement cannot be credited to one of them."
    )
    assert said.running == (
        "sertraline since 2 January 2026, now 150 mg a day",
        "esketamine nasal since 3 March 2026, now 56 mg",
        "CBT since 12 March 2026",
    )


def test_one_change_is_since_and_names_what_goes_on() -> None:
    said = found(*FALL, SPRAY, event("medication", -60, drug="sertraline", daily_dose_mg=100), on=21).coincidences[0]
    assert said.credit == "one_at_the_same_time"
    assert "fell from 19 to 11, since esketamine nasal began at 56 mg (3 March 2026)." in said.sentence
    assert "Going on unchanged beside it: sertraline since 2 January 2026." in said.sentence
    assert "does not show that it is the cause" in said.sentence


def test_no_change_is_said_and_what_went_on() -> None:
    said = found(*FALL, event("medication", -60, drug="sertraline", daily_dose_mg=100)).coincidences[0]
    assert said.credit == "none_recorded"
    assert "no change of treatment is recorded. Going on unchanged beside it: sertraline" in said.sentence


def test_a_worsening_is_said_like_an_improvement() -> None:
    said = found(
        phq9(0, 9), phq9(21, 18), event("medication", -90, drug="sertraline", ended=day(2)), event("medication", 5, drug="bupropion")
    ).coincidences[0]
    assert not said.change.better
    assert "rose from 9 to 18" in said.sentence
    assert "sertraline was stopped (5 March 2026)" in said.sentence
    assert said.sentence.endswith("The worsening cannot be put down to one of them.")


@pytest.mark.parametrize(
    ("began", "words"), [("2026-03", "in March 2026, the day is not known"), ("2026", "in 2026, the day is not known")]
)
def test_a_start_without_its_day_says_so_and_may_coincide(began: str, words: str) -> None:
    said = found(*FALL, SPRAY, event("medication", began, drug="lithium")).coincidences[0]
    assert f"lithium began ({words})" in said.sentence
    assert said.credit == "not_to_one"


def test_the_words_never_credit_blame_or_say_because() -> None:
    drugs = [event("medication", n, drug=f"drug {n}", ended=day(n + 9)) for n in (0, 5)]
    for changes in ((), drugs[:1], drugs):
        said = " ".join(each.sentence for each in found(*FALL, *changes, SPRAY).coincidences).lower()
        assert not any(word in said for word in ("because", "due to", "thanks", "failed", "worked", "caused"))


def test_a_drug_entered_again_with_its_dose_is_no_change_and_a_gap_is_a_stop() -> None:
    again = [event("medication", n, drug="Sertraline", daily_dose_mg=100) for n in (0, 30, 60)]
    assert [c.words for c in treatments(record_of(*again), CATALOG, ZERO + timedelta(days=90)).changes] == [
        "Sertraline began at 100 mg a day"
    ]
    paused = [
        event("medication", 0, drug="sertraline", daily_dose_mg=100, ended=day(20)),
        event("medication", 60, drug="sertraline", daily_dose_mg=50),
    ]
    assert [c.words for c in treatments(record_of(*paused), CATALOG, ZERO + timedelta(days=90)).changes] == [
        "sertraline began at 100 mg a day",
        "sertraline 100 mg a day was stopped",
        "sertraline began again at 50 mg a day",
    ]


def test_doses_intervals_and_pauses_of_sessions() -> None:
    sessions = [event("dose_session", n, treatment="ketamine", route="IV", dose_mg=40) for n in (0, 3, 7)]
    sessions += [event("dose_session", 10, treatment="ketamine", route="intravenous", dose_mg=60)]
    plans = [event("plan", n, protocol="ketamine_iv", session_interval_days=i) for n, i in ((0, 3.5), (10, 7))]
    words = [c.words for c in treatments(record_of(*sessions, *plans), CATALOG, ZERO + timedelta(days=200)).changes]
    assert words == [
        "ketamine IV began at 40 mg",
        "ketamine IV was recorded for the last time",
        "the dose of ketamine IV went from 40 to 60 mg",
        "the interval between sessions was lengthened from 3.5 to 7 days",
    ]


def test_one_treatment_recorded_in_two_ways_is_one() -> None:
    """An entry of the drug beside its sessions, and a course beside its sessions: neither makes two treatments of one."""
    said = found(*FALL, SPRAY, event("medication", 0, drug="Spravato", daily_dose_mg=56)).coincidences[0]
    assert said.credit == "one_at_the_same_time"
    pulses = [event("dose_session", n, treatment="TMS") for n in (0, 1, 2)]
    said = found(*FALL, *pulses, event("treatment_course", 0, treatment="rTMS", sessions_done=3)).coincidences[0]
    assert [c.words for c in said.treatments] == ["rTMS began"]


def test_doses_at_home_speak_by_the_regimen_where_there_is_one() -> None:
    logs = [event("dose_log", n, treatment="ketamine", route="sublingual", taken="taken", dose_mg=100 + n) for n in (1, 9)]
    alone = treatments(record_of(*logs), CATALOG, ZERO + timedelta(days=20))
    assert [c.words for c in alone.changes] == [
        "ketamine sublingual, at home began at 101 mg",
        "the dose of ketamine sublingual, at home went from 101 to 109 mg",
    ]
    regimens = [event("regimen", n, treatment="ketamine", route="sublingual", dose_mg=d, every_days=3) for n, d in ((0, 100), (14, 150))]
    assert [c.words for c in treatments(record_of(*logs, *regimens), CATALOG, ZERO + timedelta(days=20)).changes] == [
        "ketamine sublingual, at home began (100 mg, every 3 days)",
        "ketamine sublingual, at home: another dose or other days (150 mg, every 3 days)",
    ]


def test_kap_integration_is_a_course_beside_the_others_with_an_honest_adequacy() -> None:
    from euthymia.reviewing import review

    record = record_of(*FALL, SPRAY, event("treatment_course", 1, treatment="KAP integration", sessions_done=4))
    seen = review(record, CATALOG, ZERO + timedelta(days=30))
    assert [(lane.kind, lane.name, lane.stretches[0].words) for lane in seen.timeline.lanes if lane.kind == "course"] == [
        ("course", "KAP integration", "4 sessions")
    ]
    (trial,) = [t for t in seen.history.trials if t.kind == "psychotherapy"]
    assert trial.adequacy == "indeterminate"
    assert seen.combination is not None
    assert any(line.startswith("KAP integration since 4 March 2026, now 4 sessions") for line in seen.combination.running)


def test_nothing_is_said_where_one_treatment_runs_and_nothing_moved() -> None:
    assert combined(record_of(phq9(0, 19), phq9(21, 18), SPRAY), ZERO + timedelta(days=21)) is None


def test_an_instrument_without_a_known_size_of_change_says_so() -> None:
    rated = [event("assessment", n, instrument="who5", total=t, phase="unrelated") for n, t in ((0, 20), (21, 80))]
    began = [event("medication", 0, drug=name) for name in ("sertraline", "lithium")]
    said = found(event("episode", -90, primary_instrument="who5"), *rated, *began)
    assert said.coincidences == () or said.coincidences[0].change.better


# --- Second routes ---


def longest_alternation(totals: tuple[float, ...], marked: float) -> int:
    """How many marked changes of alternating direction a series can be cut into: tried, not walked."""

    @cache
    def from_(place: int, up: bool) -> int:
        later = [
            i for i in range(place + 1, len(totals)) if (totals[i] - totals[place] >= marked if up else totals[place] - totals[i] >= marked)
        ]
        return max((1 + from_(i, not up) for i in later), default=0)

    return max((from_(place, up) for place in range(len(totals)) for up in (True, False)), default=0)


@some
@given(st.lists(st.integers(0, 27), max_size=14), st.sampled_from([3, 6, 10]), st.sampled_from([0.0, 0.2, 0.4]))
def test_swings_by_a_second_route(totals: list[int], marked: int, edge: float) -> None:
    points = [(ZERO + timedelta(days=7 * n), float(total)) for n, total in enumerate(totals)]
    cut = swings(points, marked, edge)
    assert len(cut) == longest_alternation(tuple(map(float, totals)), marked)
    for swing in cut:
        assert swing.start in points
        assert swing.end in points
        assert swing.start[0] < swing.end[0]
        assert abs(swing.end[1] - swing.start[1]) >= marked
    for one, other in pairwise(cut):
        assert one.end[0] <= other.start[0]
        assert (one.end[1] > one.start[1]) != (other.end[1] > other.start[1])


drawn = st.lists(st.tuples(st.integers(-80, 60), st.sampled_from(["drug", "course"])), max_size=6, unique_by=lambda each: each[0])


@some
@given(st.integers(0, 27), st.integers(0, 27), drawn)
def test_coincidences_by_a_second_route(first: int, last: int, began: list[tuple[int, str]]) -> None:
    """Begun from four weeks before the first rating to the day of the last: counted by hand."""
    events = [
        event("medication", n, drug=f"drug {n}") if kind == "drug" else event("treatment_course", n, treatment=f"course {n}")
        for n, kind in began
    ]
    long_before = [event("medication", -400, drug="old"), event("plan", -300, protocol="oral_antidepressant")]
    said = combined(record_of(phq9(0, first), phq9(21, last), *long_before, *events), ZERO + timedelta(days=70))
    marked = abs(first - last) >= 6
    assert bool(said and said.coincidences) == marked
    if said is None or not marked:
        return
    beside = sorted(n for n, _ in began if -28 <= n <= 21)
    (only,) = said.coincidences
    assert [(c.first_day - ZERO).days for c in only.treatments] == beside
    assert only.credit == {0: "none_recorded", 1: "one_at_the_same_time"}.get(len(beside), "not_to_one")
    assert len(only.going_on) == 1 + sum(n < -28 for n, _ in began)
    assert len(said.running) == 1 + len(began)


@some
@given(histories() | records(), st.integers(-10, 200), st.randoms(use_true_random=False))
def test_order_of_entry_and_what_comes_later_change_nothing(record: PatientRecord, offset: int, chance: Any) -> None:
    on = START + timedelta(days=offset)
    shuffled = list(record.events)
    chance.shuffle(shuffled)
    said = combined(record, on)
    assert combined(PatientRecord(patient_id=record.patient_id, events=tuple(shuffled)), on) == said
    assert combined(record.until(on), on) == said


@some
@given(drawn, st.data())
def test_a_change_taken_away_is_never_credited_to_another_by_name(began: list[tuple[int, str]], data: Any) -> None:
    """Blanking: what is not recorded is not said to coincide, and what is left keeps its own words."""
    events = [event("medication", n, drug=f"drug {n}") for n, _ in began]
    whole = combined(record_of(*FALL, SPRAY, *events), ZERO + timedelta(days=70))
    kept = [each for each in events if data.draw(st.booleans())]
    less = combined(record_of(*FALL, SPRAY, *kept), ZERO + timedelta(days=70))
    assert whole is not None
    assert less is not None
    assert {c.said for c in less.coincidences[0].treatments} <= {c.said for c in whole.coincidences[0].treatments}
