"""What the worker does for the audit."""

from datetime import datetime

from euthymia_clinic.audit.actions import READS_IN_A_SEAL, record_verification, seal
from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.verify import walk


def seal_reads(now: datetime) -> int:
    """Seal every read that has been written so far. Gives how many."""
    sealed = 0
    while got := seal(system("audit.seal_reads")):
        sealed += got
        if got < READS_IN_A_SEAL:
            break
    return sealed


def verify(now: datetime) -> int:
    """Walk the whole chain, as `euthymia audit verify` does, and keep what was found. Gives how many entries were walked."""
    found = walk(now)
    record_verification(
        system("audit.verify"), entries=found.entries, reads=found.reads, rows=found.rows, troubles=[str(t) for t in found.troubles]
    )
    return found.entries
