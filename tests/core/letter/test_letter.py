"""The content of a letter: facts of the record, judgements of the history, marked blanks; nothing else."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from core.letter.letters import CATALOG, SAMPLES, all_text, field, many_trials, record_of, sample, told, trial, write
from euthymia.events import EventBase
from euthymia.letter import KINDS, Blank, Kind, Letter, letter, plain
from euthymia.moment import Moment, day_in_words
from euthymia.record import PatientRecord
from euthymia.resistance import PseudoResistance, Resistance, Staging, history
from euthymia.reviewing import review

BANNED = ("because of", "proven", "safe long-term", "better than ect", "non-compliant", "refused", "failed", "failure")
PERSUASION = ("medically necessary", "urgent", "clearly", "unfortunately", "strongly", "only option", "must be approved", "deserve", "!")
EMPTY = record_of({"kind": "person", "at": "2026-03-01"})


def order(written: Letter) -> list[str]:
    return [section.id for section in written.sections]


def test_each_kind_has_its_own_order() -> None:
    orders = {kind: order(write(sample("in-remission"), kind)) for kind in KINDS}
    assert orders["authorisation"] == ["request", "resistance", "trials", "scores", "course", "goals", "safety", "plan", "sources"]
    assert orders["renewal"] == ["request", "course", "scores", "goals", "safety", "plan", "resistance", "trials", "sources"]
    assert orders["referring"] == ["found", "plan", "asked", "watch", "scores", "goals", "trials", "sources"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SAMPLES)
def test_every_trial_stands_once_in_the_table(name: str, kind: Kind) -> None:
    record = sample(name)
    on = record.last_day() or date.max
    found = history(record.until(on), review(record, CATALOG, on).episode, CATALOG, on)
    table = write(record, kind).section("trials").table
    assert table is not None
    assert [plain(row[0]).startswith(each.name) for row, each in zip(table.rows, found.trials, strict=True)] == [True] * len(found.trials)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_persuades_or_blames(name: str, kind: Kind) -> None:
    text = all_text(write(sample(name), kind)).lower()
    assert [word for word in (*BANNED, *PERSUASION) if word in text] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SAMPLES)
def test_no_chance_is_told(name: str, kind: Kind) -> None:
    """A forecast reads as a promise: the verdict stands in words, its probability and the expected score do not."""
    written = write(sample(name), kind)
    found = review(sample(name), CATALOG, written.on).verdict
    text = all_text(written)
    assert "chance" not in text.lower()
    assert "probab" not in text.lower()
    assert found.heading_to is None or f"heading to a PHQ-9 of {found.heading_to:g}" not in text


def moments(value: Any) -> Iterator[str]:
    """Every day, month and year of a record, in both spellings of a letter."""
    if isinstance(value, Moment):
        day = date(*(*map(int, value.text[:10].split("-")), 1, 1)[:3])
        yield from (day_in_words(day), f"{day.day} {day:%b %Y}", f"{day:%B %Y}", f"{day:%b %Y}")
    elif isinstance(value, EventBase):
        for name in type(value).model_fields:
            yield from moments(getattr(value, name))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SAMPLES)
def test_no_date_is_invented(name: str, kind: Kind) -> None:
    assert invented(sample(name), write(sample(name), kind)) == []


@pytest.mark.parametrize("name", SAMPLES)
def test_without_any_single_event_there_is_a_letter_and_no_new_date(name: str) -> None:
    record = sample(name)
    on = record.last_day()
    for gone in record.events:
        less = PatientRecord(patient_id=record.patient_id, events=tuple(event for event in record.events if event is not gone))
        assert invented(less, write(less, "renewal", on)) == [], gone.id


def invented(record: PatientRecord, written: Letter) -> list[str]:
    """The days in a letter that are none of the record, of the verdict, of the index or of the decision that falls due."""
    known = {text for event in record.events for text in moments(event)}
    reviewed = review(record, CATALOG, written.on)
    due = reviewed.decisions.due
    known |= {day_in_words(day) for day in (written.on, reviewed.verdict.since, due.by if due else None) if day}
    texts = "\n".join(plain(words) for section in written.sections for words in section.texts())
    found = re.findall(r"\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}", texts)
    found += re.findall(r"\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}", texts)
    said = "\n".join(event.model_dump_json() for event in record.events)
    return [text for text in found if text not in known and text not in said]


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_record_is_all_blanks(kind: Kind) -> None:
    written = write(EMPTY, kind, on=date(2026, 3, 1))
    text = all_text(written)
    for blank in ("name", "date of birth", "diagnosis of this episode", "earlier treatments: none is recorded", "no target is agreed"):
        assert f"[not known: {blank}]" in text
    for blank in ("no depression scale was rated", "the patient's own goals", "the plan in force", "no decision is recorded"):
        assert f"[not known: {blank}]" in text
    assert "no item-level answer on suicidal thoughts" in text
    assert text.count("[not known: never measured]") == 3
    assert not re.search(r"PHQ-9 \d", text)
    assert sum(str(blank) in text for blank in written.blanks) == len(written.blanks)


@pytest.mark.parametrize("kind", KINDS)
def test_the_prescriber_signs_and_nothing_is_filled_in(kind: Kind) -> None:
    written = write(sample("in-remission"), kind)
    assert [plain(line.words) for line in written.signature] == [
        "[to complete: name and qualification]",
        "[to complete: licence number]",
        "[to complete: date]",
        "[to complete: signature]",
    ]
    assert "Draft of" in written.draft
    assert "the prescriber edits and signs it" in written.draft
    assert f"marked: {len(written.blanks)}." in written.draft


def test_adoption_is_told() -> None:
    record = sample("in-remission")
    on = record.last_day() or date.max
    assert "has not been adopted by this site" in write(record, "renewal").adoption
    adopted = CATALOG.model_copy(update={"adopted_by": "Dr. A. Example, 2026-01-01"})
    found = write(record, "renewal", on, catalog=adopted)
    assert found.adoption == "The clinical content behind this letter has been adopted by Dr. A. Example, 2026-01-01."


def test_another_record_than_the_reviewed_one_is_not_taken() -> None:
    record, other = sample("in-remission"), sample("losing-ground")
    on = record.last_day() or date.max
    reviewed = review(record, CATALOG, on)
    with pytest.raises(ValueError, match="allowed: the record that was reviewed"):
        letter(reviewed, other, CATALOG, "renewal")


def test_what_comes_after_the_day_of_the_letter_is_not_in_it() -> None:
    record = sample("holding-above-remission")
    day = date(2026, 9, 1)
    for kind in KINDS:
        assert write(record, kind, on=day) == write(record.until(day), kind, on=day)


BASE: list[dict[str, Any]] = [
    {"kind": "person", "at": "1980-05-02", "name": "Ann Example", "birth_date": "1980-05-02", "zone": "UTC"},
    {"kind": "episode", "at": "2025-01-05", "diagnosis": "Recurrent depression", "polarity": "unipolar", "psychotic": False},
    {"kind": "condition", "at": "2025-01-05", "condition": "recurrent depression", "verification": "confirmed",
     "code": {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F33.2"}},
    {"kind": "medication", "at": "2025-02-01", "ended": "2025-06-20", "drug": "sertraline", "daily_dose_mg": 175, "route": "by mouth",
     "adherence_percent": 91, "outcome": "none", "outcome_source": "PHQ-9 21 to 18"},
    {"kind": "target", "at": "2026-01-10", "definition": "acnp_2006", "own_words": "laugh again", "by": "2026-08-15", "otherwise": "ECT"},
    {"kind": "plan", "at": "2026-01-10", "protocol": "ketamine_iv", "summary": "infusions, weekly", "session_interval_days": 6,
     "dose_lower": 33, "dose_upper": 77, "next_decision": "2026-03-19"},
    {"kind": "dose_session", "at": "2026-02-05", "treatment": "ketamine", "route": "IV", "dose_mg": 41.5},
    {"kind": "assessment", "at": "2026-01-09", "instrument": "phq9", "answers": [3, 3, 3, 3, 2, 2, 2, 1, 1]},
    {"kind": "assessment", "at": "2026-02-12", "instrument": "phq9", "answers": [2, 1, 1, 1, 1, 1, 1, 1, 0]},
    {"kind": "assessment", "at": "2026-01-09", "instrument": "wsas", "answers": [7, 6, 6, 6, 6]},
    {"kind": "assessment", "at": "2026-02-12", "instrument": "wsas", "answers": [5, 5, 5, 5, 4]},
    {"kind": "goal", "at": "2026-01-10", "goal": "swim on Fridays", "attainment": -1},
    {"kind": "incident", "at": "2026-02-06", "incident": "adverse_event", "description": "vomited"},
    {"kind": "decision", "at": "2026-02-12", "disposition": "continue", "reason": "still falling", "next_decision": "2026-03-12"},
]  # fmt: skip
# Kind, field, what the letter says of it, what stands there without it.
BLANKED = [
    ("person", "name", "Ann Example", "[not known: name]"),
    ("person", "birth_date", "2 May 1980", "[not known: date of birth]"),
    ("episode", "diagnosis", "Recurrent depression", "[not known: diagnosis of this episode]"),
    ("episode", "polarity", "unipolar", "[not known: polarity]"),
    ("episode", "psychotic", "without psychotic features", "[not known: psychotic features]"),
    ("condition", "code", "ICD-10-CM F33.2", "[not known: diagnosis code]"),
    ("medication", "daily_dose_mg", "175 mg", "[not known: dose]"),
    ("medication", "adherence_percent", "91 %", "[not known: how much was taken]"),
    ("medication", "outcome", "no response", "[not known: outcome]"),
    ("medication", "outcome_source", "PHQ-9 21 to 18", "[not known: how it is known]"),
    ("target", "own_words", "laugh again", "[not known: being well in the patient's own words]"),
    ("target", "by", "15 August 2026", "[not known: by when]"),
    ("target", "definition", "remission by ACNP", "[not known: definition of remission agreed]"),
    ("plan", "session_interval_days", "every 6 days", "[not known: interval planned]"),
    ("plan", "dose_upper", "33 to 77 mg", "[not known: upper bound]"),
    ("dose_session", "dose_mg", "41.5 mg", "[not known: dose]"),
    ("goal", "attainment", "less than hoped", "[not known: how far it is reached]"),
    ("incident", "description", "vomited", "[not known: what]"),
]
# Kind, what the letter says of it, what stands there without the whole event.
GONE = [
    ("person", "Ann Example", "[not known: name]"),
    ("episode", "unipolar", "[not known: diagnosis of this episode]"),
    ("medication", "sertraline", ""),
    ("target", "laugh again", "[not known: no target is agreed]"),
    ("plan", "infusions, weekly", "[not known: the plan in force]"),
    ("dose_session", "41.5 mg", "[not known: no dose is recorded]"),
    ("goal", "swim on Fridays", "[not known: the patient's own goals]"),
    ("incident", "vomited", "[not known: none is recorded; ask]"),
    ("decision", "still falling", "[not known: no decision is recorded]"),
]


def without(kind: str, name: str | None = None) -> PatientRecord:
    """The base record without one field of a kind, or without the kind."""
    events = [dict(event, id=str(i)) for i, event in enumerate(BASE)]
    kept = [e for e in events if name is not None or e["kind"] != kind]
    return record_of(*({key: value for key, value in e.items() if e["kind"] != kind or key != name} for e in kept))


@pytest.mark.parametrize("kind", ["authorisation", "renewal"])
@pytest.mark.parametrize(("event", "name", "said", "blank"), BLANKED, ids=str)
def test_a_fact_that_is_not_known_is_a_marked_blank(event: str, name: str, said: str, blank: str, kind: Kind) -> None:
    on = date(2026, 2, 14)
    full, less = write(record_of(*BASE), kind, on), write(without(event, name), kind, on)
    assert said in all_text(full)
    assert said not in all_text(less)
    assert blank in all_text(less)
    assert all_text(full).count(blank) < all_text(less).count(blank)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("event", "said", "blank"), GONE, ids=str)
def test_an_event_that_is_not_recorded_leaves_no_default(event: str, said: str, blank: str, kind: Kind) -> None:
    on = date(2026, 2, 14)
    less = all_text(write(without(event), kind, on))
    assert said in all_text(write(record_of(*BASE), kind, on))
    assert said not in less
    assert blank in less


def test_without_ratings_there_is_no_score() -> None:
    less = write(without("assessment"), "renewal", date(2026, 2, 14))
    assert [plain(cell) for row in less.section("scores").table.rows for cell in row if re.search(r"\d", plain(cell))] == []  # type: ignore[union-attr]
    assert "[not known: no rating of an instrument that can carry a verdict]" in all_text(less)


def test_resistance_is_told_by_the_definition_named() -> None:
    first = Resistance("a", "By A", "met", ("t",), ("two trials",), (), "verified")
    second = Resistance("b", "By B", "not_met", (), (), (), "design")
    third = Resistance("c", "By C", "cannot_tell", (), (), ("when it ended",), "recalled")
    stages = (
        Staging("m", "Maudsley", "7", 7, 7, (), (), "verified"),
        Staging("t", "Thase–Rush", None, 1, 2, (), ("the class",), "recalled"),
    )
    pseudo = (
        PseudoResistance("x", "present", "an interacting drug is taken", None, "recalled"),
        PseudoResistance("y", "cannot_tell", "adherence", None, "design"),
        PseudoResistance("z", "absent", "dose too low", None, "design"),
    )
    given = told(trial(id="t"), resistance=(first, second, third), staging=stages, pseudo_resistance=pseudo, sentence="One trial")
    written = write(record_of(*BASE), "authorisation", date(2026, 2, 14), given)
    assert field(written, "By A") == "met; counted: sertraline. Two trials."
    assert field(written, "By B") == "not met†."
    assert field(written, "By C") == "cannot tell†. [not known: when it ended]"
    assert (field(written, "Maudsley"), field(written, "Thase–Rush")) == ("7.", "between 1 and 2†. [not known: the class]")
    text = all_text(written)
    assert "To be weighed before calling it resistance: An interacting drug is taken." in text
    assert "not settled: [not known: y]" in text
    assert "dose too low" not in text
    found = write(record_of(*BASE), "referring", date(2026, 2, 14), given).section("found")
    assert [line.label for line in found.fields] == ["By A"]


def test_recalled_minima_are_named_as_recalled() -> None:
    for basis, mark in (("recalled", "†"), ("design", "†"), ("verified", "")):
        section = write(record_of(*BASE), "authorisation", date(2026, 2, 14), told(trial(basis=basis))).section("trials")
        assert section.table is not None
        assert plain(section.table.rows[0][5]) == f"adequate{mark}"
        assert any("“Recalled”" in plain(note) for note in section.notes) == (basis != "verified")


def test_trials_are_told_as_they_are_known() -> None:
    def row(**given: Any) -> list[str]:
        table = write(record_of(*BASE), "authorisation", date(2026, 2, 14), told(trial(**given))).section("trials").table
        return [plain(cell) for cell in table.rows[0]] if table else []

    assert row()[2:4] == ["1 Feb 2024 – 1 Jun 2024", "[not known: how much was taken]"]
    assert row(start=Moment.of("2024-02"), end=Moment.of("2024"))[2] == "Feb 2024 – 2024"
    assert row(end=None, going_on=True)[2] == "1 Feb 2024 – no end recorded"
    assert row(end=None, ended_known=False)[2] == "1 Feb 2024 – [not known: date of end]"
    assert row(outcome="unknown")[4] == "[not known: outcome]"
    assert row(outcome="unknown", end=None, going_on=True)[4] == "[not known: outcome so far]"
    assert row(outcome="partial", outcome_source=None)[4] == "partial response ([not known: how it is known])"
    assert row(exposure="dose not known for 9 weeks")[1] == "[not known: dose] for 9 weeks"
    assert row(exposure="")[1] == "[not known: dose and length]"
    assert row(in_episode=False)[5] == "adequate†; before this episode"
    assert row(in_episode=None)[5] == "adequate†; [not known: in this episode or before it]"
    assert row(adequacy="indeterminate", missing=("how much was taken", "when it ended"))[5] == "cannot tell†: [not known: when it ended]"
    assert row(drug_class=None)[0] == "sertraline"


def test_the_referring_clinician_is_asked_for_what_is_missing() -> None:
    given = told(trial(name="x", outcome="unknown"), trial(name="y"))
    points = [plain(point) for point in write(record_of(*BASE), "referring", date(2026, 2, 14), given).section("asked").points]
    assert points == [
        "x (1 Feb 2024 – 1 Jun 2024): [not known: how much was taken], [not known: outcome]",
        "y (1 Feb 2024 – 1 Jun 2024): [not known: how much was taken]",
    ]


def test_a_treatment_of_ours_is_judged_by_its_course_and_nobody_is_asked_for_it() -> None:
    given = told(trial(name="x", start=Moment.of("2026-01-10"), end=None, going_on=True, outcome="unknown"))
    written = write(record_of(*BASE), "referring", date(2026, 2, 14), given)
    table = written.section("trials").table
    assert table is not None
    assert plain(table.rows[0][4]) == "see the course"
    assert written.section("asked").points == ()


def test_what_is_no_treatment_of_depression_is_named_beside_the_table() -> None:
    notes = (
        write(record_of(*BASE), "referring", date(2026, 2, 14), told(trial(), not_trials=("lisinopril", "physiotherapy")))
        .section("trials")
        .notes
    )
    assert [plain(note) for note in notes] == ["Recorded too, and not counted as a treatment of depression: lisinopril, physiotherapy."]


def test_a_hold_by_agreement_is_told() -> None:
    held = {"kind": "decision", "at": "2026-02-13", "disposition": "hold_by_agreement", "patient_reason": "well enough",
            "offered": ["ECT"], "next_decision": "2026-03-20"}  # fmt: skip
    written = write(record_of(*BASE, held), "renewal", date(2026, 2, 14))
    assert field(written, "Decided last") == "hold by agreement, 13 February 2026: “well enough”"
    assert field(written, "Next decision").startswith("20 March 2026")


def test_no_day_is_reckoned_from_a_plan_that_nobody_recorded() -> None:
    assert field(write(many_trials(3), "renewal"), "Next decision") == "[not known: date of the next decision]"


def test_what_to_watch_names_a_relapse_in_remission_only() -> None:
    assert "is a relapse by ACNP" in all_text(write(sample("in-remission"), "referring"))
    assert "is a relapse by ACNP" not in all_text(write(sample("losing-ground"), "referring"))


def test_safety_is_never_silent() -> None:
    """A positive answer leads; nothing asked is a blank, not an all-clear."""
    for kind in KINDS:
        assert field(write(sample("losing-ground"), kind), "Suicidal thoughts").endswith("positive")
        assert field(write(EMPTY, kind, date(2026, 3, 1)), "Suicidal thoughts").startswith("[not known: ")
    totals = record_of(
        *[e for e in BASE if e["kind"] != "assessment"], {"kind": "assessment", "at": "2026-02-12", "instrument": "phq9", "total": 3}
    )
    assert field(write(totals, "renewal", date(2026, 2, 14)), "Suicidal thoughts").startswith("[not known: ")


def test_a_blank_says_why_it_is_blank() -> None:
    assert (str(Blank("dose")), str(Blank("date", "to complete"))) == ("[not known: dose]", "[to complete: date]")


def test_twelve_trials_are_twelve_rows() -> None:
    table = write(many_trials(12), "authorisation").section("trials").table
    assert table is not None
    assert len(table.rows) == 12
