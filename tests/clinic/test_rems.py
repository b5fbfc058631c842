"""The REMS forms in the clinic: who sees them, what is missing and where it is entered, what is handed out, that it was submitted."""

import io
import json
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from clinic.conftest import person
from euthymia.events import DoseSession, Measurement, Medication, Observation, Person
from euthymia.moment import Moment
from euthymia_clinic.accounts.models import Role
from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.models import Entry
from euthymia_clinic.chart.actions import admit, record_events
from euthymia_clinic.chart.models import CareTeamMember, Event
from euthymia_clinic.chart.snapshots import take_snapshot

pytestmark = pytest.mark.django_db
BY = system("test")
TOKEN = "ab" * 16


def start_of(site, days_ago: int) -> datetime:
    day = site.today() - timedelta(days=days_ago)
    return datetime(day.year, day.month, day.day, 10, tzinfo=site.tz)


def sessions(site) -> list:
    """Two nasal sessions of esketamine (three and twelve days ago), one infusion, one whose route nobody said."""
    found = []
    for name, days, treatment, route in (
        ("new", 3, "esketamine", "intranasal"),
        ("late", 12, "esketamine", "intranasal"),
        ("drip", 5, "ketamine", "intravenous"),
        ("open", 2, "esketamine", None),
    ):
        at = start_of(site, days)
        ended = Moment.of(at + timedelta(minutes=125))
        said = {"dose_mg": 56, "lot": "L77", "monitored_by": "Nurse Noor", "ended": ended}
        found.append(DoseSession(id=f"session/{name}", at=Moment.of(at), treatment=treatment, route=route, **said))
    return found


@pytest.fixture
def treated(site, owner):
    """A patient of the owner with those sessions."""
    found = admit(BY, site, "0211", name="Synthetic patient 0211", team=[owner], prescriber=owner)
    born = Person(id="who", at=Moment.of("2020-01-01"), birth_date=Moment.of("1980-02-03"), sex="female")
    record_events(BY, found, [born, *sessions(site)])
    found.refresh_from_db()
    take_snapshot(BY, found, site.today())
    return found


def at(name, patient, *args):
    return reverse(name, args=(patient.pk, *args))


def text(response) -> str:
    return response.content.decode()


def test_who_sees_the_forms(treated, owner, colleague, stranger, auditor, signed_in, client):
    for name, args in (("rems_list", ()), ("rems_form", ("session/new",)), ("rems_pdf", ("session/new",)), ("rems_json", ("session/new",))):
        address = at(name, treated, *args)
        found = [signed_in(user).get(address).status_code for user in (owner, colleague, auditor, stranger)]
        assert [*found, client.get(address).status_code] == [200, 403, 403, 404, 302], name


def test_the_list_says_how_each_form_stands(treated, owner, signed_in, site):
    said = text(signed_in(owner).get(at("rems_list", treated)))
    assert said.count("<li>\n<div><a") == 3
    assert said.index("session/open") < said.index("session/new") < said.index("session/late")
    assert "session/drip" not in said
    assert "overdue since the end of" in said
    assert "due by" in said
    assert "Asked: whether it was the nasal spray: the route is not recorded" in said


def test_a_session_of_another_route_has_no_form(treated, owner, signed_in):
    client = signed_in(owner)
    page = client.get(at("rems_form", treated, "session/drip"))
    assert page.status_code == 200
    assert "This session has no form" in text(page)
    assert "ketamine is not esketamine" in text(page)
    assert "Nobody can tell" in text(client.get(at("rems_form", treated, "session/open")))
    for name in ("rems_pdf", "rems_json"):
        assert client.get(at(name, treated, "session/drip")).status_code == 404
        assert client.get(at(name, treated, "session/open")).status_code == 404
    for name in ("rems_answers", "rems_submitted"):
        assert client.post(at(name, treated, "session/drip"), {"token": TOKEN}).status_code == 404
    assert client.get(at("rems_form", treated, "session/none")).status_code == 404


def test_the_form_shows_what_is_missing_and_where_it_is_entered(treated, owner, signed_in):
    said = text(signed_in(owner).get(at("rems_form", treated, "session/new")))
    assert "Synthetic patient 0211" in said
    assert "First clinic" in said
    assert "125" in said
    assert "It is not the manufacturer’s form" in said
    assert at("enter", treated, "measurement") in said
    assert 'name="sedation"' in said
    assert 'name="medicines"' in said
    assert 'name="vitals_before"' in said


def test_answers_become_observations_of_the_session(treated, owner, signed_in, site):
    client, address = signed_in(owner), at("rems_answers", treated, "session/new")
    post = {
        "token": TOKEN,
        "sedation": "no",
        "vitals_before": "yes",
        "ready_minutes": "95",
        "medicines": "yes",
        "dissociation_onset": "10:41",
    }
    assert client.post(address, post).status_code == 302
    kept = {e.body["about"]: e.body for e in Event.objects.filter(patient=treated, kind="observation")}
    day = (site.today() - timedelta(days=3)).isoformat()
    assert (kept["sedation"]["answer"], kept["sedation"]["of"], kept["sedation"]["at"]) == ("no", "session/new", day)
    assert kept["dissociation"]["answer"] == "yes"
    assert kept["dissociation"]["at"].startswith(f"{day}T10:41")
    assert "of" not in kept["medicines_reviewed"]
    [ready] = Event.objects.filter(patient=treated, kind="measurement")
    assert (ready.body["measure"], ready.body["value"], ready.body["unit"]) == ("minutes_until_ready", 95, "min")
    said = json.loads(client.get(at("rems_json", treated, "session/new")).content)
    answers = {each["id"]: each["words"] for each in said["answers"]}
    assert answers["sedation"] == "no"
    assert answers["dissociation_onset"].startswith("10:41")
    assert (answers["ready_minutes"], answers["benzodiazepine"], answers["vitals_before"]) == ("95", "no", "yes")
    # The same page sent twice is one entry.
    before = Event.objects.count()
    client.post(address, post)
    assert Event.objects.count() == before


def test_nothing_chosen_and_what_cannot_be_is_said_at_its_field(treated, owner, signed_in):
    client, address = signed_in(owner), at("rems_answers", treated, "session/new")
    before = Event.objects.count()
    empty = client.post(address, {"token": TOKEN})
    assert empty.status_code == 422
    assert "found nothing chosen" in text(empty)
    wrong = client.post(address, {"token": TOKEN, "sedation_onset": "noon", "ready_minutes": "soon", "vitals_before": "perhaps"})
    assert wrong.status_code == 422
    assert "allowed: a time such as 14:30" in text(wrong)
    assert text(wrong).count("wrong-words") == 3
    assert Event.objects.count() == before


def test_the_pdf_is_the_form_and_its_making_is_audited(treated, owner, signed_in):
    response = signed_in(owner).get(at("rems_pdf", treated, "session/new"))
    said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)
    assert "not the manufacturer’s form" in said
    assert "L77" in said
    assert "0211" not in response.headers["Content-Disposition"]
    [entry] = Entry.objects.filter(action="rems_form.written")
    assert entry.details["kind"] == "pdf"


def test_submitted_with_what_confirms_it_and_only_once(treated, owner, signed_in):
    client, address = signed_in(owner), at("rems_submitted", treated, "session/late")
    page = client.post(address, {"token": TOKEN, "note": "C-991"}, follow=True)
    assert "fields are not recorded here; what was sent is not known" in " ".join(text(page).split()) or "not recorded here" in text(page)
    [kept] = Event.objects.filter(patient=treated, body__about="rems_form_submitted")
    assert (kept.body["answer"], kept.body["of"], kept.body["note"]) == ("yes", "session/late", "C-991")
    client.post(address, {"token": "cd" * 16})
    assert Event.objects.filter(body__about="rems_form_submitted").count() == 1
    said = text(client.get(at("rems_list", treated)))
    assert "submitted" in said
    assert "overdue" not in said
    assert client.post(at("rems_submitted", treated, "session/new"), {"token": "ef" * 16, "note": "x" * 301}).status_code == 422


def test_who_may_record_it(treated, site, signed_in, lead, administrator):
    """Whoever works with patients; nobody else even sees it."""
    nurse = person(site, Role.NURSE, "Nora")
    CareTeamMember.objects.create(patient=treated, user=nurse)
    assert signed_in(nurse).post(at("rems_submitted", treated, "session/new"), {"token": TOKEN}).status_code == 302
    assert signed_in(administrator).post(at("rems_submitted", treated, "session/late"), {"token": TOKEN}).status_code == 403


def test_the_list_of_the_site_holds_those_in_ones_care(treated, owner, colleague, lead, stranger, administrator, signed_in, client):
    address = reverse("rems_all")
    said = text(signed_in(owner).get(address))
    assert "3 to submit, 1 overdue" in said
    assert said.index("session/late") < said.index("session/new")
    assert "0211" in text(signed_in(lead).get(address))
    assert "0211" not in text(signed_in(colleague).get(address))
    assert "0211" not in text(signed_in(stranger).get(address))
    assert signed_in(administrator).get(address).status_code == 403
    assert client.get(address).status_code == 302


def test_the_list_of_the_site_asks_few_questions(treated, owner, site, signed_in, django_assert_max_num_queries):
    for number in range(5):
        other = admit(BY, site, f"03{number}", team=[owner])
        record_events(BY, other, [e.model_copy(update={"id": f"{e.id}{number}"}) for e in sessions(site)])
    client = signed_in(owner)
    client.get(reverse("rems_all"))
    with django_assert_max_num_queries(20):
        assert "18 to submit" in text(client.get(reverse("rems_all")))


def test_the_chart_leads_there_where_esketamine_is_given(treated, patient, owner, signed_in):
    client = signed_in(owner)
    assert at("rems_list", treated) in text(client.get(at("chart", treated)))
    plain = admit(BY, patient.site, "0400", team=[owner])
    record_events(BY, plain, [DoseSession(id="d", at=Moment.of(timezone.now()), treatment="ketamine", route="IV")])
    assert "REMS forms" not in text(client.get(at("chart", plain)))


def test_an_overdue_form_is_due_on_the_chart(treated, owner, signed_in):
    assert "submit the REMS monitoring form" in text(signed_in(owner).get(at("chart", treated))).replace("Submit", "submit")


def test_a_complete_form_is_recorded_without_a_warning(treated, owner, signed_in, site):
    start = start_of(site, 3)
    looks = ["sedation", "dissociation", "respiratory_depression", "serious_adverse_event", "vitals_acceptable_before_dose"]
    looks += ["vitals_acceptable_before_leaving", "medicines_reviewed"]
    day = Moment.of(start.date())
    events = [
        Observation(id=f"o-{each}", at=day, about=each, answer="no" if each in looks[:4] else "yes", of="session/new") for each in looks
    ]
    for minutes in (-10, 42, 120):
        for measure, value in (("systolic", 130), ("diastolic", 82)):
            when = Moment.of(start + timedelta(minutes=minutes))
            events.append(Measurement(id=f"m-{measure}{minutes}", at=when, measure=measure, value=value, unit="mm[Hg]"))
    events.append(Measurement(id="ready", at=day, measure="minutes_until_ready", value=90, unit="min"))
    events.append(Medication(id="drug", at=Moment.of("2025-01-01"), drug="sertraline"))
    record_events(BY, treated, events)
    client = signed_in(owner)
    assert "everything is recorded" in text(client.get(at("rems_list", treated)))
    page = client.post(at("rems_submitted", treated, "session/new"), {"token": TOKEN}, follow=True)
    assert "Recorded as submitted." in text(page)
    assert "not known" not in text(page)
