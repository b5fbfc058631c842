"""The worker's part: new reviews for what is new, at each midnight, whatever a record holds and whenever it is killed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from euthymia.events import Goal
from euthymia.moment import Moment
from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.models import Entry
from euthymia_clinic.chart import jobs, snapshots
from euthymia_clinic.chart.actions import admit, record_events
from euthymia_clinic.chart.models import PanelRow, Picture, ReviewSnapshot
from euthymia_clinic.chart.snapshots import latest, refresh, refresh_soon, take_snapshot

pytestmark = pytest.mark.django_db


def goal(name):
    return Goal(id=name, at=Moment.of("2026-01-01"), goal="sleep")


def test_what_is_new_is_reviewed_and_nothing_twice(patient, site):
    now = timezone.now()
    assert jobs.refresh_stale(now) == 0
    record_events(system("test"), patient, [goal("new")])
    admit(system("test"), site, "another")
    assert jobs.refresh_stale(now) == 2
    assert jobs.refresh_stale(now) == 0


def test_one_bad_record_stops_nobody_and_says_so(patient, site, monkeypatch):
    bad = admit(system("test"), site, "bad")
    good = admit(system("test"), site, "good")
    real = snapshots.review

    def some(record, catalog, on):
        if record.patient_id == "bad":
            raise ValueError("a secret of the record")
        return real(record, catalog, on)

    monkeypatch.setattr(snapshots, "review", some)
    assert jobs.refresh_stale(timezone.now()) == 1
    assert latest(good) is not None
    row = PanelRow.objects.get(patient=bad)
    assert row.now == "cannot be reviewed (ValueError)"
    jobs.refresh_stale(timezone.now())
    entry = Entry.objects.get(action="review.impossible")
    assert "secret" not in str(entry.details)
    monkeypatch.setattr(snapshots, "review", real)
    assert jobs.refresh_stale(timezone.now()) == 1
    assert "cannot be reviewed" not in PanelRow.objects.get(patient=bad).now


def test_a_write_is_kept_where_its_review_fails(patient, monkeypatch, django_capture_on_commit_callbacks):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(snapshots, "review", broken)
    with django_capture_on_commit_callbacks(execute=True):
        record_events(system("test"), patient, [goal("kept")])
    assert patient.events.filter(event_id="kept").exists()
    assert PanelRow.objects.get(patient=patient).now == "cannot be reviewed (ZeroDivisionError)"


def test_a_long_record_is_left_to_the_worker(patient, monkeypatch):
    monkeypatch.setattr(snapshots, "AT_ONCE", 10)
    record_events(system("test"), patient, [goal("new")])
    refresh_soon(patient.pk)
    assert latest(patient).record_version == 1
    patient.refresh_from_db()
    assert jobs.refresh_stale(timezone.now()) == 1
    assert latest(patient).record_version == patient.record_version == 2


def test_every_midnight_once_also_when_the_clocks_change(patient, site):
    # New York: clocks go back on 1 November 2026 at 2:00; forward on 14 March 2027.
    for start in (datetime(2026, 12, 31, 4, tzinfo=UTC), datetime(2027, 3, 13, 4, tzinfo=UTC)):
        days = []
        for quarter in range(4 * 72):
            now = start + timedelta(minutes=15 * quarter)
            if jobs.midnight(now):
                days.append(now.astimezone(site.tz))
        assert all(day.hour == 0 and day.minute == 0 for day in days[1:])
        assert len({day.date() for day in days}) == len(days) >= 3


def test_midnight_is_the_patients_own_and_in_parts(patient, site, monkeypatch):
    far = admit(system("test"), site, "far", zone="Pacific/Auckland")
    now = datetime(2027, 2, 1, 12, tzinfo=UTC)
    for each in (patient, far):
        refresh(each, now - timedelta(days=1))
    monkeypatch.setattr(jobs, "AT_A_TIME", 1)
    assert [jobs.midnight(now), jobs.midnight(now), jobs.midnight(now)] == [1, 1, 0]
    assert {latest(far).on.isoformat(), latest(patient).on.isoformat()} == {"2027-02-02", "2027-02-01"}


def test_pictures_are_drawn_before_anybody_asks(patient):
    assert jobs.draw_pictures(timezone.now()) == 1
    assert jobs.draw_pictures(timezone.now()) == 0
    assert Picture.objects.get().snapshot == latest(patient)


def test_a_late_review_of_an_older_record_does_not_take_the_place_of_a_newer(patient, site):
    record_events(system("test"), patient, [goal("new")])
    newer = take_snapshot(system("test"), patient, site.today())
    again = take_snapshot(system("test"), patient, site.today() - timedelta(days=1))
    assert again.pk == newer.pk
    assert ReviewSnapshot.objects.count() == 2


def test_days_are_counted_in_the_zone_of_the_site_where_no_event_says_one(site):
    from euthymia_clinic.chart.to_core import record_of

    assert str(record_of(admit(system("test"), site, "new")).zone) == "America/New_York"
