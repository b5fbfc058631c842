"""The note beside a backup: what it is a copy of, its digest, how many rows each table had, where the chain ended."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path


class BackupError(Exception):
    """A backup cannot be made or brought back; says what was found and what is allowed."""


@dataclass(frozen=True)
class Note:
    """What was copied."""

    vendor: str
    made_at: str
    sha256: str
    bytes: int
    end: str
    rows: dict[str, int] = field(default_factory=dict)


def beside(file: Path) -> Path:
    """Where the note of a backup stands."""
    return file.with_name(file.name + ".note.json")


def write_note(file: Path, note: Note) -> None:
    """Write the note, readable by its owner alone."""
    write_private(beside(file), json.dumps(asdict(note), indent=1) + "\n")


def write_private(file: Path, text: str) -> None:
    """A new file that only its owner can read."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)


def read_note(file: Path) -> Note | None:
    """The note of a backup; None where there is none. Raises BackupError where the backup is not what the note says."""
    if not file.is_file():
        raise BackupError(f"found no file {file}; allowed: one that euthymia backup made")
    if not beside(file).is_file():
        return None
    try:
        note = Note(**json.loads(beside(file).read_text()))
    except (ValueError, TypeError):
        raise BackupError(f"found a note {beside(file).name} that cannot be read; allowed: the one that euthymia backup wrote") from None
    found = file.stat().st_size
    if found != note.bytes:
        raise BackupError(f"found {found} bytes in {file.name}; allowed: {note.bytes}: the copy is cut off, or another file")
    if digest_of(file) != note.sha256:
        raise BackupError(
            f"found another content in {file.name} than was written; allowed: the copy unchanged (its SHA-256 is in its note)"
        )
    return note


def digest_of(file: Path) -> str:
    """SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
