"""A clinic of its own for tests that start processes: a database, a home, the command line."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

# What every test of this kind begins with: a site, its people, a patient with a record, looks at it.
SEED = """
from clinic.conftest import person, sample
from euthymia_clinic.accounts.models import OnCall, Role, Site
from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.reads import looked
from euthymia_clinic.chart.actions import admit, record_events
site = Site.objects.create(slug="first", name="First clinic", country="us", zone="America/New_York", contact="555 0100")
owner = person(site, Role.PRESCRIBER, "Owner")
OnCall.objects.create(site=site, place=1, user=owner)
for code, name in (("0147", "holding-above-remission"),):
    patient = admit(system("test"), site, code, name="Synthetic patient " + code, team=[owner], prescriber=owner)
    record_events(system("test"), patient, sample(name))
    looked(system("test"), "chart", patient.subject)
"""
START = "import django; django.setup()\n"


@dataclass(frozen=True)
class Machine:
    """One clinic: where it lives, and how its commands are run."""

    home: Path
    database: str

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("EUTHYMIA_")}
        tests = str(Path(__file__).parents[1])
        own = {
            "EUTHYMIA_HOME": str(self.home),
            "DATABASE_URL": self.database,
            "PYTHONPATH": tests,
            "DJANGO_SETTINGS_MODULE": "euthymia_clinic.settings",
        }
        return {**kept, **own}

    def run(self, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """`euthymia …`."""
        return self._run("-m", "euthymia.cli", *words, **more)

    def django(self, *words: str) -> None:
        """`manage.py …`, which has to succeed."""
        done = self._run("-m", "django", *words)
        assert done.returncode == 0, done.stderr

    def python(self, code: str) -> str:
        """Run some lines in the clinic; gives what they printed."""
        done = self._run("-c", START + code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def seeded(self) -> "Machine":
        """With tables, and with what SEED makes."""
        self.django("migrate", "-v0")
        self.python(SEED)
        return self

    def _run(self, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *words], env={**self.environment, **more}, capture_output=True, text=True, check=False, timeout=300
        )


@contextmanager
def machine(home: Path, name: str) -> Iterator[Machine]:
    """A clinic with an empty database of the kind that this test run has (DATABASE_URL)."""
    home.mkdir(parents=True, exist_ok=True)
    address = os.environ.get("DATABASE_URL", "")
    if not address.startswith("postgres"):
        yield Machine(home, f"sqlite:///{home / 'clinic.sqlite3'}")
        return
    import psycopg

    parts = urlsplit(address)
    own = f"{parts.path.strip('/')}_{name}"
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{own}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{own}"')
        try:
            yield Machine(home, urlunsplit(parts._replace(path=f"/{own}")))
        finally:
            admin.execute(f'DROP DATABASE IF EXISTS "{own}" WITH (FORCE)')
