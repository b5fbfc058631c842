"""The audit page, for auditors: everything of their own site, nothing of another, no answers."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from clinic.conftest import here_of
from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.jobs import seal_reads, verify
from euthymia_clinic.audit.models import Read
from euthymia_clinic.audit.reads import looked
from euthymia_clinic.chart.actions import admit, break_glass
from euthymia_clinic.chart.models import Event
from euthymia_clinic.chart.subjects import subjects_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(monkeypatch):
    """What the page is given to show (Jinja2 keeps no context)."""
    from euthymia_clinic.pages.views import audit

    kept, render = {}, audit.render
    monkeypatch.setattr(
        audit, "render", lambda request, name, context, **more: kept.update(context) or render(request, name, context, **more)
    )

    def ask(client: Client, query: str) -> dict:
        client.get(f"/audit/{query}")
        return dict(kept)

    return ask


def test_who_may_see_it(patient, signed_in, owner, colleague, stranger, lead, auditor) -> None:
    for user, status in ((auditor, 200), (lead, 200), (owner, 403), (colleague, 403), (stranger, 403)):
        assert signed_in(user).get("/audit/").status_code == status
    assert Client().get("/audit/").status_code == 302
    assert signed_in(auditor).post("/audit/").status_code == 405


def test_an_auditor_of_another_site_sees_nothing_of_this_one(patient, signed_in, other_site) -> None:
    from clinic.conftest import person
    from euthymia_clinic.accounts.models import Role

    looked(system("test"), "chart", patient.subject)
    for what in ("writes", "reads", "opened"):
        page = signed_in(person(other_site, Role.AUDITOR, f"Other {what}")).get(f"/audit/?what={what}").content.decode()
        assert patient.code not in page
        assert "record added" not in page


def test_what_is_shown_and_what_is_not(patient, signed_in, auditor) -> None:
    page = signed_in(auditor).get("/audit/").content.decode()
    assert "patient admitted" in page
    assert patient.code in page
    assert patient.name not in page
    for body in Event.objects.values_list("body", flat=True)[:20]:
        for answers in body.get("answers", {}).items():
            assert str(answers) not in page
    assert "answers" not in page


def test_filters_by_person_patient_and_day(shown, patient, owner, colleague, signed_in, auditor, site) -> None:
    looked(here_of(owner).actor, "chart", patient.subject)
    looked(here_of(colleague).actor, "letter", patient.subject, break_glass=True)
    other = admit(system("test"), site, "0999")
    looked(here_of(owner).actor, "letter", other.subject)
    client = signed_in(auditor)

    def lines(query: str) -> list:
        return shown(client, f"?what=reads&{query}")["lines"]

    assert {line.who for line in lines(f"person={colleague.pk}")} == {"Colleague"}
    assert [line.patient for line in lines("patient=0999")] == ["0999"]
    assert lines(f"person={colleague.pk}&patient={patient.code}")[0].break_glass
    assert len(lines(f"person={owner.pk}&day={site.today()}")) == 2
    assert lines(f"day={site.today() - timedelta(days=1)}") == []
    assert "opened with a reason" in client.get(f"/audit/?what=reads&patient={patient.code}").content.decode()


def test_charts_opened_with_a_reason(shown, patient, colleague, signed_in, auditor) -> None:
    break_glass(here_of(colleague).actor, here_of(colleague), patient, "called by the emergency room")
    [line] = shown(signed_in(auditor), "?what=opened")["lines"]
    assert (line.who, line.patient, line.details) == ("Colleague", patient.code, "called by the emergency room")


def test_pages_of_fifty(shown, patient, signed_in, auditor) -> None:
    Read.objects.bulk_create(Read(at=timezone.now(), actor="system:x", page=f"p{n}") for n in range(120))
    client = signed_in(auditor)
    first = shown(client, "?what=reads")
    second = shown(client, first["older"])
    third = shown(client, second["older"])
    numbers = [line.number for page in (first, second, third) for line in page["lines"]]
    assert numbers == sorted(set(numbers), reverse=True)
    assert len(first["lines"]) == 50
    assert third["older"] == ""


@pytest.mark.parametrize(
    "query",
    [
        "day=yesterday",
        "patient=nobody",
        "what=everything",
        "person=x",
        "before=-1",
        "before=9999999999999999999999",
        "person=١",
        "day=0000-00-00",
    ],
)
def test_what_cannot_be_looked_for_gets_a_clear_page(site, signed_in, auditor, query) -> None:
    answer = signed_in(auditor).get(f"/audit/?{query}")
    assert answer.status_code in (200, 400)
    assert b"error" in answer.content or answer.status_code == 200


def test_the_state_of_the_chain_is_said(patient, signed_in, auditor) -> None:
    from django.db import connection

    client = signed_in(auditor)
    assert "has not been walked yet" in client.get("/audit/").content.decode()
    seal_reads(timezone.now())
    verify(timezone.now())
    assert "Whole when it was last walked" in client.get("/audit/").content.decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE chart_event SET kind = 'x' WHERE id = (SELECT min(id) FROM chart_event)")
    verify(timezone.now())
    page = client.get("/audit/").content.decode()
    assert "1 thing does not fit" in page
    assert "First: event " in page


def test_the_names_of_patients_in_the_database_are_those_of_python(patient, site) -> None:
    assert list(subjects_of(site)) == [patient.subject]


def test_health_is_open_and_says_nothing_of_anybody(db, monkeypatch) -> None:
    from euthymia_clinic.pages.views import health

    answer = Client().get("/health/")
    assert (answer.status_code, answer.json()) == (200, {"database": "answers", "worker": "does not work"})

    class Away:
        def cursor(self):
            raise DatabaseError("password of the database")

    monkeypatch.setattr(health, "connection", Away())
    answer = Client().get("/health/")
    assert (answer.status_code, answer.json()) == (503, {"database": "does not answer"})
