"""The chain: every entry carries the hash of the one before it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.audit.models import Entry, Head
from euthymia_clinic.audit.witness import canonical, sha256

START = "0" * 64


def digest_of(seq: int, at: datetime, actor: str, action: str, subject: str, details: Mapping[str, Any], previous: str) -> str:
    """SHA-256 over the canonical form of one entry and the hash before it."""
    return sha256(canonical([seq, at.astimezone(UTC).isoformat(), actor, action, subject, details, previous]))


def append(actor: Actor, action: str, subject: str, details: Mapping[str, Any]) -> Entry:
    """Add one entry to the chain, in the transaction of the write that it tells of (outside of one it raises)."""
    if not connection.in_atomic_block:
        raise RuntimeError("found an audit entry outside of a transaction; allowed: in the transaction of its write")
    head, _ = Head.objects.select_for_update().get_or_create(pk=1)
    at = timezone.now()
    seq, previous = head.seq + 1, head.hash
    found = digest_of(seq, at, str(actor), action, subject, details, previous)
    entry = Entry(seq=seq, at=at, actor=str(actor), action=action, subject=subject, details=dict(details), previous=previous, hash=found)
    entry.save()
    head.seq, head.hash = seq, found
    head.save(update_fields=["seq", "hash"])
    return entry
