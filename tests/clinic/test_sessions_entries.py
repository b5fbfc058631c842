"""What is typed into a session sheet: kept once, in order, with its time; what cannot be is refused, what looks wrong is asked about."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from clinic.conftest import here_of, person
from clinic.sessions import QUIET_BEFORE, answer, infused, keep, moment, opened, said
from euthymia.events import DoseSession, Measurement
from euthymia_clinic.accounts.models import Role
from euthymia_clinic.audit.models import Entry
from euthymia_clinic.audit.verify import walk
from euthymia_clinic.chart.models import Event, ReviewSnapshot
from euthymia_clinic.chart.permissions import Forbidden
from euthymia_clinic.chart.to_core import record_of
from euthymia_clinic.sessions.models import SheetEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(owner):
    return here_of(owner)


@pytest.fixture
def sheet(here, site, owner):
    return opened(here, infused(site, "S-1", [owner], name="Synthetic person"))


def entries_of(sheet):
    return list(sheet.entries.order_by("arrived_at"))


def weighed(sheet):
    """The weights of the sheet that hold."""
    return [e for e in record_of(sheet.patient).current if isinstance(e, Measurement) and e.id.startswith("sheet-")]


def test_sent_twice_is_kept_once(here, sheet) -> None:
    batch = [said("systolic", "122"), said("diastolic", "78")]
    first, second = keep(here, sheet, *batch), keep(here, sheet, *batch)
    assert first == second == ([str(each.id) for each in batch], [])
    assert [entry.value for entry in entries_of(sheet)] == ["122", "78"]
    assert Event.objects.filter(event_id__contains=str(sheet.pk), kind="measurement").count() == 2


def test_one_id_says_one_thing(here, sheet, site, owner) -> None:
    one = said("systolic", "122")
    keep(here, sheet, one)
    _, [other_field] = keep(here, sheet, said("diastolic", "78", id=one.id))
    _, [other_sheet] = keep(here, opened(here, infused(site, "S-2", [owner])), one)
    assert other_field.found == other_sheet.found == "another entry with this id"
    assert SheetEntry.objects.count() == 1


def test_one_id_says_one_value(here, sheet) -> None:
    one = said("systolic", "122")
    keep(here, sheet, one)
    kept, [refused] = keep(here, sheet, said("systolic", "200", one.at, id=one.id))
    assert (kept, refused.found) == ([], "another entry with this id")


def test_what_two_correct_at_once_is_not_doubled(here, sheet, site) -> None:
    nurse = person(site, Role.NURSE, "Nurse")
    sheet.patient.care_team.create(user=nurse)
    first = said("systolic", "122")
    keep(here, sheet, first)
    keep(here, sheet, said("systolic", "123", replaces=first.id))
    keep(here_of(nurse), sheet, said("systolic", "124", replaces=first.id))
    assert [e.value for e in record_of(sheet.patient).of_kind(Measurement) if e.measure == "systolic"] == [124]
    assert [entry.value for entry in entries_of(sheet)] == ["122", "123", "124"]


def test_the_order_of_a_batch_and_of_two_tabs_is_kept(here, sheet, site) -> None:
    nurse = person(site, Role.NURSE, "Nurse")
    sheet.patient.care_team.create(user=nurse)
    now = timezone.now()
    keep(here, sheet, *(said("heart_rate", str(70 + n), now) for n in range(5)), arrived=now)
    keep(here_of(nurse), sheet, *(said("heart_rate", str(80 + n), now) for n in range(5)), arrived=now)
    assert [entry.value for entry in entries_of(sheet)] == [*map(str, range(70, 75)), *map(str, range(80, 85))]
    assert {str(entry.by) for entry in entries_of(sheet)} == {"Owner", "Nurse"}


def test_what_was_entered_is_an_event_known_from_its_arrival(here, sheet) -> None:
    now = timezone.now()
    keep(here, sheet, said("systolic", "122", now - timedelta(minutes=20)), arrived=now)
    [found] = [e for e in record_of(sheet.patient).of_kind(Measurement) if e.measure == "systolic"]
    assert found.value == 122
    assert found.at.instant == now - timedelta(minutes=20)
    assert found.recorded_at.instant == now


def test_late_is_marked_and_never_dated_back(here, sheet) -> None:
    now = timezone.now()
    keep(
        here, sheet, said("systolic", "122", now - timedelta(minutes=4)), said("heart_rate", "71", now - timedelta(minutes=12)), arrived=now
    )
    keep(here, sheet, said("oxygen_saturation", "97", now - timedelta(minutes=2), chosen_time=True), arrived=now)
    assert [(entry.late, entry.minutes_late) for entry in entries_of(sheet)] == [(False, 4), (True, 12), (True, 2)]
    assert all(entry.arrived_at >= now for entry in entries_of(sheet))


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_clock_two_hours_wrong_is_set_right(here, sheet, hours) -> None:
    now, wrong = timezone.now(), timedelta(hours=hours)
    measured = now - timedelta(minutes=3)
    typed = said("systolic", "122", measured + wrong), said("started_at", "x", measured + wrong, confirmed=True)
    keep(here, sheet, *typed, sent_at=now + wrong, arrived=now)
    reading, start = entries_of(sheet)
    assert reading.measured_at == measured
    assert reading.said_at == measured + wrong
    assert abs(reading.offset_seconds) == 7200
    assert not reading.late
    assert start.value == measured.isoformat()
    [session] = record_of(sheet.patient).of_kind(DoseSession)
    assert session.at.instant == measured


def test_a_clock_a_little_off_is_left_alone_and_nothing_is_in_the_future(here, sheet) -> None:
    now = timezone.now()
    keep(here, sheet, said("systolic", "122", now + timedelta(seconds=50)), sent_at=now + timedelta(seconds=50), arrived=now)
    [entry] = entries_of(sheet)
    assert entry.measured_at == now
    _, [refused] = keep(here, sheet, said("heart_rate", "70", now + timedelta(minutes=30), chosen_time=True), arrived=now)
    assert refused.found == "a time to come"


REFUSED = [
    ("nothing_like_it", "1", "the field 'nothing_like_it'"),
    ("systolic", "301", "301 mm Hg"),
    ("systolic", "39", "39 mm Hg"),
    ("diastolic", "201", "201 mm Hg"),
    ("oxygen_saturation", "101", "101 %"),
    ("systolic", "high", "“high”"),
    ("alcohol_today", "perhaps", "“perhaps”"),
    ("gate:nowhere/nothing", "because", "the gate 'nowhere/nothing'"),
    ("systolic", "", "no answer"),
    ("note", "x" * 2001, "2001 characters"),
]


@pytest.mark.parametrize(("field", "value", "found"), REFUSED)
def test_what_cannot_be_is_refused_and_confirming_does_not_help(here, sheet, field, value, found) -> None:
    for confirmed in (False, True):
        kept, [refused] = keep(here, sheet, said(field, value, confirmed=confirmed))
        assert (kept, refused.found, refused.asks) == ([], found, False)
        assert refused.allowed
    assert entries_of(sheet) == []


ASKED = [
    ({"systolic": "78", "diastolic": "122"}, ["systolic", "diastolic"], "78/122"),
    ({"systolic": "300", "diastolic": "20"}, ["systolic", "diastolic"], "300/20"),
    ({"weight": "154"}, ["weight"], "154 kg; 70 kg"),
    ({"weight": "90"}, ["weight"], "90 kg"),
    ({"weight": "70", "dose": "90"}, ["dose"], "90 mg (1.29 mg/kg)"),
    ({"weight": "70", "dose": "20"}, ["dose"], "20 mg (0.286 mg/kg)"),
    ({"treatment": "esketamine"}, ["treatment"], "esketamine"),
    ({"route": "oral"}, ["route"], "oral"),
]


@pytest.mark.parametrize(("typed", "wrong", "found"), ASKED)
def test_what_looks_wrong_is_asked_about_and_kept_when_confirmed(here, sheet, typed, wrong, found) -> None:
    now = timezone.now()
    _, refused = keep(here, sheet, *(said(field, value, now) for field, value in typed.items()), arrived=now)
    assert sorted(each.field for each in refused) == sorted(wrong)
    assert all(each.asks and each.found.startswith(found) for each in refused)
    assert not {entry.field for entry in entries_of(sheet)} & set(wrong)
    for field in wrong:
        assert keep(here, sheet, said(field, typed[field], now, confirmed=True), arrived=now)[1] == []
    assert {entry.field for entry in entries_of(sheet) if entry.confirmed} == set(wrong)


def test_a_correction_takes_the_place_and_both_stay(here, sheet) -> None:
    first, second = said("weight", "71"), said("weight", "72")
    keep(here, sheet, first)
    keep(here, sheet, said("weight", "72", id=second.id, replaces=first.id))
    assert [entry.value for entry in entries_of(sheet)] == ["71", "72"]
    [weight] = [
        e for e in record_of(sheet.patient).current if isinstance(e, Measurement) and e.measure == "weight" and e.id.startswith("sheet-")
    ]
    assert weight.value == 72
    _, [lost] = keep(here, sheet, said("weight", "73", replaces=uuid4()))
    assert lost.found == "a correction of no entry of this field"
    keep(here, sheet, said("weight", "", replaces=second.id))
    assert weighed(sheet) == []


def test_a_dose_with_something_open_is_never_taken_silently(here, sheet) -> None:
    _, [refused] = keep(here, sheet, said("started_at", "now"))
    assert refused.asks
    assert refused.found.startswith("still open: not answered: Medicines gone through today")
    assert refused.confirm == "The dose has begun: start the clock"
    keep(here, sheet, said("started_at", "now", confirmed=True))
    assert record_of(sheet.patient).of_kind(DoseSession)


def test_a_gate_that_holds_is_a_prescribers_to_explain(here, sheet, site) -> None:
    nurse = person(site, Role.NURSE, "Nurse")
    sheet.patient.care_team.create(user=nurse)
    answer(here, sheet, QUIET_BEFORE)
    _, [refused] = keep(here_of(nurse), sheet, said("gate:session_before/liver_severe", "blood taken last week"))
    assert (refused.found, refused.allowed) == ("Nurse", "the explanation of a prescriber")
    assert keep(here_of(nurse), sheet, said("gate:session_before/liver_moderate", "blood taken last week"))[1] == []
    assert keep(here, sheet, said("gate:session_before/liver_severe", "blood taken last week"))[1] == []


def test_a_gate_of_leaving_is_a_prescribers_before_the_dose_too(here, sheet, site) -> None:
    nurse = person(site, Role.NURSE, "Nurse")
    sheet.patient.care_team.create(user=nurse)
    for gate in ("discharge/no_escort", "discharge/plans_to_drive", "session_during/pressure_emergency"):
        kept, [refused] = keep(here_of(nurse), sheet, said(f"gate:{gate}", "it will be so"))
        assert (kept, refused.allowed) == ([], "the explanation of a prescriber")


def test_a_time_far_out_of_every_calendar_is_refused(here, sheet) -> None:
    early, sent = moment("1970-01-01T00:00:00Z"), moment("2199-12-31T00:00:00Z")
    for field in ("systolic", "started_at"):
        kept, [refused] = keep(here, sheet, said(field, "122", early, confirmed=True), sent_at=sent)
        assert kept == []
        assert refused.found.startswith("a time in the year 17")


def test_others_write_nothing(here, sheet, site, colleague) -> None:
    therapist = person(site, Role.THERAPIST, "Therapist")
    sheet.patient.care_team.create(user=therapist)
    for user in (therapist, colleague):
        with pytest.raises(Forbidden):
            keep(here_of(user), sheet, said("systolic", "122"))
    assert entries_of(sheet) == []


def test_a_busy_sheet_is_not_reviewed_with_each_entry(here, sheet, django_capture_on_commit_callbacks) -> None:
    before = ReviewSnapshot.objects.count()
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(5):
            keep(here, sheet, said("heart_rate", str(70 + number)))
    assert ReviewSnapshot.objects.count() == before


def test_the_audit_says_that_and_not_what(here, sheet) -> None:
    keep(here, sheet, said("side_effect", "saw a canary"), said("heart_rate", "113"))
    entry = Entry.objects.filter(action="session.entered").order_by("seq").last()
    assert (entry.details["entries"], entry.details["sheet"]) == (2, str(sheet.pk))
    assert "canary" not in str(entry.details)
    assert walk(timezone.now()).troubles == []
