"""A check-in from the plan to the record: links, questions, answers, what goes wrong, and what the worker does."""

import re
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from euthymia.events import Assessment, Request
from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.models import Entry
from euthymia_clinic.chart.to_core import record_of
from euthymia_clinic.checkins import actions, jobs
from euthymia_clinic.checkins.links import find, hash_of, new_key
from euthymia_clinic.checkins.messages import claim, enqueue
from euthymia_clinic.checkins.models import Answer, Checkin, Link, Message
from euthymia_clinic.checkins.planning import Planned
from euthymia_clinic.checkins.sitting import sitting_of

ACTOR = system("test")


@pytest.fixture(autouse=True)
def _nothing_looked_at():
    jobs._looked.clear()


@pytest.fixture
def open_checkin(patient):
    def make(instruments=("phq9",), opened=timedelta(hours=1), stays=timedelta(hours=24), occasion="session:2026-06-08"):
        now = timezone.now()
        planned = Planned(occasion, now.date(), now - opened, now - opened + stays)
        return actions.plan_checkin(ACTOR, patient, planned, list(instruments))

    return make


def key_to(checkin, how="mail", **said):
    key = new_key()
    Link.objects.create(checkin=checkin, key_hash=hash_of(key), how=how, **({"expires_at": checkin.closes_at} | said))
    return key


def post(client, key, number, answer, question=None):
    said = {"question": question or f"phq9.{number}", "answer": answer}
    return client.post(reverse("checkin_question", args=[key, number]), said)


def answer_all(client, key, answers):
    for number, answer in enumerate(answers, 1):
        assert post(client, key, number, answer).status_code == 302
    return client.post(reverse("checkin_end", args=[key]))


def assessments_of(patient, checkin):
    return [e for e in record_of(patient).of_kind(Assessment) if str(checkin.pk) in e.id]


def requests_of(patient, checkin):
    return [e for e in record_of(patient).of_kind(Request) if str(checkin.pk) in e.id]


# The questions


def test_from_the_link_to_thanks(client, patient, open_checkin):
    checkin = open_checkin()
    key = key_to(checkin)
    first = client.get(reverse("checkin", args=[key]), follow=True)
    page = first.content.decode()
    assert "Little interest or pleasure in doing things" in page
    assert "how often have you been bothered" in page
    assert "1 of 9" in page
    assert first.headers["Referrer-Policy"] == "no-referrer"
    assert "988" in page
    assert "Saved" not in page
    kept = post(client, key, 1, "2")
    assert kept.headers["Location"] == reverse("checkin_question", args=[key, 2])
    assert "Saved" in client.get(kept.headers["Location"]).content.decode()
    done = answer_all(client, key, ["2", "1", "3", "0", "0", "1", "2", "0", "0"])
    assert done.status_code == 302
    thanks = client.get(reverse("checkin", args=[key]))
    assert "Thank you" in thanks.content.decode()
    assert "More than half" not in thanks.content.decode()
    [assessment] = assessments_of(patient, checkin)
    assert assessment.answers == (2, 1, 3, 0, 0, 1, 2, 0, 0)
    assert (assessment.mode, assessment.language, assessment.phase) == ("self", "en", "before_session")
    assert [request.outcome for request in requests_of(patient, checkin)] == ["answered"]


def test_prefer_not_to_answer_is_missing_never_zero(client, patient, open_checkin):
    checkin = open_checkin()
    answer_all(client, key_to(checkin), ["1", "skip", *["0"] * 7])
    [assessment] = assessments_of(patient, checkin)
    assert assessment.answers == (1, None, 0, 0, 0, 0, 0, 0, 0)


def test_everything_left_out_is_no_assessment_and_not_missed(client, patient, open_checkin):
    checkin = open_checkin()
    answer_all(client, key_to(checkin), ["skip"] * 9)
    assert assessments_of(patient, checkin) == []
    [request] = requests_of(patient, checkin)
    assert (request.outcome, request.reason) == ("excused", "preferred not to answer")


def test_it_goes_on_where_the_patient_left_off_and_back_changes_an_answer(client, patient, open_checkin):
    checkin = open_checkin()
    key = key_to(checkin)
    post(client, key, 1, "1")
    post(client, key, 2, "2")
    assert Client().get(reverse("checkin", args=[key])).headers["Location"].endswith("/3/")
    page = client.get(reverse("checkin_question", args=[key, 1])).content.decode()
    assert re.search(r'value="1" checked', page)
    post(client, key, 1, "3")
    assert {a.item: a.value for a in Answer.objects.filter(checkin=checkin)} == {"1": 3, "2": 2}
    assert client.get(reverse("checkin_question", args=[key, 9])).headers["Location"].endswith("/3/")
    assert client.get(reverse("checkin_question", args=[key, 77])).status_code == 302
    assert client.get(reverse("checkin_end", args=[key])).status_code == 302


@pytest.mark.parametrize("answer", ["", "4", "-1", "1.5", "nan", "x" * 10_000, "٣", "2; drop table"])
def test_an_answer_that_the_question_does_not_have_is_asked_again(client, open_checkin, answer):
    checkin = open_checkin()
    found = post(client, key_to(checkin), 1, answer)
    assert found.status_code == 422
    assert "Please choose one answer" in found.content.decode()
    assert not Answer.objects.filter(checkin=checkin).exists()


@pytest.mark.parametrize("question", ["phq9.10", "gad7.1", "x" * 10_000, "phq9", ".", "phq9.\x00"])
def test_a_question_that_is_not_asked_here_keeps_nothing(client, open_checkin, question):
    checkin = open_checkin()
    assert post(client, key_to(checkin), 1, "1", question).status_code in (302, 400)
    assert not Answer.objects.filter(checkin=checkin).exists()


def test_the_language_can_change_on_the_way(client, patient, open_checkin):
    checkin = open_checkin(("phq9", "gad7"))
    key = key_to(checkin)
    post(client, key, 1, "1")
    client.post(reverse("checkin_language", args=[key]), {"language": "es", "number": "2"})
    page = client.get(reverse("checkin_question", args=[key, 2])).content.decode()
    assert "Se ha sentido decaído(a), deprimido(a) o sin esperanzas" in page
    assert '<html lang="es">' in page
    for number in range(2, 10):
        post(client, key, number, "0")
    for number in range(1, 8):
        post(client, key, 9 + number, "1", f"gad7.{number}")
    client.post(reverse("checkin_end", args=[key]))
    assert {a.instrument: a.language for a in assessments_of(patient, checkin)} == {"phq9": "es", "gad7": "es"}
    assert client.post(reverse("checkin_language", args=[key]), {"language": "xx" * 50}).status_code in (302, 409)


def test_two_tabs_and_a_double_send_are_one_assessment(client, patient, open_checkin):
    checkin = open_checkin()
    key, other = key_to(checkin), Client()
    answer_all(client, key, ["1"] * 8 + ["0"])
    again = other.post(reverse("checkin_end", args=[key]))
    late = post(other, key, 3, "3")
    assert (again.status_code, late.status_code) == (409, 409)
    assert "Thank you" in late.content.decode()
    [assessment] = assessments_of(patient, checkin)
    assert assessment.answers[2] == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_answers_sent_by_many_at_once(patient, open_checkin):
    checkin = open_checkin()
    key = key_to(checkin)
    client = Client()
    for number in range(1, 9):
        post(client, key, number, "1")
    codes = []

    def send():
        try:
            mine = Client()
            codes.append(post(mine, key, 9, "0").status_code)
            codes.append(mine.post(reverse("checkin_end", args=[key])).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(codes) <= {302, 409}
    assert len(assessments_of(patient, checkin)) == 1
    assert Answer.objects.filter(checkin=checkin).count() == 9
    assert Entry.objects.filter(action="checkin.answered").count() == 1


# Somebody at risk


def test_a_positive_item_9_shows_support_at_once_and_is_raised_before_the_end(client, patient, open_checkin):
    checkin = open_checkin(("phq9", "gad7"))
    key = key_to(checkin)
    for number in range(1, 9):
        post(client, key, number, "0")
    led = post(client, key, 9, "1")
    assert led.headers["Location"] == reverse("checkin_support", args=[key, 10])
    shown = client.get(led.headers["Location"]).content.decode()
    assert "Thank you for telling us" in shown
    assert "988" in shown
    assert patient.alerts.count() == 1
    assert client.get(reverse("checkin_question", args=[key, 10])).status_code == 200
    for number in range(1, 8):
        post(client, key, 9 + number, "0", f"gad7.{number}")
    client.post(reverse("checkin_end", args=[key]))
    assert patient.alerts.count() == 1
    assert Checkin.objects.get(pk=checkin.pk).triaged_at is not None


def test_support_is_not_shown_to_who_did_not_ask_for_it(client, open_checkin):
    assert client.get(reverse("checkin_support", args=[key_to(open_checkin()), 1])).status_code == 302


def test_an_unfinished_check_in_keeps_what_was_said_and_raises(client, patient, open_checkin, monkeypatch):
    checkin = open_checkin()
    key = key_to(checkin)
    post(client, key, 1, "2")
    monkeypatch.setattr("euthymia_clinic.alerts.actions.triage", _broken)
    post(client, key, 9, "2", "phq9.9")
    assert patient.alerts.count() == 0
    monkeypatch.undo()
    jobs.close(timezone.now())
    assert patient.alerts.count() == 1
    jobs.close(checkin.closes_at + timedelta(seconds=1))
    [assessment] = assessments_of(patient, checkin)
    assert assessment.answers == (2, None, None, None, None, None, None, None, 2)
    assert patient.alerts.count() == 1
    assert [request.outcome for request in requests_of(patient, checkin)] == ["answered"]


def _broken(*_args, **_kwargs):
    raise RuntimeError("out of order")


def test_a_triage_that_is_out_of_order_loses_no_answer(client, patient, open_checkin, monkeypatch):
    checkin = open_checkin()
    monkeypatch.setattr("euthymia_clinic.alerts.actions.triage", _broken)
    answer_all(client, key_to(checkin), ["0"] * 8 + ["1"])
    assert len(assessments_of(patient, checkin)) == 1
    assert Checkin.objects.get(pk=checkin.pk).triaged_at is None
    monkeypatch.undo()
    jobs.close(timezone.now())
    assert patient.alerts.count() == 1
    assert Checkin.objects.get(pk=checkin.pk).triaged_at is not None


# The links


def test_a_key_is_kept_as_its_hash_alone(open_checkin):
    key = key_to(open_checkin())
    assert not Link.objects.filter(key_hash=key).exists()
    assert find(key, timezone.now()).why == "open"


@pytest.mark.parametrize("key", ["x", "A" * 43, "A" * 5000, "ñandú", "a b"])
def test_a_link_that_leads_nowhere_is_a_kind_page(client, site, key):
    found = client.get(f"/c/{key}/")
    assert found.status_code == 404
    assert "does not work any more" in found.content.decode()
    assert "988" in found.content.decode()
    assert "555 0100" in found.content.decode()


@pytest.mark.parametrize("what", ["expired", "withdrawn", "over", "missed", "excused", "not yet"])
def test_a_link_that_is_over_is_a_kind_page(client, open_checkin, what):
    checkin = open_checkin()
    now = timezone.now()
    key = key_to(checkin, **({"expires_at": now} if what == "expired" else {"withdrawn_at": now} if what == "withdrawn" else {}))
    changed = {"over": {"closes_at": now}, "missed": {"outcome": "missed"}, "excused": {"outcome": "excused"}}
    changed["not yet"] = {"opens_at": now + timedelta(hours=1)}
    Checkin.objects.filter(pk=checkin.pk).update(**changed.get(what, {"reason": ""}))
    for answer in (client.get(reverse("checkin", args=[key])), post(client, key, 1, "1")):
        assert answer.status_code == 410
        assert "555 0100" in answer.content.decode()
    assert not Answer.objects.filter(checkin=checkin).exists()


def test_who_tries_many_keys_waits_and_who_has_one_does_not(client, site, open_checkin):
    key = key_to(open_checkin())
    for _ in range(30):
        client.get("/c/wrong/")
    assert client.get("/c/wrong/").status_code == 429
    assert Client(REMOTE_ADDR="10.0.0.9").get(reverse("checkin", args=[key])).status_code == 302


def test_no_key_stands_in_a_log(client, site, caplog):
    client.get(f"/c/{'K' * 43}/")
    assert "K" * 43 not in caplog.text


def test_no_cookie_and_no_csrf_token_is_needed(open_checkin):
    strict = Client(enforce_csrf_checks=True)
    assert post(strict, key_to(open_checkin()), 1, "1").status_code == 302
    assert not strict.cookies


# The worker


def test_a_check_in_is_planned_once(patient):
    now = timezone.now()
    patient.email = "patient@example.org"
    patient.save()
    moments = [now + timedelta(hours=6 * n) for n in range(60)]
    made = sum(jobs.plan(moment) for moment in moments[:1])
    for moment in moments[1:]:
        jobs._looked.clear()
        if not Checkin.objects.exists():
            made += jobs.plan(moment)
    jobs._looked.clear()
    assert jobs.plan(now) == 0 or made == 0
    assert Checkin.objects.count() == made == 1
    checkin = Checkin.objects.get()
    assert checkin.instruments[0] == "phq9"
    assert [request.outcome for request in requests_of(patient, checkin)] == ["open"]


def daytime(zone):
    return timezone.now().astimezone(zone).replace(hour=11, minute=0, second=0, microsecond=0)


@pytest.fixture
def by_day_checkin(patient, site):
    patient.email = "patient@example.org"
    patient.save()
    noon = daytime(site.tz)
    planned = Planned("session:x", noon.date(), noon - timedelta(hours=1), noon + timedelta(hours=23))
    return actions.plan_checkin(ACTOR, patient, planned, ["phq9"]), noon


def test_the_message_says_nothing_of_health_and_goes_once(by_day_checkin):
    checkin, now = by_day_checkin
    assert jobs.send(now) == 1
    assert jobs.send(now + timedelta(minutes=1)) == 0
    [message] = mail.outbox
    assert message.subject == "A short check-in is ready"
    assert not re.search(r"phq|depress|mood|ketamin|clinic|score|suicid|synthetic|0147", message.subject + message.body, re.IGNORECASE)
    key = re.search(r"/c/([^/\s]+)/", message.body).group(1)
    assert find(key, now).checkin == checkin


def test_the_ladder_sends_reminders_until_it_is_answered(by_day_checkin):
    checkin, now = by_day_checkin
    assert [jobs.send(now + timedelta(hours=h)) for h in (0, 3, 7.5, 12, 22.5)] == [1, 0, 1, 0, 1]
    assert list(checkin.messages.order_by("rung").values_list("state", flat=True)) == ["sent"] * 3


def test_no_reminder_after_the_answer(client, by_day_checkin):
    checkin, now = by_day_checkin
    jobs.send(now)
    actions.finish(ACTOR, checkin.pk)
    assert jobs.send(now + timedelta(hours=7.5)) == 0


def test_nothing_is_sent_at_night(patient, site):
    patient.email = "patient@example.org"
    patient.save()
    night = daytime(site.tz).replace(hour=2)
    actions.plan_checkin(ACTOR, patient, Planned("rating:x", night.date(), night, night + timedelta(hours=24)), ["phq9"])
    assert [jobs.send(night.replace(hour=h)) for h in (2, 8, 9)] == [0, 0, 1]


def test_a_mail_server_that_is_down_is_tried_again_and_then_shown(by_day_checkin, monkeypatch, owner, signed_in):
    checkin, now = by_day_checkin

    def down(*_args, **_kwargs):
        raise OSError("connection refused to patient@example.org")

    monkeypatch.setattr("euthymia_clinic.checkins.messages.send_mail", down)
    minutes = (0, 1, 3, 15, 50)
    assert [jobs.send(now + timedelta(minutes=m)) for m in minutes] == [0] * 5
    message = Message.objects.get()
    assert (message.attempts, message.state, message.trouble) == (4, "waiting", "OSError")
    assert Link.objects.filter(checkin=checkin, withdrawn_at=None).count() == 1
    monkeypatch.undo()
    assert jobs.send(now + timedelta(hours=3)) == 1
    assert len(mail.outbox) == 1


def test_what_could_not_be_delivered_is_on_the_list(by_day_checkin, monkeypatch):
    _, now = by_day_checkin
    monkeypatch.setattr("euthymia_clinic.checkins.messages.send_mail", _broken)
    for minute in (0, 3, 15, 50, 150):
        jobs.send(now + timedelta(minutes=minute))
    assert Message.objects.get().state == "undelivered"


def test_a_worker_killed_between_claim_and_send_sends_nothing_twice(by_day_checkin):
    checkin, now = by_day_checkin
    message = enqueue(ACTOR, checkin, 0, now)
    assert claim(ACTOR, message.pk, now) is not None
    assert claim(ACTOR, message.pk, now) is None
    assert jobs.send(now + timedelta(minutes=1)) == 0
    jobs.send(now + timedelta(minutes=6))
    message.refresh_from_db()
    assert message.state == "unknown"
    assert mail.outbox == []
    assert jobs.send(now + timedelta(hours=7.5)) == 1


def test_without_an_address_it_is_said(by_day_checkin):
    checkin, now = by_day_checkin
    checkin.patient.__class__.objects.filter(pk=checkin.patient.pk).update(email="")
    assert jobs.send(now) == 0
    assert Message.objects.get().trouble == "no address"


class Texts:
    sent: list = []  # noqa: RUF012

    def send(self, to, text):
        self.sent.append((to, text))


def test_a_text_message_goes_through_the_sites_own_way(by_day_checkin, settings):
    checkin, now = by_day_checkin
    settings.TEXT_MESSAGES = f"{__name__}.Texts"
    checkin.patient.__class__.objects.filter(pk=checkin.patient.pk).update(email="", phone="555 0199")
    Texts.sent.clear()
    import sys

    sys.modules.setdefault(__name__, sys.modules[Texts.__module__])
    assert jobs.send(now) == 1
    [(to, text)] = Texts.sent
    assert to == "555 0199"
    assert text.startswith("A short check-in is ready: ")


def test_what_nobody_answers_is_missed(patient, open_checkin):
    checkin = open_checkin()
    assert jobs.close(timezone.now()) == 0
    assert jobs.close(checkin.closes_at) == 1
    assert jobs.close(checkin.closes_at) == 0
    assert [request.outcome for request in requests_of(patient, checkin)] == ["missed"]


def test_what_was_answered_to_its_end_goes_by_itself(client, patient, open_checkin):
    checkin = open_checkin()
    key = key_to(checkin)
    for number in range(1, 10):
        post(client, key, number, "0")
    assert jobs.close(timezone.now()) == 0
    assert jobs.close(timezone.now() + timedelta(minutes=31)) == 1
    assert len(assessments_of(patient, checkin)) == 1


def test_one_bad_patient_stops_nobody(open_checkin, monkeypatch):
    checkin = open_checkin()
    monkeypatch.setattr(jobs, "close_checkin", _broken)
    assert jobs.close(checkin.closes_at) == 0


# The clinic's side


def test_the_list_says_who_has_not_answered(owner, signed_in, open_checkin):
    open_checkin()
    page = signed_in(owner).get(reverse("checkins")).content.decode()
    assert "Synthetic patient 0147" in page
    assert "PHQ-9" in page


def test_a_colleague_sees_nobody_and_a_stranger_neither(colleague, stranger, auditor, signed_in, open_checkin):
    checkin = open_checkin()
    for user in (colleague, stranger):
        assert "0147" not in signed_in(user).get(reverse("checkins")).content.decode()
    assert signed_in(auditor).get(reverse("checkins")).status_code == 403
    assert Client().get(reverse("checkins")).status_code == 302
    where = [checkin.patient.pk, checkin.pk]
    for name in ("checkin_resend", "checkin_excuse", "checkin_qr", "kiosk_hand_over"):
        address = reverse(name, args=where)
        assert signed_in(stranger).post(address).status_code == 404
        assert signed_in(colleague).post(address).status_code == 403
        assert Client().post(address).status_code == 302
    assert not Link.objects.filter(how__in=("qr", "kiosk")).exists()


def test_staff_send_one_and_the_same_form_twice_is_one(owner, signed_in, patient):
    client, address = signed_in(owner), reverse("send_checkin", args=[patient.pk])
    token = re.search(r'name="token" value="(\w+)"', client.get(address).content.decode()).group(1)
    said = {"instrument": ["phq9", "gad7"], "days": "2", "token": token}
    assert [client.post(address, said).status_code for _ in range(2)] == [302, 302]
    [checkin] = Checkin.objects.all()
    assert checkin.instruments == ["phq9", "gad7"]
    for bad in ({"instrument": ["madrs"]}, {"instrument": []}, {"days": "900"}, {"days": "x" * 10_000}, {"token": "<script>"}):
        found = client.post(address, said | bad)
        assert found.status_code == 422
        assert "allowed:" in found.content.decode()


def test_excuse_needs_a_reason_and_closes_the_link(owner, signed_in, client, patient, open_checkin):
    checkin = open_checkin()
    key, staff = key_to(checkin), signed_in(owner)
    address = reverse("checkin_excuse", args=[patient.pk, checkin.pk])
    assert staff.get(address).status_code == 200
    assert staff.post(address, {"reason": " "}).status_code == 422
    assert staff.post(address, {"reason": "in hospital"}).status_code == 302
    assert [(r.outcome, r.reason) for r in requests_of(patient, checkin)] == [("excused", "in hospital")]
    assert client.get(reverse("checkin", args=[key])).status_code == 410
    assert staff.post(address, {"reason": "again"}).status_code == 302


def test_send_again_once_a_minute(owner, signed_in, patient, open_checkin):
    checkin, staff = open_checkin(), signed_in(owner)
    address = reverse("checkin_resend", args=[patient.pk, checkin.pk])
    page = staff.post(address, follow=True).content.decode()
    assert "found no address" in page
    patient.email = "patient@example.org"
    patient.save()
    staff.post(address)
    staff.post(address)
    assert Message.objects.filter(rung__gte=100).count() == 1
    # By hand means now, by night too: somebody is on the phone with the patient.
    assert jobs.send(timezone.now() + timedelta(seconds=1)) >= 1


def test_a_code_for_the_phone_opens_it(owner, signed_in, patient, open_checkin):
    checkin, staff = open_checkin(), signed_in(owner)
    address = reverse("checkin_qr", args=[patient.pk, checkin.pk])
    page = staff.post(address)
    assert "data:image/svg+xml" in page.content.decode()
    assert "/c/" not in page.content.decode()
    staff.post(address)
    assert Link.objects.filter(how="qr", withdrawn_at=None).count() == 1
    assert staff.get(address).status_code == 405


def test_a_tablet_leaves_the_clinics_session_first(owner, signed_in, patient, open_checkin):
    checkin, tablet = open_checkin(), signed_in(owner)
    assert "Synthetic patient 0147" in tablet.get(reverse("kiosk")).content.decode()
    led = tablet.post(reverse("kiosk_hand_over", args=[patient.pk, checkin.pk]))
    key = re.search(r"/c/([^/]+)/", led.headers["Location"]).group(1)
    assert tablet.get(reverse("checkins")).status_code == 302
    assert "_auth_user_id" not in tablet.session
    answer_all(tablet, key, ["0"] * 9)
    done = tablet.get(reverse("checkin", args=[key])).content.decode()
    assert "hand the tablet back" in done
    assert "0147" not in done


def test_the_questions_of_a_check_in_stand_as_published(open_checkin):
    assert [q.text for q in sitting_of(open_checkin()).questions][
        8
    ] == "Thoughts that you would be better off dead or of hurting yourself in some way"
