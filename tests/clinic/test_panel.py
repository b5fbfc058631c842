"""The panel: who stands first, what narrows it, who sees whom, and that it asks the tables few questions."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clinic.conftest import here_of, person, sample
from euthymia.events import Plan, Request
from euthymia.moment import Moment
from euthymia.record import PatientRecord
from euthymia.wording import STATUS_ORDER
from euthymia_clinic.accounts.models import Role
from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.models import Entry, Read
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart import panel_actions, queries
from euthymia_clinic.chart.actions import admit, record_events
from euthymia_clinic.chart.models import CareTeamMember, PanelRow, Patient, SavedView
from euthymia_clinic.chart.needs import NEED_WORDS, Need, Standing, need_of
from euthymia_clinic.chart.queries import Filter
from euthymia_clinic.chart.rows import Asked, asked_of, mark_alert, next_session, said_of
from euthymia_clinic.chart.snapshots import latest, review_in, take_snapshot
from euthymia_clinic.chart.to_core import record_of
from euthymia_clinic.pages.presenters import panel as present

TODAY = date(2026, 11, 25)
STATUSES = list(STATUS_ORDER)
days = st.integers(0, 200).map(lambda n: TODAY - timedelta(days=n))
standings = st.builds(
    Standing,
    on=st.just(TODAY),
    status=st.sampled_from(STATUSES),
    since=st.none() | days,
    alert=st.sampled_from(["", "high", "same_day", "low"]),
    alert_since=st.none() | days,
    decision_by=days,
    decision_overdue=st.booleans(),
    missed_since=st.none() | days,
    due_by=st.none() | days | days.map(lambda day: day + timedelta(days=201)),
)


def row(site, code: str, *, team=(), **fields) -> PanelRow:
    found = Patient.objects.create(site=site, code=code, name=fields.pop("name", ""), prescriber=fields.pop("prescriber", None))
    for user in team:
        CareTeamMember.objects.create(patient=found, user=user)
    made = {"need": Need.NOTHING_NOW, "status": "remission", **fields}
    return PanelRow.objects.create(patient=found, site=site, **made)


def codes(response) -> list[str]:
    html = response.content.decode()
    return [part.split(">")[2].split("<")[0] for part in html.split('class="who"')[1:]]


# Who stands first


@given(standings)
def test_a_greater_need_is_never_hidden_by_a_smaller_one(standing: Standing) -> None:
    need, _ = need_of(standing)
    holds = {
        Need.HIGH_ALERT: standing.alert == "high",
        Need.LOSING_GROUND: standing.status == "losing_ground",
        Need.DECISION_OVERDUE: standing.decision_overdue,
        Need.NOT_IMPROVING: standing.status == "not_improving",
        Need.HOLDING: standing.status == "holding_above_remission",
        Need.TWO_MISSES: standing.missed_since is not None,
        Need.UNDECIDED: standing.status == "undecided",
        Need.DUE_TODAY: standing.due_by is not None and standing.due_by <= standing.on,
        Need.NOTHING_NOW: True,
    }
    assert need == min(n for n, is_so in holds.items() if is_so)
    assert set(NEED_WORDS) == set(Need)


@given(standings)
def test_a_high_alert_comes_before_everything_and_others_change_nothing(standing: Standing) -> None:
    quiet = Standing(**{**vars(standing), "alert": "", "alert_since": None})
    assert need_of(Standing(**{**vars(standing), "alert": "high"}))[0] == Need.HIGH_ALERT
    assert need_of(Standing(**{**vars(standing), "alert": "same_day"})) == need_of(quiet)


def test_ties_go_to_whoever_has_waited_longest_then_by_code(site, lead) -> None:
    for code, need, since in (
        ("d", Need.HOLDING, date(2026, 11, 1)),
        ("c", Need.HOLDING, date(2026, 10, 1)),
        ("b", Need.HOLDING, None),
        ("a", Need.HOLDING, date(2026, 11, 1)),
        ("z", Need.HIGH_ALERT, date(2026, 11, 24)),
    ):
        row(site, code, need=need, waiting_since=since)
    listed = queries.listing(here_of(lead), catalog_of(site), Filter(), "", 1)
    assert [line.code for line in listed.lines] == ["z", "c", "a", "d", "b"]


def test_an_alert_moves_the_row_up_and_its_end_puts_it_back(patient) -> None:
    before = PanelRow.objects.values("need", "waiting_since").get(patient=patient)
    mark_alert(patient, "high", timezone.now())
    assert PanelRow.objects.get(patient=patient).need == Need.HIGH_ALERT
    take_snapshot(system("test"), patient, patient.site.today())
    assert PanelRow.objects.get(patient=patient).alert == "high", "a new review does not take the alert away"
    mark_alert(patient, "", None)
    assert PanelRow.objects.values("need", "waiting_since").get(patient=patient) == before


# What a row says


def request(day: str, outcome: str = "open", instrument: str = "phq9") -> Request:
    return Request(id=f"r-{day}-{instrument}-{outcome}", at=Moment.of(day), instrument=instrument, outcome=outcome)


@pytest.mark.parametrize(
    ("outcomes", "found"),
    [
        ([], Asked()),
        (["answered"], Asked()),
        (["open"], Asked(awaiting=True)),
        (["answered", "missed"], Asked(1, None, awaiting=True)),
        (["answered", "missed", "missed"], Asked(2, date(2026, 11, 2), awaiting=True)),
        (["missed", "missed", "answered"], Asked()),
        (["missed", "excused", "missed"], Asked(2, date(2026, 11, 1), awaiting=True)),
        (["missed", "missed", "open"], Asked(2, date(2026, 11, 1), awaiting=True)),
    ],
)
def test_misses_in_a_row(outcomes: list[str], found: Asked) -> None:
    asked = [request(f"2026-11-{n:02}", outcome) for n, outcome in enumerate(outcomes, 1)]
    record = PatientRecord(patient_id="1", events=tuple(asked))
    assert asked_of(asked, TODAY, record, 2) == found
    assert asked_of(asked, date(2026, 10, 31), record, 2) == Asked(), "what has not fallen due is not missing"


def test_the_row_of_a_review_says_course_gaps_and_decision(patient) -> None:
    found = PanelRow.objects.get(patient=patient)
    assert (found.status, found.now) == ("holding_above_remission", "PHQ-9 8, heading to 8")
    assert found.need == Need.DECISION_OVERDUE
    assert "bladder" in found.gaps
    assert found.protocol == "ketamine_sublingual_home"
    assert found.spark["cut"] == 4
    assert found.spark["points"][-1][1] == 8


def test_losing_ground_says_from_where_to_where(site, owner) -> None:
    found = admit(system("test"), site, "0093", team=[owner])
    record_events(system("test"), found, sample("losing-ground"))
    found.refresh_from_db()
    take_snapshot(system("test"), found, date(2026, 11, 17))
    said = PanelRow.objects.get(patient=found)
    assert said.now == "PHQ-9 6 → 14 in 10 weeks"
    assert said.suicidality == "positive"
    assert "item 9" in said.safety


def test_the_next_session_follows_from_the_plan_and_the_last_session(site) -> None:
    found = admit(system("test"), site, "0012")
    record_events(system("test"), found, sample("in-remission"))
    found.refresh_from_db()
    take_snapshot(system("test"), found, date(2026, 10, 29))
    review = review_in(latest(found))
    plans = record_of(found).of_kind(Plan)
    assert next_session(review, plans) is not None
    assert next_session(review, plans) > max(review.episode.session_days)
    assert said_of(review, Asked())["now"].startswith("PHQ-9 3")


# What narrows it


@pytest.fixture
def many(site, owner) -> None:
    row(site, "A1", team=[owner], status="losing_ground", need=Need.LOSING_GROUND, alert="high", prescriber=owner)
    row(site, "B2", team=[owner], status="remission", name="Zoë <script>alert(1)</script>", awaiting_answer=True, protocol="tms")
    row(site, "C3", team=[owner], status="cannot_tell", need=Need.TWO_MISSES, awaiting_answer=True, decision_overdue=True)
    row(site, "D4", team=[], status="remission")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["A1", "C3", "B2"]),
        ("status=remission", ["B2"]),
        ("need=two_misses", ["C3"]),
        ("protocol=tms", ["B2"]),
        ("mine=1", ["A1"]),
        ("unanswered=1", ["C3", "B2"]),
        ("alert=1", ["A1"]),
        ("overdue=1", ["C3"]),
        ("unanswered=1&overdue=1", ["C3"]),
        ("status=nonsense&need=%27&page=abc", ["A1", "C3", "B2"]),
        ("page=99999999999999", ["A1", "C3", "B2"]),
        ("page=7", ["A1", "C3", "B2"]),
    ],
)
def test_each_filter(many, owner, signed_in, query: str, found: list[str]) -> None:
    response = signed_in(owner).get(f"/?{query}")
    assert response.status_code == 200
    assert codes(response) == found


def test_a_search_stands_in_no_address_and_stays_until_it_is_ended(many, owner, signed_in) -> None:
    client = signed_in(owner)
    response = client.post(reverse("panel_search"), {"search": "zoë", "unanswered": "1"})
    assert response.headers["Location"] == "/?unanswered=1"
    assert codes(client.get("/")) == ["B2"]
    part = client.post(reverse("panel_search"), {"search": "a1"}, headers={"HX-Request": "true", "HX-Target": "panel"})
    assert codes(part) == ["A1"]
    assert b"<html" not in part.content
    client.post(reverse("panel_search"), {"search": ""})
    assert len(codes(client.get("/"))) == 3


def test_names_are_text_never_markup(many, owner, signed_in) -> None:
    html = signed_in(owner).get("/").content.decode()
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html


@given(st.builds(Filter, status=st.sampled_from(["", *STATUSES]), mine=st.booleans(), unanswered=st.booleans(), alert=st.booleans()))
def test_a_filter_comes_back_from_its_address(wanted: Filter) -> None:
    from django.http import QueryDict

    assert Filter.of(QueryDict(wanted.query)) == wanted


def test_views_are_kept_once_shown_and_removed_by_their_owner_alone(many, owner, lead, signed_in) -> None:
    client = signed_in(owner)
    for _ in range(2):
        assert client.post(reverse("saved_view_keep"), {"name": " Not  answered ", "unanswered": "1"}).status_code == 302
    view = SavedView.objects.get()
    assert (view.name, view.query) == ("Not answered", "unanswered=1")
    assert "Not answered</a>" in client.get("/").content.decode()
    signed_in(lead).post(reverse("saved_view_drop", args=[view.pk]))
    assert SavedView.objects.exists()
    client.post(reverse("saved_view_drop", args=[view.pk]))
    client.post(reverse("saved_view_drop", args=[view.pk]))
    assert not SavedView.objects.exists()
    assert [e.action for e in Entry.objects.filter(action__startswith="view.")] == ["view.kept", "view.dropped"]


@pytest.mark.parametrize("name", ["", " ", "x" * 61])
def test_a_view_needs_a_name(many, owner, signed_in, name: str) -> None:
    response = signed_in(owner).post(reverse("saved_view_keep"), {"name": name, "mine": "1"})
    assert response.status_code == 422
    assert "allowed: 1 to 60" in response.content.decode()


# Who sees whom


def test_the_team_sees_its_patients_the_lead_all_others_none(many, owner, lead, colleague, stranger, signed_in) -> None:
    assert codes(signed_in(owner).get("/")) == ["A1", "C3", "B2"]
    assert codes(signed_in(lead).get("/")) == ["A1", "C3", "B2", "D4"]
    for outside in (colleague, stranger):
        response = signed_in(outside).get("/")
        assert response.status_code == 200
        assert codes(response) == []
        assert "No patients yet" in response.content.decode()


def test_nobody_is_led_to_the_sign_in(client, db) -> None:
    response = client.get("/")
    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("account_login"))


def test_whoever_has_no_patients_is_led_to_their_own_page(administrator, auditor, site, signed_in) -> None:
    for user in (administrator, auditor, person(site, Role.INTEGRATION, "Machine")):
        response = signed_in(user).get("/")
        assert response.status_code in (302, 403)
        assert signed_in(user).post(reverse("panel_search"), {"search": "x"}).status_code == 403


def test_a_colleague_learns_by_the_whole_code_that_there_is_such_a_patient_and_no_more(many, colleague, stranger, signed_in) -> None:
    for user, found in ((colleague, True), (stranger, False)):
        client = signed_in(user)
        client.post(reverse("panel_search"), {"search": "b2"})
        html = client.get("/").content.decode()
        assert ("Open with a reason" in html) is found
        assert "Zoë" not in html
    client = signed_in(colleague)
    client.post(reverse("panel_search"), {"search": "Zoë"})
    assert "Open with a reason" not in client.get("/").content.decode()


def test_a_look_at_the_panel_is_logged(many, owner, signed_in) -> None:
    signed_in(owner).get("/")
    assert Read.objects.filter(page="panel", actor=f"person:{owner.pk}").count() == 1


def test_who_has_left_care_is_not_on_the_panel(many, owner, signed_in) -> None:
    Patient.objects.filter(code="A1").update(in_care=False)
    assert codes(signed_in(owner).get("/")) == ["C3", "B2"]


# How it is shown


def test_a_stale_row_says_so(patient, owner, signed_in) -> None:
    assert "being reviewed again" not in signed_in(owner).get("/").content.decode()
    Patient.objects.filter(pk=patient.pk).update(record_version=99)
    assert "being reviewed again" in signed_in(owner).get("/").content.decode()


def test_the_questions_do_not_grow_with_the_patients(site, lead, signed_in, django_assert_max_num_queries) -> None:
    client = signed_in(lead)
    for n in range(120):
        row(site, f"{n:04}", need=n % 9, status=STATUSES[n % 8], waiting_since=TODAY - timedelta(days=n))
    client.get("/")
    with django_assert_max_num_queries(18):
        response = client.get("/?page=2")
    assert len(codes(response)) == 50
    assert "Page 2 of 3" in response.content.decode()
    pages = [code for page in (1, 2, 3) for code in codes(client.get(f"/?page={page}"))]
    assert len(pages) == len(set(pages)) == 120


def test_the_cards_count_and_tell_something(site, lead) -> None:
    for n in range(3):
        row(site, f"h{n}", status="holding_above_remission", since=TODAY - timedelta(weeks=7 * (n + 1) - 6))
    row(site, "r", status="remission")
    row(site, "c", status="cannot_tell", awaiting_answer=True)
    cards = {card.status: card for card in present.cards(queries.totals(here_of(lead)), Filter(), TODAY)}
    assert (cards["holding_above_remission"].number, cards["holding_above_remission"].line) == (3, "median 8 weeks")
    assert cards["remission"].line == "25 % of 4 with data"
    assert cards["cannot_tell"].line == "1 not answered"
    assert cards["losing_ground"].line == "nobody now"


@pytest.mark.parametrize(
    ("by", "overdue", "status", "words"),
    [
        (TODAY - timedelta(days=2), True, "remission", "overdue 2 d"),
        (TODAY - timedelta(days=35), True, "remission", "overdue 5 wk"),
        (TODAY, False, "remission", "today"),
        (TODAY + timedelta(days=1), False, "remission", "tomorrow"),
        (date(2026, 12, 3), False, "remission", "3 Dec"),
        (date(2027, 1, 3), False, "remission", "3 Jan 2027"),
        (None, False, "remission", "—"),
        (None, False, "cannot_tell", "ask"),
    ],
)
def test_the_decision_in_words(by, overdue, status, words) -> None:
    line = queries.Line(
        *(uuid4(), "1", "", Need.NOTHING_NOW, None, status, None, "", None, {}, "", None, "", "", "", None, None),
        *(by, overdue, TODAY, TODAY, False),
    )
    assert present.shown(line, datetime(2026, 11, 25, tzinfo=timezone.get_current_timezone()))["decision"] == words


@given(st.lists(st.tuples(st.dates(date(2026, 6, 1), TODAY), st.floats(0, 27)), max_size=60))
def test_the_small_course_stays_in_its_box(points) -> None:
    rated = [[day.isoformat(), total] for day, total in sorted(points)]
    said = {"points": rated, "cut": 4, "on": TODAY.isoformat(), "range": [0, 27]}
    drawn = present.spark(said)
    assert (drawn is None) == (not points)
    for pair in drawn["points"].split() if drawn else ():
        x, y = map(float, pair.split(","))
        assert 0 <= x <= present.SPARK_WIDTH
        assert 0 <= y <= present.SPARK_HEIGHT


# Into care


FORM = {"code": "0500", "name": "Ada", "email": "ada@example.org", "birth_year": "1980", "language": "en", "own_words": "read again"}


def test_somebody_is_taken_into_care_once_however_often_the_form_is_sent(owner, colleague, signed_in) -> None:
    client = signed_in(owner)
    said = {**FORM, "token": str(uuid4()), "prescriber": owner.pk, "team": [colleague.pk]}
    first, again = client.post(reverse("admit"), said), client.post(reverse("admit"), said)
    found = Patient.objects.get(code="0500")
    assert first.headers["Location"] == again.headers["Location"] == reverse("chart", args=[found.pk])
    assert {m.user for m in found.care_team.all()} == {owner, colleague}
    assert (found.prescriber, found.email) == (owner, "ada@example.org")
    assert sorted(e.kind for e in record_of(found).events) == ["episode", "person", "target"]


def test_a_code_that_is_taken_is_said_and_nothing_is_lost(patient, owner, signed_in) -> None:
    response = signed_in(owner).post(reverse("admit"), {**FORM, "code": "0147", "token": str(uuid4())})
    assert response.status_code == 422
    html = response.content.decode()
    assert "found a patient with this code here" in html
    assert 'value="Ada"' in html


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", ""), ("code", "<script>"), ("code", "x" * 61), ("name", "x" * 121), ("email", "nobody"), ("phone", "1" * 41),
        ("language", "english, please"), ("zone", "Mars/Olympus"), ("birth_year", "80"), ("birth_year", "2999"), ("prescriber", "999999"),
        ("team", "999999"), ("instrument", "nonsense"), ("definition", "nonsense"), ("own_words", "x" * 2001),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field(owner, signed_in, field: str, value: str) -> None:
    response = signed_in(owner).post(reverse("admit"), {**FORM, field: value, "token": str(uuid4())})
    assert response.status_code == 422
    assert "allowed:" in response.content.decode()
    assert "<script>" not in response.content.decode().replace("<script src", "")
    assert not Patient.objects.exists()


def test_only_those_who_may_take_somebody_into_care(owner, lead, administrator, auditor, stranger, client, site, signed_in) -> None:
    therapist = person(site, Role.THERAPIST, "Therapist")
    for user, status in ((owner, 200), (lead, 200), (stranger, 200), (administrator, 403), (auditor, 403), (therapist, 403)):
        assert signed_in(user).get(reverse("admit")).status_code == status
    assert client.get(reverse("admit")).status_code == 302
    with pytest.raises(panel_actions.Forbidden):
        panel_actions.take_into_care(system("test"), here_of(therapist), panel_actions.Admission(code="1", token=str(uuid4())))


def test_a_person_of_another_site_cannot_be_put_into_the_team(owner, stranger, signed_in) -> None:
    response = signed_in(owner).post(reverse("admit"), {**FORM, "team": [stranger.pk], "token": str(uuid4())})
    assert response.status_code == 422
    assert not Patient.objects.exists()
