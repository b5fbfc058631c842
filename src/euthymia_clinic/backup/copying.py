"""Taking a backup and bringing it back."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import connection

from euthymia.reviewing import review_digest
from euthymia_clinic.audit.verify import Progress, Walk, silently, still_contains, walk
from euthymia_clinic.backup import postgres, sqlite
from euthymia_clinic.backup.note import BackupError, Note, beside, digest_of, read_note, write_note
from euthymia_clinic.chart.models import ReviewSnapshot
from euthymia_clinic.chart.snapshots import review_in

# So many of the stored reviews are read again after a restore, spread over all of them.
SAMPLE = 50


@dataclass
class Proof:
    """What was found in a database that was brought back."""

    walk: Walk
    rows: dict[str, int]
    reviews: int
    troubles: list[str] = field(default_factory=list)


def take(file: Path, now: datetime) -> Note:
    """Copy the running clinic into a new file, with a note beside it. Raises BackupError; nothing half-made stays."""
    for there in (file, beside(file)):
        if there.exists():
            raise BackupError(f"found {there} already; allowed: a new file (nothing is overwritten)")
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    try:
        if connection.vendor == "postgresql":
            rows, end = postgres.copy_out(part)
        else:
            rows, end = sqlite.copy_out(str(connection.settings_dict["NAME"]), part)
            sqlite.check(part)
        note = Note(connection.vendor, now.isoformat(), digest_of(part), part.stat().st_size, end, rows)
        write_note(file, note)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return note


def bring_back(file: Path) -> Note | None:
    """Bring a backup back into an empty database. Raises BackupError where the copy is damaged or the database is not empty."""
    note = read_note(file)
    with file.open("rb") as content:
        start = content.read(16)
    kind = "sqlite" if start == sqlite.MAGIC else "postgresql" if start.startswith(postgres.MAGIC) else None
    if kind is None:
        raise BackupError(f"found no backup in {file.name}; allowed: a file that euthymia backup made, from its first byte on")
    if kind != connection.vendor:
        raise BackupError(f"found a backup of {kind} and a database of {connection.vendor}; allowed: the same kind (see DATABASE_URL)")
    name = str(connection.settings_dict["NAME"])
    module_tables = postgres.tables() if kind == "postgresql" else sqlite.tables(name)
    if module_tables:
        raise BackupError(f"found {module_tables} tables in the database; allowed: an empty one (nothing is overwritten)")
    if kind == "postgresql":
        postgres.check(file)
        postgres.copy_in(file)
    else:
        sqlite.check(file)
        connection.close()
        sqlite.copy_in(file, name)
    return note


def prove(note: Note | None, progress: Progress = silently) -> Proof:
    """Walk the chain, count the rows, and read a sample of the stored reviews again."""
    # Reads between the last seal and the backup were never sealed: that is no sign of anything.
    found = walk(None, progress)
    if note is not None:
        still_contains(found, note.end)
    proof = Proof(found, _rows(), 0, [str(trouble) for trouble in found.troubles])
    if note is not None:
        differ = {name for name in note.rows.keys() | proof.rows.keys() if note.rows.get(name) != proof.rows.get(name)}
        proof.troubles += [f"table {name}: {proof.rows.get(name, 0)} rows; there were {note.rows.get(name, 0)}" for name in sorted(differ)]
    keys = list(ReviewSnapshot.objects.order_by("pk").values_list("pk", flat=True))
    for key in keys[:: max(1, len(keys) // SAMPLE)]:
        snapshot = ReviewSnapshot.objects.get(pk=key)
        proof.reviews += 1
        if not _as_it_was(snapshot):
            proof.troubles.append(f"review snapshot {key}: what it says and its digest differ")
    return proof


def _as_it_was(snapshot: ReviewSnapshot) -> bool:
    try:
        return review_digest(review_in(snapshot)) == snapshot.digest
    except Exception:
        return False


def _rows() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for name in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")  # noqa: S608 - a name from the database itself
            found[name] = int(cursor.fetchone()[0])
    return found
