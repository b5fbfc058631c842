"""What the audit itself does: seal the reads, and say that the chain was walked."""

from typing import Any

from django.db import connection

from euthymia_clinic.audit.acting import action, nothing_changed, told
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.audit.models import Entry, Read
from euthymia_clinic.audit.witness import row_digest, sha256

SEALED, VERIFIED = "reads.sealed", "audit.verified"
# So many reads one seal covers at most: an entry stays small, and a page never waits long for the lock.
READS_IN_A_SEAL = 500
# A mark names a changed row; the digest over all of them in full is what holds.
MARK = 16


@action(SEALED)
def seal(actor: Actor, /) -> int:
    """Seal the next reads into the chain: first and last number, count, digest, a mark of each. Gives how many."""
    _no_read_under_way()
    first = sealed_to() + 1
    reads = list(Read.objects.filter(pk__gte=first).order_by("pk")[:READS_IN_A_SEAL])
    if not reads:
        nothing_changed()
        return 0
    told("", **seal_over(first, reads))
    return len(reads)


@action(VERIFIED)
def record_verification(actor: Actor, /, *, entries: int, reads: int, rows: int, troubles: list[str]) -> None:
    """Keep in the chain that it was walked, up to where, and what was found first."""
    told("", entries=entries, reads=reads, written_rows=rows, troubles=len(troubles), first=troubles[0] if troubles else "")


def seal_over(first: int, reads: list[Read]) -> dict[str, Any]:
    """What a seal says of reads from the number `first` on."""
    digests = [row_digest(read) for read in reads]
    return {
        "first": first,
        "last": reads[-1].pk,
        "count": len(reads),
        "digest": sha256("".join(digests)),
        "marks": [[read.pk, digest[:MARK]] for read, digest in zip(reads, digests, strict=True)],
    }


def sealed_to() -> int:
    """The number of the last sealed read; 0: none has been."""
    last = Entry.objects.filter(action=SEALED).order_by("-seq").values_list("details", flat=True).first()
    return int(last["last"]) if last else 0


def _no_read_under_way() -> None:
    """Wait until nobody is writing a read: then every number that was given out is visible, or will never be.

    On PostgreSQL numbers become visible out of order, and a seal over 1 to 7 could miss a 6 that commits later. SQLite
    has one writer at a time (transactions are IMMEDIATE). A read that hangs does not stop the pages: the next minute tries again.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        cursor.execute(f"LOCK TABLE {connection.ops.quote_name(Read._meta.db_table)} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SET LOCAL lock_timeout = 0")
