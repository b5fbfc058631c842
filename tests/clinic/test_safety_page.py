"""The page of long-term safety: what it says, who sees it, what is recorded from it, and that nothing is assumed."""

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.conftest import sample
from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.models import Entry
from euthymia_clinic.chart.actions import admit, record_events
from euthymia_clinic.chart.models import Event
from euthymia_clinic.chart.snapshots import take_snapshot, today_of
from euthymia_clinic.chart.to_core import event_from, record_of
from euthymia_clinic.pages.presenters.safety import questions_of

pytestmark = pytest.mark.django_db
TOKEN = "0123456789abcdef" * 2


@pytest.fixture
def client(owner, signed_in):
    return signed_in(owner)


def page(client, patient, query=""):
    return client.get(reverse("safety", args=(patient.pk,)) + query).content.decode()


def subject_of(said, subject):
    """The card of one subject."""
    return re.search(rf'<section class="card subject" id="follow-up-{subject}".*?</section>', said, re.DOTALL)[0]


def asked(patient, subject="misuse"):
    return reverse("safety_ask", args=(patient.pk, subject))


def reviewed(patient):
    """As after the write has been committed."""
    patient.refresh_from_db()
    take_snapshot(system("test"), patient, today_of(patient))
    return patient


def answers(**said):
    return {"token": TOKEN, "at": "2026-11-20", "at_time": "", **{f"answer_{fact}": answer for fact, answer in said.items()}}


def test_who_sees_it(patient, owner, colleague, stranger, auditor, signed_in, client):
    for name, args in (("safety", ()), ("safety_ask", ("misuse",))):
        at = reverse(name, args=(patient.pk, *args))
        assert [signed_in(user).get(at).status_code for user in (owner, colleague, auditor, stranger)] == [200, 403, 403, 404]


def test_every_subject_stands_there_and_nobody_measured_is_never_measured(patient, client):
    said = page(client, patient)
    for name in ("Bladder", "Blood pressure", "Dissociation", "Liver", "Cognition", "Misuse", "Pregnancy"):
        assert f">{name}</h3>" in said
    assert "never measured" in subject_of(said, "dissociation")
    assert "nothing found" not in subject_of(said, "dissociation")
    assert "no proof of safety" in said


def test_the_thresholds_say_how_well_they_are_known(patient, client):
    said = page(client, patient)
    assert "recalled from consensus, not confirmed" in subject_of(said, "bladder")
    assert "DESIGN: our own proposal" in subject_of(said, "liver")
    assert "verified in a source" in subject_of(said, "blood_pressure")


def test_the_pictures_are_drawn_against_time_and_against_doses(patient, client):
    for query, axis in (("", "temporal"), ("?against=doses", "sessions and doses so far")):
        said = page(client, patient, query)
        specs = json.loads(re.search(r'<script type="application/json" id="panels">(.*?)</script>', said, re.DOTALL)[1])
        assert set(specs["liver-alt_ratio"]) == {"light", "dark"}
        assert (axis in json.dumps(specs)) == (query != "")
        assert set(re.findall(r'data-panel="([^"]+)"', said)) == set(specs)


def test_a_patient_without_ketamine_care_is_not_said_to_be_safe(site, owner, client):
    found = admit(system("test"), site, "0093", team=[owner])
    record_events(system("test"), found, sample("losing-ground"))
    found.refresh_from_db()
    take_snapshot(system("test"), found, site.today())
    said = page(client, found)
    assert "No ketamine care is recorded" in said
    assert "That is not known to be so" in said
    assert reverse("safety", args=(found.pk,)) in client.get(reverse("chart", args=(found.pk,))).content.decode()


def test_the_chart_leads_there(patient, client):
    said = client.get(reverse("chart", args=(patient.pk,))).content.decode()
    assert said.count(f'href="{reverse("safety", args=(patient.pk,))}"') == 2


def test_one_tap_leads_to_a_form_that_is_filled_in_and_back(patient, client):
    said = page(client, patient)
    for subject, words in (
        ("liver", "Record ALT"),
        ("cognition", "Record MoCA"),
        ("bladder", "Record BPIC-SS"),
        ("bladder", "Record urinalysis"),
    ):
        address = re.search(rf'href="([^"]+)">{words}</a>', subject_of(said, subject))[1].replace("&amp;", "&")
        form = client.get(address).content.decode()
        measure = re.search(r"measure=([^&]+)", address)[1].replace("+", " ").replace("%2F", "/")
        assert f'value="{measure}"' in form
        assert '<input type="hidden" name="to" value="safety">' in form
    body = {"token": TOKEN, "at": today_of(patient).isoformat(), "measure": "moca", "value": "27", "unit": "{score}", "to": "safety"}
    response = client.post(reverse("enter", args=(patient.pk, "measurement")), body)
    assert response.url == reverse("safety", args=(patient.pk,))
    assert "MoCA: 27 today" in page(client, reviewed(patient))


def test_the_questions_become_one_statement_each_and_once(patient, client):
    said = answers(craving="yes", requests_for_more="no", early_refill="", diversion="unclear") | {"note": "asked twice"}
    for _ in range(2):
        response = client.post(asked(patient), said)
        assert response.url == reverse("safety", args=(patient.pk,))
    made = [event_from(e.body) for e in Event.objects.filter(patient=patient, event_id__contains=TOKEN)]
    assert {(e.about, e.answer, e.note) for e in made} == {
        ("craving", "yes", "asked twice"), ("requests_for_more", "no", "asked twice"), ("diversion", "unclear", "asked twice"),
    }  # fmt: skip
    assert Entry.objects.filter(action="entries.made").count() == 1
    assert all(any(e.id == each.id for e in record_of(patient).current) for each in made)
    assert "craving yes" in subject_of(page(client, reviewed(patient)), "misuse")


def test_what_is_wrong_is_said_and_nothing_is_recorded(patient, client):
    before = patient.events.count()
    tomorrow = (today_of(patient) + timedelta(days=2)).isoformat()
    for said, found in (
        (answers(), "at least one"),
        (answers(craving="perhaps"), "allowed: yes, no, unclear"),
        ({**answers(craving="no"), "at": tomorrow}, "still to come"),
        ({**answers(craving="no"), "at": "yesterday"}, "allowed: a date"),
        ({**answers(craving="no"), "token": "x"}, "allowed: a new one"),
    ):
        response = client.post(asked(patient), said)
        assert response.status_code == 422
        assert found in response.content.decode()
    assert patient.events.count() == before
    assert client.get(asked(patient, "horoscope")).status_code == 404
    assert client.get(asked(patient, "dissociation")).status_code == 404


def test_other_answers_on_the_same_form_are_a_conflict(patient, client):
    client.post(asked(patient), answers(craving="no"))
    assert client.post(asked(patient), answers(craving="yes")).status_code == 409


def test_a_finding_that_asks_for_a_referral_says_that_none_is_recorded_until_one_is(patient, client):
    today = today_of(patient).isoformat()
    observation = reverse("enter", args=(patient.pk, "observation"))
    client.post(observation, {"token": TOKEN, "at": today, "about": "haematuria", "answer": "yes"})
    said = subject_of(page(client, reviewed(patient)), "bladder")
    assert "no referral is recorded" in said
    assert "hold" in said
    address = re.search(r'href="([^"]+)">Record a referral to urology</a>', said)[1].replace("&amp;", "&")
    form = client.get(address).content.decode()
    assert '<option value="urology_referral" selected>' in form
    body = {"token": "f" * 32, "at": today, "about": "urology_referral", "answer": "yes", "note": "Dr Ríos", "to": "safety"}
    assert client.post(observation, body).url == reverse("safety", args=(patient.pk,))
    said = subject_of(page(client, reviewed(patient)), "bladder")
    assert "no referral is recorded" not in said
    assert "eferral to urology recorded on" in said
    assert "Dr Ríos" in said


def test_no_question_is_asked_that_a_measurement_answers(site):
    from euthymia_clinic.catalogs.in_force import catalog_of

    catalog = catalog_of(site)
    assert {"diversion", "craving", "requests_for_more", "pdmp_checked"} <= {fact for fact, _ in questions_of(catalog, "misuse")}
    assert "urinalysis" not in dict(questions_of(catalog, "bladder"))
