"""A decision: by whom, on which review, once, and never over something that nobody has seen."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.conftest import here_of, person
from euthymia.events import Goal
from euthymia.moment import Moment
from euthymia.reviewing import review_answered, review_digest
from euthymia_clinic.accounts.models import Role
from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.models import Entry
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.actions import RecordChangedError, decide, record_events
from euthymia_clinic.chart.models import CareTeamMember, Event
from euthymia_clinic.chart.permissions import Forbidden
from euthymia_clinic.chart.snapshots import latest, refresh_soon
from euthymia_clinic.chart.to_core import event_from, record_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(patient):
    return reverse("decide", args=(patient.pk,))


@pytest.fixture
def change(patient):
    """What a form says that changes something."""
    return {"review": latest(patient).digest, "choice": "change_interval", "reason": "too little for too long"}


def decisions(patient):
    return Event.objects.filter(patient=patient, event_id__startswith="decision-")


def test_a_decision_names_the_review_that_was_shown_and_can_be_replayed(patient, owner, at, change, signed_in):
    shown = latest(patient)
    response = signed_in(owner).post(at, {**change, "next_decision": (shown.on + timedelta(days=14)).isoformat()})
    assert response.status_code == 302
    assert response.headers["Location"].endswith("#decide")
    made = event_from(decisions(patient).get().body)
    assert made.answers_review == shown.digest
    assert made.by == "Owner, prescriber"
    assert review_digest(review_answered(record_of(patient), made, catalog_of(patient.site))) == shown.digest
    assert Entry.objects.filter(action="decision.made", subject=patient.subject).count() == 1


def test_the_page_then_says_what_was_decided_by_whom_and_when_we_look_again(patient, owner, at, change, signed_in):
    client = signed_in(owner)
    client.post(at, {**change, "next_decision": (latest(patient).on + timedelta(days=14)).isoformat()})
    refresh_soon(patient.pk)
    said = client.get(reverse("chart", args=(patient.pk,))).content.decode()
    assert "Decided on" in said
    assert "Owner, prescriber" in said
    assert "too little for too long" in said
    assert "We look again by" in said


def test_the_same_submission_twice_is_one(patient, owner, at, change, signed_in):
    client = signed_in(owner)
    assert client.post(at, change).status_code == 302
    refresh_soon(patient.pk)
    assert client.post(at, change).status_code == 302
    assert decisions(patient).count() == 1


def test_two_tabs_the_second_sees_what_is_new_and_is_asked_again(patient, owner, at, change, signed_in):
    client = signed_in(owner)
    record_events(system("test"), patient, [Goal(id="from another tab", at=Moment.of("2026-11-01"), goal="sleep through")])
    response = client.post(at, change)
    said = response.content.decode()
    assert response.status_code == 409
    assert "The record has changed since you opened this page" in said
    assert "sleep through" in said
    assert "too little for too long" in said
    assert decisions(patient).count() == 0
    again = {**change, "review": latest(patient).digest}
    assert f'value="{again["review"]}"' in said
    assert client.post(at, again).status_code == 302
    assert decisions(patient).count() == 1


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, "allowed: one of the list"),
        ({"choice": "option:made_up"}, "allowed: one of the list"),
        ({"choice": "continue:x"}, "allowed: one of the list"),
        ({"choice": "continue"}, "without a reason"),
        ({"choice": "hold_by_agreement", "reason": "x"}, "hold by agreement without"),
        ({"choice": "change_interval", "reason": "x", "next_decision": "2020-01-01"}, "allowed:"),
        ({"choice": "change_interval", "reason": "x", "next_decision": "soon"}, "allowed: a date"),
        ({"choice": "change_interval", "reason_code": "made_up"}, "reason_code-problem"),
        ({"choice": "change_interval", "reason": "<script>alert(1)</script>", "next_decision": "2099-01-01"}, "&lt;script&gt;"),
    ],
)
def test_what_cannot_stand_is_said_at_its_field(said, found, patient, owner, at, signed_in):
    response = signed_in(owner).post(at, {"review": latest(patient).digest, **said})
    assert response.status_code == 422
    assert found in response.content.decode()
    assert decisions(patient).count() == 0


def test_a_hold_by_agreement_with_what_was_offered(patient, owner, at, signed_in):
    said = {
        "review": latest(patient).digest,
        "choice": "hold_by_agreement",
        "patient_reason": "a wedding in spring",
        "offered": "psychotherapy\n\nTMS",
        "next_decision": (latest(patient).on + timedelta(days=21)).isoformat(),
    }
    assert signed_in(owner).post(at, said).status_code == 302
    assert decisions(patient).get().body["offered"] == ["psychotherapy", "TMS"]


def test_who_may_decide(patient, lead, owner, colleague, stranger, site, at, change, signed_in, client):
    nurse = person(site, Role.NURSE, "Nurse")
    CareTeamMember.objects.create(patient=patient, user=nurse)
    assert [signed_in(user).post(at, change).status_code for user in (nurse, colleague, stranger)] == [403, 403, 404]
    assert client.post(at, change).status_code == 302
    assert decisions(patient).count() == 0
    assert "Record decision" not in signed_in(nurse).get(reverse("chart", args=(patient.pk,))).content.decode()
    for user in (nurse, colleague):
        with pytest.raises(Forbidden):
            decide(here_of(user).actor, here_of(user), patient, change["review"], {"disposition": "stop"})
    assert signed_in(lead).post(at, change).status_code == 302


def test_the_action_itself_refuses_another_review(patient, owner):
    with pytest.raises(RecordChangedError):
        decide(here_of(owner).actor, here_of(owner), patient, "0" * 64, {"disposition": "stop"})
    assert not Entry.objects.filter(action="decision.made").exists()


def test_the_form_comes_in_place_with_the_choice_and_the_next_day(patient, owner, at, signed_in):
    client = signed_in(owner)
    part = client.get(f"{at}?choice=measure_again", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'value="measure_again" data-disposition="measure_again" selected' in part
    assert 'type="date"' in part
    assert 'value=""' not in part[part.find('type="date"') :][:200]
    whole = client.get(f"{at}?choice=measure_again").content.decode()
    assert "<html" in whole
    assert 'id="record"' in whole


def test_without_the_token_of_a_form_nothing_is_decided(patient, owner, at, change):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(at, change).status_code == 403
