"""Doses at home by the patient's link: logged once, corrected beside, caught at the field, heard by somebody; and what staff see."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.conftest import person, sample
from euthymia.events import Assessment, Concern, Dispensing, DoseLog, LeftOver, Measurement, Observation, Regimen
from euthymia.moment import Moment
from euthymia_clinic.accounts.models import Role
from euthymia_clinic.alerts.actions import triage
from euthymia_clinic.alerts.models import Alert
from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.models import Entry, Read
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.actions import admit, record_events
from euthymia_clinic.chart.models import CareTeamMember, Event, Patient
from euthymia_clinic.chart.to_core import record_of
from euthymia_clinic.home.actions import log_dose
from euthymia_clinic.home.waiting import supplies_at_home, waiting
from euthymia_clinic.pages.views import own_doses
from euthymia_clinic.patientpage.actions import make_link, withdraw_link

pytestmark = pytest.mark.django_db
BY = system("test")
ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 25, 18, 30, tzinfo=UTC)  # Wednesday, 13:30 in New York
TODAY = date(2026, 11, 25)
WORDS = "Ketamine troche 100 mg under the tongue, Monday and Wednesday evening. Do not swallow."
TAKEN = {"taken": "taken", "day": "2026-11-25", "time": "12:30", "present": "yes", "not_measured": "yes"}
TAKEN |= {"effects": "none", "worrying": "no"}


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def regimen(**said) -> Regimen:
    body = {"id": "reg-1", "at": Moment.of("2026-11-16"), "treatment": "ketamine", "route": "sublingual", "dose_mg": 100.0, "words": WORDS}
    return Regimen(**{**body, "weekdays": ("monday", "wednesday"), "telehealth": True, **said})


@pytest.fixture
def at_home(site, owner) -> Patient:
    """Somebody with a regimen since Monday of last week: doses on Mondays and Wednesdays, and none logged."""
    found = admit(BY, site, "0200", name="Home patient", team=[owner], prescriber=owner)
    record_events(BY, found, [*sample("holding-above-remission")[:1], regimen()])
    found.refresh_from_db()
    return found


@pytest.fixture
def key(at_home, owner, here) -> str:
    return make_link(here.actor, here, at_home)


@pytest.fixture
def here(owner):
    from clinic.conftest import here_of

    return here_of(owner)


@pytest.fixture
def phone() -> Client:
    """A browser that asks for no token of a cookie: whoever holds the link may answer."""
    return Client(enforce_csrf_checks=True)


def open_doses(patient):
    record = record_of(patient)
    return waiting(record, supplies_at_home(record, catalog_of(patient.site), TODAY), TODAY)


def address(key, dose_id):
    return reverse("my_dose", args=[key, dose_id])


def logs(patient):
    return record_of(patient).of_kind(DoseLog)


def readings(patient):
    return {event.measure: event.value for event in record_of(patient).of_kind(Measurement)}


# What waits


def test_today_and_the_days_nobody_logged_wait_the_last_first(at_home) -> None:
    assert [(each.day.isoformat(), each.number) for each in open_doses(at_home)] == [
        ("2026-11-25", 1), ("2026-11-23", 1), ("2026-11-18", 1), ("2026-11-16", 1)]  # fmt: skip


def test_two_doses_of_a_day_are_two_and_a_dose_that_was_logged_by_staff_waits_no_more(at_home) -> None:
    record_events(BY, at_home, [regimen(id="reg-2", at=Moment.of("2026-11-25"), doses_a_day=2)])
    assert [each.number for each in open_doses(at_home) if each.day == TODAY] == [1, 2]
    staff = DoseLog(id="by-staff", at=Moment.of("2026-11-25"), treatment="ketamine", route="sublingual", taken="not_taken")
    record_events(BY, at_home, [staff])
    assert [each.number for each in open_doses(at_home) if each.day == TODAY] == [1]


def test_a_regimen_without_fixed_days_offers_no_day_and_still_another_dose(at_home, key, phone) -> None:
    record_events(BY, at_home, [regimen(id="reg-2", weekdays=(), supersedes="reg-1")])
    assert open_doses(at_home) == []
    page = phone.get(reverse("my_doses", args=[key])).content.decode()
    assert "All doses up to now" in page
    assert "Write down another dose" in page


# The list


def test_the_list_shows_the_regimen_word_for_word_and_no_advice(key, phone) -> None:
    page = phone.get(reverse("my_doses", args=[key]))
    text = page.content.decode()
    assert page.status_code == 200
    assert WORDS in text
    assert "Wednesday, 25 November 2026" in text
    assert "by video at each dose" in text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert Read.objects.filter(page="my doses").count() == 1


def test_the_list_in_spanish(key, phone) -> None:
    text = phone.get(reverse("my_doses", args=[key]) + "?language=es").content.decode()
    assert "Sus dosis en casa" in text
    assert WORDS in text
    assert '<html lang="es">' in text


def test_somebody_without_anything_at_home_is_told_so(site, owner, here, phone) -> None:
    other = admit(BY, site, "0201", team=[owner])
    page = phone.get(reverse("my_doses", args=[make_link(here.actor, here, other)])).content.decode()
    assert "has not written down a treatment at home" in page
    assert "another" not in page


# One dose


def test_a_dose_taken_as_prescribed_is_the_dose_of_the_regimen(at_home, key, phone) -> None:
    dose = open_doses(at_home)[0]
    answer = phone.post(address(key, dose.id), {**TAKEN, "token": "a" * 32})
    assert answer.status_code == 302
    [log] = logs(at_home)
    assert (log.id, log.taken, log.dose_mg, log.treatment, log.route) == (dose.id, "taken", 100.0, "ketamine", "sublingual")
    assert (log.someone_present, log.pressure, log.effects_minutes, log.worrying) == (True, "not_measured", 0.0, False)
    assert log.at.instant == datetime(2026, 11, 25, 12, 30, tzinfo=ZONE)
    assert log.recorded_at.instant == NOW
    assert dose.id not in [each.id for each in open_doses(at_home)]
    assert "Saved. Thank you." in phone.get(answer.url).content.decode()


def test_what_is_left_out_is_not_known(at_home, key, phone) -> None:
    phone.post(address(key, open_doses(at_home)[0].id), {"taken": "taken", "day": "2026-11-25", "time": ""})
    [log] = logs(at_home)
    assert (log.someone_present, log.pressure, log.effects_minutes, log.worrying) == (None, None, None, None)
    assert log.at.precision == "day"


def test_a_changed_dose_says_how_much_and_the_readings_are_measurements(at_home, key, phone) -> None:
    said = {**TAKEN, "taken": "changed", "amount": "1,5", "unit": "units", "upper": "138", "lower": "86", "not_measured": "",
            "effects": "lasted", "hours": "1", "minutes": "30"}  # fmt: skip
    phone.post(address(key, open_doses(at_home)[0].id), said)
    [log] = logs(at_home)
    assert (log.taken, log.units, log.dose_mg, log.pressure, log.effects_minutes) == ("changed", 1.5, None, "measured", 90.0)
    assert readings(at_home) == {"systolic blood pressure": 138.0, "diastolic blood pressure": 86.0}
    units = {event.unit for event in record_of(at_home).of_kind(Measurement)}
    assert units == {"mm[Hg]"}
    # Nobody said at what time the cuff was read.
    assert {event.at.text for event in record_of(at_home).of_kind(Measurement)} == {"2026-11-25"}


def test_a_dose_not_taken_has_no_amount_no_pressure_no_effects(at_home, key, phone) -> None:
    said = {**TAKEN, "taken": "not_taken", "amount": "50", "upper": "120", "lower": "80", "effects": "lasted", "hours": "2"}
    phone.post(address(key, open_doses(at_home)[0].id), said)
    [log] = logs(at_home)
    assert (log.taken, log.dose_mg, log.units, log.pressure, log.effects_minutes) == ("not_taken", None, None, None, None)
    assert readings(at_home) == {}


def test_effects_that_still_go_on_are_not_known(at_home, key, phone) -> None:
    phone.post(address(key, open_doses(at_home)[0].id), {**TAKEN, "effects": "going_on", "hours": "3"})
    assert logs(at_home)[0].effects_minutes is None


def test_a_missed_day_is_logged_later_and_never_back_dated(at_home, key, phone) -> None:
    dose = open_doses(at_home)[2]
    answer = phone.post(address(key, dose.id), {**TAKEN, "day": "2026-11-18", "time": "20:00"})
    [log] = logs(at_home)
    assert (log.at.text[:10], log.recorded_at.instant) == ("2026-11-18", NOW)
    assert "written down later, on 25 November 2026" in phone.get(answer.url).content.decode()


def test_another_dose_beside_the_plan(at_home, key, phone) -> None:
    said = {**TAKEN, "day": "2026-11-24", "token": "b" * 32}
    for _ in range(2):
        assert phone.post(address(key, "another"), said).status_code == 302
    [log] = logs(at_home)
    assert log.at.text.startswith("2026-11-24")
    assert len(open_doses(at_home)) == 4


def test_a_past_dose_takes_the_regimen_of_its_day(at_home, key, phone) -> None:
    record_events(BY, at_home, [regimen(id="reg-2", at=Moment.of("2026-11-24"), dose_mg=150.0)])
    old = next(each for each in open_doses(at_home) if each.day == date(2026, 11, 18))
    phone.post(address(key, old.id), {**TAKEN, "day": "2026-11-18"})
    phone.post(address(key, open_doses(at_home)[0].id), TAKEN)
    assert [log.dose_mg for log in logs(at_home)] == [100.0, 150.0]


# Once


def test_the_same_form_twice_is_one_dose_and_one_entry(at_home, key, phone) -> None:
    dose = open_doses(at_home)[0].id
    worrying = {**TAKEN, "worrying": "yes", "words": "I felt sick", "upper": "130", "lower": "80"}
    first = phone.post(address(key, dose), worrying)
    before = (Event.objects.count(), Entry.objects.count(), Alert.objects.count())
    second = phone.post(address(key, dose), worrying)
    assert (first.status_code, second.status_code, first.url) == (302, 302, second.url)
    assert (Event.objects.count(), Entry.objects.count(), Alert.objects.count()) == before


def test_two_tabs_the_second_is_shown_what_it_would_change(at_home, key, phone) -> None:
    dose = open_doses(at_home)[0].id
    phone.post(address(key, dose), TAKEN)
    answer = phone.post(address(key, dose), {**TAKEN, "taken": "not_taken"})
    assert answer.status_code == 409
    assert "on another page by now" in answer.content.decode()
    assert [log.taken for log in logs(at_home)] == ["taken"]
    again = phone.post(address(key, dose), {**TAKEN, "taken": "not_taken", "changes": dose, "token": "c" * 32})
    assert again.status_code == 302
    assert [log.taken for log in logs(at_home)] == ["not_taken"]


def test_a_dose_that_staff_logged_meanwhile_is_not_logged_twice(at_home, key, phone) -> None:
    dose = open_doses(at_home)[0].id
    record_events(BY, at_home, [DoseLog(id="s", at=Moment.of("2026-11-25"), treatment="ketamine", route="sublingual", taken="taken")])
    answer = phone.post(address(key, dose), TAKEN)
    assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("my_doses", args=[key]))
    assert len(logs(at_home)) == 1
    # What was worrying is heard all the same, once, and help is shown.
    worried = {**TAKEN, "worrying": "yes", "words": "My heart raced for an hour."}
    for _ in range(2):
        page = phone.post(address(key, dose), worried)
        assert (page.status_code, 'id="worry"' in page.content.decode()) == (200, True)
    assert [concern.concern for concern in record_of(at_home).of_kind(Concern)] == ["My heart raced for an hour."]
    assert Alert.objects.filter(patient=at_home).count() == 1
    assert len(logs(at_home)) == 1


# Corrected


def test_a_correction_stands_beside_and_nothing_is_overwritten(at_home, key, phone) -> None:
    dose = open_doses(at_home)[0].id
    phone.post(address(key, dose), {**TAKEN, "upper": "138", "lower": "86", "not_measured": ""})
    form = phone.get(address(key, dose)).content.decode()
    assert f'name="changes" value="{dose}"' in form
    assert 'value="138"' in form
    said = {**TAKEN, "taken": "changed", "amount": "50", "unit": "mg", "upper": "128", "lower": "76", "changes": dose, "token": "d" * 32}
    answer = phone.post(address(key, dose), said)
    [log] = logs(at_home)
    assert (log.taken, log.dose_mg, log.supersedes) == ("changed", 50.0, dose)
    assert readings(at_home) == {"systolic blood pressure": 128.0, "diastolic blood pressure": 76.0}
    assert Event.objects.filter(patient=at_home, kind="dose_log").count() == 2
    # The old address leads to what stands now; a second send of the correction adds nothing.
    assert phone.post(address(key, dose), said).url == answer.url
    assert f'name="changes" value="{log.id}"' in phone.get(address(key, dose)).content.decode()


def test_a_correction_without_a_reading_withdraws_it(at_home, key, phone) -> None:
    dose = open_doses(at_home)[0].id
    phone.post(address(key, dose), {**TAKEN, "upper": "138", "lower": "86", "not_measured": ""})
    phone.post(address(key, dose), {**TAKEN, "changes": dose, "token": "e" * 32})
    assert readings(at_home) == {}
    assert Event.objects.filter(patient=at_home, kind="measurement").count() == 4
    assert logs(at_home)[0].pressure == "not_measured"


def test_two_corrections_of_one_log_the_second_is_asked_again(at_home, key, phone) -> None:
    dose = open_doses(at_home)[0].id
    phone.post(address(key, dose), TAKEN)
    phone.post(address(key, dose), {**TAKEN, "present": "no", "changes": dose, "token": "1" * 32})
    answer = phone.post(address(key, dose), {**TAKEN, "taken": "not_taken", "changes": dose, "token": "2" * 32})
    assert answer.status_code == 409
    assert [(log.taken, log.someone_present) for log in logs(at_home)] == [("taken", False)]


def test_a_log_of_staff_is_not_the_patients_to_change(at_home, key, phone) -> None:
    record_events(BY, at_home, [DoseLog(id="dose_log-1", at=Moment.of("2026-11-25"), treatment="ketamine", taken="taken")])
    assert phone.get(address(key, "dose_log-1")).status_code == 302
    phone.post(address(key, "another"), {**TAKEN, "changes": "dose_log-1", "token": "3" * 32})
    assert [log.id for log in logs(at_home)] == ["dose_log-1"]


# Caught at the field

WRONG = {
    "300 over 20": ({"upper": "300", "lower": "20"}, "You gave 300 over 20. The two can be 5 to 150 apart."),
    "swapped": ({"upper": "80", "lower": "120"}, "You gave 80 over 120. The upper number has to be the higher one."),
    "too high": ({"upper": "301", "lower": "180"}, "You gave 301. It can be from 40 to 300."),
    "too low below": ({"upper": "120", "lower": "19"}, "You gave 19. It can be from 20 to 200."),
    "one of two": ({"upper": "120"}, "Please give both numbers"),
    "words": ({"upper": "high", "lower": "80"}, "You gave high. It can be from 40 to 300."),
    "tomorrow": ({"day": "2026-11-26"}, "You gave 2026-11-26 12:30. It can be a day and a time up to now."),
    "later today": ({"time": "23:00"}, "You gave 2026-11-25 23:00."),
    "no day": ({"day": "", "time": ""}, "You gave nothing. It can be a day"),
    "no such time": ({"day": "2026-03-08", "time": "02:30"}, "You gave 2026-03-08 02:30."),
    "nothing chosen": ({"taken": ""}, "Please say if you took it."),
    "zero": ({"taken": "changed", "amount": "0"}, "You gave 0. It can be a number above zero."),
    "no number": ({"taken": "changed", "amount": "9" * 400}, "You gave 99999999999999999999. It can be"),
    "no length": ({"effects": "lasted", "hours": "", "minutes": ""}, "You gave nothing. It can be hours and minutes"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_caught_at_the_field_and_kept_in_the_form(name, at_home, key, phone) -> None:
    typed, said = WRONG[name]
    answer = phone.post(address(key, open_doses(at_home)[0].id), {**TAKEN, "not_measured": "", "words": "", **typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert "Nothing is saved yet." in page
    assert logs(at_home) == []
    assert all(f'value="{value}"' in page for field, value in typed.items() if value and field in ("upper", "lower", "day", "time"))


HOSTILE = ("9" * 5_000, "x" * 10_000, "\u0663", "-1", "NaN", "1e309", "0001-01-01", "9999-12-31", "23:59:59.9", "../..")
FIELDS = (
    "token", "changes", "supply", "taken", "day", "time", "amount", "unit", "upper", "lower", "effects", "hours", "minutes",
    "present", "worrying", "words", "language")  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_no_form_sends_is_no_error_of_ours(typed, at_home, key, phone) -> None:
    said = {**TAKEN, "taken": "changed", "effects": "lasted", "hours": "1", "upper": "120", "lower": "80", "token": "a" * 32}
    for dose in (open_doses(at_home)[0].id, "another", typed.replace("/", "")[:200]):
        bodies = [{**said, name: typed} for name in FIELDS] + [dict.fromkeys(FIELDS, typed), {**said, "day": typed, "time": "00:00"}]
        for body in bodies:
            assert phone.post(address(key, dose), body).status_code in (302, 409, 422)
            assert phone.post(reverse("my_dose_before", args=[key, dose]), body).status_code in (200, 302, 422)
        assert phone.get(address(key, dose) + f"?language={typed[:40]}").status_code in (200, 302)


def test_a_day_before_anything_was_at_home_is_none(at_home, key, phone) -> None:
    for day in ("2026-11-15", "1700-01-01"):
        answer = phone.post(address(key, "another"), {**TAKEN, "day": day, "token": "a" * 32})
        assert answer.status_code == 422
        assert "no treatment at home written down for that day" in answer.content.decode()
    assert logs(at_home) == []


@pytest.mark.parametrize(("upper", "lower"), [("40", "20"), ("300", "150"), ("85", "80"), ("170", "20")])
def test_both_sides_of_what_can_be(upper, lower, at_home, key, phone) -> None:
    answer = phone.post(address(key, open_doses(at_home)[0].id), {**TAKEN, "not_measured": "", "upper": upper, "lower": lower})
    assert answer.status_code == 302
    assert sorted(readings(at_home).values()) == sorted([float(upper), float(lower)])


# Worrying


def test_something_worrying_is_a_concern_that_staff_see_and_the_patient_sees_help_first(at_home, key, phone, owner, signed_in) -> None:
    words = "The room would not stop turning <b>for hours</b>"
    answer = phone.post(address(key, open_doses(at_home)[0].id), {**TAKEN, "worrying": "yes", "words": words})
    [concern] = record_of(at_home).of_kind(Concern)
    assert (concern.about, concern.concern) == ("other", words)
    alert = Alert.objects.get(patient=at_home)
    assert (alert.tier, alert.why, alert.source) == ("same_day", "patient_worried", concern.id)
    page = phone.get(answer.url).content.decode()
    assert page.index("Thank you for telling us") < page.index("Who sees your answer") < page.index("555 0100")
    assert "We cannot say when someone will read it." in page
    assert "suicid" not in page.replace("988 Suicide", "")
    staff = signed_in(owner).get(reverse("alert", args=[alert.pk])).content.decode()
    assert "The room would not stop turning &lt;b&gt;" in staff
    assert "Call the patient" in staff
    assert words not in "".join(str(entry.details) for entry in Entry.objects.all())


def test_words_without_worry_raise_nothing_and_are_not_kept(at_home, key, phone) -> None:
    phone.post(address(key, open_doses(at_home)[0].id), {**TAKEN, "worrying": "no", "words": "want to die"})
    assert Alert.objects.count() == 0
    assert logs(at_home)[0].note is None


def test_a_worry_is_told_once_and_not_taken_back_by_a_correction(at_home, key, phone) -> None:
    dose = open_doses(at_home)[0].id
    said = {**TAKEN, "worrying": "yes", "words": "dizzy"}
    phone.post(address(key, dose), said)
    phone.post(address(key, dose), {**said, "present": "no", "changes": dose, "token": "4" * 32})
    assert len(record_of(at_home).of_kind(Concern)) == 1
    standing = logs(at_home)[0].id
    phone.post(address(key, standing), {**TAKEN, "worrying": "no", "changes": standing, "token": "5" * 32})
    assert [each.settled for each in record_of(at_home).of_kind(Concern)] == [None]
    assert Alert.objects.get().state == "open"


def form_with_item_9(patient):
    """A form of this hour with a positive answer on suicidal thoughts, triaged as a check-in does it."""
    answers = (1.0,) * 9
    record_events(BY, patient, [Assessment(id="form", at=Moment.of(NOW), instrument="phq9", answers=answers, mode="self")])
    triage(BY, patient, "form")


def test_an_answer_on_suicidal_thoughts_takes_the_place_of_a_worry_of_the_same_contact(at_home, key, phone) -> None:
    phone.post(address(key, open_doses(at_home)[0].id), {**TAKEN, "worrying": "yes", "words": "dizzy"})
    form_with_item_9(at_home)
    alert = Alert.objects.get()
    assert (alert.tier, alert.why, alert.state) == ("same_day", "screener_unanswered", "open")


def test_a_worry_never_takes_the_place_of_an_answer_and_its_words_are_read_and_settled(at_home, key, phone, owner, signed_in) -> None:
    form_with_item_9(at_home)
    phone.post(address(key, open_doses(at_home)[0].id), {**TAKEN, "worrying": "yes", "words": "dizzy all night"})
    alert = Alert.objects.get()
    assert alert.why == "screener_unanswered"
    client = signed_in(owner)
    assert "dizzy all night" in client.get(reverse("alert", args=[alert.pk])).content.decode()
    said = {"note": "called, talked it through", "acted_on": "yes", "settles": "1"}
    assert client.post(reverse("alert_resolve", args=[alert.pk]), said).status_code == 302
    assert all(each.settled for each in record_of(at_home).of_kind(Concern))


# Before a dose


def test_answers_before_a_dose_belong_to_it_and_what_speaks_against_is_to_be_called_about(at_home, key, phone) -> None:
    dose = open_doses(at_home)[0].id
    before = reverse("my_dose_before", args=[key, dose])
    said = {"token": "6" * 32, "escort_present": "no", "plans_to_drive": "no", "alcohol_today": "yes"}
    page = phone.post(before, said).content.decode()
    assert "Your clinic asked to hear about this first" in page
    assert "555 0100" in page
    assert "no one is called by this page" in page
    assert "Will someone be with you until the effects are gone? No" in page
    assert "Do you plan to drive before tomorrow?" not in page
    seen = {each.about: (each.answer, each.of, each.by) for each in record_of(at_home).of_kind(Observation) if each.of}
    answered = {"escort_present": "no", "plans_to_drive": "no", "alcohol_today": "yes"}
    assert seen == {about: (answer, dose, "patient") for about, answer in answered.items()}
    phone.post(address(key, dose), TAKEN)
    assert logs(at_home)[0].id == dose


def test_a_high_reading_before_a_dose_is_heard_by_the_gates_of_the_catalog(at_home, key, phone) -> None:
    before = reverse("my_dose_before", args=[key, open_doses(at_home)[0].id])
    calm = phone.post(before, {"token": "7" * 32, "upper": "140", "lower": "90"}).content.decode()
    assert "Your clinic asked" not in calm
    high = phone.post(before, {"token": "8" * 32, "upper": "141", "lower": "90"}).content.decode()
    assert "Your clinic asked to hear about this first" in high
    assert "141 / 90" in high


def test_a_check_is_kept_once_and_may_be_made_again(at_home, key, phone) -> None:
    before = reverse("my_dose_before", args=[key, open_doses(at_home)[0].id])
    for token in ("9" * 32, "9" * 32, "f" * 32):
        assert phone.post(before, {"token": token, "escort_present": "yes"}).status_code == 200
    assert len([each for each in record_of(at_home).of_kind(Observation) if each.of]) == 2


def test_nothing_answered_and_a_wrong_reading_are_asked_again(at_home, key, phone) -> None:
    before = reverse("my_dose_before", args=[key, open_doses(at_home)[0].id])
    assert phone.post(before, {"token": "0" * 32}).status_code == 422
    assert "The upper number has to be" in phone.post(before, {"token": "0" * 32, "upper": "80", "lower": "90"}).content.decode()
    assert not any(each.of for each in record_of(at_home).of_kind(Observation))


def test_without_a_number_the_page_says_so(at_home, key, phone, site) -> None:
    site.contact = ""
    site.save()
    before = reverse("my_dose_before", args=[key, open_doses(at_home)[0].id])
    page = phone.post(before, {"token": "0" * 32, "escort_present": "no"}).content.decode()
    assert "We have no number of your clinic here." in page


def test_what_another_page_kept_at_the_same_moment_is_shown_and_nothing_typed_is_lost(at_home, key, phone, monkeypatch) -> None:
    def later(actor, patient, said):
        log_dose(actor, patient, replace(said, taken="not_taken", worrying=None))
        return log_dose(actor, patient, said)

    monkeypatch.setattr(own_doses, "log_dose", later)
    answered = phone.post(address(key, open_doses(at_home)[0].id), TAKEN | {"worrying": "yes", "words": "It was too much."})
    assert answered.status_code == 409
    assert "It was too much." in answered.content.decode()


def test_the_same_form_with_other_answers_is_heard(at_home, key, phone) -> None:
    before = reverse("my_dose_before", args=[key, open_doses(at_home)[0].id])
    form = {"token": "d" * 32, "escort_present": "yes", "alcohol_today": "no"}
    changed = {**form, "alcohol_today": "yes", "upper": "131", "lower": "82"}
    for sent in (form, form, changed, changed, form):
        assert phone.post(before, sent).status_code == 200
    said = [event.answer for event in record_of(at_home).events if isinstance(event, Observation) and event.about == "alcohol_today"]
    assert sorted(said) == ["no", "no", "yes"]
    last = Event.objects.filter(kind="observation", body__about="alcohol_today").order_by("-pk").first()
    assert last.body["answer"] == "no"
    assert readings(at_home) == {"systolic blood pressure": 131, "diastolic blood pressure": 82}


@pytest.mark.parametrize("dose_id", ["x" * 900, "check-1", "reg-9", "dose-437863a8-2026-13-45-1", "dose-437863a8-2026-11-25-1-systolic"])
def test_a_made_up_dose_is_not_logged(at_home, key, phone, dose_id) -> None:
    assert phone.post(address(key, dose_id), TAKEN | {"token": "3" * 32}).status_code == 302
    assert logs(at_home) == []


def test_questions_before_a_dose_are_of_today_only(at_home, key, phone) -> None:
    for dose in (open_doses(at_home)[1].id, "another", "dose-00000000-2026-11-25-1"):
        assert phone.get(reverse("my_dose_before", args=[key, dose])).status_code == 302


# Links


def test_a_link_that_was_closed_or_never_was_shows_the_same_page(at_home, key, here, phone) -> None:
    dose = open_doses(at_home)[0].id
    withdraw_link(here.actor, here, at_home)
    pages = [phone.get(reverse("my_doses", args=[each])) for each in (key, "x" * 43)]
    assert {page.status_code for page in pages} == {404}
    assert pages[0].content == pages[1].content
    assert phone.post(address(key, dose), TAKEN).status_code == 404
    assert logs(at_home) == []


def test_a_dose_of_somebody_else_is_nowhere(at_home, key, site, owner, here, phone) -> None:
    phone.post(address(key, open_doses(at_home)[0].id), TAKEN)
    mine = logs(at_home)[0].id
    other = admit(BY, site, "0202", team=[owner])
    theirs = make_link(here.actor, here, other)
    for name in ("my_dose", "my_dose_before", "my_dose_kept"):
        assert phone.get(reverse(name, args=[theirs, mine])).status_code == 302
    assert phone.post(address(theirs, mine), TAKEN).status_code == 302
    assert logs(other) == []


def test_the_own_page_leads_to_the_doses(at_home, key, phone) -> None:
    page = phone.get(reverse("my_page", args=[key])).content.decode()
    assert WORDS in page
    assert f"/my/{key}/doses/?language=en" in page


# Staff


def test_the_staff_page_shows_the_reconciliation(at_home, key, phone, owner, signed_in) -> None:
    phone.post(address(key, open_doses(at_home)[3].id), {**TAKEN, "day": "2026-11-16", "present": "no"})
    phone.post(reverse("my_dose_before", args=[key, open_doses(at_home)[0].id]), {"token": "0" * 32, "escort_present": "no"})
    page = signed_in(owner).get(reverse("home", args=[at_home.pk])).content.decode()
    assert WORDS in page
    assert "doses planned, 1 logged as taken" in page
    assert "not logged" in page
    assert "alone" in page
    assert "logged later, on 25 November 2026" in page
    assert "asked to call first" in page


def test_the_chart_leads_there(patient, site, owner, signed_in) -> None:
    assert reverse("home", args=[patient.pk]) in signed_in(owner).get(reverse("chart", args=[patient.pk])).content.decode()
    other = admit(BY, site, "0203", team=[owner])
    assert "Nothing at home so far" in signed_in(owner).get(reverse("home", args=[other.pk])).content.decode()


def test_a_regimen_is_a_prescribers(at_home, site, owner, signed_in) -> None:
    nurse = person(site, Role.NURSE, "Nurse")
    CareTeamMember.objects.create(patient=at_home, user=nurse)
    said = {"at": "2026-11-24", "treatment": "ketamine", "route": "sublingual", "dose_mg": "150", "words": "More", "token": "a" * 32}
    enter = reverse("enter", args=[at_home.pk, "regimen"])
    assert signed_in(nurse).post(enter, said).status_code == 403
    answer = signed_in(owner).post(enter, said)
    assert (answer.status_code, answer.url) == (302, reverse("home", args=[at_home.pk]))
    assert [each.words for each in record_of(at_home).of_kind(Regimen)] == [WORDS, "More"]
    correct = reverse("correct", args=[at_home.pk, f"regimen-{'a' * 32}"])
    assert signed_in(nurse).get(correct).status_code == 403


def test_an_early_refill_is_asked_for_its_reason_first(at_home, owner, signed_in) -> None:
    client, enter = signed_in(owner), reverse("enter", args=[at_home.pk, "dispensing"])
    first = {"at": "2026-11-16", "treatment": "ketamine", "route": "sublingual", "quantity": "8", "unit_mg": "100", "token": "a" * 32}
    assert client.post(enter, first).status_code == 302
    again = {**first, "at": "2026-11-20", "token": "b" * 32}
    answer = client.post(enter, again)
    assert answer.status_code == 409
    assert "This refill comes early" in answer.content.decode()
    assert len(record_of(at_home).of_kind(Dispensing)) == 1
    for _ in range(2):
        assert client.post(enter, {**again, "early_reason": "away for a month"}).status_code == 302
    assert len(record_of(at_home).of_kind(Dispensing)) == 2
    [seen] = [each for each in record_of(at_home).of_kind(Observation) if each.about == "early_refill"]
    assert (seen.note, seen.of) == ("away for a month", f"dispensing-{'b' * 32}")


def test_what_is_left_is_counted(at_home, owner, signed_in) -> None:
    said = {"at": "2026-11-24", "treatment": "ketamine", "route": "sublingual", "units": "0", "counted_by": "staff", "token": "a" * 32}
    assert signed_in(owner).post(reverse("enter", args=[at_home.pk, "left_over"]), said).status_code == 302
    assert [each.units for each in record_of(at_home).of_kind(LeftOver)] == [0.0]


def test_every_dose_has_its_entry_in_the_audit_without_what_was_answered(at_home, key, phone) -> None:
    dose = open_doses(at_home)[0].id
    phone.post(address(key, dose), {**TAKEN, "upper": "151.5", "lower": "99", "worrying": "yes", "words": "dizzy"})
    entries = Entry.objects.filter(action="home_dose.logged")
    assert [entry.details["dose"] for entry in entries] == [dose]
    assert entries[0].actor.startswith("link:page-")
    # A digest has no point in it.
    told = str([entry.details for entry in Entry.objects.all()])
    assert [each for each in ("151.5", "dizzy") if each in told] == []


def test_a_dose_far_back_is_logged_as_another(at_home, key, phone) -> None:
    old = TODAY - timedelta(days=9)
    assert phone.post(address(key, "another"), {**TAKEN, "day": old.isoformat(), "token": "c" * 32}).status_code == 302
    assert logs(at_home)[0].at.text.startswith(old.isoformat())
