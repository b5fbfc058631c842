"""The demo clinic: the same on the same day, every event of it valid, its audit whole, its people at the door."""

import socket
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from euthymia.record import PatientRecord
from euthymia.reviewing import digest
from euthymia_clinic.accounts.models import Membership
from euthymia_clinic.alerts.models import Alert
from euthymia_clinic.audit.verify import walk
from euthymia_clinic.chart.models import Event, PanelRow, Patient, ReviewSnapshot
from euthymia_clinic.chart.snapshots import is_stale, latest, review_in
from euthymia_clinic.chart.to_core import record_of
from euthymia_clinic.checkins.models import Checkin
from euthymia_clinic.demo.cast import STORIES, Where, cast
from euthymia_clinic.demo.making import made
from euthymia_clinic.demo.people import where
from euthymia_clinic.demo.roles import DEMO_PEOPLE, FIRST, PASSWORD, SECOND, ZONE
from euthymia_clinic.demo.seeding import make_here, seed
from euthymia_clinic.demo.server import free_port

DAY = date(2026, 11, 25)
PATIENTS = 12


def places(day: date = DAY, patients: int = PATIENTS):
    return cast(where(day, patients))


@pytest.fixture
def clinic(db):
    """A small demo as of today."""
    return seed(timezone.now().astimezone(ZoneInfo(ZONE)).date(), PATIENTS, make_here)


def test_the_same_day_gives_the_same_records():
    some = places()[:3]
    assert [made(place, DAY).record_digest for place in some] == [made(place, DAY).record_digest for place in some]


@pytest.mark.parametrize("patients", [12, 40])
def test_a_patient_is_the_same_among_few_and_among_many(patients):
    few, many = places(), places(patients=60)
    assert [(p.code, p.protocol, p.course, p.start) for p in few[:12]] == [(p.code, p.protocol, p.course, p.start) for p in many[:12]]
    assert len(places(patients=patients)) == patients + max(1, patients // 20)


@settings(max_examples=25)
@given(st.dates(date(2026, 1, 1), date(2029, 12, 31)), st.integers(1, 60))
def test_everybody_began_in_the_last_eighteen_months_and_before_today(day, patients):
    found = cast([Where("somewhere", ZONE, day, patients)])
    assert [place.code for place in found] == [f"{number:04d}" for number in range(1, patients + 1)]
    assert all(timedelta(days=7) <= day - place.start <= timedelta(days=7 * 79) for place in found)
    assert all(place.start.weekday() < 5 for place in found)


@pytest.mark.parametrize("place", places()[:4], ids=lambda place: place.code)
def test_nothing_is_later_than_this_morning_and_all_of_it_says_that_it_is_simulated(place):
    found = made(place, DAY)
    record = PatientRecord.model_validate({"patient_id": place.code, "events": tuple(row.body for row in found.rows)})
    morning = datetime(DAY.year, DAY.month, DAY.day, 1, tzinfo=ZoneInfo(ZONE))
    assert digest(record) == found.record_digest
    assert {event.source for event in record.events} == {"simulated"}
    assert max(row.recorded_at for row in found.rows) <= morning.astimezone(UTC)
    assert all(row.day <= DAY for row in found.rows)
    assert not found.review.unread
    assert not [item for item in found.review.provenance.facts if item is None]


def test_the_two_who_answer_the_screener_in_its_high_tier():
    told = {place.story: place for place in places(patients=60) if place.story}
    assert tuple(sorted(told)) == tuple(sorted(STORIES))
    tonight, past = (made(told[story], DAY) for story in ("high_tonight", "high_resolved"))
    assert [each.tier for each in tonight.raised][-1] == "high"
    assert "high" in [each.tier for each in past.raised]
    assert [each.tier for each in past.raised if (DAY - each.at.date()).days < 5 and each.tier == "high"] == []


def test_a_small_clinic_is_whole(clinic):
    assert Patient.objects.filter(site=clinic[FIRST]).count() == PATIENTS
    assert Patient.objects.filter(site=clinic[SECOND]).count() == 1
    for patient in Patient.objects.select_related("site"):
        snapshot = latest(patient)
        assert snapshot is not None
        assert not is_stale(snapshot, patient)
        assert digest(record_of(patient)) == snapshot.record_digest
        assert review_in(snapshot).patient_id == patient.code
    assert PanelRow.objects.count() == ReviewSnapshot.objects.count() == PATIENTS + 1
    assert len(Counter(PanelRow.objects.values_list("status", flat=True))) >= 4
    assert Checkin.objects.filter(outcome="answered").exists()
    assert not Alert.objects.filter(raised_at__gt=timezone.now()).exists()
    assert walk(timezone.now()).troubles == []


def test_nobody_of_the_demo_has_a_name(clinic):
    assert set(Patient.objects.values_list("name", flat=True)) == {f"Virtual patient {n:04d}" for n in range(1, PATIENTS + 1)}
    assert not Event.objects.filter(kind="person", body__has_key="name").exists()


def test_every_role_signs_in_with_the_password_that_is_printed(clinic, client):
    assert Membership.objects.count() == len(DEMO_PEOPLE)
    for person in DEMO_PEOPLE:
        answer = Client().post("/accounts/login/", {"login": person.email, "password": PASSWORD})
        assert (answer.status_code, answer.get("Location")) == (302, "/"), person.email


def test_a_port_that_is_taken_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port("127.0.0.1", port) > port
