"""Studies as data: what is impossible is refused by name, what is not known stays not known, every row keeps its status."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from euthymia import load_catalog
from euthymia.knowledge_file import CatalogError, read_knowledge
from euthymia.study import Share, StudyFile

CATALOG = load_catalog()
STUDY = """
[studies.one]
citation = "One et al 2020"
ref = "convention"
year = 2020
population = {{ text = "depression", status = "verified" }}
design = "rct"
design_words = "two arms"
n = {{ value = {n}, status = "verified" }}
{apart}
arms = [
  {{ id = "active", name = "active", n = {active}, status = "verified" }},
  {{ id = "control", name = "control", n = 20, status = "verified" }},
]
rob = "none stated"

[[studies.one.results]]
id = "result"
kind = "acute"
outcome = "response"
time = "day 28"
status = "verified"
{row}
"""


def read(tmp_path, row='text = "no difference"', n=40, active=20, apart=""):
    path = tmp_path / "made_up.toml"
    path.write_text(STUDY.format(row=row, n=n, active=active, apart=apart), encoding="utf-8")
    return read_knowledge(path, StudyFile).studies["one"]


REFUSED = {
    "more events than people": ('shares = [{ arm = "active", events = 21 }]', "found 21 events in 20 people"),
    "more events than were looked at": ('shares = [{ arm = "active", events = 9, n = 8 }]', "found 9 events in 8 people"),
    "a percentage of no whole number": ('shares = [{ arm = "active", percent = 41.1, n = 170 }]', "percentage of a whole number"),
    "a percentage above 100": ('shares = [{ arm = "active", percent = 101.0 }]', "less than or equal to 100"),
    "an unknown arm": ('shares = [{ arm = "third", percent = 50.0 }]', "found the arms third"),
    "an arm twice": ('shares = [{ arm = "active", events = 1 }, { arm = "active", events = 2 }]', "found an arm twice"),
    "an arm without figures": ('shares = [{ arm = "active" }]', "neither `percent` nor `events`"),
    "an estimate outside of its interval": (
        'effect = { measure = "MD", active = "active", control = "control", estimate = -9.0, lower = -7.0, upper = -1.0 }',
        "found -9 outside of -7 to -1",
    ),
    "an interval the wrong way round": (
        'effect = { measure = "MD", active = "active", control = "control", estimate = -4.0, lower = -1.0, upper = -7.0 }',
        "found an interval from -1 to -7",
    ),
    "half an interval": (
        'effect = { measure = "MD", active = "active", control = "control", estimate = -4.0, lower = -7.0 }',
        "found one end of an interval",
    ),
    "a ratio below 0": (
        'effect = { measure = "RR", active = "active", control = "control", estimate = 1.0, lower = -1.0, upper = 2.0 }',
        "at or below 0",
    ),
    "a standard error of 0": (
        'effect = { measure = "MD", active = "active", control = "control", estimate = -4.0, se = 0.0 }',
        "greater than 0",
    ),
    "a row that says nothing": ("", "found nothing in the result 'result'"),
}


@pytest.mark.parametrize(("row", "found"), REFUSED.values(), ids=REFUSED)
def test_the_impossible_is_refused_with_file_study_found_and_allowed(tmp_path, row, found):
    with pytest.raises(CatalogError) as error:
        read(tmp_path, row)
    assert found in str(error.value)
    assert "made_up.toml: studies.one" in str(error.value)
    assert "allowed" in str(error.value)


@pytest.mark.parametrize(("n", "apart"), [(41, ""), (39, ""), (39, 'apart = "somebody"')])
def test_arms_that_do_not_add_up_are_refused(tmp_path, n, apart):
    with pytest.raises(CatalogError, match=f"found 40 people in the arms and n = {n}"):
        read(tmp_path, n=n, apart=apart)


def test_arms_may_hold_fewer_where_the_file_says_who_is_apart(tmp_path):
    assert read(tmp_path, n=41, apart='apart = "one person left before the start"').apart is not None


def test_a_row_without_a_reference_has_its_studys(tmp_path):
    study = read(tmp_path)
    assert {study.population.ref, study.results[0].ref, study.arms[0].ref} == {"convention"}


def test_a_study_in_two_files_is_refused(tmp_path):
    folder = tmp_path / "evidence/studies"
    folder.mkdir(parents=True)
    read(tmp_path)
    text = (tmp_path / "made_up.toml").read_text(encoding="utf-8").replace("studies.one", "studies.murrough2013")
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    (tmp_path / "made_up.toml").unlink()
    with pytest.raises(CatalogError, match=r"murrough2013: found a study that another file has"):
        load_catalog(tmp_path)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.integers(0, 2))
def test_the_true_count_is_always_among_the_candidates(counts, decimals):
    events, n = counts
    share = Share(arm="one", percent=round(100 * events / n, decimals), decimals=decimals)
    assert events in share.candidates(n)


def counts(study, row):
    found = CATALOG.studies[study]
    return found.counts(found.result(row))


def test_a_percentage_becomes_a_count_only_where_one_whole_number_fits():
    assert counts("anand2023_elektd", "response_qids") == {"ketamine": (108, 195), "ect": (70, 170)}
    assert counts("reif2023_escape", "remission_week8") == {"esketamine": (91, 336), "quetiapine": (60, 340)}
    assert counts("wiles2013_cobalt", "response_6m") is None  # 46 % of 234 is 107 or 108
    assert counts("domany2019", "response_day21") is None  # 5.6 % fits no whole number of 19
    assert counts("popova2019_t2", "remission_day28") is None  # of a part of each arm
    assert counts("jelovac2025_karmadep2", "remission_end") is None  # the arms are not known


def test_all_studies_of_the_pack_are_there():
    assert len(CATALOG.studies) == 67


def test_mixed_studies_are_split_row_by_row():
    murrough = CATALOG.studies["murrough2013"]
    assert murrough.result("change_24h").status == "verified"
    assert {murrough.result("difference_24h").status, murrough.result("response_24h").status} == {"recalled"}
    assert {arm.status for arm in murrough.arms} == {"recalled"}
    elekt = CATALOG.studies["anand2023_elektd"]
    assert elekt.result("response_qids").status == "verified"
    assert {elekt.result(row).status for row in ("remission_qids", "relapse_6m")} == {"recalled"}


def test_nothing_verified_rests_on_a_source_that_was_not_seen():
    for path, fact in CATALOG.facts():
        if path.startswith("studies/") and fact.status == "verified":
            assert CATALOG.references[fact.ref].seen != "not seen", path


def test_printed_standard_errors_agree_with_their_intervals():
    """A slip of a digit shows here: the interval's half width over the standard error is between 1.9 and 2.1."""
    for study in CATALOG.studies.values():
        for result in study.results:
            effect = result.effect
            if effect and effect.se and effect.lower is not None:
                assert 1.9 < (effect.upper - effect.lower) / 2 / effect.se < 2.1


def test_no_standard_deviation_is_kept_as_a_number():
    text = "".join(
        path.read_text(encoding="utf-8") for path in Path(load_catalog.__code__.co_filename).parent.glob("knowledge/evidence/**/*.toml")
    )
    assert "sd =" not in text
