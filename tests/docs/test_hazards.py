"""Every hazard of docs/safety.md, tried through the public door as a clinic would meet it."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import euthymia

CATALOG = euthymia.load_catalog()
START = date(2026, 1, 5)
CALM = [1, 1, 0, 1, 0, 0, 0, 0, 0]


def days(number: float) -> date:
    return START + timedelta(days=number)


def phq9(day: float, answers: list[int | None] | None = None, *, total: float | None = None, **more: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"answers": answers} if total is None else {"total": total}
    return {"kind": "assessment", "id": f"phq9-{day}", "at": days(day).isoformat(), "instrument": "phq9", **said, **more}


def better() -> list[dict[str, Any]]:
    """From 18 to 3, calm in every item at the end: in remission, and nothing stands in the way."""
    start = [phq9(0, [2] * 9), {"kind": "medication", "id": "drug", "at": days(1).isoformat(), "drug": "sertraline"}]
    return [*start, *(phq9(7 * week, CALM) for week in range(1, 8))]


def record(*events: dict[str, Any], zone: str = "Europe/Madrid") -> euthymia.PatientRecord:
    person = {"kind": "person", "id": "person", "at": "1980-01-01", "zone": zone}
    return euthymia.PatientRecord.model_validate({"patient_id": "17", "events": (person, *events)})


def reviewed(*events: dict[str, Any], on: float = 49) -> euthymia.Review:
    return euthymia.review(record(*events), CATALOG, days(on))


def written(folder: Path, *events: dict[str, Any], name: str = "patient.json") -> Path:
    path = folder / name
    path.write_text(json.dumps({"schema": "euthymia/record/1", "patient_id": "17", "events": events}), encoding="utf-8")
    return path


def test_the_calm_record_is_in_remission() -> None:
    """The background of the others: each of them changes one thing."""
    review = reviewed(*better())
    assert (review.verdict.status, review.verdict.vetoes, review.safety.suicidality) == ("remission", (), "negative")


def test_a_missing_answer_is_never_a_zero() -> None:
    scored = euthymia.score(CATALOG, "phq9", [1, 1, None, None, None, 0, 0, 0, 0])
    assert isinstance(scored, euthymia.Unscorable)
    assert "not answered: item 3, 4, 5" in scored.reason


def test_item_9_not_answered_is_asked() -> None:
    review = reviewed(*better(), phq9(49.0, [*CALM[:8], None]) | {"id": "late", "at": days(49).isoformat()})
    assert review.safety.suicidality == "cannot_tell"
    assert "ask" in review.safety.line
    assert "suicidality" in [item.id for item in review.due]


def test_totals_without_answers_say_nothing_about_suicidal_thoughts() -> None:
    review = reviewed(*(phq9(7 * week, total=18 if week == 0 else 3) for week in range(8)))
    assert review.verdict.by_total_only
    assert review.safety.line == "no item-level answer on suicidal thoughts; ask"


@pytest.mark.parametrize(("age", "state"), [(28, "negative"), (29, "cannot_tell")])
def test_an_old_answer_on_suicidal_thoughts_is_not_known_any_more(age: int, state: str) -> None:
    assert reviewed(*better(), on=49 + age).safety.suicidality == state


@pytest.mark.parametrize(("answer", "status"), [(0, "remission"), (1, "not remission")])
def test_suicidal_thoughts_veto_remission(answer: int, status: str) -> None:
    review = reviewed(*better(), phq9(48, [*CALM[:8], answer]))
    assert (review.verdict.status == "remission") == (status == "remission")
    assert (review.safety.suicidality == "positive") == (answer > 0) or review.safety.last_answer_day == days(49)


def test_the_worst_answer_of_a_day_counts_whatever_the_instrument() -> None:
    screen = {"kind": "assessment", "id": "screen", "at": days(49).isoformat(), "instrument": "cssrs_screener"}
    items = CATALOG.instruments["cssrs_screener"].items
    review = reviewed(*better(), {**screen, "answers": [1 if item.suicidality_trigger is not None else 0 for item in items]})
    assert review.verdict.status != "remission"
    assert review.safety.suicidality == "positive"
    assert "but" in review.answer.sentence


@pytest.mark.parametrize(("answer", "vetoed"), [(1, False), (2, True)])
def test_a_core_symptom_vetoes_remission(answer: int, vetoed: bool) -> None:
    review = reviewed(*better(), phq9(48, [answer, 0, 0, 0, 0, 0, 0, 0, 0]))
    assert bool(review.verdict.vetoes) == vetoed


@pytest.mark.parametrize(("total", "vetoed"), [(5, False), (6, True)])
def test_a_mania_screen_vetoes_remission(total: int, vetoed: bool) -> None:
    review = reviewed(*better(), {"kind": "assessment", "id": "m", "at": days(48).isoformat(), "instrument": "asrm", "total": total})
    assert (review.verdict.status != "remission") == vetoed


def test_a_prorated_total_does_not_establish_remission() -> None:
    review = reviewed(*better()[:-1], phq9(49, [1, 0, 0, 1, 0, None, 0, 0, 0]))
    assert review.verdict.status != "remission"
    assert any("prorated" in veto for veto in review.verdict.vetoes)


@pytest.mark.parametrize(("age", "known"), [(14, True), (15, False)])
def test_old_ratings_end_in_cannot_tell(age: int, known: bool) -> None:
    """As so far, there is a rating every week: one is good for 14 days."""
    review = reviewed(*better(), on=49 + age)
    assert (review.verdict.status != "cannot_tell") == known
    assert (review.outcomes.spans[-1].state != "not_observed") == known


def test_requests_that_were_missed_are_not_good_news() -> None:
    missed = [{"kind": "request", "id": f"r{d}", "at": days(d).isoformat(), "instrument": "phq9", "outcome": "missed"} for d in (52, 55)]
    assert reviewed(*better(), *missed, on=56).verdict.status == "cannot_tell"


def test_a_number_without_data_does_not_move() -> None:
    first, later = reviewed(*better(), on=49), reviewed(*better(), on=63)
    assert first.verdict.probability == later.verdict.probability


def test_getting_worse_is_said_after_two_ratings() -> None:
    review = reviewed(*better(), phq9(56, [1] * 8 + [0]), phq9(63, [2] * 5 + [1, 0, 0, 0]), phq9(70, [2] * 5 + [1, 0, 0, 0]), on=70)
    assert review.verdict.status == "losing_ground"


@pytest.mark.parametrize("incident", ["hospitalisation", "attempt"])
def test_an_incident_stays_in_sight(incident: str) -> None:
    review = reviewed(*better(), {"kind": "incident", "id": "i", "at": days(45).isoformat(), "incident": incident})
    assert any(finding.state == "positive" and finding.day == days(45) for finding in review.safety.findings)


def test_a_concern_stays_until_it_is_settled() -> None:
    worry = {"kind": "concern", "id": "c", "at": days(3).isoformat(), "concern": "said goodbye to everyone", "about": "suicidality"}
    assert any("not settled" in finding.sentence for finding in reviewed(*better(), worry).safety.findings)
    settled = reviewed(*better(), {**worry, "settled": days(4).isoformat()})
    assert not any("not settled" in finding.sentence for finding in settled.safety.findings)


def test_two_patients_in_one_file_are_never_one(tmp_path: Path) -> None:
    both = [{"schema": "euthymia/record/1", "patient_id": name, "events": better()} for name in ("17", "18")]
    path = tmp_path / "both.json"
    path.write_text(json.dumps(both), encoding="utf-8")
    with pytest.raises(euthymia.ReadError, match="2 patients"):
        euthymia.read(path)
    assert [reading.record.patient_id for reading in euthymia.read_many(path)] == ["17", "18"]


def test_an_impossible_total_is_refused_in_words(tmp_path: Path) -> None:
    found, skipped = euthymia.read(written(tmp_path, *better(), phq9(50, total=31)))
    assert len(found.events) == len(better())
    assert "31" in str(skipped[0])
    assert "0 to 27" in str(skipped[0])


def test_a_version_that_is_not_known_is_not_mixed_in(tmp_path: Path) -> None:
    """A total of eight items is not one of nine."""
    _, skipped = euthymia.read(written(tmp_path, *better(), phq9(50, total=3, version="phq8")))
    assert ["version 'phq8'" in str(note) for note in skipped] == [True]


def test_nan_is_not_a_number(tmp_path: Path) -> None:
    path = written(tmp_path, *better(), phq9(50, total=3))
    path.write_text(path.read_text(encoding="utf-8").replace('"total": 3', '"total": NaN'), encoding="utf-8")
    found, skipped = euthymia.read(path)
    assert len(found.events) == len(better())
    assert len(skipped) == 1


def test_a_file_that_breaks_off_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, *better())
    path.write_text(path.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    found, skipped = euthymia.read(path)
    assert 0 < len(found.events) < len(better())
    assert "breaks off" in str(skipped[0])


def test_a_total_that_its_answers_contradict_is_surfaced_and_the_worse_counts() -> None:
    review = reviewed(*better(), phq9(48, CALM) | {"total": 13.0})
    assert any("13" in finding and "add up to 3" in finding for finding in review.episode.findings)
    assert max(rating.total or 0 for rating in review.episode.series[1:]) == 13


def test_two_totals_at_one_time_are_both_kept() -> None:
    review = reviewed(*better(), phq9(49, total=12) | {"id": "second"})
    assert any("recorded twice with different totals" in finding for finding in review.episode.findings)
    assert review.verdict.status != "remission"


def test_importing_twice_changes_nothing() -> None:
    again = [{**event, "id": f"{event['id']}-again"} for event in better() if event["kind"] == "assessment"]
    once, twice = reviewed(*better()), reviewed(*better(), *again)
    assert once.episode.series == twice.episode.series
    assert all("counted once" in aside.reason for aside in twice.episode.set_aside)


def test_a_review_of_the_past_does_not_see_the_future() -> None:
    whole = record(*better(), phq9(56, [3] * 9), phq9(63, [3] * 9))
    assert euthymia.review(whole, CATALOG, days(49)) == euthymia.review(whole.until(days(49)), CATALOG, days(49))


def test_a_replay_knows_what_was_known_then() -> None:
    late = phq9(49, [3] * 9) | {"id": "late", "recorded_at": "2026-04-01T09:00:00+00:00"}
    whole = record(*better(), late)
    then = whole.known_at(datetime(2026, 3, 1, tzinfo=UTC))
    assert euthymia.review(then, CATALOG, days(49)).verdict.status == "remission"
    assert euthymia.review(whole, CATALOG, days(49)).verdict.status != "remission"


def test_the_day_is_the_patients_day() -> None:
    """Half past eleven in the evening in Los Angeles is the next day in Madrid: one instant, two calendar days."""
    evening = phq9(0, [3] * 9) | {"id": "evening", "at": "2026-02-22T23:30:00-08:00"}
    here = record(*better(), evening, zone="America/Los_Angeles")
    there = record(*better(), evening, zone="Europe/Madrid")
    assert euthymia.review(here, CATALOG, date(2026, 2, 22)).verdict.status != "remission"
    assert euthymia.review(there, CATALOG, date(2026, 2, 22)).verdict.status == "remission"


def test_a_clock_time_without_its_offset_is_refused(tmp_path: Path) -> None:
    _, skipped = euthymia.read(written(tmp_path, *better(), phq9(50, CALM) | {"at": "2026-02-23T09:00:00"}))
    assert "offset" in str(skipped[0])


def test_the_hours_after_a_dose_do_not_carry_the_verdict() -> None:
    dose = {"kind": "dose_session", "id": "dose", "at": "2026-02-20T09:00:00+01:00", "treatment": "ketamine"}
    after = phq9(49, [0] * 9) | {"id": "after", "at": "2026-02-21T09:00:00+01:00"}
    review = reviewed(*better()[:-1], dose, after)
    assert "after" not in [rating.id for rating in review.episode.series]
    assert any("after a dose" in aside.reason for aside in review.episode.set_aside)


def test_scores_of_two_instruments_are_never_one_series() -> None:
    other = {"kind": "assessment", "id": "madrs", "at": days(48).isoformat(), "instrument": "madrs", "total": 34}
    review = reviewed(*better(), other)
    assert {rating.instrument for rating in review.episode.series} == {"phq9"}
    assert review.outcomes.discordant


@pytest.mark.parametrize(("field", "before", "after"), [("mode", "self", "clinician"), ("language", "en", "es"), ("rater", "A", "B")])
def test_a_change_of_mode_language_or_rater_is_marked(field: str, before: str, after: str) -> None:
    *first, last = better()
    review = reviewed(*({**e, field: before} if e["kind"] == "assessment" else e for e in first), {**last, field: after})
    assert any(f"the {field} of PHQ-9 changed from {before} to {after}" in finding for finding in review.episode.findings)


def test_a_borrowed_population_is_tagged_wherever_its_number_is() -> None:
    review = reviewed(*better())
    used = review.provenance.population
    assert used is not None
    assert used.borrowed
    assert all("not yet checked in people on this treatment" in line for line in review.answer.reasons if "Chance of" in line)


def test_what_was_assumed_is_said() -> None:
    review = reviewed(*better())
    assert len(review.episode.assumptions) >= 2
    assert {assumption.lower() for assumption in review.episode.assumptions} <= {r.rstrip(".").lower() for r in review.answer.reasons}
    assert review.due[0].id == "target"


def test_nobody_has_adopted_this_content_until_a_site_does() -> None:
    assert reviewed(*better()).provenance.catalog_adopted_by is None
