"""`euthymia protocol list`, `show` and `check`: words, exit codes, no traceback."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.protocols.courses import CATALOG
from euthymia.cli import app
from euthymia.knowledge_file import KNOWLEDGE

BAD = Path(__file__).parent / "bad"
SHIPPED = KNOWLEDGE / "protocols"


def run(*arguments):
    return CliRunner().invoke(app, ["protocol", *(str(a) for a in arguments)])


def test_list_names_every_protocol_once():
    result = run("list")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == list(CATALOG.protocols)


@pytest.mark.parametrize("name", CATALOG.protocols)
def test_show_says_phases_points_windows_and_how_well_each_is_known(name):
    result = run("show", name)
    assert result.exit_code == 0
    protocol = CATALOG.protocols[name]
    for phase in protocol.phases:
        assert f"{phase.name} ({phase.id})" in result.stdout
        for words in (
            [p.name for p in phase.decision_points] + [w.says for w in phase.futility] + [w.disagreement or "" for w in phase.futility]
        ):
            assert words in result.stdout
    own = [fact for path, fact in CATALOG.facts() if path.startswith(f"protocols/{name}")]
    counts = {status: sum(fact.status == status for fact in own) for status in ("verified", "recalled", "design")}
    assert (
        f"Facts: {counts['verified']} verified, {counts['recalled']} recalled (to be checked), {counts['design']} design" in result.stdout
    )
    assert all(f"  {fact.ref}: " in result.stdout for fact in own if fact.ref)


def test_the_line_of_weeks_of_the_label():
    lines = run("show", "esketamine_label").stdout.splitlines()
    assert "  induction    ━━━◆  weeks 1 to 4" in lines
    assert "  weekly           ━━━◆  weeks 5 to 8" in lines
    assert "  maintenance          ━━━━▶  from week 9, open-ended" in lines


def test_a_bound_that_is_left_open_is_said():
    assert "the upper bound is left to the prescriber" in run("show", "ketamine_sublingual_home").stdout


def test_show_of_an_unknown_protocol_names_the_known_ones():
    result = run("show", "ketamine")
    assert result.exit_code == 2
    assert "found 'ketamine'; allowed: as_so_far" in result.stderr


@pytest.mark.parametrize("path", sorted(BAD.glob("*.toml")), ids=lambda path: path.stem)
def test_check_of_a_bad_file_ends_in_words_and_exit_code_1(path):
    result = run("check", path)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "found" in result.stderr
    assert f"in {path.name}; nothing was changed." in result.stderr
    assert "Traceback" not in result.stderr


def test_check_of_a_good_file_says_what_it_is_and_that_nothing_is_unproved():
    result = run("check", SHIPPED / "ketamine_sc.toml")
    assert result.exit_code == 0
    assert "steps 0.5, 0.6, 0.75, 0.9 [verified: kads_protocol]" in result.stdout
    assert "0 edges not proved by them yet" in result.stdout


def test_check_of_a_site_protocol_without_cases_lists_the_edges(tmp_path):
    (tmp_path / "protocols").mkdir()
    text = (SHIPPED / "ketamine_sc.toml").read_text(encoding="utf-8").replace('id = "ketamine_sc"', 'id = "our_sc"', 1)
    file = tmp_path / "protocols" / "our_sc.toml"
    file.write_text(text, encoding="utf-8")
    result = run("check", file, "--site", tmp_path)
    assert result.exit_code == 0
    assert "  acute: no case of what follows 0.5 mg/kg" in result.stdout


def test_check_of_cases_that_cannot_be_read_says_so(tmp_path):
    file = tmp_path / "ketamine_sc.toml"
    file.write_bytes((SHIPPED / "ketamine_sc.toml").read_bytes())
    (tmp_path / "ketamine_sc.cases.toml").write_text("[[cases]]\nname = 1\n")
    result = run("check", file)
    assert result.exit_code == 1
    assert "ketamine_sc.cases.toml: cases.0.name: found 1" in result.stderr


def test_check_of_no_file_is_plain():
    result = run("check", BAD / "nothing.toml")
    assert result.exit_code == 2
    assert "found No such file or directory" in result.stderr
