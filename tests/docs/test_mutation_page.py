"""docs/methods/mutation.md and tools/mutation.toml say the same, and what is listed as equivalent is still in the code."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LISTED = tomllib.loads((ROOT / "tools/mutation.toml").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs/methods/mutation.md").read_text(encoding="utf-8")
ROWS = {
    cells[0].strip("`"): cells[1:]
    for line in PAGE.splitlines()
    if line.startswith("| `")
    for cells in [[cell.strip() for cell in line.strip("| ").split(" | ")]]
}


def test_every_module_has_its_row_and_reaches_what_is_asked_for() -> None:
    assert set(ROWS) == set(LISTED["targets"])
    for module, (mutants, killed, _, equivalent, survived, _, rate) in ROWS.items():
        assert int(killed) + int(equivalent) + int(survived) == int(mutants)
        assert int(equivalent) == sum(each["module"] == module for each in LISTED["equivalent"])
        assert rate == f"{100 * int(killed) / (int(mutants) - int(equivalent)):.1f} %"
        assert float(rate.removesuffix(" %")) >= 95


@pytest.mark.parametrize("each", LISTED["equivalent"], ids=lambda each: f"{each['module']}.{each['function']}")
def test_an_equivalent_stands_in_the_code_and_says_why(each: dict[str, str]) -> None:
    """A line that has changed has to be looked at again."""
    module = ROOT / f"src/euthymia/{each['module']}.py"
    code = {" ".join(line.split()) for line in module.read_text(encoding="utf-8").splitlines()}
    assert all(" ".join(line.split()) in code for line in [each["was"]])
    assert each["was"] != each["becomes"]
    assert each["reason"].endswith(".")


@pytest.mark.parametrize("name", sorted({name for tests in LISTED["targets"].values() for name in tests}))
def test_the_tests_that_are_named_exist(name: str) -> None:
    assert (ROOT / name).exists()
