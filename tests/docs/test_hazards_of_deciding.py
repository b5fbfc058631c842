"""Every hazard of docs/safety.md between the verdict and the decision, tried through the public door as a clinic would meet it."""

import json
import os
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import euthymia
from core.options.people import ON, ago, event, looked, plateau
from core.rules.people import BASE, DOSE, measured, observed, pressure, screener
from core.rules.people import ON as SESSION_DAY
from core.rules.people import record as session_record
from euthymia.cli import app
from euthymia.interop.native_json import to_json
from euthymia.reviewing import review_digest
from euthymia.rules import CannotTell, Finding

CATALOG = euthymia.load_catalog()
SAMPLES = Path(euthymia.__file__).parent / "samples"
BAD_PROTOCOLS = Path(__file__).parents[1] / "core/protocols/bad"
HOLDING = SAMPLES / "holding-above-remission.json"
LOSING = SAMPLES / "losing-ground.json"
READERS = ("review", "history", "options", "conversation", "letter", "gates", "decide")
PRIVATE = "she said goodbye to everyone"
HOSTILE = "<script>alert(1)</script>[bold red]&\"'#panic(1)*_`\x1b[31m"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def saved(folder: Path, record: euthymia.PatientRecord) -> Path:
    path = folder / "record.json"
    path.write_text(to_json(record), encoding="utf-8")
    return path


def asked(command: str, path: Path) -> list[object]:
    """A command that reads a record, with what it must be told."""
    more: dict[str, list[object]] = {
        "letter": ["--kind", "referring"],
        "gates": ["--at", DOSE.isoformat()],
        "decide": ["--disposition", "stop", "--reason", "patient's wish"],
    }
    return [command, path, *more.get(command, []), *([] if command == "gates" else ["--on", "last"])]


def with_more(record: euthymia.PatientRecord, *events: dict[str, Any]) -> euthymia.PatientRecord:
    kept = [each.model_dump(mode="json") for each in record.events]
    return euthymia.PatientRecord.model_validate({"patient_id": record.patient_id, "events": [*kept, *events]})


def rules_of(record: euthymia.PatientRecord, on: date = SESSION_DAY) -> dict[str, Any]:
    return {result.rule: result for result in euthymia.review(record, CATALOG, on).rules}


def gate(folder: Path, record: euthymia.PatientRecord, rule: str, minutes: float, phase: str = "before") -> dict[str, Any]:
    """What the gates of a session say of one rule, some minutes after the dose (before it: below zero)."""
    path, at = saved(folder, record), (DOSE + timedelta(minutes=minutes)).isoformat()
    result = run("gates", path, "--at", at, "--phase", phase, "--json")
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = {each["rule"]: each for each in json.loads(result.stdout)}[rule]
    return found


def options_of(record: euthymia.PatientRecord) -> Any:
    return euthymia.review(record, CATALOG, ON).options


def held_back(record: euthymia.PatientRecord, option: str = "titrate_up") -> str:
    """Why an option is not offered; "" where it is."""
    found = options_of(record)
    assert option in [view.id for view in (*found.offered, *found.withheld)]
    return next(("; ".join(view.blocked_by) for view in found.withheld if view.id == option), "")


# What is not known, old, or known by another name


@pytest.mark.parametrize("about", ["haematuria", "pain_on_filling"])
@pytest.mark.parametrize(("age", "kind"), [(90, Finding), (91, CannotTell)])
def test_blood_in_the_urine_or_pain_that_is_old_is_asked_about_and_never_silent(about: str, age: int, kind: type) -> None:
    found = rules_of(session_record(observed(about, "yes", (SESSION_DAY - timedelta(days=age)).isoformat())))["bladder_suspect"]
    assert isinstance(found, kind)
    assert found.severity == "hold"
    assert "group:dose_now" in found.limits
    assert age == 90 or "last known yes" in found.sentence


CODE = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I71.4"}


@pytest.mark.parametrize(
    "condition",
    [{"condition": "St. n. OP", "code": CODE}, {"condition": "Aneurysm of the abdominal aorta, 2019"}, {"condition": "AORTIC ANEURYSM"}],
)
def test_a_contraindication_known_by_its_code_or_its_words_alone_stands(tmp_path: Path, condition: dict[str, Any]) -> None:
    record = session_record({"kind": "condition", "at": "2019", **condition}, session=False)
    found = gate(tmp_path, record, "contraindicated_vascular", -1)
    assert (found["result"], found["severity"]) == ("Finding", "contraindicated")


def test_a_contraindication_that_nobody_asked_about_is_never_clear(tmp_path: Path) -> None:
    assert gate(tmp_path, session_record(session=False), "contraindicated_vascular", -1)["result"] == "CannotTell"


@pytest.mark.parametrize("method_known", [True, False])
def test_a_high_answer_on_suicidality_is_an_emergency_and_asks_for_a_decision(tmp_path: Path, method_known: bool) -> None:
    """Also where another answer was left out; and nothing that a rule would limit is offered."""
    record = session_record(screener(1, 1, 1 if method_known else None, 1, 0, 0, None))
    review = euthymia.review(record, CATALOG, SESSION_DAY)
    found = next(result for result in review.rules if result.rule == "suicidality_high")
    assert isinstance(found, Finding)
    assert found.severity == "emergency"
    assert "do not leave the patient alone" in found.actions
    assert review.safety.suicidality == "positive"
    assert review.decisions.due is not None
    assert review.decisions.due.by <= SESSION_DAY + timedelta(days=1)
    said = run("review", saved(tmp_path, record), "--on", SESSION_DAY).stdout
    assert said.index("C-SSRS high") < said.index("Due ─")


# Sessions


@pytest.mark.parametrize(("systolic", "diastolic", "result"), [(140, 90, "NotApplicable"), (141, 90, "Finding"), (140, 91, "Finding")])
def test_the_gate_before_the_dose_at_its_edge(tmp_path: Path, systolic: float, diastolic: float, result: str) -> None:
    record = session_record(pressure(systolic, diastolic, -15), session=False)
    assert gate(tmp_path, record, "pressure_before", -1)["result"] == result


@pytest.mark.parametrize(("value", "unit"), [(301, "mm[Hg]"), (12, "mm[Hg]"), (20, "kPa"), (150, None), (150, "mg")])
def test_an_impossible_value_or_a_unit_that_is_not_understood_opens_no_gate(tmp_path: Path, value: float, unit: str | None) -> None:
    reading = {**measured("systolic", value, "mm[Hg]", -5), "unit": unit}
    found = gate(tmp_path, session_record(reading, measured("diastolic", 80, "mm[Hg]", -5), session=False), "pressure_before", -1)
    assert found["result"] == "CannotTell"


@pytest.mark.parametrize(("minutes", "result"), [(119, "Finding"), (120, "NotApplicable")])
def test_nobody_leaves_before_two_hours(tmp_path: Path, minutes: float, result: str) -> None:
    found = gate(tmp_path, session_record(), "observation_two_hours", minutes, "discharge")
    assert found["result"] == result


@pytest.mark.parametrize(
    ("escort", "result"), [("no", "Finding"), ("unclear", "CannotTell"), (None, "CannotTell"), ("yes", "NotApplicable")]
)
def test_nobody_leaves_without_an_escort_and_nobody_is_assumed(tmp_path: Path, escort: str | None, result: str) -> None:
    said = [] if escort is None else [observed("escort_present", escort, 100)]
    assert gate(tmp_path, session_record(said), "no_escort", 125, "discharge")["result"] == result


def test_nothing_of_ketamine_is_offered_under_18(tmp_path: Path) -> None:
    found = options_of(plateau(birth="2010-01-01"))
    assert found.not_applicable is not None
    assert not [view.id for view in (*found.offered, *found.withheld) if CATALOG.options[view.id].ketamine]
    young = [{**BASE[0], "birth_date": "2010-03-03"}, *BASE[1:]]
    record = euthymia.PatientRecord.model_validate({"patient_id": "p", "events": [{"id": f"e{n}", **e} for n, e in enumerate(young)]})
    assert gate(tmp_path, record, "under_age", 0)["result"] == "Finding"


# Doses

LOW_BURDEN = event("assessment", 3, instrument="fibser", answers=[1, 1, 1])
SUBLINGUAL = event("dose_log", 3, treatment="ketamine", route="sublingual", taken="taken", dose_mg=100)
INFUSION = event("dose_session", 3, treatment="ketamine", route="intravenous", dose_mg=40)
BOUNDS = {"dose_lower": 50, "dose_upper": 300}


def test_no_dose_is_carried_from_one_route_to_another() -> None:
    review = euthymia.review(plateau(LOW_BURDEN, INFUSION, **BOUNDS), CATALOG, ON)
    dose = review.position.dose
    assert (dose.last, dose.next_step, dose.can_titrate) == (None, None, "cannot_tell")
    assert "was intravenous, not sublingual: not used" in dose.words
    assert "bounds or dose are not known" in held_back(plateau(LOW_BURDEN, INFUSION, **BOUNDS))


def test_without_an_upper_bound_nobody_can_tell_whether_to_raise_a_dose() -> None:
    assert "bounds or dose are not known" in held_back(plateau(LOW_BURDEN, SUBLINGUAL, dose_lower=50))
    dose = euthymia.review(plateau(LOW_BURDEN, SUBLINGUAL), CATALOG, ON).position.dose
    assert (dose.can_titrate, dose.next_step) == ("cannot_tell", None)
    assert "the upper bound is left to the prescriber and the plan in force names none" in dose.words


@pytest.mark.parametrize(
    ("burden", "words"),
    [
        ([event("assessment", 3, instrument="fibser", answers=[6, 6, 6])], "the burden of side effects is high"),
        ([event("assessment", 29, instrument="fibser", answers=[1, 1, 1])], "FIBSER first"),
        ([], "FIBSER first"),
    ],
)
def test_a_dose_is_not_raised_over_a_burden_that_is_high_old_or_not_known(burden: list[dict[str, Any]], words: str) -> None:
    assert words in held_back(plateau(*burden, SUBLINGUAL, **BOUNDS))
    assert words not in held_back(plateau(LOW_BURDEN, SUBLINGUAL, **BOUNDS))


@pytest.mark.parametrize("weight", [None, {"value": 154, "unit": "lb"}, {"value": 70, "unit": None}])
def test_a_dose_per_kilogram_waits_for_a_weight(weight: dict[str, Any] | None) -> None:
    weighed = [] if weight is None else [event("measurement", 3, measure="weight", **weight)]
    review = euthymia.review(plateau(LOW_BURDEN, INFUSION, *weighed, protocol="ketamine_iv"), CATALOG, ON)
    dose = review.position.dose
    assert (dose.can_titrate, dose.next_step) == ("cannot_tell", None)
    assert "weight is not known" in dose.words


# A plateau


def test_on_a_plateau_the_question_why_stands_above_everything_that_is_added(tmp_path: Path) -> None:
    record = plateau()
    found = options_of(record)
    assert found.question == "Why is this patient not remitting?"
    never = {item.id for item in found.differential if item.state == "cannot_tell" and item.day is None}
    assert {"sleep_apnoea", "thyroid"} <= never
    said = run("review", saved(tmp_path, record), "--on", ON).stdout
    first = min(said.index(f"{name}:") for name in ("Augment", "Neuromodulation") if f"{name}:" in said)
    assert said.index("? Why is this patient not remitting?") < said.index("? not known:") < first


@pytest.mark.parametrize(("age", "state"), [(5, "absent"), (4000, "cannot_tell")])
def test_what_was_looked_at_long_ago_is_not_looked_at(age: int, state: str) -> None:
    found = {item.id: item.state for item in options_of(plateau(looked("sleep_apnoea", "no", age))).differential}
    assert found["sleep_apnoea"] == state


def test_a_booster_after_a_dip_never_comes_without_the_question_why() -> None:
    record, _ = euthymia.read(SAMPLES / "in-remission.json")
    last = record.last_day()
    assert last is not None
    on = last.replace(day=31)
    dip = {
        "kind": "assessment",
        "id": "dip",
        "at": on.isoformat(),
        "instrument": "phq9",
        "answers": [1, 1, 1, 1, 1, 0, 0, 1, 0],
        "phase": "unrelated",
    }
    found = euthymia.review(with_more(record, dip), CATALOG, on).options
    assert "booster" in [view.id for view in (*found.offered, *found.withheld)]
    assert found.question == "Why is this patient not remitting?"


def test_no_order_is_recommended(tmp_path: Path) -> None:
    """The order is said with what it does not mean, and no option is called the best."""
    for path in (*sorted(SAMPLES.glob("*.json")), saved(tmp_path, plateau(LOW_BURDEN, SUBLINGUAL, **BOUNDS))):
        found = euthymia.review(euthymia.read(path)[0], CATALOG, euthymia.read(path)[0].last_day() or ON).options
        assert "It recommends nothing." in found.order
        said = " ".join(run("options", path, "--on", "last").stdout.split())
        assert "It recommends nothing." in said
        assert not re.search(r"\b(we recommend|the best option|first choice|preferred option|should be given)\b", said, re.IGNORECASE)


# The history


def history_of(folder: Path, record: euthymia.PatientRecord) -> dict[str, Any]:
    result = run("history", saved(folder, record), "--on", ON, "--json")
    assert result.exit_code == 0, result.stderr
    told: dict[str, Any] = json.loads(result.stdout)["history"]
    return told


def episode_with(*drugs: dict[str, Any]) -> euthymia.PatientRecord:
    episode = {"kind": "episode", "id": "episode", "at": "2025-01-10", "polarity": "unipolar", "psychotic": False}
    events = [{"kind": "medication", "id": f"m{n}", "outcome": "none", "adherence_percent": 95, **drug} for n, drug in enumerate(drugs)]
    return euthymia.PatientRecord.model_validate({"patient_id": "p", "events": [episode, *events]})


KNOWN = {"drug": "sertraline", "at": "2025-02-01", "ended": "2025-05-01", "daily_dose_mg": 150}
OTHER = {"drug": "venlafaxine", "at": "2025-06-01", "ended": "2025-09-01", "daily_dose_mg": 225}


@pytest.mark.parametrize(
    "vague", [{"at": "2025-06", "ended": "2025-07"}, {"daily_dose_mg": None, "dose_text": "the full dose, 225 mg or so"}, {"ended": None}]
)
def test_no_date_and_no_dose_is_guessed_and_resistance_waits_for_what_is_missing(tmp_path: Path, vague: dict[str, Any]) -> None:
    sure = history_of(tmp_path, episode_with(KNOWN, OTHER))
    assert [trial["adequacy"] for trial in sure["trials"]] == ["adequate", "adequate"]
    assert sure["resistance"][0]["state"] == "met"
    found = history_of(tmp_path, episode_with(KNOWN, {**OTHER, **vague}))
    assert [trial["adequacy"] for trial in found["trials"]] == ["adequate", "indeterminate"]
    assert found["trials"][1]["missing"]
    assert {each["state"] for each in found["resistance"] if each["name"].startswith("treatment-resistant")} == {"cannot_tell"}


def test_an_unknown_drug_is_kept_and_judged_by_nobody(tmp_path: Path) -> None:
    found = history_of(tmp_path, episode_with(KNOWN, {**OTHER, "drug": "zzyzzamab"}))
    unknown = found["trials"][1]
    assert (unknown["treatment"], unknown["name"], unknown["adequacy"]) == (None, "zzyzzamab", "indeterminate")
    assert found["resistance"][0]["state"] == "cannot_tell"
    assert "zzyzzamab" in run("letter", saved(tmp_path, episode_with(KNOWN, {**OTHER, "drug": "zzyzzamab"})), "--kind", "referring").stdout


# Evidence


def test_evidence_of_other_people_is_said_to_be_so_and_is_less_certain() -> None:
    found = options_of(plateau())
    beside = {view.id: view.evidence for view in (*found.offered, *found.withheld)}
    older = beside["augment_aripiprazole"]
    assert "trial in people of 60 years and over" in older.mismatches
    ladder = ("high", "moderate", "low", "very_low", "none")
    assert ladder.index(older.certainty_here) > ladder.index(older.certainty)
    spray = options_of(plateau(protocol="ketamine_iv"))
    esketamine = next(view.evidence for view in (*spray.offered, *spray.withheld) if view.id == "esketamine")
    assert "trial by the intranasal route" in esketamine.mismatches


def test_what_is_recalled_says_so_wherever_it_is_shown(tmp_path: Path) -> None:
    recalled = json.loads(run("evidence", "ketamine_suicidal", "--json").stdout)
    assert all("[recalled" in row for study in recalled["studies"] if study["carries"] for row in study["rows"])
    pooled = json.loads(run("evidence", "esketamine_acute", "--json").stdout)
    assert "recalled" in {part["status"] for part in pooled["pooled"]}
    assert "[recalled]" in pooled["pooled_words"][0]
    assert "(recalled," in run("history", HOLDING, "--on", "last").stdout
    assert "(recalled," in run("letter", HOLDING, "--kind", "renewal", "--on", "last").stdout
    found = gate(tmp_path, session_record(observed("haematuria", "yes", "2026-02-20")), "bladder_suspect", -1)
    assert found["status"] == "recalled"


def test_a_sentence_is_never_surer_than_its_certainty() -> None:
    for question in json.loads(run("evidence", "--json").stdout):
        sentence, certainty = question["sentence"], question["certainty"]
        assert ("probably" in sentence.lower()) <= (certainty == "moderate"), sentence
        assert certainty != "low" or " may " in sentence, sentence
        assert certainty != "very_low" or "uncertain" in sentence, sentence
        assert certainty != "moderate" or "probably" in sentence, sentence


# Decisions


@pytest.fixture
def holding(tmp_path: Path) -> Path:
    path = tmp_path / "holding.json"
    path.write_bytes(HOLDING.read_bytes())
    return path


HOLD = (
    "--disposition", "hold_by_agreement", "--patient-reason", "the exams", "--offered", "titrate", "--next", "2027-01-15",
)  # fmt: skip
STOP = ("--disposition", "stop", "--reason", "patient's wish")


def decide(path: Path, *arguments: object, on: str = "2026-11-19") -> Result:
    return run("decide", path, *arguments, "--on", on)


def test_a_third_continue_on_a_plateau_does_not_pass_unnoticed(holding: Path) -> None:
    """The sample holds two of them: the third needs a second opinion, a hold by agreement or a change."""
    before = holding.read_bytes()
    refused = decide(holding, "--disposition", "continue", "--reason", "wait")
    assert refused.exit_code == 2
    assert "found 'continue' as number 3 in a row on a plateau" in refused.stderr
    assert holding.read_bytes() == before
    assert decide(holding, "--disposition", "continue", "--reason", "wait", "--second-opinion", "Dr B, 18 November").exit_code == 0


def test_a_hold_by_agreement_does_not_outlast_safety_or_ground_lost(holding: Path) -> None:
    assert decide(holding, *HOLD).exit_code == 0
    record, _ = euthymia.read(holding)
    calm = euthymia.review(record, CATALOG, date(2026, 11, 20)).decisions
    assert (calm.held_until, calm.hold_void) == (date(2027, 1, 15), None)
    answers = [{**screener(1, 1, 1, 1, 0, 0, None, day="2026-11-26"), "id": "s"}]
    worse = [
        {"kind": "assessment", "id": f"w{n}", "at": day, "instrument": "phq9", "answers": [3, 3, 3, 3, 2, 2, 2, 2, 0]}
        for n, day in enumerate(("2026-11-26", "2026-12-03"))
    ]
    for events in (answers, worse):
        found = euthymia.review(with_more(record, *events), CATALOG, date(2026, 12, 3)).decisions
        assert found.held_until is None
        assert found.hold_void is not None
        assert any("does not stand" in finding for finding in found.findings)


def test_a_decision_names_what_was_seen_when_it_was_made(holding: Path) -> None:
    record, _ = euthymia.read(holding)
    seen = review_digest(euthymia.review(record, CATALOG, date(2026, 11, 19)))
    assert decide(holding, *STOP).exit_code == 0
    made = next(e for e in euthymia.read(holding)[0].events if e.kind == "decision" and e.disposition == "stop")
    assert made.answers_review == seen
    one_more = with_more(record, event("assessment", 0, instrument="phq9", total=9) | {"at": "2026-11-18"})
    assert review_digest(euthymia.review(one_more, CATALOG, date(2026, 11, 19))) != seen


def test_a_decision_that_cannot_be_written_leaves_the_record_as_it_was(holding: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = holding.read_bytes()
    monkeypatch.setattr(os, "replace", full)
    result = decide(holding, *STOP)
    assert (result.exit_code, "No space left" in result.stderr) == (2, True)
    assert (holding.read_bytes(), os.listdir(holding.parent)) == (before, [holding.name])


def test_a_record_that_changed_in_the_meantime_is_not_written_over(holding: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = holding.read_bytes().replace(b'"wait"', b'"waited"')

    def in_between(*_: object) -> tuple[str, ...]:
        holding.write_bytes(changed)
        return ()

    monkeypatch.setattr("euthymia.deciding.objections", in_between)
    result = decide(holding, *STOP)
    assert (result.exit_code, "changed in the meantime" in result.stderr) == (2, True)
    assert holding.read_bytes() == changed


@pytest.mark.parametrize("command", READERS)
def test_what_could_not_be_read_is_told_by_every_command(tmp_path: Path, command: str) -> None:
    """It may have been the answer that matters: none says its piece as if the file had been whole."""
    document = json.loads(LOSING.read_text(encoding="utf-8"))
    document["events"].append({"kind": "assessment", "id": "bad", "at": "2026-11-17", "instrument": "phq9", "total": 31})
    path = tmp_path / "record.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    result = run(*asked(command, path))
    assert "found a PHQ-9 total of 31; allowed: 0 to 27" in result.stderr
    assert result.exit_code == (0 if command == "decide" else 1)


# The patient's page

ADVICE = re.compile(
    r"\b(mg|milligrams?|miligramos?|doses?|dosis|increase|aument\w+|risks?|riesgos?|chances?|probab\w+|percent|por ciento)\b|%",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", ["losing-ground", "holding-above-remission", "in-remission"])
def test_the_patients_page_has_no_dosing_no_risk_no_chance_and_no_red(tmp_path: Path, name: str, language: str) -> None:
    page = tmp_path / "page.html"
    shown = ("conversation", SAMPLES / f"{name}.json", "--on", "last", "--language", language)
    said = run(*shown).stdout
    assert [match.group() for match in ADVICE.finditer(said)] == []
    assert run(*shown, "--html", page).exit_code == 0
    html = page.read_text(encoding="utf-8")
    for colour in set(re.findall(r"#[0-9a-f]{6}\b", html)):
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert red < green + 60 or red < blue + 60, colour
    assert not re.search(r"\b(red|crimson|darkred)\b(?=[;}])", html)
    assert not re.search(r"https?://(?!www\.w3\.org)", html)


def test_a_translation_that_nobody_reviewed_says_so() -> None:
    shown = ("conversation", LOSING, "--on", "last", "--language")
    assert "Esta traducción al español todavía no ha sido revisada." in run(*shown, "es").stdout
    assert "traducción" not in run(*shown, "en").stdout


@pytest.mark.parametrize(("country", "named", "other"), [("es", ("024", "112"), "988"), ("us", ("988", "911"), "024"), (None, (), "988")])
def test_help_is_of_the_patients_country_or_names_no_number(country: str | None, named: tuple[str, ...], other: str) -> None:
    said = run("conversation", LOSING, "--on", "last", *(("--country", country) if country else ())).stdout
    assert all(f" {number}" in said for number in named)
    assert other not in said
    assert country or "call your local emergency number" in said


def test_after_a_positive_answer_the_page_begins_with_support_and_claims_no_watch() -> None:
    said = run("conversation", LOSING, "--on", "last", "--country", "us").stdout
    assert said.index("First, you matter") < said.index("988") < said.index("Where you were and where you are")
    assert "Nobody is watching this page. It does not send us a message." in said


# The letter


def test_a_letter_leaves_blank_what_nobody_knows() -> None:
    said = run("letter", LOSING, "--kind", "authorisation", "--on", "last").stdout
    for blank in ("name", "day of birth", "psychotic features", "no target is agreed", "how much was taken", "the daily dose"):
        assert f"[not known: {blank}]" in said
    assert "treatment-resistant depression (fda esketamine label, ema):** cannot tell" in said.lower()


def test_a_letter_is_a_draft_until_somebody_signs_it(tmp_path: Path) -> None:
    document = tmp_path / "letter.json"
    assert run("letter", LOSING, "--kind", "renewal", "--on", "last", "--fhir", document).exit_code == 0
    assert json.loads(document.read_text(encoding="utf-8"))["docStatus"] == "preliminary"
    said = run("letter", LOSING, "--kind", "renewal", "--on", "last").stdout
    assert "the prescriber edits and signs it" in said.splitlines()[2]
    assert "**Signature:** [to complete: signature]" in said


# Hostile text, private text, a site's own files


def hostile_record() -> euthymia.PatientRecord:
    """Everything that is free text says something that is markup elsewhere."""
    texts = [
        event("medication", 100, drug=f"clonazepam {HOSTILE}", dose_text=HOSTILE, stopped_because=HOSTILE, outcome_source=HOSTILE),
        event("condition", 90, condition=f"aneurysm {HOSTILE}"),
        event("condition", 90, condition=f"insomnia {HOSTILE}"),
        event("observation", 5, about="adversity", answer="yes", by=HOSTILE, note=HOSTILE),
        event("goal", 80, goal=HOSTILE),
        event("target", 80, definition="acnp_2006", own_words=HOSTILE, otherwise=HOSTILE),
        event("incident", 4, incident="adverse_event", description=HOSTILE),
        event("concern", 4, concern=HOSTILE, about="suicidality"),
        event("decision", 30, disposition="continue", reason=HOSTILE, by=HOSTILE, offered=[HOSTILE]),
        event("person", 3, name=HOSTILE, birth_date="1980-05-02"),
    ]
    return with_more(
        plateau(*texts, summary=HOSTILE), {"kind": "measurement", "id": "m", "at": ago(2), "measure": HOSTILE, "text": HOSTILE}
    )


@pytest.mark.parametrize("command", READERS)
def test_no_text_of_a_record_is_markup_or_moves_the_terminal(tmp_path: Path, command: str) -> None:
    record = hostile_record()
    path = saved(tmp_path, record.model_copy(update={"patient_id": HOSTILE}))
    result = run(*asked(command, path))
    assert result.exit_code == 0, result.stderr
    assert "\x1b" not in result.stdout + result.stderr
    assert "#panic" in result.stdout.replace("\\", "") or command == "decide"
    if command in ("review", "conversation"):
        page = tmp_path / "page.html"
        assert run(*asked(command, path), "--html", page).exit_code == 0
        html = page.read_text(encoding="utf-8")
        assert "<script>alert" not in html
        assert "&lt;script&gt;" in html
    if command == "letter":
        pdf = tmp_path / "letter.pdf"
        assert run(*asked(command, path), "--pdf", pdf).exit_code == 0
        assert pdf.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("command", READERS)
def test_an_error_says_what_is_wrong_and_not_what_a_record_tells(tmp_path: Path, command: str) -> None:
    """What stands beside the mistake in an event stays in the file; and a long text is cut."""
    document = json.loads(HOLDING.read_text(encoding="utf-8"))
    document["events"] += [
        {"kind": "decision", "id": "a", "at": "2026-11-19", "disposition": "dance", "reason": PRIVATE},
        {"kind": "decision", "id": "b", "at": "2026-11-19", "disposition": "hold_by_agreement", "reason": PRIVATE},
        {"kind": "concern", "id": "c", "at": "then", "concern": PRIVATE},
        {"kind": "concern", "id": "f", "at": f"in the week after the move to the new flat by the river, where {PRIVATE}", "concern": "?"},
        {"kind": "assessment", "id": "g", "at": "2026-11-19", "instrument": f"{'a note on the telephone, ' * 3}{PRIVATE}", "total": 3},
        {"kind": "observation", "id": "d", "at": "2026-11-19", "about": "pain", "answer": "perhaps", "note": PRIVATE},
        {"kind": "person", "id": "e", "at": "2026-11-19", "name": [PRIVATE]},
    ]
    path = tmp_path / "record.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    result = run(*asked(command, path))
    assert result.stderr.count("skipped: ") == 7
    assert PRIVATE not in result.stderr


@pytest.mark.parametrize("command", READERS)
def test_a_fault_of_this_program_does_not_tell_what_a_record_tells(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback, no words of the error: its type and its place."""

    def broken(*_: object, **__: object) -> None:
        raise ValueError(f"cannot handle {PRIVATE!r}")

    monkeypatch.setattr("euthymia.reading.read_many", broken)
    result = run(*asked(command, HOLDING))
    assert result.exit_code == 2
    assert re.search(r"found a fault of this program \(ValueError in \w+\.py, line \d+\)", result.stderr)
    assert PRIVATE not in result.output + result.stderr + str(result.exception)


def test_a_sites_protocol_with_overlapping_phases_is_explained_and_not_used(tmp_path: Path) -> None:
    bad = BAD_PROTOCOLS / "phases_overlap.toml"
    result = run("protocol", "check", bad)
    assert (result.exit_code, "they overlap; allowed: one phase a week" in result.stderr) == (1, True)
    (tmp_path / "protocols").mkdir()
    (tmp_path / "protocols" / bad.name).write_bytes(bad.read_bytes())
    refused = run("review", HOLDING, "--on", "last", "--site", tmp_path)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "they overlap" in refused.stderr
