"""Alerts: raised once by their rows, moved by what comes later, taken by somebody, ended with a note."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clinic.conftest import here_of, person
from euthymia.events import Assessment, Concern, Observation
from euthymia.moment import Moment
from euthymia_clinic.accounts.models import OnCall, Role
from euthymia_clinic.alerts.actions import AlertError, acknowledge, note_facts, raise_concern, resolve, triage
from euthymia_clinic.alerts.models import Alert, Page, Raised
from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.models import Entry
from euthymia_clinic.chart.actions import record_events
from euthymia_clinic.chart.permissions import Forbidden, may_see
from euthymia_clinic.chart.to_core import record_of

BY = system("test")
NO = (0.0, 0.0, None, None, None, 0.0, None)
HIGH = (1.0, 1.0, 0.0, 1.0, 0.0, 0.0, None)


def form(answer, name="form", minutes=0):
    at = Moment.of(timezone.now() - timedelta(minutes=10 - minutes))
    return Assessment(id=name, instrument="phq9", at=at, answers=(1.0,) * 8 + (answer,))


def screener(answers, name="screener", minutes=5):
    at = Moment.of(timezone.now() - timedelta(minutes=10 - minutes))
    return Assessment(id=name, instrument="cssrs_screener", at=at, answers=answers)


def answered(patient, *assessments):
    """Record and triage, one after the other; gives the last."""
    alert = None
    for assessment in assessments:
        record_events(BY, patient, [assessment])
        alert = triage(BY, patient, assessment.id)
    return alert


@pytest.mark.parametrize("answer", [0.0, None])
def test_no_positive_answer_no_alert(patient, answer):
    assert answered(patient, form(answer)) is None
    assert Alert.objects.count() == 0


def test_positive_without_the_screener_is_the_same_day_and_nobody_is_paged(patient, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        alert = answered(patient, form(3.0))
    assert (alert.tier, alert.why, alert.state) == ("same_day", "screener_unanswered", "open")
    assert alert.see_by == alert.escalate_at > timezone.now()
    assert mailoutbox == []


def test_the_same_assessment_raises_it_once(patient):
    first = answered(patient, form(1.0))
    assert triage(BY, patient, "form") == first
    assert (Alert.objects.count(), Raised.objects.count()) == (1, 1)


def test_the_screener_moves_it_up_and_pages_now(patient, owner, mailoutbox, django_capture_on_commit_callbacks):
    first = answered(patient, form(1.0))
    with django_capture_on_commit_callbacks(execute=True):
        alert = answered(patient, screener(HIGH))
    assert (alert.pk, alert.tier, alert.why) == (first.pk, "high", "screener_high")
    assert [mail.to for mail in mailoutbox] == [[owner.email]]
    page = Page.objects.get()
    assert (page.user, page.sent, page.attempts) == (owner, True, 1)
    alert.refresh_from_db()
    assert alert.escalate_at - page.at == timedelta(minutes=10)


def test_no_health_data_in_the_message(patient, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answered(patient, form(1.0), screener(HIGH))
    said = (mailoutbox[0].subject + mailoutbox[0].body).lower()
    assert "/alerts/" in said
    assert not [
        word for word in (patient.code, patient.name.lower(), "suicid", "c-ssrs", "phq", "depress", str(patient.pk)) if word in said
    ]


def test_the_screener_settles_it_to_the_next_review(patient):
    before = [form(1.0, "before-form").model_copy(update={"at": Moment.of(timezone.now() - timedelta(hours=20))})]
    record_events(BY, patient, before)
    alert = answered(patient, form(1.0), screener(NO))
    assert (alert.why, alert.tier, alert.see_by, alert.escalate_at) == ("screener_none", "low", None, None)


def test_high_is_never_lowered_by_itself(patient):
    answered(patient, form(1.0), screener(HIGH))
    alert = answered(patient, screener(NO, "again", 9))
    assert alert.tier == "high"


def test_a_higher_answer_opens_what_was_acknowledged(patient, owner):
    alert = answered(patient, form(1.0))
    acknowledge(here_of(owner).actor, here_of(owner), alert.pk)
    alert = answered(patient, screener(HIGH))
    assert (alert.state, alert.tier, alert.acknowledged_at) == ("open", "high", None)


def test_after_it_was_resolved_a_negative_screener_raises_nothing_and_a_positive_answer_does(patient, owner):
    here = here_of(owner)
    alert = answered(patient, form(1.0))
    resolve(here.actor, here, alert.pk, "called", acted_on=True)
    assert answered(patient, screener(NO)) is None
    assert answered(patient, screener(HIGH, "later", 9)).tier == "high"
    assert Alert.objects.count() == 2


def test_an_unfinished_form_is_not_lost_and_is_the_same_once_it_is_recorded(patient):
    unfinished = Assessment(id="form", instrument="phq9", at=Moment.of(timezone.now()), answers=(None,) * 8 + (2.0,))
    alert = triage(BY, patient, "form", unfinished=unfinished)
    assert alert.tier == "same_day"
    assert not patient.events.filter(event_id="form").exists()
    assert answered(patient, form(2.0)) == alert
    assert Alert.objects.count() == 1


def test_an_assessment_that_is_not_there_is_refused(patient):
    with pytest.raises(AlertError, match="found no assessment 'nothing'"):
        triage(BY, patient, "nothing")


def test_an_answer_that_was_taken_back_raises_nothing(patient):
    wrong = form(3.0)
    record_events(BY, patient, [wrong, wrong.model_copy(update={"id": "right", "supersedes": "form", "answers": (1.0,) * 8 + (0.0,)})])
    assert triage(BY, patient, "form") is None
    assert triage(BY, patient, "right") is None


def test_a_concern_is_recorded_and_seen_the_same_day(patient, owner):
    here = here_of(owner)
    alert = raise_concern(here.actor, here, patient, "She said goodbye in an odd way.", "t1")
    again = raise_concern(here.actor, here, patient, "She said goodbye in an odd way.", "t1")
    assert alert == again
    assert (alert.tier, alert.why) == ("same_day", "concern")
    assert [c.about for c in record_of(patient).of_kind(Concern)] == ["suicidality"]
    with pytest.raises(AlertError, match="found no words"):
        raise_concern(here.actor, here, patient, "  ", "t2")
    resolve(here.actor, here, alert.pk, "spoke with her", acted_on=True, settles=True)
    assert all(c.settled for c in record_of(patient).of_kind(Concern))


def test_acknowledging_twice_is_once_and_stops_the_clock(patient, owner, lead):
    alert = answered(patient, form(1.0))
    acknowledge(here_of(owner).actor, here_of(owner), alert.pk)
    acknowledge(here_of(lead).actor, here_of(lead), alert.pk)
    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_by, alert.escalate_at) == ("acknowledged", owner, None)
    assert Entry.objects.filter(action="alert.acknowledged").count() == 1


def test_resolving_needs_a_note_and_records_what_was_noted(patient, owner):
    here, alert = here_of(owner), answered(patient, form(1.0))
    with pytest.raises(AlertError, match="found no note"):
        resolve(here.actor, here, alert.pk, " ", acted_on=True)
    with pytest.raises(AlertError, match="allowed"):
        resolve(here.actor, here, alert.pk, "x", acted_on=True, noted={"mood": "yes"})
    resolve(here.actor, here, alert.pk, "Called. Plan made.", acted_on=True, noted={"safety_plan": "yes", "suicidality_reviewed": "yes"})
    resolve(here.actor, here, alert.pk, "Called. Plan made.", acted_on=True)
    alert.refresh_from_db()
    assert (alert.state, alert.acted_on, alert.resolved_by, alert.acknowledged_by) == ("resolved", True, owner, owner)
    assert {o.about for o in record_of(patient).of_kind(Observation)} >= {"safety_plan", "suicidality_reviewed"}
    with pytest.raises(AlertError, match="resolved already"):
        resolve(here.actor, here, alert.pk, "something else", acted_on=False)


def test_each_try_to_reach_somebody_is_noted_once(patient, owner):
    here, alert = here_of(owner), answered(patient, form(1.0))
    for token in ("a", "a", "b"):
        note_facts(here.actor, here, alert.pk, {"patient_reached": "no"}, token)
    assert len([o for o in record_of(patient).of_kind(Observation) if o.about == "patient_reached"]) == 2


def test_only_those_who_may_see_the_patient_act(patient, owner, colleague, stranger, administrator):
    alert = answered(patient, form(1.0))
    for user in (colleague, stranger, administrator):
        here = here_of(user)
        for act in (
            lambda here=here: acknowledge(here.actor, here, alert.pk),
            lambda here=here: resolve(here.actor, here, alert.pk, "x", acted_on=True),
            lambda here=here: note_facts(here.actor, here, alert.pk, {"safety_plan": "yes"}, "t"),
            lambda here=here: raise_concern(here.actor, here, patient, "x", "t"),
        ):
            with pytest.raises(Forbidden):
                act()


def test_whoever_is_paged_may_see_the_chart_until_it_is_resolved(patient, site, owner, django_capture_on_commit_callbacks):
    nurse = person(site, Role.NURSE, "Nurse On Call")
    OnCall.objects.all().delete()
    OnCall.objects.create(site=site, place=1, user=nurse)
    assert not may_see(here_of(nurse), patient)
    with django_capture_on_commit_callbacks(execute=True):
        alert = answered(patient, screener(HIGH))
    assert may_see(here_of(nurse), patient)
    resolve(here_of(nurse).actor, here_of(nurse), alert.pk, "seen", acted_on=True)
    assert not may_see(here_of(nurse), patient)


def test_the_audit_names_alerts_and_never_an_answer(patient, owner):
    answered(patient, form(1.0), screener(HIGH))
    said = str(list(Entry.objects.filter(action__startswith="alert.").values_list("details", flat=True)))
    assert "alert" in said
    assert not [word for word in ("high", "screener_", "same_day", "intent") if word in said]
