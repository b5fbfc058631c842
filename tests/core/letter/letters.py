"""Letters to be tested: of the shipped samples, of an empty-ish record, and of histories of every shape."""

import json
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import euthymia
from euthymia.adequacy import Trial
from euthymia.catalog import Catalog
from euthymia.interop import native_json
from euthymia.letter import Kind, Letter, letter, plain
from euthymia.loading import load_catalog
from euthymia.moment import Moment
from euthymia.record import PatientRecord
from euthymia.resistance import History
from euthymia.reviewing import review

CATALOG = load_catalog()
SAMPLES = ("holding-above-remission", "in-remission", "losing-ground")
# What hurts where text is taken for markup: Typst, Markdown, HTML, JSON, and characters without a glyph.
HOSTILE = '#set page(width: 1pt) *x* _y_ $z$ @a <b> `c` \\ // /* ~ -- | [d] {e} "f" é 日本 🙂 #panic("no")'


@cache
def sample(name: str) -> PatientRecord:
    """The record of a shipped sample."""
    text = (Path(euthymia.__file__).parent / f"samples/{name}.json").read_text(encoding="utf-8")
    return native_json.from_json(text)[0].record


def record_of(*events: dict[str, Any]) -> PatientRecord:
    """A record of these events, as the native format writes them."""
    document = {"schema": "euthymia/record/1", "patient_id": "p", "events": [{"id": str(i), **e} for i, e in enumerate(events)]}
    [reading] = native_json.from_json(json.dumps(document))
    assert reading.skipped == ()
    return reading.record


def write(record: PatientRecord, kind: Kind, on: date | None = None, told: History | None = None, catalog: Catalog = CATALOG) -> Letter:
    """The letter of a record as of its last day; `told`: with another history than its own."""
    day = on or record.last_day() or date(2026, 3, 1)
    reviewed = review(record, catalog, day)
    return letter(replace(reviewed, history=told or reviewed.history), record, catalog, kind)


def all_text(written: Letter) -> str:
    """Everything that a letter says, one text a line."""
    titles = [section.title for section in written.sections]
    labels = [f.label for f in (*written.head, *written.patient, *written.diagnoses, *written.signature)]
    labels += [f.label for section in written.sections for f in section.fields]
    heads = [column for section in written.sections if section.table for column in section.table.columns]
    frame = (written.title, written.draft, written.adoption, written.provenance)
    return "\n".join([*frame, *titles, *labels, *heads, *map(plain, written.texts())])


def field(written: Letter, label: str) -> str:
    """What stands beside a label."""
    fields = [*written.head, *written.patient, *written.diagnoses, *(f for s in written.sections for f in s.fields)]
    [found] = [f for f in fields if f.label == label]
    return plain(found.words)


def many_trials(count: int) -> PatientRecord:
    """A record with many trials, each told in full."""
    names = "escitalopram sertraline fluoxetine venlafaxine duloxetine bupropion mirtazapine vortioxetine nortriptyline"
    drugs = f"{names} tranylcypromine clomipramine paroxetine citalopram amitriptyline".split()[:count]
    taken = [
        {"kind": "medication", "at": f"{2010 + i}-02-01", "ended": f"{2010 + i}-09-30", "drug": drug, "daily_dose_mg": 50 + 25 * i,
         "adherence_percent": 90, "outcome": "none", "outcome_source": f"PHQ-9 {20 + i % 3} to {18 + i % 3}, letter of the clinic"}
        for i, drug in enumerate(drugs)
    ]  # fmt: skip
    rated = [{"kind": "assessment", "at": f"2026-0{i}-10", "instrument": "phq9", "answers": [2, 2, 2, 2, 1, 1, 1, 1, 0]} for i in (1, 2, 3)]
    return record_of({"kind": "episode", "at": "2009-11-01", "diagnosis": "Recurrent depression", "polarity": "unipolar"}, *taken, *rated)


def trial(**given: Any) -> Trial:
    """A trial with everything known but for what is given."""
    known: dict[str, Any] = {
        "id": "t",
        "events": (),
        "treatment": "sertraline",
        "name": "sertraline",
        "kind": "antidepressant",
        "drug_class": "SSRI",
        "start": Moment.of("2024-02-01"),
        "end": Moment.of("2024-06-01"),
        "ended_known": True,
        "going_on": False,
        "in_episode": True,
        "exposure": "150 mg a day for 17 weeks",
        "adequacy": "adequate",
        "why": None,
        "reasons": ("150 mg a day reaches the minimum of 50 mg",),
        "missing": (),
        "outcome": "none",
        "outcome_source": "PHQ-9 21 to 18",
        "counts_as": "no_response",
        "basis": "recalled",
    }
    return Trial(**known | given)


def told(*trials: Trial, **given: Any) -> History:
    """A history of these trials."""
    empty: dict[str, Any] = dict.fromkeys(("resistance", "staging", "pseudo_resistance"), ())
    plain_history = History(**{"trials": trials, "sentence": f"{len(trials)} trials", **empty, **_others(given)})
    return replace(plain_history, **given)


def _others(given: dict[str, Any]) -> dict[str, Any]:
    """Fields of a history that came later: empty."""
    named = {"trials", "resistance", "staging", "pseudo_resistance", "sentence"}
    return {name: () for name in History.__dataclass_fields__ if name not in named and name not in given}
