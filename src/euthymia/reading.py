"""Reading patients' records from files: native JSON, CSV or FHIR R4, told apart by their content.

The only place of the core that opens patients' files. Whatever is in them, the answer is a record and a list of what
was skipped and why, or a `ReadError` in plain words; never a traceback.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from euthymia.catalog import Catalog
from euthymia.events import Assessment
from euthymia.interop import csv, native_json
from euthymia.interop.intake import Intake, split_reason
from euthymia.interop.json_text import decode
from euthymia.interop.result import ReadError, Reading, Skipped
from euthymia.loading import load_catalog
from euthymia.scoring import Unscorable, score_assessment

__all__ = ["LARGEST_MIB", "ReadError", "Reading", "Skipped", "read", "read_many"]

LARGEST_MIB = 64
_MIB = 1024 * 1024
_BINARY = {b"PK\x03\x04": "a ZIP archive (perhaps .xlsx)", b"%PDF": "a PDF", b"\x1f\x8b": "a gzip archive", b"SQLite": "a database"}
_ALLOWED = "JSON (native, FHIR R4) or CSV, in UTF-8"


def read(path: str | Path, *, catalog: Catalog | None = None) -> Reading:
    """Read the record of exactly one patient, and what was skipped of it.

    `path` is a file of any of the three formats, or a folder of them. Raises ReadError where nothing can be read or
    where there are several patients.
    """
    readings = read_many(path, catalog=catalog)
    if len(readings) > 1:
        raise ReadError(f"{Path(path).name}: found {len(readings)} patients; allowed: one (read_many reads several)")
    return readings[0]


def read_many(path: str | Path, *, catalog: Catalog | None = None) -> list[Reading]:
    """Read every patient of a file or folder, each with what was skipped of it.

    What belongs to no patient is told with the first one. Raises ReadError where no patient can be read.
    """
    path, catalog = Path(path), catalog if catalog is not None else load_catalog()
    intake = _folder(path, catalog) if path.is_dir() else _single(path, catalog)
    _check_assessments(intake, catalog)
    if not intake.found and not intake.skipped:
        raise ReadError(f"{path.name}: found no patient; allowed: {_ALLOWED}")
    return intake.readings()


def _single(path: Path, catalog: Catalog) -> Intake:
    intake = Intake()
    resources = list(_gather(path, path.name, intake, catalog))
    _gather_resources(resources, intake, catalog)
    return intake


def _folder(path: Path, catalog: Catalog) -> Intake:
    """Every file below `path`. Single FHIR resources are read together: they refer to each other across files."""
    intake = Intake()
    files = [Path(root, name) for root, _, names in sorted(os.walk(path)) for name in sorted(names)]
    files = [file for file in files if not any(part.startswith(".") for part in file.relative_to(path).parts)]
    resources: list[tuple[str, Any]] = []
    for file in files:
        name = file.relative_to(path).as_posix()
        try:
            documents = list(_gather(file, name, intake, catalog))
        except ReadError as error:
            _skip_file(name, str(error), intake)
            continue
        if any(isinstance(document, Mapping) and document["resourceType"] == "Bundle" for _, document in documents):
            _gather_resources(documents, intake, catalog)  # complete in itself, and a folder of them may be large
        else:
            resources += documents
    _gather_resources(resources, intake, catalog)
    if not intake.found:
        reasons = "".join(f"\n{note}" for _, note in intake.skipped)
        raise ReadError(f"{path.name}: found a folder without a readable file; allowed: files of {_ALLOWED}{reasons}")
    return intake


def _skip_file(name: str, reason: str, intake: Intake) -> None:
    found, allowed = split_reason(reason.removeprefix(f"{name}: ")) or (reason, _ALLOWED)
    intake.skip(name, found, allowed)


def _gather(path: Path, name: str, intake: Intake, catalog: Catalog) -> Iterator[tuple[str, Any]]:
    """Bring one file into `intake`; the FHIR documents in it are handed back, with their place."""
    text = _text(path, name)
    if text.lstrip()[:1] not in ("{", "["):
        if text.lstrip().startswith("<"):
            raise ReadError(f"{name}: found XML or HTML; allowed: {_ALLOWED}")
        csv.gather(text, name, intake, catalog)
        return
    try:
        decoded = decode(text)
    except ReadError as error:
        raise ReadError(f"{name}: {error}") from None
    for note in decoded.skipped:
        intake.skip(": ".join(filter(None, (name, note.where))), note.found, note.allowed)
    for place, document in decoded.documents:
        where = ": ".join(filter(None, (name, place)))
        if _is_fhir(document):
            yield where, document
        else:
            native_json.gather(document, where, intake)


def _is_fhir(document: object) -> bool:
    first_level = document if isinstance(document, list) else [document]
    return any(isinstance(each, Mapping) and "resourceType" in each for each in first_level)


def _gather_resources(resources: list[tuple[str, Any]], intake: Intake, catalog: Catalog) -> None:
    if resources:
        from euthymia.interop import fhir_r4  # heavy, and most files are not FHIR

        fhir_r4.gather(resources, intake, catalog)


def _text(path: Path, name: str) -> str:
    """The text of one file. Raises ReadError where it is missing, too large, empty, binary or not UTF-8."""
    try:
        size = path.stat().st_size
        if size > LARGEST_MIB * _MIB:
            raise ReadError(f"{name}: found {size / _MIB:.0f} MiB; allowed: up to {LARGEST_MIB} MiB: split it by patient")
        data = path.read_bytes()
    except FileNotFoundError:
        raise ReadError(f"{name}: found no such file; allowed: a file or folder of {_ALLOWED}") from None
    except OSError as error:
        raise ReadError(f"{name}: found a file that cannot be opened ({error.strerror}); allowed: a readable file") from None
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise ReadError(f"{name}: found an empty file; allowed: {_ALLOWED}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReadError(f"{name}: {_not_text(data, error.start)}; allowed: {_ALLOWED}") from None
    if (position := data.find(b"\0")) >= 0:
        raise ReadError(f"{name}: {_not_text(data, position)}; allowed: {_ALLOWED}")
    return text


def _not_text(data: bytes, position: int) -> str:
    for magic, words in _BINARY.items():
        if data.startswith(magic):
            return f"found {words}"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or (b"\0" in data[:2] and data[:4].count(0) == 2):
        return f"found UTF-16 (byte {position} is 0x{data[position]:02X})"
    if b"\0" in data[:4096]:
        return f"found binary data (byte {position} is 0x{data[position]:02X})"
    line = data.count(b"\n", 0, position) + 1
    return f"found byte {position} (0x{data[position]:02X}, line {line}) that is not UTF-8, perhaps Latin-1"


def _check_assessments(intake: Intake, catalog: Catalog) -> None:
    """Leave out what cannot be: unknown instruments and versions, impossible totals and answers.

    An incomplete questionnaire stays: it was answered, and how it counts is for `scoring` to say.
    """
    for patient_id, events in intake.found.items():
        kept = []
        for where, event in events:
            result = score_assessment(catalog, event) if isinstance(event, Assessment) else None
            if isinstance(result, Unscorable) and result.kind != "missing_answers":
                found, allowed = split_reason(result.reason) or (
                    result.reason.removeprefix("found "),
                    "answers, or a total that the instrument can have",
                )
                intake.skip(where, found, allowed, patient_id)
            else:
                kept.append((where, event))
        events[:] = kept
