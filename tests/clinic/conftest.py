"""A clinic to test in: two sites, their people, and one patient of the first with a sample's record."""

import json
import sys
from importlib.resources import files

import pytest
from django.db import connection
from django.test import Client

from euthymia.events import Regimen
from euthymia.moment import Moment
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.accounts.models import Membership, OnCall, Role, Site, User
from euthymia_clinic.audit.actor import system
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.actions import admit, record_events
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.snapshots import take_snapshot
from euthymia_clinic.chart.to_core import event_from, record_of
from euthymia_clinic.home.waiting import supplies_at_home, waiting


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What speaks of another database or another system than this one is left out, and counted as such."""
    here = {connection.vendor, sys.platform}
    elsewhere = [item for item in items for mark in item.iter_markers("only_on") if mark.args[0] not in here]
    items[:] = [item for item in items if item not in elsewhere]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)


PASSWORD = "a long enough pass phrase"


def person(site: Site, role: Role, name: str) -> User:
    user = User.objects.create_user(f"{name.lower().replace(' ', '.')}@{site.slug}.example", PASSWORD, name=name)
    Membership.objects.create(user=user, site=site, role=role)
    return user


def here_of(user: User) -> Here:
    membership = user.memberships.get(ended=None)
    return Here(user, membership.site, Role(membership.role))


def sample(name: str) -> list:
    """The events of a shipped synthetic person."""
    [record] = json.loads((files("euthymia") / "samples" / f"{name}.json").read_text()).get("records", []) or [
        json.loads((files("euthymia") / "samples" / f"{name}.json").read_text())
    ]
    return [event_from(body) for body in record["events"]]


def dose_of(found: Patient) -> str:
    """A dose at home that waits to be logged today."""
    today = found.site.today()
    regimen = Regimen(id=f"{found.code}-regimen", at=Moment.of(today), treatment="ketamine", route="sublingual", dose_mg=100, every_days=1)
    record_events(system("test"), found, [regimen])
    record = record_of(found)
    return waiting(record, supplies_at_home(record, catalog_of(found.site), today), today)[0].id


@pytest.fixture
def site(db) -> Site:
    return Site.objects.create(slug="first", name="First clinic", country="us", zone="America/New_York", contact="555 0100")


@pytest.fixture
def other_site(db) -> Site:
    return Site.objects.create(slug="second", name="Second clinic", country="es", zone="Europe/Madrid")


@pytest.fixture
def owner(site) -> User:
    """The patient's own prescriber, on call first."""
    user = person(site, Role.PRESCRIBER, "Owner")
    OnCall.objects.create(site=site, place=1, user=user)
    return user


@pytest.fixture
def colleague(site) -> User:
    """A prescriber of the same site, outside the care team."""
    return person(site, Role.PRESCRIBER, "Colleague")


@pytest.fixture
def lead(site) -> User:
    return person(site, Role.MEDICAL_LEAD, "Lead")


@pytest.fixture
def administrator(site) -> User:
    return person(site, Role.ADMINISTRATOR, "Administrator")


@pytest.fixture
def auditor(site) -> User:
    return person(site, Role.AUDITOR, "Auditor")


@pytest.fixture
def stranger(other_site) -> User:
    """A prescriber of another site."""
    return person(other_site, Role.PRESCRIBER, "Stranger")


@pytest.fixture
def patient(site, owner) -> Patient:
    """The synthetic person who holds above remission, in the owner's care, with a snapshot."""
    found = admit(system("test"), site, "0147", name="Synthetic patient 0147", team=[owner], prescriber=owner)
    record_events(system("test"), found, sample("holding-above-remission"))
    found.refresh_from_db()
    take_snapshot(system("test"), found, site.today())
    return found


@pytest.fixture
def signed_in():
    """A client signed in as somebody."""

    def enter(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return enter
