"""Every shipped file loads, holds its own cases, and says about itself what the rest of the project relies on."""

import pytest

from euthymia.check.checking import check
from euthymia.definition import Definition
from euthymia.instrument import Instrument
from euthymia.knowledge_file import KNOWLEDGE, read_knowledge
from euthymia.loading import load_catalog

CATALOG = load_catalog()
REPORT = check(CATALOG)
SEVERITY = {"phq9", "qids_sr16", "qids_c16", "madrs", "hamd17", "bdi2", "cesd", "promis_dep_8a"}
DOMAINS = {
    "symptoms": {*SEVERITY, "gad7", "isi"},
    "function": {"wsas"},
    "quality_of_life": {"who5"},
    "goals": {"gas"},
    "burden": {"fibser"},
    "safety": {"asrm", "cssrs_screener", "audit_c"},
}
SUICIDALITY = {
    "phq9": {"9": 1},
    "qids_sr16": {"12": 1},
    "qids_c16": {"12": 1},
    "madrs": {"10": 3},
    "hamd17": {"3": 1},
    "bdi2": {"9": 1},
    "cssrs_screener": dict.fromkeys(("1", "2", "3", "4", "5", "6_3_months"), 1),
}
CORE = {
    "phq9": {"1", "2"},
    "qids_sr16": {"5", "13"},
    "qids_c16": {"5", "13"},
    "madrs": {"1", "2", "8"},
    "hamd17": {"1", "7"},
    "bdi2": {"1", "4", "12"},
    "cesd": {"3", "6", "16", "18"},
    "promis_dep_8a": {"3", "6"},
}
INSTRUMENTS = list(CATALOG.instruments.values())
ACNP = CATALOG.definitions["acnp_2006"]


def files(folder):
    return [path for path in sorted((KNOWLEDGE / folder).glob("*.toml")) if not path.name.endswith(".cases.toml")]


@pytest.mark.parametrize("path", files("instruments"), ids=lambda path: path.stem)
def test_an_instrument_file_loads(path):
    assert read_knowledge(path, Instrument).id == path.stem


@pytest.mark.parametrize("path", files("outcomes"), ids=lambda path: path.stem)
def test_a_definition_file_loads(path):
    assert read_knowledge(path, Definition).id == path.stem


@pytest.mark.parametrize("file", REPORT.files, ids=lambda file: file.name.removesuffix(".cases.toml"))
def test_the_cases_of_a_file_hold(file):
    assert not file.failures
    assert file.cases > 0


def test_the_whole_catalog_holds():
    assert REPORT.ok
    assert REPORT.failures == ()
    assert REPORT.cases == sum(file.cases for file in REPORT.files)
    assert sum(REPORT.facts.values()) == len(list(CATALOG.facts()))


def test_phq9_is_checked_first():
    assert REPORT.files[0].name == "instruments/phq9.cases.toml"


def test_no_case_file_is_left_without_its_knowledge():
    cases = {path.relative_to(KNOWLEDGE).as_posix() for path in KNOWLEDGE.rglob("*.cases.toml")}
    assert {file.name for file in REPORT.files if file.name.endswith(".cases.toml")} == cases


def test_the_instruments_are_those_of_the_project():
    assert set(CATALOG.instruments) == set().union(*DOMAINS.values())
    assert {i.id: i.domain for i in INSTRUMENTS} == {i: domain for domain, ids in DOMAINS.items() for i in ids}


def test_what_can_carry_a_verdict():
    assert {i.id for i in INSTRUMENTS if i.severity_of_depression} == SEVERITY


@pytest.mark.parametrize("instrument_id", sorted(SEVERITY))
def test_an_instrument_that_carries_a_verdict_has_what_the_verdict_needs(instrument_id):
    instrument = CATALOG.instrument(instrument_id)
    within_person = instrument.change("within_person")
    assert within_person is not None
    assert within_person.points is not None
    assert instrument.range is not None
    assert ACNP.remission[instrument_id].at_most < instrument.range.maximum / 2 or instrument.metric == "T-score"
    assert {item.id for item in instrument.items if item.core} == CORE[instrument_id]
    assert all(item.part for item in instrument.items)


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda instrument: instrument.id)
def test_suicidality_items_and_their_triggers(instrument):
    found = {item.id: item.suicidality_trigger for item in instrument.items if item.suicidality_trigger is not None}
    assert found == SUICIDALITY.get(instrument.id, {})


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda instrument: instrument.id)
def test_item_text_is_shipped_for_phq9_and_gad7_alone(instrument):
    ships = instrument.id in ("phq9", "gad7")
    assert instrument.licence.ship_item_text is ships
    assert all((item.text is not None) is ships for item in instrument.items)
    assert bool(instrument.answers) is ships


def test_remission_cut_offs_live_in_definitions_only():
    assert not [cut.id for i in INSTRUMENTS for cut in i.cut_offs if "remission" in cut.id + cut.purpose]


def test_trial_rules_stay_apart():
    cuts = {
        name: definition.remission["madrs"].at_most for name, definition in CATALOG.definitions.items() if "madrs" in definition.remission
    }
    assert {name for name, cut in cuts.items() if cut == 12} == {"esketamine_programme"}
    assert set(cuts.values()) == {10, 12}


def test_mania_screen_is_marked():
    assert [(i.id, cut.at_least) for i in INSTRUMENTS for cut in i.cut_offs if cut.mania] == [("asrm", 6)]


def test_loinc_codes_are_used_once():
    codes = [item.loinc for i in INSTRUMENTS for item in i.items if item.loinc]
    codes += [code for i in INSTRUMENTS if i.loinc for code in (i.loinc.panel, i.loinc.total) if code]
    assert len(codes) == len(set(codes))


def test_a_reference_that_nobody_saw_verifies_nothing():
    unseen = {key for key, reference in CATALOG.references.items() if reference.seen == "not seen"}
    assert not [path for path, fact in CATALOG.facts() if fact.status == "verified" and fact.ref in unseen]
