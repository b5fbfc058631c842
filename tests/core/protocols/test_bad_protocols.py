"""A bad protocol file: the check names every mistake with its place, what it found and what is allowed; the loader refuses it.

Every file of `bad/` begins with lines `# expect:`, words that must be said of it.
"""

from pathlib import Path

import pytest

from euthymia.check.site_protocol import catalog_beside, check_protocol
from euthymia.knowledge_file import KNOWLEDGE, CatalogError
from euthymia.loading import load_catalog

CATALOG = load_catalog()
BAD = sorted((Path(__file__).parent / "bad").glob("*.toml"))
# What only `euthymia check` and `protocol check` ask: that a verified fact rests on something seen.
NOT_THE_LOADERS = {"reference_not_seen"}


def expected(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("# expect: ") for line in lines if line.startswith("# expect: ")]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_every_mistake_is_named_with_found_and_allowed(path):
    checked = check_protocol(path, CATALOG)
    assert checked.protocol is None
    for words in expected(path):
        assert any(words in problem for problem in checked.problems), (words, checked.problems)
    for problem in checked.problems:
        assert problem.startswith(f"{path.name}: ")
        assert "found" in problem
        assert "\n" not in problem


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_nothing_is_said_that_is_not_a_mistake(path):
    """As many problems as mistakes: what is set aside to read the rest makes no new ones."""
    assert len(check_protocol(path, CATALOG).problems) == len(expected(path)), check_protocol(path, CATALOG).problems


@pytest.mark.parametrize("path", [path for path in BAD if path.stem not in NOT_THE_LOADERS], ids=lambda path: path.stem)
def test_the_loader_refuses_it_too(path, tmp_path):
    (tmp_path / "protocols").mkdir()
    (tmp_path / "protocols" / path.name).write_bytes(path.read_bytes())
    with pytest.raises(CatalogError) as refused:
        load_catalog(tmp_path)
    assert path.stem in str(refused.value)
    assert "found" in str(refused.value)


@pytest.mark.parametrize("path", sorted(p for p in (KNOWLEDGE / "protocols").glob("*.toml") if not p.name.endswith(".cases.toml")), ids=str)
def test_what_is_shipped_has_no_mistake_and_proves_all_its_edges(path):
    checked = check_protocol(path, CATALOG)
    assert checked.problems == ()
    assert checked.unproved == ()
    assert checked.protocol == CATALOG.protocols[path.stem]


def test_a_bad_file_in_the_sites_folder_does_not_hide_the_sites_references(tmp_path):
    """The site's catalog cannot be loaded with the very file that is to be checked: its references still count."""
    (tmp_path / "protocols").mkdir()
    (tmp_path / "references.toml").write_text('[our_paper]\ncitation = "Ours"\nseen = "full"\n')
    text = (BAD[0].parent / "reference_unknown.toml").read_text(encoding="utf-8").replace("nobody_1900", "our_paper")
    file = tmp_path / "protocols" / "reference_unknown.toml"
    file.write_text(text.replace("minimum_weeks = 4", "minimum_weeks = -4"), encoding="utf-8")
    [problem] = check_protocol(file, catalog_beside(tmp_path)).problems
    assert "minimum_weeks: found -4" in problem


def test_a_site_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CatalogError, match="found no such folder"):
        catalog_beside(tmp_path / "nowhere")
