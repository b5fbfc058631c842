"""Keys to a check-in: 256 random bits in the address, only their SHA-256 here."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from euthymia_clinic.checkins.models import Checkin, Link

_KEY = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
# A tablet that was handed over and forgotten is closed by itself.
KIOSK_STAYS_OPEN = timedelta(hours=1)

Why = Literal["unknown", "closed", "received", "open"]


@dataclass(frozen=True)
class Found:
    """What a key opens: `open`; `received` (answered already); `closed` (expired, withdrawn, missed, excused); `unknown`."""

    why: Why
    link: Link | None = None

    @property
    def checkin(self) -> Checkin | None:
        """The check-in, where the key belongs to one."""
        return self.link.checkin if self.link else None


def new_key() -> str:
    """A key that nobody can guess."""
    return secrets.token_urlsafe(32)


def hash_of(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def find(key: str, now: datetime) -> Found:
    """What a key opens at this instant. Never raises, whatever was typed into the address."""
    if not _KEY.fullmatch(key):
        return Found("unknown")
    link = Link.objects.select_related("checkin__patient__site").filter(key_hash=hash_of(key)).first()
    if link is None:
        return Found("unknown")
    checkin = link.checkin
    if checkin.outcome == Checkin.Outcome.ANSWERED:
        return Found("received", link)
    live = link.withdrawn_at is None and now < link.expires_at and checkin.opens_at <= now < checkin.closes_at
    return Found("open" if live and checkin.outcome == Checkin.Outcome.OPEN else "closed", link)
