"""`euthymia site`: from an empty database to an administrator who signs in."""

import re

import pytest
from django.test import Client
from typer.testing import CliRunner

from euthymia.cli import app
from euthymia_clinic.accounts.models import Membership, Role, Site
from euthymia_clinic.audit.models import Entry
from euthymia_clinic.demo.running import Asked, run

pytestmark = pytest.mark.django_db
GIVEN = ["--administrator", "Admin@clinic.example", "--person", "An administrator", "--zone", "Europe/Madrid"]


def asked(name, *given):
    return CliRunner().invoke(app, ["site", name, *(given or GIVEN)])


def test_a_first_administrator_sets_a_password_and_signs_in():
    done = asked("A clinic of ours")
    assert done.exit_code == 0, done.output
    [membership] = Membership.objects.all()
    assert (membership.site.slug, membership.role, membership.user.email) == (
        "a-clinic-of-ours",
        Role.ADMINISTRATOR,
        "admin@clinic.example",
    )
    assert Entry.objects.get().action == "site.opened"

    [path] = re.findall(r"https?://[^/]+(/\S+)", done.output.replace("\n", ""))
    client = Client()
    page = client.get(path, follow=True)
    assert page.status_code == 200
    words = "four quiet words together"
    client.post(page.redirect_chain[-1][0] if page.redirect_chain else path, {"password1": words, "password2": words}, follow=True)
    client = Client()
    client.post("/accounts/login/", {"login": "admin@clinic.example", "password": words})
    assert client.get("/people/").status_code == 200


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("", GIVEN, "found a name of 0 characters"),
        ("x" * 121, GIVEN, "found a name of 121 characters"),
        ("Here", [*GIVEN[:4], "--zone", "Nowhere/Land"], "found no zone"),
        ("Here", ["--administrator", "nobody", *GIVEN[2:]], "found no e-mail address"),
        ("Here", [*GIVEN[:2], "--person", " ", *GIVEN[4:]], "found a name of 0 characters"),
    ],
)
def test_what_cannot_be_leaves_nothing(name, given, said):
    done = asked(name, *given)
    assert done.exit_code == 2
    assert said in done.output
    assert not Site.objects.exists()


def test_a_name_that_is_taken_is_said_and_a_second_site_may_have_the_same_administrator():
    assert asked("First").exit_code == 0
    assert "found a site of that name" in asked("first").output
    assert asked("Second").exit_code == 0
    assert Membership.objects.count() == 2


def test_a_clinic_that_is_no_demo_is_never_touched(tmp_path):
    """The demo makes its folder anew; a clinic without the mark of a demo is somebody's."""
    (tmp_path / "clinic.sqlite3").write_bytes(b"somebody's clinic")
    assert run(Asked("127.0.0.1", 8000, 1, tmp_path, fresh=True, check=True)) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["clinic.sqlite3"]
    assert (tmp_path / "clinic.sqlite3").read_bytes() == b"somebody's clinic"
