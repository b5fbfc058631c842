"""`check` finds what is wrong: each test spoils one thing in a site's folder and reads the report."""

import pytest

from euthymia.check.checking import check
from euthymia.knowledge_file import KNOWLEDGE
from euthymia.loading import load_catalog


@pytest.fixture
def site(tmp_path):
    """A site's folder with its own copies of some shipped files, spoilt by replacing words."""

    def spoil(name, old="", new=""):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        text = (KNOWLEDGE / name).read_text(encoding="utf-8")
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path

    return spoil


def failures(folder):
    return "\n".join(check(load_catalog(folder), folder).failures)


def without_case(name, words):
    """The text of the first case whose name holds `words`, as it stands in the file."""
    cases = (KNOWLEDGE / name).read_text(encoding="utf-8").split("\n[[cases]]\n")[1:]
    return "\n[[cases]]\n" + next(case for case in cases if words in case.splitlines()[0])


def test_a_copy_that_is_not_spoilt_holds(site):
    assert failures(site("instruments/phq9.cases.toml")) == ""


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("instruments/asrm.toml", "at_least = 6", "at_least = 7", "found ()"),
        ("instruments/cssrs_screener.toml", '["4", "5", "6_3_months"]', '["4", "5"]', "expected band high, found moderate"),
        ("instruments/promis_dep_8a.toml", "8 = 5.7", "8 = 5.6", "expected standard error 5.7, found 5.6"),
        ("instruments/phq9.toml", "prorate_up_to = 2", "prorate_up_to = 1", "expected 'a score', found no score: PHQ-9: not answered"),
        ("instruments/phq9.toml", "prorate_up_to = 2", "prorate_up_to = 3", "expected no score (not answered: item 1, 2, 3), found 9"),
        ("instruments/cesd.toml", "reverse = true\n", "", "expected total"),
        ("outcomes/vast_d.toml", "at_most = 5", "at_most = 6", "expected in_episode, found remission_candidate"),
        ("outcomes/acnp_2006.toml", "remission_days = 21", "remission_days = 22", "expected remission, found remission_candidate"),
        ("outcomes/acnp_2006.toml", "max_gap_days = 14", "max_gap_days = 13", "ratings 14 days apart hold together"),
        ("outcomes/acnp_2006.toml", "max_gap_days = 14", "max_gap_days = 15", "ratings 15 days apart do not"),
        ("outcomes/acnp_2006.toml", "recovery_days = 120", "recovery_days = 119", "expected remission, found recovery"),
        ("outcomes/canmat.toml", "response = 0.5", "response = 0.51", "expected response, found partial_response"),
        (
            "outcomes/esketamine_programme.toml",
            "within_days = 15",
            "within_days = 16",
            "16 days apart, is too far: expected remission, found relapse",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "/" in value else "",
)
def test_a_number_that_moves_breaks_a_case(site, name, old, new, words):
    found = failures(site(name, old, new))
    assert name.replace(".toml", ".cases.toml") in found
    assert words in found


def test_a_band_edge_that_moves_breaks_a_case(site, tmp_path):
    site("instruments/madrs.toml", "high = 19", "high = 18")
    text = (tmp_path / "instruments/madrs.toml").read_text(encoding="utf-8")
    (tmp_path / "instruments/madrs.toml").write_text(text.replace("low = 20", "low = 19"), encoding="utf-8")
    assert "19 is the highest of 'mild': expected band mild, found moderate" in failures(tmp_path)


@pytest.mark.parametrize(
    ("name", "case", "words"),
    [
        ("instruments/madrs.cases.toml", "34 is the highest", "no case at 34, an edge of the band moderate"),
        ("instruments/asrm.cases.toml", "a total of 5", "no case at 5, where the cut-off mania is not positive"),
        ("instruments/asrm.cases.toml", "a total of 6", "no case at 6, where the cut-off mania is positive"),
        ("instruments/who5.cases.toml", "a total of 32", "no case at 32, where the cut-off likely_depression is not positive"),
        ("instruments/phq9.cases.toml", "two missing", "no case with 2 answers missing, the most that is prorated"),
        ("instruments/phq9.cases.toml", "three missing", "no case with 3 answers missing, the first that has no score"),
        ("outcomes/acnp_2006.cases.toml", "BDI-II 10 is above", "bdi2: no case on both sides of the cut at 9"),
        ("outcomes/frank_1991.cases.toml", "13 days", "no case on both sides of 14 days for remission"),
        ("outcomes/acnp_2006.cases.toml", "119 days", "no case on both sides of 120 days for recovery"),
        ("outcomes/acnp_2006.cases.toml", "PHQ-9 9 twice", "phq9: no case on both sides of relapse from 10"),
        ("outcomes/acnp_2006.cases.toml", "MADRS: a remission ends with an attempt alone", "madrs: no case of a relapse by attempt"),
        ("outcomes/canmat.cases.toml", "MADRS 40 to 31", "no case on both sides of an improvement of 25%"),
        ("outcomes/canmat.cases.toml", "MADRS 40 to 30", "no case on both sides of an improvement of 25%"),
    ],
)
def test_an_edge_without_a_case_is_found(site, name, case, words):
    assert words in failures(site(name, without_case(name, case), "\n"))


def test_a_tier_without_a_case_is_found(site, tmp_path):
    folder = site("instruments/cssrs_screener.cases.toml")
    text = (folder / "instruments/cssrs_screener.cases.toml").read_text(encoding="utf-8")
    kept = [case for case in text.split("\n[[cases]]\n")[1:] if 'band = "low"' not in case]
    (folder / "instruments/cssrs_screener.cases.toml").write_text("".join(f"\n[[cases]]\n{case}" for case in kept))
    assert "no case of the tier low" in failures(folder)


def test_no_case_with_an_answer_missing_is_found(site):
    folder = site("instruments/asrm.cases.toml")
    path = folder / "instruments/asrm.cases.toml"
    kept = [case for case in path.read_text(encoding="utf-8").split("\n[[cases]]\n")[1:] if '""' not in case]
    path.write_text("".join(f"\n[[cases]]\n{case}" for case in kept))
    assert "no case with 1 answers missing, the first that has no score" in failures(folder)


def test_a_file_without_cases_is_found(site):
    folder = site("outcomes/vast_d.toml", 'id = "vast_d"', 'id = "vast_e"')
    (folder / "outcomes/vast_d.toml").rename(folder / "outcomes/vast_e.toml")
    assert "outcomes/vast_e.cases.toml: found no such file; allowed: one beside every knowledge file that has an edge" in failures(folder)


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("instruments/asrm.cases.toml", "total = 6", "totl = 6", "totl: found 6; allowed: a key that this file has"),
        ("outcomes/vast_d.cases.toml", 'state = "in_episode"', 'state = "ill"', "found 'ill'; allowed: should be 'in_episode'"),
        ("outcomes/vast_d.cases.toml", 'instrument = "qids_c16"', 'instrument = "phq9"', "found 'phq9'; allowed: qids_c16"),
        ("instruments/asrm.cases.toml", "reported = 6\n", "", "found both or neither of `answers` and `reported`"),
    ],
)
def test_a_case_that_cannot_be_read_is_found(site, name, old, new, words):
    assert words in failures(site(name, old, new))


def test_two_cases_of_one_name_are_found(site):
    name = "outcomes/vast_d.cases.toml"
    case = without_case(name, "one visit")
    assert "found the case 'one visit at the cut is not yet' twice" in failures(site(name, case, case + case))


def test_a_verified_fact_rests_on_something_seen(site):
    folder = site("instruments/asrm.toml", 'status = "recalled"\nconfidence = "high"', 'status = "verified"')
    assert "asrm/structure: a verified fact rests on 'altman_1997', which was not seen" in failures(folder)


def test_a_recalled_fact_names_what_it_remembers(site):
    folder = site("instruments/asrm.toml", 'confidence = "high"\nref = "altman_1997"', 'confidence = "high"')
    assert "a recalled fact names the reference None, which references.toml does not have" in failures(folder)
