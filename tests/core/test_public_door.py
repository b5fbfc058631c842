"""The public door: what the README promises an engineer."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import jsonschema
import pytest

import euthymia
from euthymia.record import PatientRecord
from euthymia.reviewing import review_schema

ROOT = Path(__file__).parents[2]
EVENTS = [
    {"kind": "assessment", "id": f"a{week}", "at": date(2026, 1, 5 + 7 * week).isoformat(), "instrument": "phq9", "answers": answers}
    for week, answers in enumerate([[3, 3, 3, 3, 2, 2, 2, 1, 1], [2, 2, 2, 2, 2, 2, 1, 1, 0], [1, 1, 2, 2, 1, 1, 1, 0, None]])
]


def test_scores() -> None:
    catalog = euthymia.load_catalog()
    found = euthymia.score(catalog, "phq9", [2, 2, 2, 1, 1, 2, 2, 1, 0])
    assert isinstance(found, euthymia.Score)
    assert (found.total, found.band) == (13.0, "moderate")
    assert isinstance(euthymia.score(catalog, "phq9", [None] * 9), euthymia.Unscorable)


def test_the_review_stays_a_function_after_its_module_was_imported() -> None:
    import euthymia.reviewing

    assert callable(euthymia.review)
    assert callable(euthymia.score)
    assert callable(euthymia.read)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'rate'"):
        _ = euthymia.rate  # type: ignore[attr-defined]


def test_scoring_does_not_wait_for_numpy() -> None:
    code = "import sys, euthymia; euthymia.score(euthymia.load_catalog(), 'phq9', [0]*9); print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"


def test_the_versioned_json_fits_its_published_schema() -> None:
    record = PatientRecord.model_validate({"patient_id": "p", "events": EVENTS})
    found = euthymia.review(record, euthymia.load_catalog(), on=date(2026, 1, 20)).to_dict()
    schema = json.loads((ROOT / "docs/schemas/review.schema.json").read_text(encoding="utf-8"))
    assert schema == json.loads(json.dumps(review_schema())), "run: euthymia schema review > docs/schemas/review.schema.json"
    jsonschema.validate(json.loads(json.dumps(found, allow_nan=False)), schema)
    assert found["schema"] == "euthymia/review/1"


def test_a_replay_needs_only_the_record_the_catalog_and_the_day() -> None:
    record = PatientRecord.model_validate({"patient_id": "p", "events": EVENTS})
    catalog = euthymia.load_catalog()
    assert euthymia.review(record, catalog, date(2026, 1, 13)).provenance.events == 2
    assert euthymia.review(record, catalog, date(2026, 1, 13)) == euthymia.review(record, catalog, date(2026, 1, 13))
