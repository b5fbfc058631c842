"""Nothing of a patient leaves by a side door: logs, mails, addresses, the audit, the cache."""

import json
import logging
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.models import Entry, Read
from euthymia_clinic.audit.quiet import Quiet
from euthymia_clinic.chart.actions import admit
from euthymia_clinic.worker import loop
from euthymia_clinic.worker.jobs import JOBS
from euthymia_clinic.worker.leases import make_leases

NAME, EMAIL, WORDS = "Canaria Finch-Nightingale", "canaria.finch@patients.example", "the canary stopped singing"
CANARIES = (NAME, "Canaria", EMAIL, WORDS)


@pytest.fixture
def canary(site, owner):
    return admit(system("test"), site, "C-1", name=NAME, email=EMAIL, phone="+15550199", team=[owner])


@pytest.fixture
def lines(monkeypatch):
    """Everything that is logged, as the clinic's own handler writes it."""
    kept: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(self.format(record))

    handler = Keeping()
    handler.setFormatter(Quiet())
    logging.getLogger().addHandler(handler)
    yield kept
    logging.getLogger().removeHandler(handler)


def nothing_of(text: str) -> None:
    for word in CANARIES:
        assert word not in text


@pytest.mark.django_db
def test_pages_and_jobs_leave_no_trace_of_a_patient(canary, owner, colleague, signed_in, lines, capsys) -> None:
    client, outside = signed_in(owner), signed_in(colleague)
    addresses = [
        f"/patients/{canary.pk}/",
        f"/patients/{canary.pk}/team/",
        f"/patients/{canary.pk}/enter/concern/",
        "/",
        "/checkins/",
        "/alerts/",
    ]
    for address in addresses:
        for reader in (client, outside, Client()):
            reader.get(address, {"q": WORDS, "name": NAME})
    for body in ({"text": WORDS, "name": NAME}, {"answers": json.dumps({"phq9.9": 3}), "note": WORDS}):
        client.post(f"/patients/{canary.pk}/enter/concern/", body)
        client.post(f"/patients/{canary.pk}/decide/", body)
        client.post(f"/c/{NAME.replace(' ', '')}/1/", body)
    for lease in (make_leases(timezone.now() - timedelta(days=1)),):
        assert lease is None
    loop.run_due(JOBS, "test")
    nothing_of("\n".join(lines))
    nothing_of("".join(capsys.readouterr()))
    for line in lines:
        assert str(canary.pk) not in line
    for message in mail.outbox:
        nothing_of(message.subject + str(message.body))
    nothing_of(json.dumps(list(Entry.objects.values("actor", "action", "subject", "details")), default=str))
    nothing_of(json.dumps(list(Read.objects.values("actor", "page", "subject")), default=str))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM cache")
        nothing_of(str(cursor.fetchall()))


def test_a_log_line_has_no_path_no_query_and_no_words_of_an_error() -> None:
    try:
        try:
            raise ValueError(WORDS)
        except ValueError as error:
            raise KeyError(NAME) from error
    except KeyError as error:
        record = logging.LogRecord(
            "django.request",
            logging.ERROR,
            "x",
            1,
            "Internal Server Error: %s",
            ("/patients/17/?q=" + NAME,),
            (KeyError, error, error.__traceback__),
        )
    said = Quiet().format(record)
    nothing_of(said)
    assert "/patients" not in said
    assert "KeyError in test_privacy.py" in said
    assert "after ValueError in test_privacy.py" in said
    gunicorn = logging.LogRecord("gunicorn.error", logging.ERROR, "x", 1, "Error handling request %s", ("/c/key?x=1",), None)
    assert "/c/" not in Quiet().format(gunicorn)


@pytest.mark.django_db
def test_the_cache_is_the_databases() -> None:
    cache.set("a", 1)
    assert cache.get("a") == 1
