"""The pages of the alerts and the patient's own page: for the owner, a colleague, a stranger, nobody; bad input is a clear page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.conftest import here_of
from clinic.test_alerts import BY, HIGH, answered, form, screener
from euthymia.events import Goal, Medication
from euthymia.moment import Moment
from euthymia_clinic.accounts.models import OnCall
from euthymia_clinic.alerts.models import Alert
from euthymia_clinic.audit.models import Read
from euthymia_clinic.chart.actions import admit, record_events
from euthymia_clinic.checkins.models import Checkin
from euthymia_clinic.patientpage.actions import make_link, withdraw_link
from euthymia_clinic.patientpage.models import PatientLink


@pytest.fixture
def alert(patient) -> Alert:
    return answered(patient, form(1.0), screener(HIGH))


def pages(alert, patient):
    """Every page of this room behind a door, and how it is asked for."""
    one = [alert.pk]
    return [
        ("get", reverse("alert", args=one), {}),
        ("post", reverse("alert_acknowledge", args=one), {}),
        ("post", reverse("alert_note", args=one), {"patient_reached": "no", "token": "t1"}),
        ("post", reverse("alert_resolve", args=one), {"note": "Seen.", "acted_on": "yes"}),
        ("get", reverse("concern", args=[patient.pk]), {}),
        ("post", reverse("concern", args=[patient.pk]), {"words": "Something is wrong.", "token": "t2"}),
        ("get", reverse("patient_link", args=[patient.pk]), {}),
        ("post", reverse("patient_link", args=[patient.pk]), {"do": "make"}),
    ]


def test_the_owner_sees_and_does_everything(alert, patient, owner, signed_in):
    client = signed_in(owner)
    for method, address, data in pages(alert, patient):
        assert getattr(client, method)(address, data).status_code in (200, 302), address
    alert.refresh_from_db()
    assert (alert.state, alert.note) == ("resolved", "Seen.")
    assert "Seen." in client.get(reverse("alert", args=[alert.pk])).content.decode()


def test_the_medical_lead_sees_it_too(alert, lead, signed_in):
    assert patient_code(alert) in signed_in(lead).get(reverse("alerts")).content.decode()


def patient_code(alert):
    return alert.patient.code


@pytest.mark.parametrize(("who", "status"), [("colleague", 403), ("stranger", 404), ("administrator", 403), ("auditor", 403)])
def test_others_see_and_do_nothing(alert, patient, request, who, status, signed_in):
    client = signed_in(request.getfixturevalue(who))
    for method, address, data in pages(alert, patient):
        assert getattr(client, method)(address, data).status_code == status, address
    alert.refresh_from_db()
    assert alert.state == "open"


def test_nobody_is_sent_to_sign_in(alert, patient):
    for method, address, data in [*pages(alert, patient), ("get", reverse("alerts"), {})]:
        answer = getattr(Client(), method)(address, data)
        assert answer.status_code == 302
        assert "login" in answer.url


def test_the_list_shows_ones_own_patients_only(alert, colleague, stranger, auditor, signed_in):
    for user in (colleague, stranger):
        answer = signed_in(user).get(reverse("alerts"))
        assert answer.status_code == 200
        assert patient_code(alert) not in answer.content.decode()
    assert signed_in(auditor).get(reverse("alerts")).status_code == 403


def test_high_stands_on_top(alert, patient, owner, signed_in):
    said = signed_in(owner).get(reverse("alerts")).content.decode()
    assert said.index('class="card alert high"') < said.index("Acknowledge")
    assert "1 person needs" in said.replace("\n", " ")


def test_one_click_acknowledges_and_comes_back_to_the_list(alert, owner, signed_in):
    answer = signed_in(owner).post(reverse("alert_acknowledge", args=[alert.pk]), {"from": "list"})
    assert answer.url == reverse("alerts")
    alert.refresh_from_db()
    assert alert.state == "acknowledged"


def test_the_page_says_why_by_which_rule_and_what_is_done(alert, owner, signed_in):
    said = signed_in(owner).get(reverse("alert", args=[alert.pk])).content.decode()
    for words in ("suicidality_high", "verified", "Immediate evaluation", "item 4 (some intent): 1", "Raised (same working day)"):
        assert words in said
    assert Read.objects.filter(page="alert", subject=alert.patient.subject).exists()


BAD = (
    {"note": "", "acted_on": "yes"},
    {"note": "x"},
    {"note": "x", "acted_on": "perhaps"},
    {"note": "x", "acted_on": "yes", "safety_plan": "blue"},
)


@pytest.mark.parametrize("data", BAD)
def test_a_form_that_cannot_be_taken_says_so_and_keeps_the_words(alert, owner, signed_in, data):
    answer = signed_in(owner).post(reverse("alert_resolve", args=[alert.pk]), data)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    alert.refresh_from_db()
    assert alert.state == "open"


def test_a_get_changes_nothing(alert, owner, signed_in):
    for name in ("alert_acknowledge", "alert_note", "alert_resolve"):
        assert signed_in(owner).get(reverse(name, args=[alert.pk])).status_code == 405


def test_nobody_to_page_is_said_in_red_on_every_page(alert, owner, site, signed_in):
    OnCall.objects.all().delete()
    assert "Nobody is paged" in signed_in(owner).get(reverse("alert", args=[alert.pk])).content.decode()


# The patient's own page


@pytest.fixture
def key(patient, owner):
    return make_link(here_of(owner).actor, here_of(owner), patient)


def own(key, **query):
    return Client().get(reverse("my_page", args=[key]), query)


def test_the_page_opens_by_its_link_and_says_what_it_is_for(key, patient):
    record_events(
        BY,
        patient,
        [
            Goal(id="g1", at=Moment.of(timezone.now() - timedelta(days=3)), goal="Walk the dog each morning", attainment=-1),
            Medication(id="m1", at=Moment.of("2026-02-01"), drug="sertraline", dose_text="one tablet of 100 mg in the morning"),
            Medication(id="m2", at=Moment.of("2026-02-01"), drug="zopiclone", dose_text="not to be shown", ended=Moment.of("2026-03-01")),
            Medication(id="m3", at=Moment.of("2026-02-01"), drug="ibuprofen", dose_text="not prescribed", intent="reported"),
        ],
    )
    said = own(key).content.decode()
    for words in (
        "Walk the dog each morning",
        "less than agreed",
        "one tablet of 100 mg in the morning",
        "call 911",
        "tel:988",
        "sms:988",
        "555 0100",
    ):
        assert words in said, words
    for words in ("not to be shown", "not prescribed", "risk", "%", patient.code, patient.name):
        assert words not in said, words
    assert Read.objects.filter(page="my page", subject=patient.subject).exists()


def test_the_page_speaks_spanish(key, patient):
    said = own(key, language="es").content.decode()
    assert '<html lang="es">' in said
    assert "Su página" in said
    assert own(key, language="xx").status_code == 200


def test_scores_are_shown_only_where_the_site_shows_them(key, patient, site):
    assert "<svg" in own(key).content.decode()
    site.shows_scores = False
    site.save()
    said = own(key).content.decode()
    assert "<svg" not in said
    assert "PHQ-9" not in said


def test_without_named_hours_nothing_is_promised(key, site):
    assert "has not said when it reads" in own(key).content.decode()


@pytest.mark.parametrize("how", ["unknown", "withdrawn", "expired", "tampered", "replaced", "left"])
def test_a_link_that_is_closed_shows_the_same_clear_page(key, patient, owner, how):
    here = here_of(owner)
    if how == "withdrawn":
        withdraw_link(here.actor, here, patient)
    if how == "expired":
        PatientLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    if how == "replaced":
        make_link(here.actor, here, patient)
    if how == "left":
        type(patient).objects.update(in_care=False)
    answer = own({"unknown": "x" * 43, "tampered": key[:-1] + ("A" if key[-1] != "A" else "B")}.get(how, key))
    assert answer.status_code == 404
    assert "This page is closed" in answer.content.decode()
    assert "Esta página está cerrada" in answer.content.decode()


def test_a_key_is_not_kept_and_not_audited(key):
    link = PatientLink.objects.get()
    assert key not in (link.key_hash, str(link.__dict__))


def test_the_link_by_mail_has_nothing_else_in_it(patient, owner, signed_in, mailoutbox):
    type(patient).objects.update(email="p@example.org")
    answer = signed_in(owner).post(reverse("patient_link", args=[patient.pk]), {"do": "mail"})
    assert answer.status_code == 200
    assert mailoutbox[0].to == ["p@example.org"]
    assert patient.code not in mailoutbox[0].body
    assert "/my/" in mailoutbox[0].body


def test_closing_the_page(key, patient, owner, signed_in):
    signed_in(owner).post(reverse("patient_link", args=[patient.pk]), {"do": "withdraw"})
    assert own(key).status_code == 404


def test_questions_that_are_open_are_one_tap_away(key, patient):
    now = timezone.now()
    checkin = Checkin.objects.create(
        patient=patient, instruments=["phq9"], occasion="test", opens_at=now - timedelta(hours=1), closes_at=now + timedelta(hours=1)
    )
    address = reverse("my_page_answer", args=[key, checkin.pk])
    assert address in own(key).content.decode()
    assert Client().post(address).url.startswith("/c/")
    Checkin.objects.update(closes_at=now)
    assert address not in own(key).content.decode()
    assert Client().post(address).url == reverse("my_page", args=[key])
    assert Client().post(reverse("my_page_answer", args=["x", checkin.pk])).status_code == 404


def test_the_questions_of_somebody_else_are_not_opened(key, patient, site):
    now = timezone.now()
    other = admit(BY, site, "0999")
    checkin = Checkin.objects.create(
        patient=other, instruments=["phq9"], occasion="test", opens_at=now - timedelta(hours=1), closes_at=now + timedelta(hours=1)
    )
    assert Client().post(reverse("my_page_answer", args=[key, checkin.pk])).url == reverse("my_page", args=[key])
    assert not checkin.links.exists()
