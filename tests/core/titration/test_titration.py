"""Titration: levels by a slow second route, response and tolerability, one voice with the options, never up on an unknown burden."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.options.people import ON, SAMPLES, ago, event, ids, plateau, sample
from core.properties.histories import START, histories
from core.strategies import records
from core.titration.people import BOUNDS, SETTLED, fibser, log, reviewed, settled
from euthymia.loading import load_catalog
from euthymia.record import PatientRecord
from euthymia.reviewing import Review, review
from euthymia.rules import CannotTell, Finding
from euthymia.titration import DoseLevel, Titration

CATALOG = load_catalog()
some = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def titrated(record: PatientRecord, on: date = ON) -> Titration:
    found = review(record, CATALOG, on).titration
    assert found is not None
    return found


def levels(record: PatientRecord, on: date = ON) -> dict[float | None, DoseLevel]:
    return {level.low: level for level in titrated(record, on).lists[0].levels}


# --- Whether a dose can be raised: one voice with the options ---


def agrees(found: Review) -> None:
    """The option is offered exactly where the titration says that a step is possible; a rule that cannot clear the burden is a no."""
    if found.titration is None:
        return
    possible = found.titration.increase == "possible"
    listed = [view for view in (*found.options.offered, *found.options.withheld) if view.id == "titrate_up"]
    assert found.titration.listed == bool(listed)
    for view in listed:
        assert (view.id in ids(found.options.offered)) == possible
        assert view.blocked_by == tuple(dict.fromkeys(each.words for each in found.titration.in_the_way if each.holds))
    burdened = [r for r in found.rules if r.rule == "no_increase_while_burdened"]
    if any(isinstance(r, Finding | CannotTell) for r in burdened):
        assert not possible


@pytest.mark.parametrize("name", [path.stem for path in SAMPLES])
def test_the_samples_speak_with_one_voice(name: str) -> None:
    record = sample(name)
    last = record.last_day()
    assert last is not None
    for weeks in range(0, 40, 3):
        agrees(review(record, CATALOG, last - timedelta(weeks=weeks)))


@some
@given(histories() | records(), st.integers(-10, 200))
def test_titration_and_option_never_contradict_each_other(record: PatientRecord, offset: int) -> None:
    agrees(review(record, CATALOG, START + timedelta(days=offset)))


burdens = st.one_of(st.none(), st.tuples(st.integers(0, 40), st.integers(0, 6)))
bounds = st.fixed_dictionaries({"dose_upper": st.sampled_from([None, 100, 120, 300])})
answers = st.lists(st.sampled_from(SETTLED), max_size=3, unique_by=lambda e: e["id"])


@some
@given(burdens, bounds, st.sampled_from([None, 100, 300]), answers, st.booleans())
def test_one_voice_and_never_up_while_burden_is_high_or_unknown(
    burden: tuple[int, int] | None, plan: dict[str, Any], dose: float | None, taken_away: list[dict[str, Any]], said: bool
) -> None:
    rated = [fibser(burden[1], burden[0])] if burden else []
    rated += [event("observation", 2, about="side_effects_burdensome", answer="no")] if said else []
    kept = [each for each in SETTLED if each not in taken_away]
    found = reviewed(plateau(*kept, *rated, log(3, dose), **{k: v for k, v in plan.items() if v is not None}))
    agrees(found)
    assert found.titration is not None
    if burden is None or burden[0] > 28 or burden[1] >= 3:
        assert found.titration.increase != "possible"
        if dose == 100 and plan["dose_upper"] == 300:
            assert found.titration.increase == "not_now"


def test_possible_with_everything_known_and_a_low_burden() -> None:
    assert titrated(settled()).increase == "possible"


@pytest.mark.parametrize(
    ("burden", "increase"), [(0, "possible"), (2, "possible"), (3, "not_now"), (4, "not_now"), (5, "not_now"), (None, "not_now")]
)
def test_both_sides_of_the_burden(burden: float | None, increase: str) -> None:
    found = titrated(settled(burden=burden))
    assert found.increase == increase
    lines = [each for each in found.in_the_way if each.holds]
    assert bool(lines) == (increase != "possible")
    if burden is None:
        assert lines[0].settle == ("rate side effects (FIBSER)",)


@pytest.mark.parametrize(("days", "increase"), [(28, "possible"), (29, "not_now")])
def test_both_sides_of_its_age(days: int, increase: str) -> None:
    assert titrated(settled(fibser(1, days), burden=None)).increase == increase


def test_side_effects_seen_to_be_a_burden_hold_whatever_was_rated() -> None:
    assert titrated(settled(event("observation", 2, about="side_effects_burdensome", answer="yes"))).increase == "not_now"


def test_no_step_left_and_no_bound() -> None:
    assert titrated(settled(dose_upper=100)).increase == "none"
    assert titrated(settled(dose_lower=50)).increase == "cannot_tell"


@some
@given(st.sampled_from(SETTLED))
def test_blanking_an_answer_never_opens_a_step(answer: dict[str, Any]) -> None:
    """What may hold a dose back and is taken away holds it back, or held nothing: nothing is freed by not knowing."""
    held = settled(event("observation", 1, about="haematuria", answer="yes"))
    without = PatientRecord.model_validate({"patient_id": "p", "events": [e for e in held.events if e.id != answer["id"]]})
    assert titrated(without).increase == "not_now"


# --- Never from one route to another ---


@pytest.mark.parametrize("route", ["IV", "intranasal", "subcutaneous", "IM"])
def test_a_dose_by_another_route_gives_no_step_here(route: str) -> None:
    alone = titrated(plateau(*SETTLED, fibser(1), log(3, 100, route), **BOUNDS))
    assert alone.increase == "cannot_tell"
    assert alone.dose.next_step is None
    assert alone.dose.last is None
    assert [each.of_protocol for each in alone.lists] == [False]
    beside, without = titrated(settled(log(1, 250, route))), titrated(settled())
    assert [level.low for level in beside.lists[0].levels] == [level.low for level in without.lists[0].levels] == [100]
    assert (beside.dose.last, beside.dose.next_step, beside.dose.upper) == (without.dose.last, without.dose.next_step, without.dose.upper)
    assert [(each.route, each.of_protocol) for each in beside.lists] == [("sublingual", True), (route, False)]


def test_two_routes_that_one_protocol_allows_are_not_compared_either() -> None:
    """Under the tongue or swallowed: the protocol takes both, and a step of one is never taken from the other."""
    found = titrated(settled(log(1, 250, "oral")))
    assert found.increase == "cannot_tell"
    assert found.dose.next_step is None
    assert "doses by different routes are recorded under this plan (oral, sublingual)" in found.dose.words
    assert [(each.route, [level.low for level in each.levels]) for each in found.lists] == [("sublingual", [100]), ("oral", [250])]
    assert titrated(settled(log(1, 100, "SL"))).increase == "possible"


def test_a_route_that_nobody_wrote_down_is_a_list_of_its_own() -> None:
    found = titrated(settled(log(1, 150, None)))
    assert [(each.route, [level.low for level in each.levels]) for each in found.lists] == [("sublingual", [100]), (None, [150])]


# --- Levels, response, tolerability ---


def home(*doses: tuple[int, float | None], ratings: list[tuple[int, int]], **more: Any) -> PatientRecord:
    events: list[dict[str, Any]] = [
        event("person", 900, birth_date="1980-05-02"),
        event("episode", 300, polarity="unipolar", primary_instrument="phq9"),
        event("plan", 120, protocol="ketamine_sublingual_home", **BOUNDS),
        event("assessment", 121, instrument="phq9", total=20, phase="unrelated"),
        *(log(days, dose, **more) for days, dose in doses),
        *(event("assessment", days, instrument="phq9", total=total, phase="before_session") for days, total in ratings),
    ]
    return PatientRecord.model_validate({"patient_id": "p", "events": events})


def test_the_response_is_of_the_dose_given_last_before_a_rating() -> None:
    found = levels(home((100, 100), (93, 100), (86, 150), (79, 150), ratings=[(100, 20), (93, 17), (86, 15), (79, 10), (72, 9)]))
    low, high = found[100].response, found[150].response
    assert low is not None
    assert high is not None
    # The rating of the day on which 150 mg began was taken before it: it speaks of 100 mg.
    assert (low.before.total, low.first.total, low.last.total, low.ratings, low.change) == (20, 17, 15, 2, 5)  # type: ignore[union-attr]
    assert (high.before.total, high.first.total, high.last.total, high.ratings, high.change) == (15, 10, 9, 2, 6)  # type: ignore[union-attr]
    assert (low.percent_since_index, high.percent_since_index) == (25.0, 55.0)


def test_what_cannot_be_told_of_the_response_is_said() -> None:
    back = levels(home((100, 100), (93, 150), (86, 100), ratings=[(100, 20), (93, 17), (86, 15), (79, 10)]))
    assert back[100].response is not None
    assert back[100].response.change is None
    assert "another dose came in between: the change while on it is not told" in back[100].not_known
    none = levels(home((100, 100), ratings=[(100, 20)]))[100]
    assert none.response is None
    assert "no counted rating while on it" in none.not_known
    unsure = [(93, 17)]
    record = home((100, 100), (93, 150), ratings=[(100, 20)])
    more = [event("assessment", days, instrument="phq9", total=total) for days, total in unsure]
    placed = levels(PatientRecord.model_validate({"patient_id": "p", "events": [*record.events, *more]}))
    assert placed[100].response is None
    for level in (100, 150):
        assert "1 rating of the day of a dose: before or after it is not known" in placed[level].not_known


def test_a_rating_after_a_dose_in_its_acute_effect_does_not_count() -> None:
    record = home((100, 100), ratings=[(100, 20), (90, 14)])
    acute = event("assessment", 99, instrument="phq9", total=2, phase="after_dose")
    found = levels(PatientRecord.model_validate({"patient_id": "p", "events": [*record.events, acute]}))
    assert found[100].response is not None
    assert (found[100].response.first.total, found[100].response.ratings) == (14, 1)


def test_another_change_of_treatment_while_on_a_dose_is_named_beside_it() -> None:
    record = home((100, 100), (93, 100), ratings=[(100, 20), (93, 17), (86, 12)])
    began = event("treatment_course", 95, treatment="CBT")
    found = levels(PatientRecord.model_validate({"patient_id": "p", "events": [*record.events, began]}))
    assert found[100].response is not None
    assert [words.split(" (")[0] for words in found[100].response.beside] == ["CBT began"]


def test_home_doses_say_what_they_felt_like_and_what_nobody_said() -> None:
    record = home((100, 100), ratings=[(100, 20)], effects_minutes=50, worrying=True, pressure="measured")
    more = [log(93, 100, effects_minutes=90), log(86, 100)]
    cost = levels(PatientRecord.model_validate({"patient_id": "p", "events": [*record.events, *more]}))[100]
    assert (cost.tolerability.effects_minutes, cost.tolerability.worrying) == (90, 1)
    assert "whether anything was worrying, whether blood pressure was measured: not recorded in 2 of 3 doses at home" in cost.not_known
    assert "how long effects lasted: not recorded in 1 of 3 doses at home" in cost.not_known


def session(number: int, dose: float, **fields: Any) -> dict[str, Any]:
    at = datetime(2026, 4, 1, 10, tzinfo=UTC) + timedelta(days=3 * number)
    return {
        "id": f"s{number}",
        "kind": "dose_session",
        "at": at.isoformat(),
        "treatment": "esketamine",
        "route": "nasal",
        "dose_mg": dose,
        **fields,
    }


def around(number: int, measure: str, value: float, minutes: int, unit: str | None = "{score}") -> dict[str, Any]:
    at = datetime(2026, 4, 1, 10, tzinfo=UTC) + timedelta(days=3 * number, minutes=minutes)
    name = f"m{number}{measure}{minutes}"
    return {"id": name, "kind": "measurement", "at": at.isoformat(), "measure": measure, "value": value, "unit": unit}


CARE: tuple[dict[str, Any], ...] = (
    {"id": "p", "kind": "person", "at": "2026-01-01", "birth_date": "1980-05-02"},
    {"id": "e", "kind": "episode", "at": "2026-01-01", "primary_instrument": "phq9"},
    {"id": "pl", "kind": "plan", "at": "2026-04-01", "protocol": "esketamine_label"},
    {"id": "a", "kind": "assessment", "at": "2026-03-31", "instrument": "phq9", "total": 20},
)


def clinic(*events: dict[str, Any]) -> PatientRecord:
    return PatientRecord.model_validate({"patient_id": "p", "events": [*CARE, *events]})


def test_tolerability_is_the_worst_of_the_sessions_at_that_dose() -> None:
    pressures = [("systolic", 120, 150), ("diastolic", 80, 92)]
    found = levels(
        clinic(
            *(session(n, 56 if n < 2 else 84) for n in range(4)),
            *(
                around(0, name, value, minutes, "mm[Hg]")
                for name, low, high in pressures
                for minutes, value in ((-10, low), (40, high), (90, low + 1))
            ),
            around(0, "CADSS-6", 4, 40),
            around(1, "CADSS-6", 9, 40),
            around(0, "MOAA/S", 5, 40),
            around(0, "MOAA/S", 4, 60),
            around(0, "MOAA/S", 1, -30),
            {"id": "o", "kind": "observation", "at": "2026-04-07", "about": "nausea", "answer": "yes", "of": "s2"},
            {"id": "o2", "kind": "observation", "at": "2026-04-07", "about": "vomiting", "answer": "yes", "of": "another session"},
        ),
        date(2026, 4, 20),
    )
    low, high = found[56].tolerability, found[84].tolerability
    assert (low.cadss6, low.systolic_rise, low.diastolic_rise, low.moaas, low.oxygen_saturation) == (9, 30, 12, 4, None)
    assert (high.cadss6, high.systolic_rise, high.observed) == (None, None, (("nausea", 1),))
    assert any(line.startswith("rise of blood pressure, sedation (MOAA/S): not recorded in 1 of 2") for line in found[56].not_known)
    assert any(line.endswith("not recorded in 2 of 2 sessions") and "dissociation" in line for line in found[84].not_known)


def test_what_was_seen_of_a_session_stays_with_it_however_often_the_session_is_corrected() -> None:
    """A session sheet writes a new version of its session with each entry; what is observed names the first."""
    seen = {"id": "o", "kind": "observation", "at": "2026-04-01", "about": "nausea", "answer": "yes", "of": "s0"}
    versions = [{**session(0, 56), "id": f"s0-{n}", "supersedes": f"s0-{n - 1}" if n else "s0"} for n in range(3)]
    for kept in range(len(versions) + 1):
        found = levels(clinic(session(0, 56), *versions[:kept], seen), date(2026, 4, 20))
        assert found[56].tolerability.observed == (("nausea", 1),)


def test_impossible_and_unplaced_pressures_are_not_a_rise() -> None:
    found = levels(
        clinic(session(0, 56), around(0, "systolic", 120, -10, "mm[Hg]"), around(0, "systolic", 3000, 40, "mm[Hg]")), date(2026, 4, 20)
    )
    assert found[56].tolerability.systolic_rise is None


def test_a_dose_by_weight_that_was_rounded_is_one_level() -> None:
    doses = [{**session(n, mg), "treatment": "ketamine", "route": "IV", "weight_kg": 80} for n, mg in enumerate((40, 41, 40, 60))]
    plan = {**CARE[2], "protocol": "ketamine_iv"}
    record = PatientRecord.model_validate({"patient_id": "p", "events": [*CARE[:2], plan, CARE[3], *doses]})
    assert [(x.low, x.high, x.doses) for x in titrated(record, date(2026, 4, 20)).lists[0].levels] == [(0.5, 0.51, 3), (0.75, 0.75, 1)]


def test_a_decision_point_says_whether_it_has_its_decision() -> None:
    record = clinic(*(session(n, 56) for n in range(8)))
    assert (titrated(record, date(2026, 5, 3)).decided or "").endswith("no decision is recorded")
    made = {"id": "d", "kind": "decision", "at": "2026-04-29", "disposition": "titrate"}
    assert (titrated(_with(record, made), date(2026, 5, 3)).decided or "").endswith("titrate, decided on 29 April 2026")


def _with(record: PatientRecord, *events: dict[str, Any]) -> PatientRecord:
    return PatientRecord.model_validate({"patient_id": record.patient_id, "events": [*record.events, *events]})


def test_none_where_there_is_no_dose_and_for_a_child() -> None:
    assert reviewed(plateau(protocol="oral_antidepressant")).titration is None
    assert reviewed(plateau(log(3), birth=ago(365 * 15), **BOUNDS)).titration is None


# --- The second route: counted by hand from the events, without the engine's levels ---

drawn_doses = st.lists(
    st.tuples(st.integers(1, 100), st.sampled_from([50, 100, 150, None]), st.sampled_from(["sublingual", "IV"])),
    min_size=1, max_size=12, unique_by=lambda dose: dose[0],
)  # fmt: skip
drawn_ratings = st.lists(st.tuples(st.integers(1, 100), st.integers(0, 27)), max_size=10, unique_by=lambda rating: rating[0])


@some
@given(drawn_doses, drawn_ratings)
def test_levels_and_their_ratings_by_a_second_route(doses: list[tuple[int, float | None, str]], ratings: list[tuple[int, int]]) -> None:
    record = home(ratings=ratings)
    record = _with(record, *(log(days, dose, route) for days, dose, route in doses))
    given_days: dict[tuple[str, float | None], list[int]] = defaultdict(list)
    heard: dict[tuple[str, float | None], list[int]] = defaultdict(list)
    for days, dose, route in doses:
        given_days[route, dose].append(days)
    for days, total in sorted(ratings, reverse=True):
        earlier = [dose for dose in doses if dose[0] > days]
        if earlier:
            _, dose, route = min(earlier)
            heard[route, dose].append(total)
    found = {(each.route or "", level.low): level for each in titrated(record).lists for level in each.levels}
    assert set(found) == set(given_days)
    for key, level in found.items():
        assert (level.first.isoformat(), level.last.isoformat()) == (ago(max(given_days[key])), ago(min(given_days[key])))
        assert level.doses == len(given_days[key])
        assert (level.response is None) == (not heard[key])
        if level.response is not None:
            assert [level.response.first.total, level.response.last.total] == [heard[key][0], heard[key][-1]]
            assert level.response.ratings == len(heard[key])


@some
@given(drawn_doses, drawn_ratings, st.randoms(use_true_random=False), st.integers(0, 100))
def test_order_of_entry_and_what_comes_later_change_nothing(
    doses: list[tuple[int, float | None, str]], ratings: list[tuple[int, int]], chance: Any, days: int
) -> None:
    record = _with(home(ratings=ratings), *(log(*dose) for dose in doses))
    shuffled = list(record.events)
    chance.shuffle(shuffled)
    on = date.fromisoformat(ago(days))
    assert review(record, CATALOG, on).titration == review(record.until(on), CATALOG, on).titration
    assert review(PatientRecord(patient_id="p", events=tuple(shuffled)), CATALOG, on).titration == review(record, CATALOG, on).titration
