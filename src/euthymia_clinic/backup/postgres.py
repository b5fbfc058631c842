"""PostgreSQL: copied by its own pg_dump, at one instant of a running database."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from django.db import connection

from euthymia_clinic.backup.note import BackupError

MAGIC = b"PGDMP"


def copy_out(file: Path) -> tuple[dict[str, int], str]:
    """Dump a running database into a new file; gives the rows of its tables and the end of its chain at that same instant."""
    program = _program("pg_dump")
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            cursor.execute("SELECT pg_export_snapshot()")
            [instant] = cursor.fetchone()
            _run(program, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={instant}", f"--file={file}")
            found = {name: _count(cursor, name) for name in sorted(connection.introspection.table_names(cursor))}
            end = ""
            if "audit_head" in found:
                cursor.execute("SELECT seq, hash FROM audit_head WHERE id = 1")
                head = cursor.fetchone()
                end = f"{head[0]}:{head[1]}" if head else ""
        finally:
            cursor.execute("ROLLBACK")
    return found, end


def check(file: Path) -> None:
    """Raises BackupError where pg_restore cannot even list what is in the file."""
    done = subprocess.run([_program("pg_restore"), "--list", str(file)], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BackupError(f"found a damaged copy in {file.name} ({_last(done.stderr)}); allowed: a whole one")


def tables() -> int:
    """How many tables stand in the database."""
    with connection.cursor() as cursor:
        return len(connection.introspection.table_names(cursor))


def copy_in(file: Path) -> None:
    """Bring a dump back into an empty database, whole or not at all."""
    _run(
        _program("pg_restore"), "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--dbname", _named(), str(file)
    )
    connection.close()


def _named() -> str:
    return str(connection.settings_dict["NAME"])


def _count(cursor: Any, table: str) -> int:
    cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 - a name from the database itself
    return int(cursor.fetchone()[0])


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BackupError(
            f"found no {name}; allowed: PostgreSQL's own client programs (Debian: postgresql-client), not older than the server"
        )
    return found


def _run(program: str, *options: str) -> None:
    """Run one of PostgreSQL's programs on the clinic's database; the password goes by the environment, never by the command line."""
    where = connection.settings_dict
    named = {
        "PGHOST": where["HOST"],
        "PGPORT": where["PORT"],
        "PGUSER": where["USER"],
        "PGPASSWORD": where["PASSWORD"],
        "PGDATABASE": where["NAME"],
    }
    environment = {**os.environ, **{key: str(value) for key, value in named.items() if value}}
    done = subprocess.run([program, *options], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BackupError(f"found that {Path(program).name} did not come to its end ({_last(done.stderr)}); allowed: a whole copy")


def _last(words: str) -> str:
    # The first line names the cause; DETAIL lines may hold a row.
    lines = [line for line in words.strip().splitlines() if line and not line.lstrip().startswith(("DETAIL", "CONTEXT", "Command was"))]
    return lines[0][:200] if lines else "it said nothing"
