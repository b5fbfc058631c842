"""Virtual patients' files: native JSON, CSV and FHIR, one file a patient in a folder for each format."""

import json
from collections.abc import Iterable
from pathlib import Path

from euthymia.catalog import Catalog
from euthymia.interop.csv import to_csv
from euthymia.interop.fhir_r4 import to_fhir
from euthymia.interop.native_json import to_json
from euthymia.record import PatientRecord

ENDINGS = {"json": ".json", "csv": ".csv", "fhir": ".fhir.json"}


def in_the_way(out: Path, patient_ids: Iterable[str]) -> list[str]:
    """The files in the three folders that these patients would not overwrite, and that would be read with them."""
    ids = set(patient_ids)
    found = [(path, ending) for kind, ending in ENDINGS.items() if (out / kind).is_dir() for path in sorted((out / kind).rglob("*"))]
    return [path.relative_to(out).as_posix() for path, ending in found if path.is_file() and path.name.removesuffix(ending) not in ids]


def write_record(record: PatientRecord, out: Path, catalog: Catalog) -> None:
    """Write one patient in all three formats. The same record gives the same bytes."""
    texts = {
        "json": to_json(record) + "\n",
        "csv": to_csv([record]),
        "fhir": json.dumps(to_fhir(record, catalog), ensure_ascii=False, indent=1) + "\n",
    }
    for kind, text in texts.items():
        path = out / kind / f"{record.patient_id}{ENDINGS[kind]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
