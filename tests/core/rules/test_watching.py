"""What falls due in ketamine care by time and exposure, and what the next session will find too old; and the command."""

import json
from datetime import timedelta

from typer.testing import CliRunner

from core.rules.people import CATALOG, ON, measured, observed, pressure, record
from euthymia.cli import app
from euthymia.due import due
from euthymia.episode import current_episode
from euthymia.heading import filtered_course
from euthymia.interop.native_json import to_json
from euthymia.rules import watched
from euthymia.safety import safety
from euthymia.verdict import verdict

ICSI = {"kind": "measurement", "measure": "ICSI", "value": 3, "unit": "{score}"}


def watch(found, on=ON):
    cut = found.until(on)
    episode = current_episode(cut, CATALOG)
    return {item.id: item for item in watched(cut, episode, CATALOG, on, safety(cut, episode, CATALOG, on))}


def test_a_bladder_score_falls_due_ninety_days_after_the_last():
    found = record({**ICSI, "at": "2026-02-02"})
    assert watch(found)["bladder_score_due"].by.isoformat() == "2026-05-03"


def test_and_after_eight_sessions_whatever_the_day():
    days = [f"2026-02-{day:02}T10:00:00+01:00" for day in range(3, 11)]
    doses = [{"kind": "dose_session", "at": at, "treatment": "esketamine", "route": "nasal"} for at in days]
    for count, by in ((7, "2026-05-03"), (8, ON.isoformat())):
        found = record({**ICSI, "at": "2026-02-02"}, doses[:count], session=False)
        assert watch(found)["bladder_score_due"].by.isoformat() == by


def test_what_was_never_done_is_due_today_and_nothing_is_due_outside_ketamine_care():
    assert watch(record())["liver_test_due"].by == ON
    oral = {"kind": "plan", "at": "2026-01-01", "protocol": "oral_antidepressant"}
    other = record(oral, session=False)
    events = tuple(e for e in other.events if getattr(e, "protocol", "") != "esketamine_label")
    assert watch(other.model_copy(update={"events": events})._with(events)) == {}


def test_a_fact_that_the_next_session_will_find_too_old_is_asked_again():
    seen = observed("elevated_mood", "no", "2026-02-03")
    assert watch(record(seen))["stale_elevated_mood"].by == ON + timedelta(days=4)
    assert "stale_elevated_mood" not in watch(record(observed("elevated_mood", "no", "2026-03-01")))


def test_due_lists_what_is_overdue_or_falls_due_within_a_week_with_its_source():
    found = record({**ICSI, "at": "2025-11-01"}).until(ON)
    episode = current_episode(found, CATALOG)
    safe = safety(found, episode, CATALOG, ON)
    answer = verdict(found, episode, filtered_course(episode, CATALOG), CATALOG, ON)
    listed = due(found, episode, CATALOG, answer, safe, (), ON, watch=watched(found, episode, CATALOG, ON, safe))
    item = {i.id: i for i in listed}["bladder_score_due"]
    assert (item.overdue, item.source, item.by.isoformat()) == (True, "long_term", "2026-01-30")


def run(tmp_path, *arguments):
    path = tmp_path / "p.json"
    path.write_text(to_json(record(pressure(185, 80, -5), measured("SpO2", 97, "%", 60))), encoding="utf-8")
    return CliRunner().invoke(app, ["gates", str(path), *arguments])


def test_the_command_informs_and_ends_with_0_where_something_is_held(tmp_path):
    done = run(tmp_path, "--at", "2026-03-02T09:58:00+01:00", "--phase", "before")
    assert done.exit_code == 0
    assert "caution" in done.stdout
    assert "The clinician decides." in done.stdout
    found = json.loads(run(tmp_path, "--at", "2026-03-02T10:59:00+01:00", "--phase", "discharge", "--json").stdout)
    two_hours = next(f for f in found if f["rule"] == "observation_two_hours")
    assert (two_hours["result"], two_hours["severity"]) == ("Finding", "block")


def test_the_command_says_what_it_allows(tmp_path):
    assert "allowed: before, during, discharge" in run(tmp_path, "--at", "2026-03-02T10:00:00Z", "--phase", "after").output.replace(
        "\n", " "
    )
    wrong = run(tmp_path, "--at", "yesterday")
    assert wrong.exit_code == 2
    assert "--at" in wrong.output
