"""What is said beside the one probability: would it last, what do missed ratings hide, what do the sessions do."""

import json
import re
from datetime import date, timedelta

import jsonschema
import pytest
from pydantic import TypeAdapter

from core.unit.clinics import START, clinic, day, infusion, madrs, plan
from euthymia import trajectory
from euthymia.catalog import Catalog
from euthymia.episode import current_episode
from euthymia.heading import Course, filtered_course
from euthymia.loading import load_catalog
from euthymia.moment import day_in_words
from euthymia.prospects import Prospects
from euthymia.record import PatientRecord
from euthymia.reviewing import Review, review, review_schema

CATALOG = load_catalog()
MOVING, PLATEAU = [20, 14, 10, 8, 6, 5], [20, 14, 10, 8, 8, 8, 8, 8]
SESSIONS = [0, 7, 14, 21, 28, 42, 56, 70]
TOTALS = [32, 24, 20, 18, 17, 15, 16, 14]
HAD = [infusion(o) for o in SESSIONS]
RATED = [madrs(o, total) for o, total in zip(SESSIONS, TOTALS, strict=True)]
BETWEEN = [madrs(o + 4, total - 6) for o, total in zip(SESSIONS[:-1], TOTALS, strict=False)]
STEADY = plan(0, "maintenance", rating_interval_days=7)


def record_of(events: list[dict]) -> PatientRecord:
    return PatientRecord.model_validate({"patient_id": "p", "events": events})


def reviewed(events: list[dict], on: int, catalog: Catalog = CATALOG) -> Review:
    return review(record_of(events), catalog, START + timedelta(days=on))


def course_of(events: list[dict], on: int, catalog: Catalog = CATALOG) -> Course:
    found = filtered_course(current_episode(record_of(events).until(START + timedelta(days=on)), catalog), catalog)
    assert found is not None
    return found


def weekly(totals: list[float]) -> list[dict]:
    return [
        {"kind": "assessment", "id": f"r{week}", "at": day(7 * week), "instrument": "phq9", "total": total}
        for week, total in enumerate(totals)
    ]


def request(offset: int, outcome: str = "missed", instrument: str = "phq9") -> dict:
    return {"kind": "request", "id": f"q{offset}{instrument}", "at": day(offset), "instrument": instrument, "outcome": outcome}


class TestSustained:
    def test_every_rating_until_the_duration_of_the_definition(self):
        found, course = reviewed(weekly(MOVING), 35), course_of(weekly(MOVING), 35)
        horizon = found.verdict.horizon
        assert horizon is not None
        ratings = [course.weeks(horizon + timedelta(days=7 * week)) for week in range(4)]
        state, log_weights = course.filtered.states[-1], course.filtered.log_weights[-1]
        schedule = trajectory.Schedule((), (), course.series.recall_days)
        expected = trajectory.sustained_probability(course.population, state, log_weights, course.series.now, schedule, ratings, 4.0)
        assert found.prospects.sustained == round(expected, 2)
        assert found.prospects.sustained_days == CATALOG.definitions["acnp_2006"].durations.remission_days == 21
        assert 0 < found.prospects.sustained < found.verdict.probability
        ratings = f"the rating of {day_in_words(horizon)} and every rating of the 21 days after it"
        said = f"Chance of remission that lasts ({ratings} in the range): "
        tag = "borrowed population, not yet checked in people on this treatment"
        assert f"{said}{found.prospects.sustained * 100:.0f} %; {tag}." in found.answer.reasons

    @pytest.mark.parametrize("every", [3, 10, 21, 30])
    def test_at_the_interval_of_the_plan(self, every):
        """The longer the interval the fewer ratings have to be in the range: 7, 3, 1 and 1 more."""
        rated = {"kind": "plan", "id": "plan", "at": day(0), "protocol": "oral_antidepressant", "rating_interval_days": every}
        found, course = reviewed([rated, *weekly(MOVING)], 35), course_of([rated, *weekly(MOVING)], 35)
        count = {3: 7, 10: 3, 21: 1, 30: 1}[every]
        ratings = [course.weeks(found.verdict.horizon + timedelta(days=every * k)) for k in range(count + 1)]
        state, log_weights = course.filtered.states[-1], course.filtered.log_weights[-1]
        schedule = trajectory.Schedule((), (), course.series.recall_days)
        expected = trajectory.sustained_probability(course.population, state, log_weights, course.series.now, schedule, ratings, 4.0)
        assert found.prospects.sustained == round(expected, 2)

    def test_a_definition_without_a_duration_asks_for_one_rating_and_says_no_more_of_it(self):
        target = {"kind": "target", "id": "t", "at": day(0), "definition": "cms159"}
        found = reviewed([target, *weekly(MOVING)], 35)
        assert (found.prospects.sustained, found.prospects.sustained_days) == (found.verdict.probability, 0)
        assert found.prospects.lines == ()

    def test_it_is_said_of_a_remission_too(self):
        found = reviewed(weekly([20, 12, 8, 5, 4, 3]), 35)
        assert found.verdict.status == "remission"
        assert found.prospects.sustained is not None


class TestNothing:
    @pytest.mark.parametrize(
        ("events", "on"),
        [
            pytest.param([], 3, id="no rating"),
            pytest.param(weekly([20]), 0, id="the index alone"),
            pytest.param(weekly(MOVING), 35 + 90, id="too old"),
            pytest.param([*weekly(MOVING), request(37), request(39)], 40, id="two requests missed in a row"),
            pytest.param([{**r, "at": day(28 * n)} for n, r in enumerate(weekly(PLATEAU))], 28 * 7 + 41, id="the day forecast has come"),
        ],
    )
    def test_where_no_chance_is_shown_nothing_else_is(self, events, on):
        found = reviewed(events, on)
        assert found.verdict.horizon is None
        assert found.prospects == Prospects(None, None, None, None, ())


class TestMissed:
    def test_a_missed_request_that_changes_the_status_says_so(self):
        found = reviewed([*weekly(MOVING), request(42)], 43)
        assert found.verdict.status == "moving_toward_remission"
        missed = found.prospects.missed
        assert missed is not None
        assert (missed.days, missed.worse_by, missed.status, missed.changes) == ((START + timedelta(days=42),), 6, "undecided", True)
        line = "1 missed rating: had it been 6 points worse than expected, the status would be 'undecided'."
        assert line in found.answer.reasons

    def test_it_is_the_status_of_who_gave_that_rating(self):
        """By another route: the rating that was filled in, given in earnest."""
        course = course_of(weekly(MOVING), 43)
        filled = trajectory.with_missed_worse(course.population, course.series, [6.0], 6.0)
        given = reviewed([*weekly(MOVING), {**weekly([0])[0], "id": "given", "at": day(42), "total": filled.totals[-1]}], 43)
        assert reviewed([*weekly(MOVING), request(42)], 43).prospects.missed.status == given.verdict.status

    def test_one_that_does_not_is_named_all_the_same(self):
        found = reviewed([*weekly([20, 12, 8, 5, 4, 3]), request(42)], 43)
        assert (found.prospects.missed.status, found.prospects.missed.changes) == ("remission", False)
        assert "1 missed rating: had it been 6 points worse than expected, the status would be the same." in found.answer.reasons

    def test_several_are_counted(self):
        found = reviewed([*weekly(MOVING), request(10), request(24), request(42)], 43)
        assert [(d - START).days for d in found.prospects.missed.days] == [10, 24, 42]
        assert any(line.startswith("3 missed ratings: had each been 6 points worse") for line in found.prospects.lines)

    @pytest.mark.parametrize(
        "asked",
        [
            pytest.param([], id="none"),
            pytest.param([request(42, "open")], id="open"),
            pytest.param([request(42, "excused")], id="excused"),
            pytest.param([request(42, "answered")], id="answered"),
            pytest.param([request(42, instrument="wsas")], id="of another instrument"),
            pytest.param([request(28)], id="on a day that was rated"),
            pytest.param([request(0)], id="on the day of the index"),
            pytest.param([request(-7)], id="before the index"),
            pytest.param([request(50)], id="later than the review"),
        ],
    )
    def test_what_was_not_missed_is_not_filled_in(self, asked):
        assert reviewed([*weekly(MOVING), *asked], 43).prospects.missed is None

    def test_an_instrument_without_a_within_person_change_has_no_tipping_point(self):
        instruments = {**CATALOG.instruments, "phq9": CATALOG.instruments["phq9"].model_copy(update={"changes": ()})}
        catalog = CATALOG.model_copy(update={"instruments": instruments})
        assert reviewed([*weekly(MOVING), request(42)], 43, catalog).prospects.missed is None

    def test_what_nobody_gave_is_nowhere_else(self):
        with_request, without = (reviewed([*weekly(MOVING), *asked], 43) for asked in ([request(42)], []))
        assert with_request.verdict == without.verdict
        assert with_request.episode == without.episode
        assert "missed-" not in json.dumps(with_request.to_dict())


class TestSessions:
    def test_a_borrowed_population_says_nothing_of_sessions(self):
        """Neither the shipped one nor the site's own under another protocol."""
        for catalog, planned in ((CATALOG, STEADY), (clinic(), {**STEADY, "protocol": "esketamine_label"})):
            found = reviewed([planned, *HAD, *RATED], 70, catalog)
            assert found.provenance.population.borrowed
            assert found.prospects.sustained is not None
            assert found.prospects.sessions is None
            assert not any("session" in line for line in found.prospects.lines)

    def test_a_population_that_carries_no_verdict_says_nothing_of_sessions_either(self):
        own = clinic().populations["madrs_ketamine"].model_copy(update={"carries_verdict": False})
        catalog = clinic().model_copy(update={"populations": {**clinic().populations, "madrs_ketamine": own}})
        found = reviewed([STEADY, *HAD, *RATED], 70, catalog)
        assert (found.provenance.population.id, found.provenance.population.borrowed) == ("hamd17_two_trials", True)
        assert found.prospects.sessions is None

    def test_without_a_session_or_where_all_fall_alike_there_is_nothing_to_say(self):
        assert reviewed([STEADY, *RATED], 70, clinic()).prospects.sessions is None
        assert reviewed([STEADY, *HAD, *RATED], 70, clinic(effect_sd=0.0)).prospects.sessions is None

    def test_with_pre_session_ratings_alone_it_is_the_population_that_speaks(self):
        found = reviewed([STEADY, *HAD, *RATED], 70, clinic(effect_sd=2.0))
        sessions = found.prospects.sessions
        assert 0 <= sessions.identified_share < 0.3
        said = next(line for line in found.answer.reasons if line.startswith("A session is followed by a fall of about"))
        assert f"(from the population, not from this patient: identified share {sessions.identified_share:.2f})" in said
        # A day that counts (after the days of the acute effect) would not make it this patient's own: then none is named.
        assert sessions.most_telling_days is None
        assert not any("would say most" in line for line in found.answer.reasons)

    def test_with_ratings_in_the_days_after_sessions_it_is_the_patient(self):
        found = reviewed([STEADY, *HAD, *RATED, *BETWEEN], 70, clinic())
        assert found.prospects.sessions.identified_share > 0.3
        said = next(line for line in found.answer.reasons if line.startswith("A session is followed by a fall of about"))
        assert "from the population" not in said
        assert f"(identified share {found.prospects.sessions.identified_share:.2f})" in said
        assert not any("would say most about it" in line for line in found.prospects.lines)

    def test_the_sides_of_the_share_are_those_of_the_catalog(self):
        rules = clinic().verdict
        stricter = rules.identified_share_min.model_copy(update={"value": 0.99})
        catalog = clinic().model_copy(update={"verdict": rules.model_copy(update={"identified_share_min": stricter})})
        assert "from the population" in " ".join(reviewed([STEADY, *HAD, *RATED, *BETWEEN], 70, catalog).prospects.lines)

    def test_what_is_lost_is_that_of_a_whole_round(self):
        """Wherever in it the last rating stands: two days before the next session most of the fall has been lost already."""
        before_session = reviewed([STEADY, *HAD, *RATED], 70, clinic()).prospects.sessions
        late = reviewed([STEADY, *HAD, *RATED, madrs(82, 16)], 82, clinic()).prospects.sessions
        for sessions in (before_session, late):
            assert 0.5 * sessions.fall < sessions.lost < sessions.fall

    def test_alternatives_are_none_more_and_the_intervals_had_but_for_the_one_in_force(self):
        steady = reviewed([STEADY, *HAD, *RATED], 70, clinic()).prospects.sessions.alternatives
        assert [other.interval_days for other in steady] == [None, 7]
        series = reviewed([plan(), *HAD, *RATED], 70, clinic()).prospects.sessions.alternatives
        assert [other.interval_days for other in series] == [None, 7, 14]
        regular = [infusion(o) for o in range(0, 71, 14)]
        only = reviewed([STEADY, *regular, *RATED], 70, clinic()).prospects.sessions.alternatives
        assert [other.interval_days for other in only] == [None]

    def test_fewer_sessions_are_worse_and_more_are_better_than_what_is_planned(self):
        stop, weekly_ = reviewed([STEADY, *HAD, *RATED], 70, clinic()).prospects.sessions.alternatives
        assert weekly_.change < 0 < stop.change
        assert stop.rating - weekly_.rating == pytest.approx(stop.change - weekly_.change, abs=0.5)

    def test_the_session_of_today_has_been_given(self):
        """No more sessions: the one after the rating of today still acts. It is not one that could be left out."""
        for events in ([*HAD, *RATED], [*HAD[:-1], infusion(70), *RATED]):
            course = course_of([STEADY, *events], 70, clinic())
            found = reviewed([STEADY, *events], 70, clinic())
            end = course.weeks(found.verdict.horizon)
            given = trajectory.forecast(course.population, course.series, [end], trajectory.Plan([10.0])).mean[0]
            assert found.prospects.sessions.alternatives[0].rating == round(float(given), 1)

    @pytest.mark.parametrize(
        ("events", "on"),
        [
            pytest.param([infusion(73)], 75, id="a session after the last rating"),
            pytest.param([infusion(73), infusion(74)], 79, id="two"),
            pytest.param([madrs(79, 15)], 79, id="an interval had before has passed without a session"),
            pytest.param([madrs(90, 15)], 90, id="all of them have"),
            pytest.param([infusion(69)], 72, id="an interval of a day"),
        ],
    )
    @pytest.mark.parametrize("phase", ["series", "maintenance"])
    def test_sessions_and_ratings_may_come_when_they_come(self, events, on, phase):
        found = reviewed([plan(0, phase, rating_interval_days=14), *HAD, *RATED, *events], on, clinic())
        assert found.prospects.sessions.alternatives[0].interval_days is None

    def test_where_sessions_have_stopped_there_is_nothing_to_stop(self):
        assumed = {**STEADY, "protocol": "ketamine_iv", "phase": "maintenance"}
        rare = clinic()
        phases = tuple(p.model_copy(update={"session_interval_days": None}) for p in rare.protocols["ketamine_iv"].phases)
        protocols = {**rare.protocols, "ketamine_iv": rare.protocols["ketamine_iv"].model_copy(update={"phases": phases})}
        catalog = rare.model_copy(update={"protocols": protocols})
        late = [madrs(70 + 7 * k, 15) for k in range(1, 9)]
        found = reviewed([assumed, *HAD, *RATED, *late], 126, catalog).prospects.sessions
        assert (found.lost, found.most_telling_days, found.alternatives) == (None, None, ())

    def test_an_alternative_in_words(self):
        found = reviewed([STEADY, *HAD, *RATED], 70, clinic(effect_sd=2.0)).prospects
        stop, weekly_ = found.sessions.alternatives
        whose = "from the population, not from this patient: identified share"
        expected = (
            f"The rating expected without further sessions: {stop.rating:g} ({stop.change:+g}; {whose} {stop.identified_share:.2f}).",
            f"The rating expected at an interval of 7 days (had before): {weekly_.rating:g} "
            f"({weekly_.change:+g}; {whose} {weekly_.identified_share:.2f}).",
        )
        assert found.lines[-2:] == expected


ADVICE = re.compile(
    r"\b(should|must|recommend\w*|advis\w*|suggest\w*|increas\w*|reduc\w*|decreas\w*|lower the|raise|dose|dosing|mg|titrat\w*|"
    r"more often|less often|more frequent\w*|extend|shorten|continue|stop|switch|best|better|because)\b",
    re.IGNORECASE,
)
CASES = {
    "a site's own population": ([STEADY, *HAD, *RATED], 70, clinic()),
    "with ratings between sessions": ([plan(), *HAD, *RATED, *BETWEEN], 70, clinic()),
    "the population speaks": ([STEADY, *HAD, *RATED, request(74, instrument="madrs")], 75, clinic(effect_sd=2.0)),
    "borrowed": ([*weekly(MOVING), request(42)], 43, CATALOG),
    "nothing": ([], 3, CATALOG),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
class TestEveryCase:
    def test_no_word_advises_a_dose_or_an_interval(self, case):
        for line in reviewed(*case).prospects.lines:
            assert not ADVICE.search(line), line
            assert not re.search(r"\b(nan|None|inf)\b|--|,:", line), line

    def test_its_json_is_that_of_the_schema_and_reads_back(self, case):
        found = reviewed(*case)
        written = json.loads(json.dumps(found.to_dict(), allow_nan=False))
        jsonschema.validate(written, review_schema())
        assert TypeAdapter(Prospects).validate_python(written["prospects"]) == found.prospects

    def test_the_same_again(self, case):
        events, on, catalog = case
        assert reviewed(events, on, catalog) == reviewed(events[::-1], on, catalog)

    def test_the_lines_are_among_the_reasons(self, case):
        found = reviewed(*case)
        assert found.answer.reasons[len(found.answer.reasons) - len(found.prospects.lines) :] == found.prospects.lines
        shares = [found.prospects.sessions.identified_share] if found.prospects.sessions else []
        assert all(0 <= share <= 1 for share in shares)


def test_the_shipped_population_says_nothing_of_sessions_where_it_is_not_borrowed_either():
    ratings = [{**r, "instrument": "hamd17"} for r in weekly(PLATEAU)]
    planned = {"kind": "plan", "id": "plan", "at": day(0), "protocol": "oral_antidepressant"}
    found = reviewed([planned, *HAD, *ratings], 49)
    assert not found.provenance.population.borrowed
    assert found.prospects.sustained is not None
    assert found.prospects.sessions is None


def test_the_horizon_of_an_alternative_is_the_one_shown():
    found = reviewed([STEADY, *HAD, *RATED], 70, clinic())
    assert found.verdict.horizon == date(2026, 4, 27)
    stop = found.prospects.sessions.alternatives[0]
    # What is expected under the plan, to within the difference of median and mean.
    assert stop.rating - stop.change == pytest.approx(found.verdict.heading_to, abs=0.5)
