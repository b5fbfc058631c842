"""Migrations on a clinic that has data: one step back and forward again keeps all of it, to zero and back gives the same tables."""

import pytest
from django.apps import apps
from django.core.management import call_command

from clinic.machine import machine

OURS = ("audit", "accounts", "catalogs", "chart", "alerts", "checkins", "dosing", "patientpage", "worker")
STEPS = """
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from euthymia_clinic.audit.verify import walk
def counts():
    return {{m._meta.label: m._default_manager.count() for m in apps.get_models() if m.__module__.startswith("euthymia_clinic")}}
before = counts()
names = sorted(name for app, name in MigrationLoader(connection).graph.nodes if app == "{app}")
if len(names) > 1:
    call_command("migrate", "{app}", names[-2], verbosity=0, interactive=False)
call_command("migrate", verbosity=0, interactive=False)
assert before["chart.Event"] and counts() == before, counts()
found = walk(None)
assert found.entries and not found.troubles, found.troubles
print("whole")
"""
TO_ZERO = """
from django.core.management import call_command
from django.db import connection
before = sorted(connection.introspection.table_names())
for app in ("mfa", "account", "admin", *reversed({ours!r}), "sessions", "auth", "contenttypes"):
    try:
        call_command("migrate", app, "zero", verbosity=0, interactive=False)
    except Exception as error:
        if "does not have migrations" not in str(error) and "No installed app" not in str(error):
            raise
left = [t for t in connection.introspection.table_names() if t.split("_")[0] in {ours!r}]
call_command("migrate", verbosity=0, interactive=False)
print(left, sorted(connection.introspection.table_names()) == before)
"""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    with machine(tmp_path_factory.mktemp("clinic"), "m") as made:
        yield made.seeded()


@pytest.mark.parametrize("app", OURS)
def test_a_step_back_and_forward_keeps_the_data(clinic, app) -> None:
    assert clinic.python(STEPS.format(app=app)) == "whole"


def test_to_zero_and_forward_again_gives_the_same_tables(clinic) -> None:
    assert clinic.python(TO_ZERO.format(ours=OURS)) == "[] True"


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say() -> None:
    assert {config.label for config in apps.get_app_configs()} >= set(OURS)
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
