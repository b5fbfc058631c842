"""Entries by staff: each kind is recorded from its form, wrong input is said at its field, and nothing is overwritten."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.conftest import here_of
from euthymia_clinic.alerts.models import Alert
from euthymia_clinic.audit.models import Entry
from euthymia_clinic.chart.actions import ConflictError, correct, enter
from euthymia_clinic.chart.models import Event
from euthymia_clinic.chart.permissions import Forbidden
from euthymia_clinic.chart.to_core import event_from, record_of
from euthymia_clinic.pages.presenters.entry_fields import BY_SLUG, ENTRIES
from euthymia_clinic.pages.presenters.entry_forms import moment_of

pytestmark = pytest.mark.django_db
TOKEN = "0123456789abcdef" * 2
SAID = {
    "session": {"at": "2026-11-20", "at_time": "09:30", "treatment": "ketamine", "route": "intravenous", "dose_mg": "40"},
    "dose": {"at": "2026-11-20", "at_time": "", "treatment": "ketamine", "taken": "taken", "someone_present": "yes", "units": "1",
             "pressure": "not_measured", "effects_minutes": "0", "worrying": "no"},
    "regimen": {"at": "2026-11-02", "treatment": "ketamine", "route": "sublingual", "words": "One troche on Monday and Thursday evening.",
                "dose_mg": "100", "weekdays_monday": "yes", "weekdays_thursday": "yes", "prescriber": "Dr Example", "telehealth": "no"},
    "dispensing": {"at": "2026-11-02", "treatment": "ketamine", "quantity": "8", "days_supply": "28", "compounded": "yes"},
    "left_over": {"at": "2026-11-20", "at_time": "10:00", "treatment": "ketamine", "units": "0", "counted_by": "patient"},
    "medication": {"at": "2024-03", "drug": "sertraline", "daily_dose_mg": "150", "ended": "2024-09-01", "outcome": "partial"},
    "course": {"at": "2025", "treatment": "CBT", "sessions_done": "12"},
    "plan": {"at": "2026-11-20", "protocol": "ketamine_iv", "phase": "ketamine_iv/maintenance", "rating_interval_days": "7"},
    "target": {"at": "2026-11-20", "definition": "acnp_2006", "own_words": "laugh again", "by": "2027-03-01", "reason": "agreed anew"},
    "goal": {"at": "2026-11-20", "goal": "walk the dog", "attainment": "0", "weight": "1"},
    "measurement": {"at": "2026-11-20", "at_time": "10:00", "measure": "systolic", "value": "128", "unit": "mm[Hg]"},
    "observation": {"at": "2026-11-20", "about": "medicines_reviewed", "answer": "yes"},
    "condition": {"at": "2019", "condition": "hypothyroidism", "verification": "confirmed"},
    "incident": {"at": "2026-11-20", "incident": "adverse_event", "description": "a fall", "serious": "no"},
    "concern": {"at": "2026-11-20", "about": "misuse", "concern": "asked for more twice"},
    "episode": {"at": "2023-11", "polarity": "unipolar"},
    "person": {"at": "1980-05-02", "birth_date": "1980", "sex": "female", "pregnancy_potential": "no"},
}  # fmt: skip


@pytest.fixture
def client(owner, signed_in):
    return signed_in(owner)


def at(patient, kind):
    return reverse("enter", args=(patient.pk, kind))


def own(patient):
    return Event.objects.filter(patient=patient, event_id__contains=TOKEN)


def test_every_kind_is_tried():
    assert {*SAID} == {entry.slug for entry in ENTRIES}


@pytest.mark.parametrize("kind", [*SAID])
def test_an_entry_is_recorded_as_it_was_typed_and_once(kind, patient, client):
    assert client.get(at(patient, kind)).status_code == 200
    for _ in range(2):
        assert client.post(at(patient, kind), {**SAID[kind], "token": TOKEN}).status_code == 302
    event = event_from(own(patient).get().body)
    assert type(event) is BY_SLUG[kind].event
    assert event.source == "Owner, prescriber"
    assert any(each.id == event.id for each in record_of(patient).current)
    assert Entry.objects.filter(action="entry.made").count() == 1


@pytest.mark.parametrize(
    ("kind", "said", "found"),
    [
        ("session", {"treatment": ""}, "this is needed"),
        ("session", {"dose_mg": "much"}, "found &#39;much&#39;"),
        ("session", {"dose_mg": "-5"}, "greater than 0"),
        ("session", {"at": "2099-01-01"}, "still to come"),
        ("session", {"at": "1950-01-01"}, "before the patient was born"),
        ("session", {"at": "yesterday"}, "allowed: a date"),
        ("session", {"at_time": "half past"}, "allowed: a time such as 14:30"),
        ("session", {"at": "2026-03-08", "at_time": "02:30"}, "which the clocks skipped"),
        ("session", {"ended": "2026-11-19"}, "before its start"),
        ("session", {"ended": "", "ended_time": "10:15"}, "found 10:15 without a day"),
        ("dose", {"units": "0"}, "greater than 0"),
        ("dose", {"pressure": "perhaps"}, "allowed: measured, not_measured"),
        ("dose", {"effects_minutes": "-5"}, "greater than or equal to 0"),
        ("dose", {"worrying": "rather"}, "found &#39;rather&#39;"),
        ("regimen", {"treatment": ""}, "this is needed"),
        ("regimen", {"every_days": "3"}, "found both weekdays and every_days"),
        ("regimen", {"weekdays_monday": "", "weekdays_thursday": "", "every_days": "0.5"}, "greater than or equal to 1"),
        ("regimen", {"doses_a_day": "0"}, "greater than or equal to 1"),
        ("regimen", {"doses_a_day": "1.5"}, "found &#39;1.5&#39;"),
        ("regimen", {"dose_mg": "-100"}, "greater than 0"),
        ("regimen", {"ended": "2026-10-01"}, "before its start"),
        ("regimen", {"at": "2099-01-01"}, "still to come"),
        ("dispensing", {"quantity": ""}, "this is needed"),
        ("dispensing", {"quantity": "0"}, "greater than 0"),
        ("dispensing", {"quantity": "two boxes"}, "found &#39;two boxes&#39;"),
        ("dispensing", {"days_supply": "-1"}, "greater than 0"),
        ("left_over", {"units": ""}, "this is needed"),
        ("left_over", {"units": "-1"}, "greater than or equal to 0"),
        ("left_over", {"counted_by": "a neighbour"}, "allowed: patient, staff"),
        ("medication", {"ended": "2023-01-01"}, "before its start"),
        ("medication", {"adherence_percent": "101"}, "less than or equal to 100"),
        ("plan", {"protocol": "made_up", "phase": ""}, "allowed: as_so_far"),
        ("plan", {"phase": "ketamine_sc/acute"}, "found a phase of"),
        ("plan", {"dose_lower": "5", "dose_upper": "1"}, "lower at most upper"),
        ("observation", {"answer": "perhaps"}, "allowed: yes, no, unclear"),
        ("measurement", {"value": "", "unit": ""}, "found neither a value nor a text"),
        ("goal", {"goal": "<script>x</script>", "attainment": "3"}, "&lt;script&gt;"),
        ("goal", {"token": "x"}, "allowed: a new one"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_recorded(kind, said, found, patient, client):
    before = patient.events.count()
    response = client.post(at(patient, kind), {"token": TOKEN, **SAID[kind], **said})
    assert response.status_code == 422
    assert found in response.content.decode()
    assert patient.events.count() == before


def test_there_is_no_form_of_another_name(patient, client):
    assert client.get(at(patient, "horoscope")).status_code == 404
    assert client.get(at(patient, "rating")).status_code == 302
    assert client.post(at(patient, "rating"), {"instrument": "made_up"}).status_code == 302


def test_another_entry_with_the_same_form_is_a_conflict(patient, client):
    client.post(at(patient, "goal"), {**SAID["goal"], "token": TOKEN})
    response = client.post(at(patient, "goal"), {**SAID["goal"], "goal": "another", "token": TOKEN})
    assert response.status_code == 409
    assert own(patient).count() == 1


def test_a_session_recorded_twice_is_asked_about(patient, client):
    said = {**SAID["session"], "token": TOKEN}
    client.post(at(patient, "session"), said)
    other = {**said, "token": "f" * 32, "at_time": "15:00"}
    response = client.post(at(patient, "session"), other)
    assert response.status_code == 409
    assert "stands already on 2026-11-20" in response.content.decode()
    assert Event.objects.filter(patient=patient, kind="dose_session").count() == 1
    assert client.post(at(patient, "session"), {**other, "confirm": "yes"}).status_code == 302
    assert Event.objects.filter(patient=patient, kind="dose_session").count() == 2


def test_a_rating_item_by_item_and_the_alert_that_it_raises(patient, client, site):
    said = {"instrument": "phq9", "at": "2026-11-20", "at_time": "08:00", "phase": "before_session", "mode": "staff_read", "token": TOKEN}
    items = record_of(patient) and [f"item_{item.id}" for item in _phq9(site).items]
    answers = dict.fromkeys(items, "1") | {items[-1]: "3"}
    page = client.get(f"{at(patient, 'rating')}?instrument=phq9").content.decode()
    assert "Little interest or pleasure in doing things" in page
    assert client.post(at(patient, "rating"), {**said, **answers}).status_code == 302
    body = own(patient).get().body
    assert body["answers"] == [1, 1, 1, 1, 1, 1, 1, 1, 3]
    assert body["phase"] == "before_session"
    assert Alert.objects.filter(patient=patient).exists()


def _phq9(site):
    from euthymia_clinic.catalogs.in_force import catalog_of

    return catalog_of(site).instruments["phq9"]


def test_a_rating_by_its_total_and_what_is_no_total(patient, client):
    said = {"instrument": "madrs", "at": "2026-11-20", "token": TOKEN}
    wrong = [{"total": "61"}, {"total": "x"}, {}, {"item_made_up": "1"}]
    for each in wrong:
        assert client.post(at(patient, "rating"), {**said, **each}).status_code == 422
    assert client.post(at(patient, "rating"), {**said, "total": "21"}).status_code == 302
    assert own(patient).get().body["total"] == 21


def test_a_concern_about_suicidality_is_seen(patient, client):
    said = {**SAID["concern"], "about": "suicidality", "token": TOKEN}
    assert client.post(at(patient, "concern"), said).status_code == 302
    assert own(patient).count() == 1
    assert Alert.objects.filter(patient=patient).exists()


def test_a_correction_keeps_the_original_with_who_and_when(patient, client):
    client.post(at(patient, "session"), {**SAID["session"], "token": TOKEN})
    old = own(patient).get()
    address = reverse("correct", args=(patient.pk, old.event_id))
    page = client.get(address).content.decode()
    assert 'value="40"' in page
    changed = {**SAID["session"], "dose_mg": "35", "token": "a" * 32}
    for _ in range(2):
        assert client.post(address, changed).status_code == 302
    new = Event.objects.get(patient=patient, body__supersedes=old.event_id)
    assert (old.body["dose_mg"], new.body["dose_mg"]) == (40, 35)
    held = [event.id for event in record_of(patient).current]
    assert new.event_id in held
    assert old.event_id not in held
    said = client.get(f"{reverse('events', args=(patient.pk,))}?kind=dose_session").content.decode()
    assert "corrected: another entry takes its place" in said
    assert "dose mg: 40" in said
    assert client.post(address, {**changed, "dose_mg": "30", "token": "b" * 32}).status_code == 409


def corrected(client, patient, old, **said):
    """What stands after a correction by the form as a browser would send it."""
    address = reverse("correct", args=(patient.pk, old.event_id))
    assert client.post(address, {**said, "token": "a" * 32}).status_code == 302
    old.refresh_from_db()
    return Event.objects.get(patient=patient, body__supersedes=old.event_id).body


def test_the_days_and_the_words_of_a_regimen(patient, client):
    """The words are the patient's to read: nothing of them is changed, not even by the browser's line ends."""
    words = "One troche <under> the tongue,\nMonday and Thursday."
    said = {**SAID["regimen"], "words": words.replace("\n", "\r\n")}
    page = client.get(at(patient, "regimen")).content.decode()
    assert "The patient is shown these words exactly as you write them." in page
    assert page.count('type="checkbox" name="weekdays_') == 7
    client.post(at(patient, "regimen"), {**said, "token": TOKEN})
    old = own(patient).get()
    assert (old.body["weekdays"], old.body["words"], old.body["telehealth"]) == (["monday", "thursday"], words, False)
    form = client.get(reverse("correct", args=(patient.pk, old.event_id))).content.decode()
    assert form.count(" checked") == 2
    assert "One troche &lt;under&gt; the tongue," in form
    new = corrected(client, patient, old, **{**said, "weekdays_monday": "", "weekdays_friday": "yes"})
    assert (old.body["weekdays"], new["weekdays"], new["words"]) == (["monday", "thursday"], ["thursday", "friday"], words)
    listed = client.get(f"{reverse('events', args=(patient.pk,))}?kind=regimen").content.decode()
    assert "Regimen for home" in listed
    assert "weekdays: thursday, friday" in listed
    assert "corrected: another entry takes its place" in listed


def test_ticked_days_are_still_ticked_where_something_else_was_wrong(patient, client):
    page = client.post(at(patient, "regimen"), {**SAID["regimen"], "dose_mg": "much", "token": TOKEN}).content.decode()
    assert 'name="weekdays_thursday" value="yes" checked' in page
    assert 'name="weekdays_friday" value="yes" checked' not in page


@pytest.mark.parametrize(
    ("kind", "change", "field", "was", "became"),
    [
        ("dose", {"pressure": "measured"}, "pressure", "not_measured", "measured"),
        ("dose", {"worrying": ""}, "worrying", False, None),
        ("dispensing", {"quantity": "12"}, "quantity", 8, 12),
        ("left_over", {"units": "2"}, "units", 0, 2),
    ],
)
def test_what_was_said_of_doses_at_home_is_corrected_and_kept(kind, change, field, was, became, patient, client):
    client.post(at(patient, kind), {**SAID[kind], "token": TOKEN})
    old = own(patient).get()
    new = corrected(client, patient, old, **{**SAID[kind], **change})
    assert (old.body[field], new.get(field)) == (was, became)


@pytest.mark.parametrize(
    ("kind", "hidden"),
    [
        ("session", {"ended": "2026-11-20T11:45:30-05:00"}),
        ("observation", {"of": "session-1", "by": "nurse"}),
        ("measurement", {"code": {"system": "http://loinc.org", "code": "8480-6"}}),
    ],
)
def test_a_correction_keeps_what_its_form_does_not_ask_and_the_seconds(kind, hidden, patient, client, owner):
    client.post(at(patient, kind), {**SAID[kind], "token": TOKEN})
    here = here_of(owner)
    old = event_from({**own(patient).get().body, "id": f"{kind}-more", **hidden})
    enter(here.actor, here, patient, old)
    row = Event.objects.get(patient=patient, event_id=old.id)
    said = {**SAID[kind], "note": "again"} | ({"ended": "2026-11-20", "ended_time": "11:45"} if kind == "session" else {})
    new = corrected(client, patient, row, **said)
    assert {name: new[name] for name in hidden} == hidden


def test_another_measure_has_not_the_code_of_the_first(patient, client, owner):
    client.post(at(patient, "measurement"), {**SAID["measurement"], "token": TOKEN})
    here, code = here_of(owner), {"system": "http://loinc.org", "code": "8480-6"}
    enter(here.actor, here, patient, event_from({**own(patient).get().body, "id": "coded", "code": code}))
    row = Event.objects.get(patient=patient, event_id="coded")
    new = corrected(client, patient, row, **{**SAID["measurement"], "measure": "diastolic", "value": "80"})
    assert new.get("code") is None


def test_a_rating_is_corrected_with_its_time_and_its_answers(patient, client):
    old = Event.objects.filter(patient=patient, kind="assessment", body__instrument="phq9").order_by("-day").first()
    address = reverse("correct", args=(patient.pk, old.event_id))
    page = client.get(address).content.decode()
    assert page.count(" checked") >= 9
    answers = {f"item_{item.id}": f"{value:g}" for item, value in zip(_phq9(patient.site).items, old.body["answers"], strict=True)}
    said = {**answers, f"item_{_phq9(patient.site).items[0].id}": "0", "at": old.body["at"][:10], "at_time": "", "token": TOKEN}
    if "T" in old.body["at"]:
        said["at_time"] = page.split('type="time" value="')[1][:5]
    assert client.post(address, said).status_code == 302
    new = own(patient).get().body
    assert new["at"] == old.body["at"]
    assert new["answers"][0] == 0
    assert new["supersedes"] == old.event_id


def test_an_entry_made_in_error_needs_a_reason_and_stays_in_the_list(patient, client):
    client.post(at(patient, "goal"), {**SAID["goal"], "token": TOKEN})
    old = own(patient).get()
    address = reverse("correct", args=(patient.pk, old.event_id))
    assert client.post(address, {"never": "yes", "why": " ", "token": "a" * 32}).status_code == 422
    assert client.post(address, {"never": "yes", "why": "another patient's", "token": "a" * 32}).status_code == 302
    held = {event.id for event in record_of(patient).current}
    assert old.event_id not in held
    said = client.get(reverse("events", args=(patient.pk,))).content.decode()
    assert "withdraws an entry made in error" in said
    assert "another patient" in said


def test_a_decision_can_be_withdrawn_but_not_rewritten(patient, client):
    old = Event.objects.filter(patient=patient, kind="decision").first()
    address = reverse("correct", args=(patient.pk, old.event_id))
    assert "only withdrawn" in client.get(address).content.decode()
    assert client.post(address, {"token": TOKEN, "at": "2026-01-01"}).status_code == 422
    assert client.post(address, {"never": "yes", "why": "typed twice", "token": TOKEN}).status_code == 302


def test_there_is_no_correction_of_nothing(patient, client):
    assert client.get(reverse("correct", args=(patient.pk, "made up"))).status_code == 404


def test_the_actions_refuse_who_is_not_in_the_care_team(patient, colleague, owner):
    event = event_from(patient.events.filter(kind="goal").first().body).model_copy(update={"id": "new"})
    here = here_of(colleague)
    for act in (enter, correct):
        with pytest.raises(Forbidden):
            act(here.actor, here, patient, event)
    first, second = (
        event.model_copy(update={"id": name, "supersedes": patient.events.filter(kind="goal").first().event_id}) for name in "ab"
    )
    correct(here_of(owner).actor, here_of(owner), patient, first)
    with pytest.raises(ConflictError):
        correct(here_of(owner).actor, here_of(owner), patient, second)


def test_the_list_is_shown_a_page_at_a_time_and_filtered(patient, client):
    address = reverse("events", args=(patient.pk,))
    assert ">Earlier<" in client.get(address).content.decode()
    for query in ("page=99", "page=x", "kind=made_up", "until=x", "kind=assessment&until=2026-08-01"):
        assert client.get(f"{address}?{query}").status_code == 200


@pytest.mark.parametrize(("day", "clock", "zone"), [("0001-01-01", "00:00", "Asia/Tokyo"), ("9999-12-31", "23:59", "America/Bogota")])
def test_a_time_at_the_edge_of_the_calendar_is_refused(day, clock, zone):
    with pytest.raises(ValueError, match=f"found {day}.*allowed: "):
        moment_of(day, clock, ZoneInfo(zone))


def test_a_clock_time_that_was_twice_is_taken_as_the_first(site):
    assert moment_of("2026-11-01", "01:30", site.tz).text == "2026-11-01T01:30:00-04:00"
    assert timezone.now() - moment_of("2026-11-20", "01:30", site.tz).instant > timedelta()
