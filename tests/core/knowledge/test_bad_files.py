"""The loader refuses a bad file, and says which file, which key, what it found and what is allowed.

Every file of `bad/` begins with `# place:` (where a site would put it) and `# expect:` (words of the message).
"""

from pathlib import Path

import pytest

from euthymia.knowledge_file import KNOWLEDGE, CatalogError
from euthymia.loading import load_catalog

BAD = sorted((Path(__file__).parent / "bad").glob("*.toml"))


def header(path, key):
    lines = path.read_bytes().decode("utf-8", errors="replace").splitlines()
    return next(line for line in lines if line.startswith(f"# {key}: ")).removeprefix(f"# {key}: ")


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_is_refused_in_words(path, tmp_path):
    place = tmp_path / header(path, "place")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(path.read_bytes())
    with pytest.raises(CatalogError) as refused:
        load_catalog(tmp_path)
    message = str(refused.value)
    assert header(path, "expect") in message
    assert place.stem in message
    assert "found" in message


def test_a_site_folder_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(CatalogError, match="found no such folder"):
        load_catalog(tmp_path / "nowhere")


def test_every_problem_of_a_file_is_named_at_once(tmp_path):
    (tmp_path / "outcomes").mkdir()
    (tmp_path / "outcomes" / "empty.toml").write_text('id = "empty"\n')
    with pytest.raises(CatalogError) as refused:
        load_catalog(tmp_path)
    assert len(str(refused.value).splitlines()) == 4


@pytest.mark.parametrize("text", [f"n = {'9' * 5000}", f"a = {'[' * 3000}{']' * 3000}"], ids=["a number too long", "too deep"])
def test_what_the_parser_itself_cannot_bear_is_refused_in_words(text, tmp_path):
    (tmp_path / "outcomes").mkdir()
    (tmp_path / "outcomes" / "odd.toml").write_text(text)
    with pytest.raises(CatalogError, match=r"odd\.toml: found a number too long, or tables too deep"):
        load_catalog(tmp_path)


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    (tmp_path / "outcomes").mkdir()
    shipped = KNOWLEDGE / "outcomes" / "canmat.toml"
    (tmp_path / "outcomes" / "canmat.toml").write_text("\ufeff" + shipped.read_text(encoding="utf-8"), encoding="utf-8")
    assert load_catalog(tmp_path).definitions["canmat"] == load_catalog().definitions["canmat"]
