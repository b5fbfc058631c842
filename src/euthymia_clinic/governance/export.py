"""Exports: one patient as a ZIP with everything that is kept of them, in formats that others read; and a whole site, streamed."""

import csv
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from euthymia.catalog import Catalog
from euthymia.interop.csv import to_csv
from euthymia.interop.native_json import to_json
from euthymia.letter import KINDS, letter
from euthymia.record import PatientRecord
from euthymia.report.letter_pdf import letter_pdf
from euthymia.reviewing import review
from euthymia_clinic.audit.models import Entry, Read
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.ledger import as_shown
from euthymia_clinic.chart.models import Forecast, Patient
from euthymia_clinic.chart.snapshots import today_of
from euthymia_clinic.chart.to_core import record_of
from euthymia_clinic.sessions.models import SheetEntry

_IN_MEMORY, _PIECE = 8_000_000, 1_000_000
_STAMP = (1980, 1, 1, 0, 0, 0)
_FORMULA, _NUMBER = ("=", "+", "-", "@", "\t", "\r"), re.compile(r"[-+]?[\d.]*(\s*[;,| ]\s*[-+]?[\d.]*)*")

READ_ME = """One patient of {site}, exported on {day}.

record.json        the whole record as Euthymia keeps it, corrections and corrected entries included; it reads back as the same record
record.csv         the same events, one a row
record.fhir.json   the same as a FHIR R4 Bundle
letters/           drafts of the letters as of today: not signed by anybody
snapshots/         every review that was stored, as it was said then, with the catalog and the engine it came from
sheets.csv         every entry of every session sheet, also those that were corrected, with the time at which it arrived
forecasts.csv      every chance that was shown, and how it came out
audit.csv          who wrote and who read, and when (people by their number)
"""


def patient_archive(patient: Patient, now: datetime, *, letters: bool = True) -> tuple[IO[bytes], str, int]:
    """One patient as a ZIP: the open file, its digest and how many files are in it. The same record on the same day is the same ZIP."""
    out = cast("IO[bytes]", SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 - the answer closes it
    count = 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in _files(patient, now, letters=letters):
            archive.writestr(zipfile.ZipInfo(name, _STAMP), body, zipfile.ZIP_DEFLATED)
            count += 1
    out.seek(0)
    digest = hashlib.sha256()
    while piece := out.read(_PIECE):
        digest.update(piece)
    out.seek(0)
    return out, digest.hexdigest(), count


def site_archive(patients: Iterable[Patient], now: datetime) -> Iterator[bytes]:
    """Every patient of a site as one ZIP with a folder each, in pieces: no more than one patient is held at a time."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for patient in patients:
            for name, body in _files(patient, now, letters=False):
                archive.writestr(zipfile.ZipInfo(f"{patient.pk}/{name}", _STAMP), body, zipfile.ZIP_DEFLATED)
                yield pipe.taken()
    yield pipe.taken()


def _files(patient: Patient, now: datetime, *, letters: bool) -> Iterator[tuple[str, bytes]]:
    # Here and not above: the web process starts without it, and an export is rare.
    from euthymia.interop.fhir_r4 import to_fhir

    record, catalog = record_of(patient), catalog_of(patient.site)
    yield "README.txt", READ_ME.format(site=patient.site.name, day=today_of(patient, now)).encode()
    yield "record.json", to_json(record).encode()
    yield "record.csv", _plain_cells(to_csv([record]))
    yield "record.fhir.json", json.dumps(to_fhir(record, catalog), ensure_ascii=False, indent=1).encode()
    if letters:
        yield from _letters(patient, record, catalog, now)
    for snapshot in patient.snapshots.order_by("pk").iterator(chunk_size=50):
        said = {
            "on": snapshot.on.isoformat(),
            "made_at": snapshot.made_at.isoformat(),
            "record_digest": snapshot.record_digest,
            "catalog_digest": snapshot.catalog_digest,
            "engine": snapshot.engine,
            "digest": snapshot.digest,
            "review": json.loads(zlib.decompress(bytes(snapshot.review))),
        }
        yield f"snapshots/{snapshot.on.isoformat()}-{snapshot.pk}.json", json.dumps(said, ensure_ascii=False).encode()
    yield (
        "forecasts.csv",
        _table(
            ("made_on", "horizon", "instrument", "definition", "population", "chance", "shown", "ended_on", "by", "came_true"),
            _forecasts(patient),
        ),
    )
    yield (
        "sheets.csv",
        _table(("sheet", "id", "field", "value", "measured_at", "arrived_at", "late", "confirmed", "replaces", "by"), _sheets(patient)),
    )
    yield "audit.csv", _table(("what", "at", "who", "action_or_page", "details"), _audit(patient))


def _letters(patient: Patient, record: PatientRecord, catalog: Catalog, now: datetime) -> Iterator[tuple[str, bytes]]:
    """A letter of each kind; one that cannot be written for this record is named, with the reason, instead."""
    if not record.events:
        return
    found = as_shown(patient.site, review(record, catalog, today_of(patient, now)))
    for kind in KINDS:
        try:
            yield f"letters/{kind}.pdf", letter_pdf(letter(found, record, catalog, kind))
        except (ValueError, RuntimeError) as error:
            yield f"letters/{kind}.not-written.txt", f"This letter could not be written ({type(error).__name__}).\n".encode()


def _forecasts(patient: Patient) -> Iterator[tuple[Any, ...]]:
    for each in Forecast.objects.filter(patient=patient).order_by("made_on", "pk"):
        came = "" if each.came_true is None else str(each.came_true).lower()
        yield (
            each.made_on, each.horizon, each.instrument, each.definition, each.population, each.probability,
            str(each.shown).lower(), each.scored_on or "", each.scored_by, came,
        )  # fmt: skip


def _sheets(patient: Patient) -> Iterator[tuple[Any, ...]]:
    for each in SheetEntry.objects.filter(sheet__patient=patient).order_by("arrived_at"):
        times = each.measured_at.isoformat(), each.arrived_at.isoformat()
        marks = str(each.late).lower(), str(each.confirmed).lower()
        yield each.sheet_id, each.pk, each.field, each.value, *times, *marks, each.replaces or "", each.by_id


def _audit(patient: Patient) -> Iterator[tuple[Any, ...]]:
    for entry in Entry.objects.filter(subject=patient.subject).order_by("seq").iterator():
        yield "write", entry.at.isoformat(), entry.actor, entry.action, json.dumps(entry.details, sort_keys=True)
    for look in Read.objects.filter(subject=patient.subject).order_by("pk").iterator():
        yield "read", look.at.isoformat(), look.actor, look.page, "with the glass broken" if look.break_glass else ""


def _table(header: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def _plain_cells(text: str) -> bytes:
    """A CSV text whose words no spreadsheet takes for a formula: somebody else has written them."""
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    return _table(tuple(header), (tuple(row) for row in rows))


def _safe(cell: Any) -> Any:
    """A text that a spreadsheet would take for a formula, made plain; numbers, one or a list of them, stay."""
    text = isinstance(cell, str) and cell[:1] in _FORMULA and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if text else cell


class _Pipe(io.RawIOBase):
    """Takes what the ZIP writes and gives it on: it cannot seek, so the ZIP writes its sizes after each file."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last call."""
        found, self._held = bytes(self._held), bytearray()
        return found
