"""What counts and what does not: the index, the phase, duplicates, corrections, and what is assumed and said."""

from datetime import UTC, date, datetime, timedelta

import pytest

from euthymia.episode import CurrentEpisode, current_episode
from euthymia.loading import load_catalog
from euthymia.record import PatientRecord

CATALOG = load_catalog()
START = date(2026, 1, 5)


def day(offset: float) -> str:
    return (START + timedelta(days=offset)).isoformat()


def clock(hours: float) -> str:
    """An instant, hours after noon (UTC) of the first day."""
    return (datetime(2026, 1, 5, 12, tzinfo=UTC) + timedelta(hours=hours)).isoformat()


def rated(at: float | str, total: float | None = 14, **more: object) -> dict[str, object]:
    return {"kind": "assessment", "at": at if isinstance(at, str) else day(at), "instrument": "phq9", "total": total, **more}


def event(kind: str, at: float | str, **more: object) -> dict[str, object]:
    return {"kind": kind, "at": at if isinstance(at, str) else day(at), **more}


def session(at: float | str) -> dict[str, object]:
    return event("dose_session", at, treatment="ketamine")


def plan(at: float, **more: object) -> dict[str, object]:
    return event("plan", at, protocol="oral_antidepressant", **more)


def episode(*events: dict[str, object]) -> CurrentEpisode:
    numbered = [{"id": f"e{position:02}", **e} for position, e in enumerate(events)]
    return current_episode(PatientRecord.model_validate({"patient_id": "p", "events": numbered}), CATALOG)


def totals(found: CurrentEpisode) -> list[float | None]:
    return [r.total for r in found.series]


def aside(found: CurrentEpisode) -> dict[str, str]:
    return {s.id: s.reason for s in found.set_aside}


class TestIndex:
    def test_without_a_rating_there_is_none(self):
        found = episode()
        assert (found.index, found.primary, found.series, found.started) == (None, None, (), None)

    def test_the_first_rating_where_no_treatment_is_recorded(self):
        index = episode(rated(0, 20), rated(7, 18)).index
        assert index is not None
        assert (index.total, index.day, index.ratings, index.before_treatment, index.words) == (20, START, 1, None, "one rating")

    @pytest.mark.parametrize(("apart", "total", "ratings"), [(13, 19, 2), (14, 19, 2), (15, 18, 1)])
    def test_ratings_before_treatment_within_fourteen_days_are_averaged(self, apart, total, ratings):
        found = episode(rated(0, 20), rated(apart, 18), plan(apart + 1), rated(apart + 8, 15))
        assert found.index is not None
        assert (found.index.total, found.index.ratings, found.index.before_treatment) == (total, ratings, True)
        assert found.index.day == START + timedelta(days=apart)
        assert totals(found) == ([20, 18, 15] if ratings == 2 else [18, 15])

    def test_a_rating_too_old_for_the_index_is_set_aside_and_said(self):
        found = episode(rated(0, 20), rated(15, 18), plan(16))
        assert aside(found) == {"e00": "more than 14 days before the last rating before treatment: not in the index"}
        assert len(found.ratings) == 2

    def test_a_rating_on_the_day_that_treatment_begins_is_before_it(self):
        index = episode(rated(0, 20), plan(0), rated(7, 10)).index
        assert index is not None
        assert (index.words, index.before_treatment) == ("one rating", True)

    def test_a_mean_is_rounded_to_a_tenth(self):
        index = episode(rated(0, 20), rated(1, 19), rated(2, 19), plan(3)).index
        assert index is not None
        assert (index.total, index.words) == (19.3, "mean of 3 ratings before treatment")

    def test_where_treatment_had_begun_the_first_rating_says_so(self):
        found = episode(plan(0), rated(1, 20), rated(8, 18))
        assert found.index is not None
        assert (found.index.total, found.index.before_treatment) == (20, False)
        assert found.index.words == "one rating, taken after treatment had begun"
        assert totals(found) == [20, 18]

    @pytest.mark.parametrize(
        "start",
        [
            session(7),
            event("treatment_course", 7, treatment="tms"),
            event("medication", 7, drug="sertraline"),
            event("dose_log", 7, treatment="ketamine", taken="taken"),
            event("dose_log", 7, treatment="ketamine", taken="changed"),
        ],
        ids=lambda e: e["kind"] + e.get("taken", ""),
    )
    def test_treatment_begins_with_whatever_comes_first(self, start):
        assert episode(rated(0), start).treatment_started == START + timedelta(days=7)

    @pytest.mark.parametrize(("ended", "began"), [(-1, 14), (0, -30), (None, -30)])
    def test_a_course_that_ended_before_the_first_rating_is_history(self, ended, began):
        ending = {} if ended is None else {"ended": (START + timedelta(days=ended)).isoformat()}
        found = episode(event("treatment_course", -30, treatment="tms", **ending), rated(0), plan(14))
        assert found.treatment_started == START + timedelta(days=began)

    def test_without_a_rating_every_course_counts(self):
        course = event("treatment_course", 0, treatment="tms", ended=(START + timedelta(days=7)).isoformat())
        assert episode(course).treatment_started == START

    @pytest.mark.parametrize("taken", ["unknown", "not_taken"])
    def test_a_dose_not_known_to_be_taken_begins_nothing(self, taken):
        assert episode(rated(0), event("dose_log", 7, treatment="ketamine", taken=taken)).treatment_started is None


class TestDuplicates:
    def test_same_instrument_instant_and_answers_are_one_and_reported(self):
        found = episode(rated(0, None, answers=[1] * 9), rated(0, None, answers=[1] * 9))
        assert totals(found) == [9]
        assert aside(found) == {"e01": "the same instrument, time and answers as e00: counted once"}

    def test_one_instant_written_with_two_offsets_is_one(self):
        found = episode(rated("2026-01-05T13:00:00+01:00"), rated("2026-01-05T12:00:00Z"))
        assert len(found.series) == 1

    def test_a_stated_total_that_agrees_does_not_tell_them_apart(self):
        found = episode(rated(0, None, answers=[1] * 9), rated(0, 9, answers=[1] * 9))
        assert (totals(found), found.findings) == ([9], ())

    def test_one_that_contradicts_does(self):
        found = episode(rated(0, None, answers=[1] * 9), rated(0, 12, answers=[1] * 9))
        assert totals(found) == [9, 12]
        assert len(found.findings) == 2

    def test_same_instant_different_totals_are_both_kept_and_a_finding(self):
        found = episode(rated(0, 14), rated(0, 16))
        assert totals(found) == [14, 16]
        assert found.findings == ("2026-01-05: PHQ-9 recorded twice with different totals (14, 16); both are kept",)

    def test_at_one_instant_even_where_one_says_before_and_one_after(self):
        found = episode(rated(clock(0), 14, phase="before_session"), rated(clock(0), 16, phase="unrelated"))
        assert len(found.findings) == 1

    def test_same_day_before_and_after_a_session_are_two(self):
        found = episode(session(0), rated(0, 14, phase="before_session"), rated(0, 6, phase="after_dose"))
        assert totals(found) == [14]
        assert found.findings == ()
        assert len(found.ratings) == 2

    def test_equal_totals_without_answers_are_one_and_answers_beside_a_total_are_two(self):
        assert len(episode(rated(0, 9), rated(0, 9)).series) == 1
        assert len(episode(rated(0, 9), rated(0, None, answers=[1] * 9)).series) == 2


class TestContradictions:
    def test_the_worse_one_counts_and_is_said(self):
        found = episode(rated(0, 4, answers=[1] * 9), rated(7, 12, answers=[1] * 9))
        assert totals(found) == [9, 12]
        assert found.findings[1].endswith("stated total 12, but its answers add up to 9; the worse one counts until it is corrected")
        assert found.series[1].score is not None
        assert found.series[1].score.band == "moderate"

    def test_it_stays_prorated(self):
        (rating,) = episode(rated(0, 3, answers=[0] * 7 + [3, None])).series
        assert rating.score is not None
        assert (rating.total, rating.score.prorated, rating.score.missing) == (3, True, ("9",))
        (rating,) = episode(rated(0, 2, answers=[0] * 7 + [3, None])).series
        assert rating.score is not None
        assert (rating.total, rating.score.prorated) == (3, True)

    def test_a_total_below_what_the_answers_alone_make_does_not_count(self):
        found = episode(rated(0, 3, answers=[3] * 5 + [None] * 4))
        assert totals(found) == [15]
        assert "its answers alone make 15" in found.findings[0]

    def test_of_a_scale_where_higher_is_better_the_lower_one(self):
        found = episode(rated(0), rated(0, 80, instrument="who5", answers=[2] * 5))
        assert found.of_instrument("who5")[0].total == 40

    def test_an_impossible_total_leaves_the_answers(self):
        found = episode(rated(0, 31, answers=[2] * 9))
        assert totals(found) == [18]
        assert found.findings[0].endswith("its answers count")


class TestPhase:
    @pytest.mark.parametrize(
        ("hours", "phase"),
        [
            (-24.1, "unrelated"),
            (-24, "before_session"),
            (-0.5, "before_session"),
            (0, "before_session"),
            (0.5, "after_dose"),
            (72, "after_dose"),
            (72.1, "unrelated"),
        ],
    )
    def test_by_the_clock(self, hours, phase):
        (rating,) = episode(session(clock(0)), rated(clock(hours))).ratings
        assert rating.phase == phase

    @pytest.mark.parametrize(
        ("offset", "phase"), [(-2, "unrelated"), (-1, "before_session"), (0, None), (1, "after_dose"), (3, "after_dose"), (4, "unrelated")]
    )
    @pytest.mark.parametrize("at", [day(0), clock(0)], ids=["a day", "an instant"])
    def test_by_days_where_a_clock_is_missing(self, at, offset, phase):
        (rating,) = episode(session(at), rated(offset)).ratings
        assert rating.phase == phase

    def test_between_two_sessions_the_one_to_come_counts(self):
        (rating,) = episode(session(clock(0)), session(clock(72)), rated(clock(60))).ratings
        assert rating.phase == "before_session"

    def test_what_is_stated_holds(self):
        (rating,) = episode(session(clock(0)), rated(clock(1), phase="unrelated")).ratings
        assert rating.phase == "unrelated"

    @pytest.mark.parametrize(("hours", "phase"), [(0, None), (2, "after_dose"), (72, "after_dose"), (73, "unrelated")])
    def test_hours_after_a_dose_that_nobody_else_recorded(self, hours, phase):
        (rating,) = episode(rated(0, hours_after_dose=hours)).ratings
        assert rating.phase == phase

    def test_after_a_dose_does_not_count_and_is_set_aside(self):
        found = episode(session(clock(0)), rated(clock(2), 4), rated(clock(200), 14))
        assert totals(found) == [14]
        assert aside(found) == {"e01": "PHQ-9 in the days after a dose: shown, does not carry the verdict"}

    def test_an_unknown_place_counts_and_is_marked(self):
        words = "{} of {} counted ratings have an unknown place relative to a dose"
        found = episode(session(0), rated(0, 20), session(7), rated(7, 18), rated(-1, 21))
        assert totals(found) == [21, 20, 18]
        assert words.format(2, 3) in found.findings
        assert words.format(1, 1) in episode(session(0), rated(0)).findings

    def test_without_any_session_nothing_is_marked(self):
        assert episode(rated(0), rated(7)).findings == ()


class TestSelection:
    def test_ratings_of_an_earlier_episode_do_not_count_and_stay_for_safety(self):
        found = episode(rated(-60, 22), event("episode", -30), rated(-30, 20), rated(0, 18))
        assert totals(found) == [20, 18]
        assert aside(found) == {"e00": "before this episode (2025-12-06)"}
        assert [r.total for r in found.earlier] == [22]

    def test_the_last_episode_is_the_current_one(self):
        found = episode(
            event("episode", -300, diagnosis="first"), event("episode", -30, diagnosis="second", polarity="bipolar", ended=day(20))
        )
        assert (found.diagnosis, found.polarity, found.started) == ("second", "bipolar", START - timedelta(days=30))
        assert found.ended == START + timedelta(days=20)

    def test_a_rating_of_a_year_only_is_set_aside(self):
        found = episode(rated("2026"), rated("2026-01"), rated(0))
        assert len(found.series) == 1
        assert aside(found)["e00"] == "found the date 2026, without a day; a rating counts only where its day is known"

    def test_an_incomplete_one_has_no_score_but_its_answers_are_read(self):
        found = episode(rated(0), rated(7, None, answers=[None] * 8 + [2]))
        assert totals(found) == [14]
        assert aside(found) == {"e01": "PHQ-9: not answered: item 1, 2, 3, 4, 5, 6, 7, 8"}
        assert found.of_instrument("phq9")[1].answers == (*[None] * 8, 2)

    def test_what_cannot_be_read_is_set_aside_with_its_reason(self):
        found = episode(rated(0, 31), rated(1, instrument="phq"), rated(2, None, answers=[1] * 8))
        assert found.ratings == ()
        assert [reason.split(";")[0] for reason in aside(found).values()] == [
            "found a PHQ-9 total of 31",
            "found the instrument 'phq'",
            "found 8 answers for PHQ-9",
        ]

    def test_a_corrected_and_a_withdrawn_rating_are_gone(self):
        found = episode(
            rated(0, 20), rated(7, 27), rated(7, 17, supersedes="e01"), rated(14, 9), rated(14, supersedes="e03", entered_in_error=True)
        )
        assert totals(found) == [20, 17]

    def test_sessions_of_this_episode_only(self):
        found = episode(session(-60), event("episode", -30), session(0), session(0))
        assert found.session_days == (START, START)


class TestPrimary:
    def test_the_one_stated(self):
        found = episode(event("episode", 0, primary_instrument="madrs"), rated(0), rated(7), rated(0, 30, instrument="madrs"))
        assert (found.primary, totals(found), found.cut) == ("madrs", [30], 10)

    def test_else_the_one_with_most_rating_days(self):
        found = episode(rated(0, instrument="madrs"), rated(0), rated(7), rated(7, 15))
        assert found.primary == "phq9"
        assert "no primary instrument is stated: PHQ-9 has the most ratings" in found.assumptions

    def test_at_a_tie_the_order_of_the_rules(self):
        assert episode(rated(0), rated(0, instrument="madrs")).primary == "madrs"

    def test_days_after_a_dose_do_not_make_it(self):
        after = [rated(offset, instrument="madrs", phase="after_dose") for offset in range(3)]
        assert episode(*after, rated(0)).primary == "phq9"
        found = episode(*after)
        assert (found.primary, found.index, len(found.set_aside)) == ("madrs", None, 3)

    def test_one_that_is_not_in_the_catalog_is_said(self):
        found = episode(event("episode", 0, primary_instrument="phq"), rated(0))
        assert found.primary == "phq9"
        assert "the primary instrument 'phq' is not in the catalog" in found.assumptions

    def test_an_instrument_that_measures_something_else_never(self):
        assert episode(rated(0, 40, instrument="who5"), rated(0, 10, instrument="gad7")).primary is None

    def test_one_stated_without_any_cut_has_none(self):
        found = episode(event("episode", 0, primary_instrument="gad7"), rated(0, 10, instrument="gad7"))
        assert (found.primary, found.cut) == ("gad7", None)
        assert len(found.assumptions) == 2  # no definition agreed, no plan recorded: and nothing that is not so


class TestDefinition:
    def test_the_one_agreed(self):
        found = episode(event("target", 0, definition="esketamine_programme"), rated(0, 30, instrument="madrs"))
        assert (found.definition, found.cut) == ("esketamine_programme", 12)
        assert not any("definition" in assumption for assumption in found.assumptions)

    def test_the_last_target_holds(self):
        found = episode(
            event("target", 0, definition="esketamine_programme"),
            event("target", 1, definition="kads_ketect"),
            rated(0, 30, instrument="madrs"),
        )
        assert (found.definition, found.cut) == ("kads_ketect", 10)

    @pytest.mark.parametrize(
        ("target", "words"),
        [
            ([], "no definition of remission is agreed: ACNP Task Force 2006 is assumed"),
            ([event("target", 0, own_words="to laugh again")], "no definition of remission is agreed: ACNP Task Force 2006 is assumed"),
            ([event("target", 0, definition="gone")], "the agreed definition 'gone' is not in the catalog; ACNP Task Force 2006 is used"),
            (
                [event("target", 0, definition="esketamine_programme")],
                "the agreed definition (Esketamine programme (TRANSFORM, SUSTAIN, ASPIRE)) has no cut",
            ),
        ],
    )
    def test_else_the_default_is_assumed_and_said(self, target, words):
        found = episode(*target, rated(0))
        assert (found.definition, found.primary, found.cut) == ("acnp_2006", "phq9", 4)
        assert any(assumption.startswith(words) or "has no cut for PHQ-9" in assumption for assumption in found.assumptions)


class TestPlan:
    def test_without_one_as_so_far_is_assumed_and_said(self):
        found = episode(rated(0))
        assert (found.plan.protocol, found.plan.assumed, found.plan.since) == ("as_so_far", True, START)
        assert "no plan is recorded: as so far" in found.assumptions
        assert episode(event("episode", -30), rated(0)).plan.since == START - timedelta(days=30)

    def test_each_holds_from_its_day_and_the_first_before_it(self):
        found = episode(plan(0), plan(28, phase="continuation", rating_interval_days=21, next_decision=day(56)), rated(0))
        assert [found.plan_on(START + timedelta(days=d)).phase.id for d in (-5, 0, 27, 28, 90)] == ["acute"] * 3 + ["continuation"] * 2
        assert (found.plan.rating_interval_days, found.plan.next_decision) == (21, START + timedelta(days=56))
        assert found.plans[0].rating_interval_days == 14

    def test_an_unknown_protocol_or_phase_is_said(self):
        unknown = episode(event("plan", 0, protocol="gone"), rated(0))
        assert (unknown.plan.protocol, unknown.plan.phase.id) == ("as_so_far", "only")
        assert "the protocol 'gone' is not in the catalog: as so far" in unknown.assumptions
        found = episode(plan(0, phase="gone"), rated(0))
        assert found.plan.phase.id == "acute"
        assert "the phase 'gone' is not one of oral antidepressant, optimised by measurement: its first is assumed" in found.assumptions

    def test_a_plan_without_a_protocol_is_as_so_far_and_not_assumed(self):
        found = episode(event("plan", 0, summary="see how it goes"), rated(0))
        assert (found.plan.protocol, found.plan.assumed, found.plan.summary) == ("as_so_far", False, "see how it goes")


class TestChanges:
    @staticmethod
    def changed(*events: dict[str, object]) -> list[int]:
        return [(d - START).days for d in episode(rated(0), *events).change_days]

    @pytest.mark.parametrize(("apart", "expected"), [(7, [30]), (8, [30, 38])])
    def test_changes_within_a_week_are_one(self, apart, expected):
        assert self.changed(plan(0), plan(30), event("medication", 30 + apart, drug="lithium")) == expected

    def test_the_start_of_treatment_and_what_comes_within_a_week_of_it_are_none(self):
        assert self.changed(plan(1), event("medication", 3, drug="sertraline"), event("treatment_course", 8, treatment="tms")) == []
        assert self.changed(plan(1), event("medication", 9, drug="sertraline")) == [9]

    def test_treatments_of_earlier_episodes_do_not_make_the_first_plan_a_change(self):
        past = event("medication", "2019", drug="sertraline", ended="2020")
        assert self.changed(past, event("episode", -10), plan(2)) == []

    def test_an_end_and_a_decision_to_change_are_changes_and_a_decision_to_continue_is_none(self):
        drug = event("medication", 0, drug="sertraline", ended=day(40))
        assert self.changed(drug) == [40]
        assert self.changed(plan(0), event("decision", 28, disposition="titrate")) == [28]
        assert self.changed(plan(0), event("decision", 28, disposition="continue", reason="better")) == []

    def test_a_drug_said_again_is_no_change_but_another_dose_or_a_new_start_is(self):
        first = event("medication", 20, drug="sertraline", daily_dose_mg=100)
        again = event("medication", 40, drug="Sertraline", daily_dose_mg=100, intent="reported")
        without_dose = event("medication", 60, drug="sertraline", intent="dispensed")
        assert self.changed(plan(0), first, again, without_dose) == [20]
        assert self.changed(plan(0), first, again, event("medication", 60, drug="sertraline", daily_dose_mg=150)) == [20, 60]
        ended = event("medication", 20, drug="sertraline", daily_dose_mg=100, ended=day(30))
        assert self.changed(plan(0), ended, event("medication", 50, drug="sertraline", daily_dose_mg=100)) == [20, 30, 50]

    def test_without_an_index_or_a_treatment_there_are_none(self):
        assert episode(plan(0), plan(30)).change_days == ()
        assert self.changed(event("decision", 28, disposition="titrate")) == []


class TestMarks:
    @pytest.mark.parametrize(
        ("attribute", "before", "after"), [("mode", "self", "clinician"), ("language", "en", "es-MX"), ("rater", "A", "B")]
    )
    def test_a_change_of_who_rates_and_how_is_marked(self, attribute, before, after):
        found = episode(rated(0, **{attribute: before}), rated(7), rated(14, **{attribute: after}), rated(21, **{attribute: after}))
        assert found.findings == (
            f"2026-01-19: the {attribute} of PHQ-9 changed from {before} to {after}; a step then may be the {attribute}",
        )


def test_what_was_known_later_is_not_there_when_it_was_not_known():
    events = [rated(0, 20), rated(7, 12, recorded_at="2026-03-01T00:00:00Z")]
    numbered = [{"id": f"e{position:02}", **e} for position, e in enumerate(events)]
    record = PatientRecord.model_validate({"patient_id": "p", "events": numbered})
    assert len(current_episode(record, CATALOG).series) == 2
    assert len(current_episode(record.known_at(datetime(2026, 2, 1, tzinfo=UTC)), CATALOG).series) == 1
