"""The chart of a snapshot, compiled once for the browser in both themes and kept beside it."""

import json
import zlib
from functools import partial

from django.db import IntegrityError, transaction

from euthymia.report.compiled import pictures
from euthymia_clinic.audit.acting import action, nothing_changed
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.chart.models import Picture, ReviewSnapshot
from euthymia_clinic.chart.snapshots import review_in

_compact = partial(json.dumps, ensure_ascii=True, separators=(",", ":"))


def picture_of(actor: Actor, snapshot: ReviewSnapshot) -> bytes:
    """The chart of a snapshot as JSON; `null` where there is nothing to draw."""
    kept = Picture.objects.filter(snapshot=snapshot).first() or draw(actor, snapshot)
    return zlib.decompress(bytes(kept.specs))


def draw(actor: Actor, snapshot: ReviewSnapshot) -> Picture:
    """Compile the chart of a snapshot and keep it; `null` for a snapshot that this engine cannot read."""
    # Compiled before the transaction begins: on SQLite nobody else can write while one is open.
    try:
        specs = pictures(review_in(snapshot))
    except ValueError:
        specs = None
    return keep_picture(actor, snapshot, zlib.compress(_compact(specs).encode()))


@action("picture.drawn")
def keep_picture(actor: Actor, /, snapshot: ReviewSnapshot, specs: bytes) -> Picture:
    """Keep the compiled chart of a snapshot; the first one stays."""
    # Nothing of the record changes: a picture shows what its snapshot says, and the snapshot is in the audit.
    nothing_changed()
    try:
        with transaction.atomic():
            return Picture.objects.create(snapshot=snapshot, specs=specs)
    except IntegrityError:
        # Somebody else has drawn it in the meantime.
        return Picture.objects.get(snapshot=snapshot)
