"""Every address × everybody × GET and POST: the door holds, nothing is an error of ours, and nobody reads what is not theirs.

The addresses come from the resolver: a new one is tried here without anybody having to think of it. Each request is made
in a transaction that is taken back, so that every one of them meets the same clinic.
"""

import contextlib
import html
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from clinic.conftest import PASSWORD, dose_of, here_of, person, sample
from euthymia.events import DoseSession
from euthymia.letter import KINDS
from euthymia.moment import Moment
from euthymia_clinic.accounts.models import Membership, OnCall, Role, User
from euthymia_clinic.alerts.actions import raise_concern
from euthymia_clinic.alerts.models import Alert
from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.models import Entry
from euthymia_clinic.chart.actions import admit, record_events
from euthymia_clinic.chart.models import CareTeamMember, Event, Patient, ReviewSnapshot, SavedView
from euthymia_clinic.chart.permissions import BREAKS_GLASS
from euthymia_clinic.chart.snapshots import take_snapshot
from euthymia_clinic.checkins import actions as checkins
from euthymia_clinic.checkins.models import Checkin
from euthymia_clinic.checkins.planning import Planned
from euthymia_clinic.pages.presenters.entry_fields import ENTRIES
from euthymia_clinic.patientpage.actions import make_link
from euthymia_clinic.sessions.actions import open_sheet

pytestmark = pytest.mark.django_db
BY = system("test")
# Nobody else's pages can hold these by chance.
NAME, EMAIL, PHONE, CODE, WORDS = "Zebulon Quaggamire", "zq7731@quagga.example", "+15550177310", "QX7731Z", "wallpaper peeling quietly"
TOKEN = "0123456789abcdef" * 2
# Form fields of every room at once, each as somebody would fill it in.
PLAUSIBLE = {
    "token": TOKEN, "reason": "as agreed", "note": "seen and talked", "acted_on": "yes", "words": "worried about them", "code": "NEW-1",
    "name": "Somebody", "email": "somebody@first.example", "role": "nurse", "instrument": "phq9", "days": "2", "answer": "0",
    "question": "phq9.1", "at": "2026-01-05", "at_time": "09:30", "language": "es", "do": "make", "search": CODE, "need": "alert",
    "total": "9", "treatment": "ketamine", "about": "misuse", "concern": "asked for more", "value": "3", "place": "verdict.toml:x",
    "path": "help/here.toml", "text": "x = 1", "back": "/", "site": "1", "user": "1", "minutes": "5", "password": PASSWORD,
    "drug": "sertraline", "measure": "systolic", "unit": "mm[Hg]", "goal": "walk the dog", "suicidality_reviewed": "yes",
    "taken": "changed", "day": "2026-01-05", "time": "09:30", "amount": "50", "upper": "120", "lower": "80", "effects": "lasted",
    "hours": "1", "worrying": "yes", "escort_present": "no", "quantity": "8", "units": "3", "early_reason": "away",
    "zone": "UTC", "birth_year": "1980", "confirm": "yes", "review": "0" * 64, "choice": "continue", "condition": "asthma",
}  # fmt: skip
# What no form sends: each value of every field, one after the other.
HOSTILE = ("9" * 5_000, "x" * 10_000, "\u0663", "-1", "NaN", "1e309")
EVERYBODY = (
    "owner",
    "nurse",
    "therapist",
    "lead",
    "colleague",
    "stranger",
    "administrator",
    "auditor",
    "integration",
    "ended",
    "roleless",
    "nobody",
)
IN_TEAM = {"owner", "nurse", "therapist", "lead"}


def addresses(patterns, before=""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, before + str(pattern.pattern))
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield pattern


OURS = [p for p in addresses(get_resolver().url_patterns) if hasattr(p.callback, "door")]
ALLAUTHS = [p for p in addresses(get_resolver().url_patterns) if not hasattr(p.callback, "door")]


def test_the_walk_finds_every_address() -> None:
    from euthymia_clinic.pages.urls import urlpatterns

    assert {p.name for p in OURS} == {p.name for p in urlpatterns}
    assert {"account_login", "mfa_index"} <= {p.name for p in ALLAUTHS}


@pytest.fixture
def clinic(site, other_site, owner, colleague, stranger, lead, administrator, auditor):
    """Everybody, patient A with something in every table, B of another care team, C of the other site."""
    made = SimpleNamespace(site=site, other_site=other_site, people={})
    made.people = {"owner": owner, "colleague": colleague, "stranger": stranger, "lead": lead}
    made.people |= {"administrator": administrator, "auditor": auditor, "nurse": person(site, Role.NURSE, "Nurse")}
    made.people |= {"therapist": person(site, Role.THERAPIST, "Therapist"), "integration": person(site, Role.INTEGRATION, "Machine")}
    made.people["roleless"] = User.objects.create_user("roleless@nowhere.example", PASSWORD, name="Roleless")
    ended = made.people["ended"] = person(site, Role.PRESCRIBER, "Ended")
    team = [made.people[name] for name in ("owner", "nurse", "therapist")]
    made.a = patient(site, CODE, team, name=NAME, email=EMAIL, phone=PHONE, prescriber=owner)
    made.b = patient(site, "B-2", [colleague], name="Bee")
    made.c = patient(other_site, "C-3", [stranger], name="Cee")
    # Left in a care team, and without a place any more.
    CareTeamMember.objects.create(patient=made.a, user=ended)
    Membership.objects.filter(user=ended).update(ended=timezone.now())
    made.things = {p.pk: things_of(p, who) for p, who in ((made.a, owner), (made.b, colleague), (made.c, stranger))}
    made.views = {u.pk: SavedView.objects.create(user=u, site=here_of(u).site, name="mine", query="need=alert") for u in (owner, stranger)}
    made.clients = {name: signed(made.people.get(name)) for name in EVERYBODY}
    return made


def patient(site, code, team, **fields):
    found = admit(BY, site, code, team=team, **fields)
    record_events(BY, found, [e.model_copy(update={"id": f"{code}-{e.id}", "supersedes": None}) for e in sample("holding-above-remission")])
    record_events(BY, found, [DoseSession(id=f"{code}-spray", at=Moment.of("2026-01-05"), treatment="esketamine", route="nasal")])
    found.refresh_from_db()
    take_snapshot(BY, found, site.today())
    return found


def things_of(found, who):
    now, here = timezone.now(), here_of(who)
    planned = Planned("staff:things", now.date(), now - timedelta(hours=1), now + timedelta(days=1))
    checkin = checkins.plan_checkin(BY, found, planned, ["phq9"])
    alert = raise_concern(BY, here, found, WORDS, f"token{found.code}")
    with contextlib.suppress(Patient.DoesNotExist):
        found.refresh_from_db()
    return SimpleNamespace(
        checkin=checkin,
        key=checkins.give_link(BY, here, checkin.pk, "qr"),
        page=make_link(BY, here, found),
        dose=dose_of(found),
        alert=alert,
        sheet=open_sheet(BY, here, found)[0],
        snapshot=ReviewSnapshot.objects.filter(patient=found).first(),
        session=f"{found.code}-spray",
        event=Event.objects.filter(patient=found, kind="assessment").order_by("pk").last(),
    )


def signed(user):
    client = Client(raise_request_exception=True)
    if user is not None:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def arguments(pattern, clinic, of=None, things=None):
    """Every way to fill in an address, by the names in it. Raises KeyError for a name that this test does not know yet."""
    of = of or clinic.a
    things = things or clinic.things[of.pk]
    known = {
        "patient_id": [of.pk], "checkin_id": [things.checkin.pk], "alert_id": [things.alert.pk], "snapshot_id": [things.snapshot.pk],
        "event_id": [things.event.event_id], "number": [1], "user_id": [clinic.people["nurse"].pk],
        "view_id": [clinic.views[clinic.people["owner"].pk].pk], "uidb36": ["1"], "pk": [1], "provider": ["x"],
        "session_id": [things.session], "sheet_id": [things.sheet.pk],
        "key": [things.page if pattern.name.startswith("my_") else things.key], "dose_id": [things.dose, "another", "nothing"],
        "subject": ["misuse", "unknown"],
        "kind": list(KINDS) if pattern.name == "letter" else ["rating", *(e.slug for e in ENTRIES), "unknown"],
    }  # fmt: skip
    found = [{}]
    for name in pattern.pattern.converters or pattern.pattern.regex.groupindex:
        found = [{**each, name: value} for each in found for value in known[name]]
    return found


def ask(clinic, who, method, address, body=None):
    """One request, taken back; an error of ours is a 500 here too. Gives status, body, and which tables grew."""
    client, grew = clinic.clients[who], ()
    with transaction.atomic():
        before, entries = rows(), Entry.objects.count()
        try:
            response = client.get(address) if method == "GET" else client.post(address, body or {})
            status, content = response.status_code, b"".join(response) if response.streaming else response.content
            headers = response.headers
        except Exception as error:
            return 500, f"{type(error).__name__}: {error}"[:300], (), {}
        else:
            grew = tuple(name for name, count in rows().items() if count != before[name]) if Entry.objects.count() == entries else ()
        finally:
            transaction.set_rollback(True)
    return status, html.unescape(content.decode("utf-8", "replace")), grew, headers


# Written without an entry: the log of reads, counters, and the drawing of a snapshot, which says what the snapshot says.
FREE = {"audit.Read", "audit.Entry", "accounts.Counter", "chart.Picture"}


def rows():
    """How many rows stand in every table of ours that only an action may write."""
    own = (m for m in apps.get_models() if m.__module__.startswith("euthymia_clinic."))
    return {m._meta.label: m.objects.count() for m in own if m._meta.label not in FREE}


def wrong(pattern, who, status, clinic):
    """What is wrong with the status that somebody got, by the door of the view; empty: nothing."""
    kind, said = pattern.callback.door
    role = here_of(clinic.people[who]).role if who in clinic.people and who not in ("ended", "roleless") else None
    if status >= 500:
        return "an error of ours"
    if kind == "open":
        return ""
    if who == "nobody":
        return "" if status == 302 else "nobody got in"
    if kind == "roles":
        allowed = role is not None and (not said or role in said)
        return "" if allowed or status == 403 else "a role that may not"
    if who in ("ended", "roleless", "stranger"):
        return "" if status == 404 else "exists for a stranger"
    if kind == "glass":
        return "" if role in BREAKS_GLASS or status == 403 else "broke the glass"
    return "" if who in IN_TEAM or status == 403 else "outside of the care team"


def leaks(pattern, who, body):
    """What of patient A stands on a page of somebody who may not see them."""
    if who in IN_TEAM and pattern.callback.door[0] != "open":
        return []
    hidden = {NAME, EMAIL, PHONE, WORDS}
    # A colleague may know that there is such a patient, by code; an auditor reads by code whose chart was opened.
    knows_code = who == "colleague" or who in IN_TEAM or (who, pattern.name) == ("auditor", "audit")
    hidden |= set() if knows_code else {CODE}
    return [each for each in hidden if each in body]


@pytest.mark.parametrize("pattern", OURS, ids=lambda p: p.name)
def test_every_address_as_everybody(pattern, clinic, site) -> None:
    found = []
    for number, kwargs in enumerate(arguments(pattern, clinic)):
        address = reverse(pattern.name, kwargs=kwargs)
        # The door is the same for every kind of entry: one in the team, one outside, one from elsewhere.
        for who in EVERYBODY if number == 0 else ("owner", "colleague", "stranger"):
            for method, body in (("GET", None), ("POST", {}), ("POST", PLAUSIBLE)):
                # What is searched for, one has said oneself.
                sent = {k: v for k, v in (body or {}).items() if k != "search" or who in IN_TEAM}
                status, content, grew, headers = ask(clinic, who, method, address, sent)
                line = f"{pattern.name} {kwargs.get('kind', '')} {method} {'plausible' if body else ''} as {who}: {status}"
                if trouble := wrong(pattern, who, status, clinic):
                    found.append(f"{line}: {trouble} {content[:200] if status == 500 else ''}")
                found += [f"{line}: shows {each!r}" for each in leaks(pattern, who, content)]
                if grew:
                    found.append(f"{line}: wrote {grew} and told nobody")
                if status < 500 and "no-store" not in headers.get("Cache-Control", ""):
                    found.append(f"{line}: may be kept in a cache")
    assert found == []


# On the stricter of the two databases: it knows how long a text may be and which characters are none.
@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize("pattern", OURS, ids=lambda p: p.name)
def test_what_no_form_sends_is_no_error_of_ours(pattern, clinic) -> None:
    found, kinds = [], arguments(pattern, clinic)
    who = "administrator" if pattern.name.startswith(("person", "people", "on_call", "site")) else "lead"
    some = ("at", "reason", "note", "name", "user", "minutes", "instrument", "value", "code", "words", "birth_year", "email", "zone")
    for kwargs in kinds:
        address = reverse(pattern.name, kwargs=kwargs)
        # Everything wrong at once; and where there is one form only, one field alone, so that what is checked first hides nothing.
        bodies = [(each, dict.fromkeys(PLAUSIBLE, each)) for each in (HOSTILE if len(kinds) == 1 else HOSTILE[:2])]
        bodies += [(each, {**PLAUSIBLE, name: each}) for each in (HOSTILE[0], "\u0663") for name in (some if len(kinds) == 1 else ())]
        for each, body in bodies:
            status, content, _, _ = ask(clinic, who, "POST", address, body)
            if status == 405:
                break
            found += [f"POST {kwargs} {each[:10]!r} in {[n for n in body if body[n] == each]}: {content}"] if status >= 500 else []
        asked = "&".join(f"{name}={HOSTILE[0][:500]}" for name in (*PLAUSIBLE, "page", "from", "before", "snapshot", "q", "done"))
        status, content, _, _ = ask(clinic, who, "GET", f"{address}?{asked}")
        found += [f"GET {kwargs}: {content}"] if status >= 500 else []
    assert found == []


def address_of(name, kwargs):
    """The address of one of allauth's pages; of those under a key's number, of the first key."""
    try:
        return reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return reverse(name, kwargs={**kwargs, "pk": 1})


@pytest.mark.parametrize("pattern", ALLAUTHS, ids=lambda p: p.name)
def test_what_is_allauths_is_no_error_and_no_leak(pattern, clinic) -> None:
    found = []
    try:
        filled = arguments(pattern, clinic)
    except KeyError:
        filled = []
    for kwargs in filled:
        address = address_of(pattern.name, kwargs)
        for who in ("owner", "roleless", "nobody"):
            for method, body in (("GET", None), ("POST", {}), ("POST", PLAUSIBLE), ("POST", dict.fromkeys(PLAUSIBLE, "\x00"))):
                status, content, _, _ = ask(clinic, who, method, address, body)
                found += [f"{pattern.name} {method} as {who}: {content[:300]}"] if status >= 500 else []
                found += [f"{pattern.name} as {who} shows {each}" for each in (NAME, EMAIL, CODE) if each in content]
    assert found == []


ANOTHERS = {"checkin_id", "sheet_id", "snapshot_id", "event_id", "alert_id", "session_id"}


@pytest.mark.parametrize("pattern", [p for p in OURS if ANOTHERS & set(p.pattern.converters)], ids=lambda p: p.name)
def test_what_belongs_to_a_is_not_found_under_b(pattern, clinic) -> None:
    """The lead may see both patients of the site: the one's things under the other's address are nowhere; nor are another site's."""
    mixed = [(clinic.b, clinic.a), (clinic.a, clinic.b), (clinic.a, clinic.c)]
    for under, of in mixed:
        for kwargs in arguments(pattern, clinic, under, clinic.things[of.pk]):
            if {"alert_id", "sheet_id"} & set(kwargs) and of.site_id == clinic.site.pk:
                continue
            if pattern.name == "my_page_answer":
                kwargs["key"] = clinic.things[under.pk].page
            for method in ("GET", "POST"):
                status, content, _, _ = ask(clinic, "lead", method, reverse(pattern.name, kwargs=kwargs), PLAUSIBLE)
                ended = pattern.name == "my_page_answer" and status == 302
                assert status in (404, 405) or ended, f"{method} {kwargs}: {status}"
                assert WORDS not in content
    assert Checkin.objects.exclude(outcome="open").count() == 0
    assert Alert.objects.exclude(state="open").count() == 0


def test_a_view_of_somebody_else_stays(clinic) -> None:
    anothers = clinic.views[clinic.people["stranger"].pk]
    for who in ("owner", "lead"):
        clinic.clients[who].post(reverse("saved_view_drop", args=[anothers.pk]))
    clinic.clients["lead"].post(reverse("saved_view_drop", args=[clinic.views[clinic.people["owner"].pk].pk]))
    assert SavedView.objects.count() == 2


def test_people_of_another_site_are_not_found(clinic) -> None:
    pk = clinic.people["stranger"].pk
    for name in ("person_role", "person_end", "person_second_factor", "person_link"):
        assert clinic.clients["administrator"].post(reverse(name, args=[pk]), {"role": "nurse", "reason": "x"}).status_code == 404
    clinic.clients["owner"].post(reverse("care_team_join", args=[clinic.a.pk]), {"user": str(pk)})
    assert not CareTeamMember.objects.filter(patient=clinic.a, user=pk).exists()


def test_a_site_that_is_not_ones_own_is_not_chosen(clinic) -> None:
    answer = clinic.clients["owner"].post(reverse("choose_site"), {"site": str(clinic.other_site.pk)})
    assert answer.status_code == 400


@pytest.mark.parametrize("number", ["99999999999999999999", "9" * 400, "0"])
def test_numbers_that_no_table_holds_are_not_found(clinic, number) -> None:
    for address in (f"/patients/{clinic.a.pk}/past/{number}/", f"/people/{number}/end/", f"/patients/{clinic.a.pk}/team/{number}/leave/"):
        who = "administrator" if address.startswith("/people") else "owner"
        assert ask(clinic, who, "POST" if "leave" in address else "GET", address)[0] == 404
    assert ask(clinic, "owner", "POST", f"/views/{number}/drop/")[0] in (302, 404)


@pytest.mark.parametrize("event_id", ["%00", "..%2f..%2fetc", "x" * 500, "%C3%28", "' or 1=1 --"])
def test_an_event_of_any_name_is_not_found(clinic, event_id) -> None:
    assert ask(clinic, "owner", "GET", f"/patients/{clinic.a.pk}/events/{event_id}/correct/")[0] in (400, 404)


def test_a_form_from_elsewhere_is_refused(clinic) -> None:
    """Every POST of staff asks for its token; the patient's pages have no session that another site could use."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(clinic.people["owner"], backend="allauth.account.auth_backends.AuthenticationBackend")
    for pattern in OURS:
        if pattern.callback.door[0] != "open":
            address = reverse(pattern.name, kwargs=arguments(pattern, clinic)[0])
            assert client.post(address, PLAUSIBLE).status_code == 403, pattern.name


def test_whoever_was_on_call_and_left_sees_nothing(clinic) -> None:
    OnCall.objects.create(site=clinic.site, place=9, user=clinic.people["ended"])
    assert ask(clinic, "ended", "GET", reverse("alert", args=[clinic.things[clinic.a.pk].alert.pk]))[0] == 404
    assert ask(clinic, "ended", "GET", reverse("panel"))[0] == 403


def test_there_is_no_such_patient_alert_or_checkin(clinic) -> None:
    for name, kwargs in (("chart", {"patient_id": uuid4()}), ("alert", {"alert_id": uuid4()})):
        assert ask(clinic, "lead", "GET", reverse(name, kwargs=kwargs))[0] == 404
