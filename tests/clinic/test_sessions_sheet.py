"""A session sheet from its opening to its signature: one for a session, gates, leaving, sign-off, no end; its pages."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from clinic.conftest import here_of, person
from clinic.sessions import LEAVING, QUIET_BEFORE, WATCHED, answer, infused, keep, moment, opened, said
from euthymia.rules import Finding
from euthymia_clinic.accounts.models import Role
from euthymia_clinic.audit.models import Entry, Read
from euthymia_clinic.chart.models import PanelRow
from euthymia_clinic.chart.permissions import Forbidden
from euthymia_clinic.sessions.actions import SheetError, close_without_end, open_sheet, sign_off
from euthymia_clinic.sessions.models import Sheet
from euthymia_clinic.sessions.standing import field_of, standing_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(owner):
    return here_of(owner)


@pytest.fixture
def nurse(site):
    return person(site, Role.NURSE, "Nurse")


@pytest.fixture
def sheet(here, site, owner, nurse):
    return opened(here, infused(site, "S-1", [owner, nurse], name="Synthetic person"))


def explain(here, sheet, stage, at):
    """Explain every gate of a stage that is not clear."""
    gates = [gate for gate in standing_of(sheet, at).gates if gate.stage == stage and gate.is_open]
    answer(here, sheet, {field_of(gate): "talked through" for gate in gates}, at)


def whole(here, sheet, *, ended=True):
    """A session of two hours and a quarter, up to its end."""
    now = timezone.now()
    start = now - timedelta(minutes=140)
    answer(here, sheet, QUIET_BEFORE, start - timedelta(minutes=5))
    explain(here, sheet, "before", start - timedelta(minutes=4))
    answer(here, sheet, {"started_at": "now"}, start)
    for minutes in (15, 30, 45, 60, 90, 125):
        answer(here, sheet, LEAVING, start + timedelta(minutes=minutes))
    if ended:
        explain(here, sheet, "discharge", start + timedelta(minutes=126))
        answer(here, sheet, {"ended": "now", "serious_adverse_event": "no"}, start + timedelta(minutes=130))
        explain(here, sheet, "discharge", start + timedelta(minutes=131))


def test_a_session_has_one_sheet(here, sheet, nurse) -> None:
    again, made = open_sheet(here_of(nurse).actor, here_of(nurse), sheet.patient)
    assert (again, made) == (sheet, False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Sheet.objects.create(patient=sheet.patient, day=sheet.day, protocol=sheet.protocol, opened_by=here.user)


def test_a_session_over_midnight_is_one_and_its_gates_go_on(here, site, owner, monkeypatch) -> None:
    clock = [moment("2026-11-26T04:30:00Z")]  # half past eleven in the evening, in New York
    monkeypatch.setattr(timezone, "now", lambda: clock[0])
    sheet = opened(here, infused(site, "S-2", [owner]))
    answer(here, sheet, QUIET_BEFORE, clock[0])
    keep(here, sheet, said("started_at", "now", clock[0], confirmed=True), arrived=clock[0])
    clock[0] += timedelta(minutes=45)
    answer(here, sheet, {**WATCHED, "systolic": "195", "diastolic": "118", "oxygen_saturation": "85"}, clock[0])
    standing = standing_of(sheet, clock[0])
    found = {gate.result.rule for gate in standing.gates if gate.stage == "during" and isinstance(gate.result, Finding)}
    assert {"pressure_severe", "pressure_large_rise", "oxygen_low"} <= found
    assert standing.leaving.minutes_left == 75
    assert open_sheet(here.actor, here, sheet.patient) == (sheet, False)
    clock[0] += timedelta(hours=8)
    assert open_sheet(here.actor, here, sheet.patient)[1]


def test_opening_a_second_one_leads_to_the_first_and_says_so(sheet, signed_in, nurse) -> None:
    answered = signed_in(nurse).post(reverse("session_open", args=[sheet.patient_id]), follow=True)
    assert answered.redirect_chain[-1][0] == reverse("session_sheet", args=[sheet.pk])
    assert "This session has its sheet already, opened by Owner" in answered.content.decode()
    assert Sheet.objects.count() == 1


def test_a_closed_one_is_opened_again_only_on_purpose(here, sheet) -> None:
    sign_off(here.actor, here, sheet, reason="nobody came")
    same, _ = open_sheet(here.actor, here, sheet.patient)
    other, made = open_sheet(here.actor, here, sheet.patient, again=True)
    assert same.pk == sheet.pk
    assert made
    assert other.pk != sheet.pk


def test_no_sheet_without_doses_to_watch(here, site, owner, signed_in) -> None:
    from euthymia_clinic.audit.actor import system
    from euthymia_clinic.chart.actions import admit

    nobody = admit(system("test"), site, "N-1", team=[owner])
    with pytest.raises(SheetError, match="found no plan whose doses are watched"):
        open_sheet(here.actor, here, nobody)
    answered = signed_in(owner).post(reverse("session_open", args=[nobody.pk]), follow=True)
    assert "found no plan whose doses are watched" in answered.content.decode()


def test_a_whole_session_is_signed(here, sheet) -> None:
    whole(here, sheet)
    assert standing_of(sheet, timezone.now()).missing("sign_off") == []
    signed = sign_off(here.actor, here, sheet)
    assert signed.ending == Sheet.Ending.SIGNED
    assert signed.reason == ""


def test_leaving_waits_for_its_gates(here, sheet) -> None:
    whole(here, sheet, ended=False)
    start = standing_of(sheet, timezone.now()).started
    early = standing_of(sheet, start + timedelta(minutes=100))
    assert not early.leaving.may_leave
    assert early.leaving.minutes_left == 20
    _, [refused] = keep(here, sheet, said("ended", "now", start + timedelta(minutes=100), chosen_time=True))
    assert refused.asks
    assert refused.confirm == "The patient has left: keep the time"


def test_nothing_is_signed_while_something_is_open(here, sheet, nurse) -> None:
    with pytest.raises(SheetError, match="still open"):
        sign_off(here_of(nurse).actor, here_of(nurse), sheet, reason="it was late")
    for empty in ("", " – ", "x" * 2000):
        with pytest.raises(SheetError, match="and no reason"):
            sign_off(here.actor, here, sheet, reason=empty)
    signed = sign_off(here.actor, here, sheet, reason="The patient went home before the dose.")
    assert signed.ending == Sheet.Ending.OVERRIDDEN
    assert sign_off(here.actor, here, sheet, reason="again").reason == "The patient went home before the dose."
    [entry] = Entry.objects.filter(action="session.signed")
    assert entry.details["ending"] == "overridden"
    assert "went home" not in str(entry.details)


def test_after_the_signature_everything_is_late(here, sheet) -> None:
    sign_off(here.actor, here, sheet, reason="no dose today")
    keep(here, sheet, said("note", "She telephoned: all well."))
    [entry] = sheet.entries.all()
    assert entry.late


def test_a_session_without_an_end_is_listed_until_somebody_says_why(here, sheet, signed_in, owner) -> None:
    now = timezone.now()
    before = now - timedelta(hours=7)
    keep(here, sheet, said("started_at", "now", before, confirmed=True), arrived=before)
    page = signed_in(owner).get(reverse("sessions")).content.decode()
    assert "No end was recorded" in page
    with pytest.raises(SheetError, match="found no reason"):
        close_without_end(here.actor, here, sheet, " ")
    closed = close_without_end(here.actor, here, sheet, "The patient left by the back door.")
    assert closed.ending == Sheet.Ending.WITHOUT_END
    assert standing_of(closed, now).ended is None
    assert "No end was recorded</h2>" not in signed_in(owner).get(reverse("sessions")).content.decode()


def test_one_with_an_end_is_not_closed_without(here, sheet) -> None:
    whole(here, sheet)
    with pytest.raises(SheetError, match="found a session that has an end"):
        close_without_end(here.actor, here, sheet, "because")


def test_who_may_not(here, sheet, site, colleague) -> None:
    therapist = person(site, Role.THERAPIST, "Therapist")
    sheet.patient.care_team.create(user=therapist)
    for other in map(here_of, (therapist, colleague)):
        with pytest.raises(Forbidden):
            open_sheet(other.actor, other, sheet.patient)
        with pytest.raises(Forbidden):
            sign_off(other.actor, other, sheet, reason="because")
        with pytest.raises(Forbidden):
            close_without_end(other.actor, other, sheet, "because")


def post(client, sheet, entries, **more):
    body = {"sent_at": timezone.now().isoformat(), "entries": entries, **more}
    return client.post(reverse("session_entries", args=[sheet.pk]), json.dumps(body), content_type="application/json")


def entry(field, value, **more):
    return {
        "id": str(uuid4()),
        "field": field,
        "value": value,
        "measured_at": timezone.now().isoformat(),
        "chosen_time": False,
        "replaces": None,
    } | more


def test_a_batch_is_answered_with_the_state(sheet, signed_in, owner) -> None:
    good, bad = entry("systolic", "122"), entry("systolic", "401")
    answered = post(signed_in(owner), sheet, [good, bad], by=owner.pk).json()
    assert answered["kept"] == [good["id"]]
    [refused] = answered["refused"]
    assert (refused["id"], refused["field"], refused["found"], refused["allowed"]) == (
        bad["id"],
        "systolic",
        "401 mm Hg",
        "40 to 300 mm Hg",
    )
    assert answered["state"]["fields"]["systolic"]["value"] == "122"
    assert answered["state"]["version"] == 1
    assert set(answered["state"]["parts"]) == {"gates", "watching", "readings", "leaving", "sign"}


UNREADABLE = [
    "no object",
    {"entries": []},
    {"sent_at": "yesterday", "entries": []},
    {"sent_at": "2026-01-01T10:00:00", "entries": []},
    {"sent_at": "0001-01-01T00:00:00+00:00", "entries": []},
    {"entries": [{}] * 201},
    {"entries": ["x"]},
    {"entries": [entry("systolic", 122)]},
    {"entries": [entry("systolic", "1", id="x")]},
    {"entries": [entry("systolic", "1", measured_at="x")]},
    {"entries": [entry("a\0", "1")]},
    {"entries": [entry("note", "half a sign: \ud83d")]},
    {"entries": [entry("\udc00", "1")]},
]


@pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_cannot_be_read_is_said_and_nothing_is_kept(sheet, signed_in, owner, body) -> None:
    body = {"sent_at": timezone.now().isoformat(), **body} if isinstance(body, dict) else body
    answered = signed_in(owner).post(reverse("session_entries", args=[sheet.pk]), json.dumps(body), content_type="application/json")
    assert answered.status_code == 400 or answered.json()["kept"] == []
    assert sheet.entries.count() == 0


def test_entries_of_somebody_else_are_not_taken_in_ones_own_name(sheet, signed_in, owner, nurse) -> None:
    assert post(signed_in(nurse), sheet, [entry("systolic", "122")], by=owner.pk).status_code == 409
    assert sheet.entries.count() == 0


def test_a_set_without_a_script(sheet, signed_in, owner) -> None:
    client, address = signed_in(owner), reverse("session_entries", args=[sheet.pk])
    form = {"id-systolic": str(uuid4()), "systolic": "122", "id-diastolic": str(uuid4()), "diastolic": "78", "id-heart_rate": str(uuid4())}
    for _ in range(2):
        assert client.post(address, form).status_code == 302
    assert sorted(sheet.entries.values_list("value", flat=True)) == ["122", "78"]
    refused = client.post(address, {"id-systolic": str(uuid4()), "systolic": "401"})
    assert refused.status_code == 422
    assert "found 401 mm Hg; allowed: 40 to 300 mm Hg" in refused.content.decode()
    assert client.post(address, {}).status_code == 400


def test_a_look_at_an_open_sheet_is_logged_now_and_then(sheet, signed_in, owner) -> None:
    client = signed_in(owner)
    client.get(reverse("session_sheet", args=[sheet.pk]))
    for _ in range(5):
        client.get(reverse("session_state", args=[sheet.pk]))
    assert Read.objects.filter(page="session sheet", subject=sheet.patient.subject).count() == 1


def test_the_list_of_the_day(here, sheet, signed_in, owner, site) -> None:
    client = signed_in(owner)
    assert "Opened by Owner" in client.get(reverse("sessions")).content.decode()
    keep(here, sheet, said("started_at", "now", confirmed=True))
    page = client.get(reverse("sessions")).content.decode()
    assert "since dose" in page
    sign_off(here.actor, here, sheet, reason="as agreed")
    assert "signed with something missing" in client.get(reverse("sessions")).content.decode()


@pytest.mark.parametrize(
    ("days", "words"),
    [(-15, None), (-14, "nothing is recorded"), (0, "Next session today"), (1, "Planned on"), (7, "Planned on"), (8, None)],
)
def test_the_list_looks_back_two_weeks_and_ahead_one(site, patient, signed_in, owner, days, words) -> None:
    PanelRow.objects.filter(patient=patient).update(next_session=site.today() + timedelta(days=days))
    page = signed_in(owner).get(reverse("sessions")).content.decode()
    assert (patient.name in page) == (words is not None)
    assert words is None or words in page


def test_a_post_without_its_token_is_refused_and_says_so(sheet, owner) -> None:
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert post(client, sheet, [entry("systolic", "122")]).status_code == 403
