"""Guards in the database itself: it refuses to change or take away rows of the append-only tables, whoever asks.

They are put up after every migration and taken down before one (a migration may have to move rows). They stop a mistake and
a program with a fault; whoever owns the database can take them down, and is then found by the chain.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from euthymia_clinic.audit.models import AppendOnly

_FUNCTION = """
CREATE OR REPLACE FUNCTION euthymia_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'found % of %; allowed: new rows alone', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
"""


def put_up(using: str = "default") -> None:
    """Guard every append-only table that exists."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for table in _tables(connection):
            for statement in _statements(connection, table):
                cursor.execute(statement)


def take_down(using: str = "default") -> None:
    """Take the guards away."""
    connection = connections[using]
    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in _tables(connection):
            for name in _names(table):
                of = f" ON {quoted(table)}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {quoted(name)}{of}")


def after_migrating(using: str = "default", **_: Any) -> None:
    """Django has migrated an app."""
    if settings.APPEND_ONLY_GUARDS:
        put_up(using)


def before_migrating(using: str = "default", **_: Any) -> None:
    """Django is about to migrate an app."""
    take_down(using)


def _tables(connection: BaseDatabaseWrapper) -> Iterator[str]:
    there = set(connection.introspection.table_names())
    for model in apps.get_models():
        if issubclass(model, AppendOnly) and _of(model) in there:
            yield _of(model)


def _of(model: type[models.Model]) -> str:
    return model._meta.db_table


def _names(table: str) -> tuple[str, str, str]:
    return f"{table}_no_update", f"{table}_no_delete", f"{table}_no_truncate"


def _statements(connection: BaseDatabaseWrapper, table: str) -> Iterator[str]:
    quoted = connection.ops.quote_name
    update, delete, truncate = (quoted(name) for name in _names(table))
    on = quoted(table)
    if connection.vendor == "postgresql":
        for name, event, each in ((update, "UPDATE", "ROW"), (delete, "DELETE", "ROW"), (truncate, "TRUNCATE", "STATEMENT")):
            yield f"CREATE OR REPLACE TRIGGER {name} BEFORE {event} ON {on} FOR EACH {each} EXECUTE FUNCTION euthymia_append_only()"
        return
    for name, event in ((update, "UPDATE"), (delete, "DELETE")):
        words = f"found {event} of {table}; allowed: new rows alone"
        yield f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON {on} BEGIN SELECT RAISE(ABORT, '{words}'); END"
