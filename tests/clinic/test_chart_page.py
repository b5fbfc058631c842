"""One patient on one screen: who sees it, what is said first, and what it says of itself."""

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.conftest import here_of
from euthymia.events import Concern, Goal
from euthymia.moment import Moment
from euthymia_clinic.alerts.models import Alert
from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.models import Entry
from euthymia_clinic.chart.actions import admit, break_glass, record_events
from euthymia_clinic.chart.models import Picture, ReviewSnapshot
from euthymia_clinic.chart.snapshots import latest, take_snapshot

pytestmark = pytest.mark.django_db
PAGES = ("chart", "chart_picture", "decide", "entries", "events", "past", "conversation")


def address(name, patient, *args):
    return reverse(name, args=(patient.pk, *args))


def text(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_every_page_as_owner_colleague_stranger_auditor_and_nobody(name, patient, owner, colleague, stranger, auditor, signed_in, client):
    at = address(name, patient)
    assert signed_in(owner).get(at).status_code == 200
    assert signed_in(colleague).get(at).status_code == 403
    assert signed_in(auditor).get(at).status_code == 403
    assert signed_in(stranger).get(at).status_code == 404
    assert client.get(at).status_code == 302


def test_pages_with_more_in_their_address_as_everybody(patient, owner, colleague, stranger, signed_in, client):
    event = patient.events.filter(kind="assessment").first()
    addresses = [
        address("enter", patient, "session"),
        f"{address('enter', patient, 'rating')}?instrument=phq9",
        address("correct", patient, event.event_id),
        address("chart_past", patient, latest(patient).pk),
        address("letter", patient, "renewal"),
    ]
    for at in addresses:
        found = [signed_in(user).get(at).status_code for user in (owner, colleague, stranger)]
        assert [*found, client.get(at).status_code] == [200, 403, 404, 302], at


def test_what_is_said_in_the_order_in_which_it_is_read(patient, owner, signed_in):
    said = text(signed_in(owner).get(address("chart", patient)))
    order = ["item 9", 'class="sentence"', 'class="chance"', 'id="chart"', 'class="domains"', "What is left", 'id="decide"', "safety-title"]
    order += ["due-title", "trials-title", 'id="history"', "This content has not been adopted"]
    places = [said.find(each) for each in order[:-1]]
    assert -1 not in places
    assert places == sorted(places)
    assert order[-1] in said


def test_nothing_inline_and_nothing_computed_anew(patient, owner, signed_in, django_assert_max_num_queries):
    client = signed_in(owner)
    client.get(address("chart", patient))
    with django_assert_max_num_queries(22):
        response = client.get(address("chart", patient))
    said = text(response)
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=", said)
    assert "'unsafe" not in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"
    assert ReviewSnapshot.objects.count() == 1


def test_the_chart_is_compiled_once_in_both_themes(patient, owner, signed_in):
    client = signed_in(owner)
    first = client.get(address("chart_picture", patient))
    assert {*json.loads(first.content)} == {"light", "dark"}
    assert Picture.objects.count() == 1
    assert client.get(address("chart_picture", patient)).content == first.content
    assert client.get(f"{address('chart_picture', patient)}?snapshot=999999").status_code == 404
    assert client.get(f"{address('chart_picture', patient)}?snapshot=x").status_code == 200


def test_a_snapshot_of_another_patient_is_not_shown(patient, site, owner, signed_in):
    other = admit(system("test"), site, "other", team=[owner])
    snapshot = latest(patient)
    assert signed_in(owner).get(f"{address('chart_picture', other)}?snapshot={snapshot.pk}").status_code == 404
    assert signed_in(owner).get(address("chart_past", other, snapshot.pk)).status_code == 404


def test_markup_in_a_record_is_shown_as_text(site, owner, signed_in):
    evil = "<script>alert(1)</script>"
    patient = admit(system("test"), site, evil, name=f"{evil}<b>x", team=[owner])
    goal = Goal(id="g", at=Moment.of("2026-01-01"), goal=evil)
    record_events(system("test"), patient, [goal, Concern(id="c", at=Moment.of("2026-01-02"), concern=f'"><img src=x onerror=1>{evil}')])
    take_snapshot(system("test"), patient, site.today())
    for name in ("chart", "decide", "events", "conversation"):
        said = text(signed_in(owner).get(address(name, patient)))
        assert "<script>alert" not in said
        assert "<img src=x" not in said
        assert "&lt;script&gt;" in said or name == "conversation"


def test_a_stale_review_says_so_and_is_made_again(patient, owner, signed_in):
    client = signed_in(owner)
    assert "This review is of" not in text(client.get(address("chart", patient)))
    record_events(system("test"), patient, [Goal(id="new goal", at=Moment.of("2026-01-01"), goal="sleep")])
    said = text(client.get(address("chart", patient)))
    assert "This review is of" in said
    assert "something has been recorded since" in said
    assert client.post(address("chart_refresh", patient)).status_code == 302
    assert "This review is of" not in text(client.get(address("chart", patient)))
    assert client.get(address("chart_refresh", patient)).status_code == 405


def test_a_patient_without_a_review_has_a_page(site, owner, signed_in):
    patient = admit(system("test"), site, "new", team=[owner])
    client = signed_in(owner)
    assert "Nothing has been said about this patient yet" in text(client.get(address("chart", patient)))
    for name in ("decide", "entries", "events", "past"):
        assert client.get(address(name, patient)).status_code == 200
    for at in (address("letter", patient, "renewal"), address("conversation", patient)):
        assert client.get(at).status_code == 404
    client.post(address("chart_refresh", patient))
    assert "Decide" in text(client.get(address("chart", patient)))


def test_a_long_record_says_that_it_is_being_reviewed(patient, owner, signed_in, monkeypatch):
    monkeypatch.setattr("euthymia_clinic.pages.views.chart.AT_ONCE", 10)
    record_events(system("test"), patient, [Goal(id="g", at=Moment.of("2026-01-01"), goal="sleep")])
    client = signed_in(owner)
    assert "it is being reviewed" in text(client.get(address("chart", patient)))
    client.post(address("chart_refresh", patient))
    assert latest(patient).record_version == 1


def test_an_open_alert_and_an_open_glass_stand_at_the_top(patient, owner, colleague, site, signed_in):
    Alert.objects.create(patient=patient, site=site, tier="high", why="test", source="test")
    break_glass(here_of(colleague).actor, here_of(colleague), patient, "covering for the owner")
    for user in (owner, colleague):
        said = text(signed_in(user).get(address("chart", patient)))
        assert said.find("Open alert") < said.find('class="sentence"')
        assert "Colleague has opened this chart outside of the care team" in said


def test_what_was_said_before_is_shown_as_it_was_said(patient, owner, site, signed_in):
    then = latest(patient)
    record_events(system("test"), patient, [Goal(id="late goal", at=Moment.of("2026-01-01"), goal="a goal that nobody knew then")])
    take_snapshot(system("test"), patient, site.today())
    client = signed_in(owner)
    past = text(client.get(address("chart_past", patient, then.pk)))
    assert "What was said on" in past
    assert "a goal that nobody knew then" not in past
    assert f"snapshot={then.pk}" in past
    assert text(client.get(address("past", patient))).count("said ") >= 2
    assert "Nothing was said by then" in text(client.get(f"{address('past', patient)}?until=2020-01-01"))


def test_a_review_of_another_engine_is_shown_in_words(patient, owner, signed_in):
    import zlib

    snapshot = latest(patient)
    told = zlib.compress(json.dumps({"answer": {"sentence": "Said by an older engine.", "reasons": ["why"]}}).encode())
    snapshot.pk, snapshot._state.adding, snapshot.review = None, True, told
    snapshot.engine = "euthymia 0.0.1"
    snapshot.save()
    client = signed_in(owner)
    assert "Said by an older engine." in text(client.get(address("chart_past", patient, snapshot.pk)))
    assert client.get(address("chart", patient)).status_code == 200
    assert json.loads(client.get(address("chart_picture", patient)).content) is None
    for name in ("decide", "conversation"):
        assert client.get(address(name, patient)).status_code == 200


@pytest.mark.parametrize("kind", ["authorisation", "renewal", "referring"])
def test_a_letter_is_a_pdf_and_in_the_audit(kind, patient, owner, signed_in):
    response = signed_in(owner).get(address("letter", patient, kind))
    assert response.content.startswith(b"%PDF")
    assert "0147" not in response.headers["Content-Disposition"]
    entry = Entry.objects.get(action="letter.written")
    assert entry.details["kind"] == kind
    assert len(entry.details["digest"]) == 64
    assert signed_in(owner).get(address("letter", patient, "love")).status_code == 404


def test_the_page_for_the_patient_in_two_languages(patient, owner, site, signed_in):
    client = signed_in(owner)
    english, spanish = (text(client.get(f"{address('conversation', patient)}?language={each}")) for each in ("en", "es"))
    assert '<html lang="en"' in english
    assert '<html lang="es"' in spanish
    assert "555 0100" in english
    assert "%" not in english.replace("100%", "")
    assert '<html lang="en"' in text(client.get(f"{address('conversation', patient)}?language=tlh"))
    site.country, site.shows_scores = "zz", False
    site.save()
    assert "<polyline" not in text(client.get(address("conversation", patient)))


def test_a_day_has_passed(patient, owner, signed_in, monkeypatch):
    monkeypatch.setattr("euthymia_clinic.chart.snapshots.today_of", lambda *_: latest(patient).on + timedelta(days=1))
    assert "a day has passed" in text(signed_in(owner).get(address("chart", patient)))
