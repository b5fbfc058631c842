"""SQLite: copied by its own online backup, which writers do not notice."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from euthymia_clinic.backup.note import BackupError

MAGIC = b"SQLite format 3\0"


def copy_out(database: str, file: Path) -> tuple[dict[str, int], str]:
    """Copy a running database into a new file; gives the rows of its tables and the end of its chain."""
    if not Path(database).is_file():
        raise BackupError(f"found no database {database}; allowed: the one of a clinic that has run")
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)) as source, closing(sqlite3.connect(file)) as copy:
        source.backup(copy)
        # One file that stands alone, without a log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
        found = _rows(copy), _end(copy)
    with file.open("rb+") as written:
        os.fsync(written.fileno())
    return found


def check(file: Path) -> None:
    """Raises BackupError where SQLite itself finds the file damaged."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as copy:
            [said] = copy.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise BackupError(f"found a damaged copy in {file.name} ({said.splitlines()[-1]}); allowed: a whole one")


def tables(database: str) -> int:
    """How many tables stand in a database; none where there is no file."""
    if not Path(database).is_file():
        return 0
    with closing(sqlite3.connect(database)) as connection:
        return len(_tables(connection))


def copy_in(file: Path, database: str) -> None:
    """Bring a copy back into an empty database, whole or not at all."""
    target = Path(database)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as copy, closing(sqlite3.connect(part)) as new:
        copy.backup(new)
    with part.open("rb+") as written:
        os.fsync(written.fileno())
    for old in ("-wal", "-shm"):
        target.with_name(target.name + old).unlink(missing_ok=True)
    part.replace(target)


def _tables(connection: sqlite3.Connection) -> list[str]:
    named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    return [name for (name,) in named]


def _rows(connection: sqlite3.Connection) -> dict[str, int]:
    # The names come from the database's own list of tables.
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in _tables(connection)}  # noqa: S608


def _end(connection: sqlite3.Connection) -> str:
    if "audit_head" not in _tables(connection):
        return ""
    head = connection.execute("SELECT seq, hash FROM audit_head WHERE id = 1").fetchone()
    return f"{head[0]}:{head[1]}" if head else ""
