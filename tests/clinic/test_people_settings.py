"""Production is safe by its settings, and the pages for trouble show nothing of anybody."""

import os
import subprocess
import sys

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from euthymia_clinic.pages.views import trouble


def test_production_passes_djangos_own_check(tmp_path) -> None:
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith(("EUTHYMIA_", "DATABASE_URL"))}
    surroundings |= {
        "EUTHYMIA_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "EUTHYMIA_HOME": str(tmp_path),
        "EUTHYMIA_HOSTS": "clinic.example",
        "EUTHYMIA_ADDRESS": "https://clinic.example",
        "DJANGO_SETTINGS_MODULE": "euthymia_clinic.settings",
    }
    command = [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr
    asked = "from django.conf import settings as s; print(s.MFA_REQUIRED, s.DEBUG, s.SESSION_COOKIE_SECURE, s.IDLE_LOCK_MINUTES)"
    said = subprocess.run([sys.executable, "-c", asked], env=surroundings, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["True", "False", "True", "15"]


@pytest.mark.django_db
def test_migrations_make_the_table_of_the_limits() -> None:
    assert "cache" in connection.introspection.table_names()


@pytest.mark.parametrize(
    ("page", "status"),
    [
        (trouble.bad_request, 400),
        (trouble.forbidden, 403),
        (trouble.not_found, 404),
        (trouble.too_many, 429),
        (trouble.server_error, 500),
        (trouble.csrf_failure, 403),
    ],
)
def test_the_pages_for_trouble_are_plain(page, status) -> None:
    """Without a database, a session or anything of the request."""
    found = page(RequestFactory().get("/patients/secret/?name=secret"))
    text = found.content.decode()
    assert found.status_code == status
    assert "secret" not in text
    assert '<html lang="en">' in text
    assert "<script" not in text
    assert " style=" not in text


def test_an_address_that_is_none_is_a_plain_page(db) -> None:
    found = Client().get("/nothing/at/all/")
    assert found.status_code == 404
    assert "no such page" in found.content.decode()


def test_a_host_that_is_not_ours_is_refused(db) -> None:
    assert Client().get("/accounts/login/", headers={"host": "elsewhere.example"}).status_code == 400


def test_a_form_from_elsewhere_is_refused_with_a_plain_page(db) -> None:
    refused = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a@b.example", "password": "x"})
    assert refused.status_code == 403
    assert "once more" in refused.content.decode()
