"""The pages say what the code and the knowledge say."""

import ast
import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest

from euthymia.events import EVENT_TYPES
from euthymia.loading import load_catalog
from euthymia.verdict import Status
from euthymia.wording import STATUS_SHAPES

ROOT = Path(__file__).parents[2]
KNOWLEDGE = ROOT / "src/euthymia/knowledge"


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(name: str) -> list[list[str]]:
    """The cells of every row of every table of a page."""
    lines = [line for line in page(name).splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def test_every_number_of_the_status_table_is_on_its_page() -> None:
    rules = tomllib.loads((KNOWLEDGE / "verdict/rules.toml").read_text(encoding="utf-8"))
    numbers = {f"`{name}`": float(rule["value"]) for name, rule in rules.items() if isinstance(rule, dict) and "value" in rule}
    shown = {cells[0]: float(cells[1]) for cells in rows("docs/methods/verdict.md") if cells[0] in numbers}
    assert shown == numbers
    text = page("docs/methods/verdict.md")
    assert {name for name in rules if f"`{name}`" not in text} <= {"default_definition", "default_protocol"}


def test_every_status_is_on_its_page_in_order() -> None:
    listed = [cells[0].strip("`") for cells in rows("docs/methods/verdict.md")]
    assert [status for status in listed if status in get_args(Status)] == list(get_args(Status))
    assert [cells[0] for cells in rows("README.md") if cells[0] in STATUS_SHAPES.values()] != []


def test_the_readme_shows_every_status_with_its_shape() -> None:
    assert {cells[0] for cells in rows("README.md")} >= set(STATUS_SHAPES.values())


def test_the_populations_on_the_page_are_those_that_are_shipped() -> None:
    shipped = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((KNOWLEDGE / "trajectory").glob("*.toml"))]
    text = page("docs/methods/trajectory.md").replace(",", "")
    shown = {
        cells[0].strip("`"): cells[2:4] for cells in rows("docs/methods/trajectory.md") if cells[0].strip("`") in shipped[0]["parameters"]
    }
    for column, population in enumerate(shipped):
        assert {name: float(cells[column]) for name, cells in shown.items()} == population["parameters"]
        source = population["source"]
        assert f"of {source['people']} people ({source['ratings']} ratings)" in text
        assert f"multiplied by {population['borrowed']['variance_factor']}" in text
    assert f"({shipped[0]['source']['people']} people)" in page("README.md")


def test_the_glossary_has_every_status_and_kind_of_fact() -> None:
    text = page("GLOSSARY.md")
    for word in ("verified", "recalled", "design", *(status.replace("_", " ") for status in get_args(Status))):
        assert word in text
    assert len(EVENT_TYPES) == 20  # docs/decisions.md counts the kinds that were added to the design's fifteen
    for added in ("sixteenth kind", "seventeenth kind", "eighteenth, nineteenth and twentieth kind"):
        assert added in page("docs/decisions.md")


def test_every_decision_says_what_was_decided() -> None:
    _, *decisions = page("docs/decisions.md").split("\n## ")
    for number, decision in enumerate(decisions, 1):
        assert decision.startswith(f"{number}. ")
        assert "We have decided " in decision
        assert len(decision.strip().splitlines()) <= 10


def test_every_entry_of_the_changelog_says_its_clinical_effect() -> None:
    entries = re.split(r"^- ", page("CHANGELOG.md"), flags=re.MULTILINE)[1:]
    assert entries
    assert [entry for entry in entries if not re.search(r"\n  Clinical effect: .+\.$", re.split(r"\n\n|\n## ", entry)[0].rstrip())] == []


def named_tests() -> list[str]:
    return re.findall(r"`(tests/[\w/]+\.py::[\w:]+)`", page("docs/safety.md"))


@pytest.mark.parametrize("name", named_tests())
def test_a_test_that_the_safety_page_names_exists(name: str) -> None:
    path, *parts = name.split("::")
    body: list[ast.stmt] = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
    for part in parts:
        found = [node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == part]
        assert found, f"{path} has no {part}"
        body = found[0].body


def test_every_hazard_has_its_control_and_its_test() -> None:
    hazards = [cells for cells in rows("docs/safety.md") if cells[0] != "hazard"]
    assert len(hazards) >= 20
    assert [cells[0] for cells in hazards if len(cells) != 3 or "`tests/" not in cells[2]] == []


def test_every_id_that_an_event_may_name_is_listed() -> None:
    page = (ROOT / "docs/formats.md").read_text(encoding="utf-8")
    catalog = load_catalog()
    ids = [*catalog.protocols, *catalog.definitions, *(phase.id for p in catalog.protocols.values() for phase in p.phases)]
    assert [name for name in ids if f"`{name}`" not in page] == []


def test_the_lines_of_python_on_the_method_page_run() -> None:
    [lines] = re.findall(r"```python\n(.*?)```", page("docs/methods/trajectory.md"), flags=re.DOTALL)
    said: dict[str, Any] = {}
    exec(compile(lines, "trajectory.md", "exec"), said)  # noqa: S102 – our own page
    found = said["found"]
    assert all(0 <= p <= 1 for p in found.prob_at_most(4))
    assert all(low < mean < high for low, mean, high in zip(found.quantile(0.05), found.mean, found.quantile(0.95), strict=True))
