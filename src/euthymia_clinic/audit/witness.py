"""What a row said when it was written: a digest of each append-only row, which the audit entry of its write carries.

The digest leaves out empty columns: a column that a later version adds, null or blank in the old rows, changes none of them.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any
from uuid import UUID

from django.db import models

# The rows that the running action has written and not told of yet: (name of the table's model, key, digest).
Witnessed = tuple[str, Any, str]
_written: ContextVar[list[Witnessed] | None] = ContextVar("written", default=None)


def canonical(value: Any) -> str:
    """One text for one meaning: keys in order, no spaces, 5.0 as 5 (PostgreSQL's jsonb may give either back)."""
    return _ordered(_read(_said(value)))


def sha256(text: str) -> str:
    """The digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def row_digest(row: models.Model) -> str:
    """The digest of a row: its table and every column that is not empty."""
    said = {name: value for name, read in _columns(type(row)) if (value := read(row)) not in (None, "")}
    return sha256(canonical([type(row)._meta.label_lower, said]))


def witness(row: models.Model) -> None:
    """Remember, inside an action, that this row was written."""
    written = _written.get()
    if written is not None:
        written.append((type(row)._meta.label_lower, row.pk, row_digest(row)))


@contextmanager
def witnessing() -> Iterator[None]:
    """Around an action: rows written inside are remembered."""
    token = _written.set([])
    try:
        yield
    finally:
        _written.reset(token)


def take_rows() -> dict[str, list[list[Any]]]:
    """The rows written since the last call, by table: [key, digest] each."""
    written, rows = _written.get() or [], dict[str, list[list[Any]]]()
    for label, key, digest in written:
        rows.setdefault(label, []).append([str(key) if isinstance(key, UUID) else key, digest])
    written.clear()
    return rows


@cache
def _columns(model: type[models.Model]) -> list[tuple[str, Any]]:
    return [(field.attname, _reader(field)) for field in model._meta.concrete_fields]


def _reader(field: Any) -> Any:
    def read(row: models.Model) -> Any:
        value = field.to_python(getattr(row, field.attname))
        return _plain(value) if isinstance(value, datetime | date | time | UUID | bytes | memoryview) else value

    return read


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    return str(value)


def _number(text: str) -> float | int:
    value = float(text)
    return int(value) if value.is_integer() else value


# Made once: a row is digested with each write.
_said = json.JSONEncoder(default=_plain).encode
_read = json.JSONDecoder(parse_float=_number).decode
_ordered = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode
