"""Who is paged when: turn by turn, channels that do not take it, workers that die, nights and the change of clocks."""

import threading
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from clinic.conftest import here_of, person
from clinic.test_alerts import HIGH, answered, form, screener
from euthymia.loading import load_catalog
from euthymia_clinic.accounts.models import OnCall, Role, Site
from euthymia_clinic.alerts import jobs
from euthymia_clinic.alerts.actions import acknowledge
from euthymia_clinic.alerts.jobs import WORKER, escalate
from euthymia_clinic.alerts.models import Alert, Clock, Page
from euthymia_clinic.alerts.paging import page_next, take
from euthymia_clinic.alerts.people import chain_of
from euthymia_clinic.alerts.watching import PAGING, phrases_for, see_by, told, watching

CATALOG = load_catalog()


@pytest.fixture
def second(site):
    user = person(site, Role.NURSE, "Second")
    OnCall.objects.create(site=site, place=2, user=user, minutes_to_answer=5)
    return user


@pytest.fixture
def alert(patient):
    """A high alert that nobody has been paged for yet (the test's transaction does not end)."""
    return answered(patient, screener(HIGH))


def who():
    return [page.user.name for page in Page.objects.order_by("turn")]


def minutes(n):
    return timezone.now() + timedelta(minutes=n, seconds=1)


def test_one_after_the_other_until_somebody_acknowledges(alert, owner, second, lead, mailoutbox):
    assert [escalate(minutes(n)) for n in (0, 5, 9)] == [1, 0, 0]
    assert [escalate(minutes(n)) for n in (11, 13, 17)] == [1, 0, 1]
    # After the last one it begins again.
    assert [escalate(minutes(n)) for n in (20, 28)] == [0, 1]
    assert who() == ["Owner", "Second", "Lead", "Owner"]
    acknowledge(here_of(owner).actor, here_of(owner), alert.pk)
    assert escalate(minutes(90)) == 0
    assert len(mailoutbox) == 4


def test_without_a_list_the_medical_lead_is_paged(alert, lead):
    OnCall.objects.all().delete()
    assert escalate(minutes(0)) == 1
    assert who() == ["Lead"]


def test_with_nobody_it_waits_and_finds_whoever_comes(alert, owner, site):
    OnCall.objects.all().delete()
    assert chain_of(site) == []
    assert escalate(minutes(0)) == 0
    OnCall.objects.create(site=site, place=1, user=owner)
    assert escalate(minutes(11)) == 1


def test_somebody_who_has_left_is_not_paged(alert, owner, second):
    owner.memberships.update(ended=timezone.now())
    assert escalate(minutes(0)) == 1
    assert who() == ["Second"]


def test_a_channel_that_does_not_take_it_brings_the_next_person_at_once(alert, owner, second, monkeypatch, mailoutbox):
    real = jobs.send

    def broken(user, channel):
        if user == owner:
            raise OSError("no route")
        real(user, channel)

    monkeypatch.setattr(jobs, "send", broken)
    assert escalate(minutes(0)) == 1
    assert [(page.user.name, page.sent, page.trouble) for page in Page.objects.order_by("turn")] == [
        ("Owner", False, "OSError"),
        ("Second", True, ""),
    ]


def test_mail_down_for_everybody_is_tried_again_later_and_not_round_and_round(alert, owner, second, monkeypatch):
    def down(user, channel):
        raise OSError("no route")

    monkeypatch.setattr(jobs, "send", down)
    assert escalate(minutes(0)) == 0
    assert len(who()) == 2
    assert escalate(minutes(1)) == 0
    assert len(who()) == 2
    assert escalate(minutes(11)) == 0
    assert len(who()) == 4


def test_mail_and_text_message_both(alert, owner, settings, mailoutbox):
    settings.TEXT_MESSAGES = f"{__name__}.Texts"
    Texts.sent.clear()
    type(owner).objects.update(phone="+1 555 0199")
    assert escalate(minutes(0)) == 2
    assert [to for to, _ in Texts.sent] == ["+1 555 0199"]
    assert "Someone in care at your clinic" in Texts.sent[0][1]
    assert len(mailoutbox) == 1


class Texts:
    """A way to send text messages."""

    sent: list = []  # noqa: RUF012

    def send(self, to, text):
        self.sent.append((to, text))


def test_a_worker_killed_before_it_sent_is_followed_by_another(alert, mailoutbox):
    now = minutes(0)
    [page] = page_next(WORKER, alert.pk, now)
    assert take(WORKER, page.pk, now) is not None
    # In hand: nobody else sends it.
    assert escalate(now + timedelta(seconds=30)) == 0
    assert escalate(now + timedelta(minutes=3)) == 1
    assert escalate(now + timedelta(minutes=4)) == 0
    page.refresh_from_db()
    assert (page.sent, page.attempts, len(mailoutbox)) == (True, 2, 1)


def test_what_was_left_is_not_sent_once_somebody_has_acknowledged(alert, owner, mailoutbox):
    page_next(WORKER, alert.pk, minutes(0))
    acknowledge(here_of(owner).actor, here_of(owner), alert.pk)
    assert escalate(minutes(5)) == 0
    assert mailoutbox == []


def test_one_alert_that_cannot_be_paged_does_not_stop_the_others(alert, patient, site, monkeypatch, caplog):
    other = Alert.objects.create(
        patient=patient, site=site, tier="high", why="x", source="y", escalate_at=timezone.now() - timedelta(hours=1)
    )
    real = jobs.page_next

    def page(actor, alert_id, now):
        if alert_id == other.pk:
            raise ValueError(patient.code)
        return real(actor, alert_id, now)

    monkeypatch.setattr(jobs, "page_next", page)
    assert escalate(minutes(0)) == 1
    assert patient.code not in caplog.text


def test_the_same_day_is_paged_when_its_time_has_passed(patient, site, owner, mailoutbox):
    site.watched_days, site.watched_from, site.watched_to = [0, 1, 2, 3, 4, 5, 6], time(0), time(0)
    site.save()
    alert = answered(patient, form(1.0))
    assert escalate(alert.see_by - timedelta(minutes=1)) == 0
    assert escalate(alert.see_by) == 1
    assert len(mailoutbox) == 1


def test_low_is_never_paged(patient, site):
    Alert.objects.create(patient=patient, site=site, tier="low", why="screener_low", source="s")
    assert escalate(minutes(100_000)) == 0


# One writer at a time in SQLite: the turn is taken in one transaction.
@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_page_once(patient, owner, second):
    alert = answered(patient, screener(HIGH))
    Page.objects.all().delete()
    Alert.objects.update(turn=0, escalate_at=timezone.now(), state="open")
    now, told_by = minutes(0), []

    def work():
        try:
            told_by.append(escalate(now))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sum(told_by) == 1
    assert Page.objects.filter(alert=alert).count() == 1


# Watching


def clinic(zone="America/New_York", days=(0, 1, 2, 3, 4), begin=time(9), end=time(17)):
    return Site(slug="w", name="W", zone=zone, watched_days=list(days), watched_from=begin, watched_to=end)


def at(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("now", "watched", "by"),
    [
        ("2026-03-02T09:00:00-05:00", True, "2026-03-02T17:00:00-05:00"),
        ("2026-03-02T08:59:00-05:00", False, "2026-03-02T17:00:00-05:00"),
        ("2026-03-02T16:59:59-05:00", True, "2026-03-02T17:00:00-05:00"),
        ("2026-03-02T17:00:00-05:00", False, "2026-03-03T09:00:00-05:00"),
        # Friday evening, over a weekend in which the clocks go forward.
        ("2026-03-06T18:00:00-05:00", False, "2026-03-09T09:00:00-04:00"),
        # The hour that does not exist, and the one that comes twice.
        ("2026-03-08T03:30:00-04:00", False, "2026-03-09T09:00:00-04:00"),
        ("2026-11-01T01:30:00-05:00", False, "2026-11-02T09:00:00-05:00"),
    ],
)
def test_the_working_day(db, now, watched, by):
    site = clinic()
    assert watching(site, at(now)).now is watched
    assert see_by(site, at(now)) == at(by)


def test_a_night_shift_goes_past_midnight(db):
    site = clinic(begin=time(20), end=time(8), days=(0,))
    assert watching(site, at("2026-03-03T03:00:00-05:00")).now
    assert not watching(site, at("2026-03-03T08:00:00-05:00")).now
    assert see_by(site, at("2026-03-03T03:00:00-05:00")) == at("2026-03-03T08:00:00-05:00")


def test_day_and_night(db):
    assert watching(clinic(begin=time(0), end=time(0), days=range(7)), at("2026-03-08T02:59:59-05:00")).now


def test_without_hours_nothing_is_known_and_the_day_ends_at_midnight(db):
    site = clinic(days=())
    state = watching(site, at("2026-03-02T10:00:00-05:00"))
    assert (state.now, state.hours_known, state.next) == (False, False, None)
    assert see_by(site, at("2026-03-02T10:00:00-05:00")) == at("2026-03-03T00:00:00-05:00")


def test_the_paging_is_alive_only_while_it_runs(site):
    now = datetime(2026, 3, 2, 15, tzinfo=UTC)
    assert not watching(site, now).paging
    escalate(now)
    assert Clock.objects.get().job == PAGING
    assert watching(site, now + timedelta(minutes=5)).paging
    assert not watching(site, now + timedelta(minutes=5, seconds=1)).paging


@pytest.mark.parametrize(
    ("language", "now", "words"),
    [
        ("en", "2026-03-02T10:00:00-05:00", "Someone at your clinic reads answers at this hour."),
        ("en", "2026-03-02T18:00:00-05:00", "Your team reads again on Tuesday, 3 March 2026, 9:00 am."),
        ("es-MX", "2026-03-02T18:00:00-05:00", "Su equipo vuelve a leerlas el martes, 3 de marzo de 2026, 09:00."),
        ("fr", "2026-03-02T10:00:00-05:00", "Someone at your clinic reads answers at this hour."),
    ],
)
def test_what_the_patient_is_told_is_true_at_that_hour(db, language, now, words):
    lines = told(clinic(), at(now), phrases_for(CATALOG, language))
    assert words in " ".join(lines)
    assert ("Nobody at your clinic" in " ".join(lines)) == ("again" in words)


def test_a_site_without_hours_promises_nothing(db):
    said = " ".join(told(clinic(days=()), at("2026-03-02T10:00:00-05:00"), phrases_for(CATALOG, "en"), by=at("2026-03-03T00:00:00-05:00")))
    assert "We cannot say when someone will read it." in said
    assert "by " not in said
