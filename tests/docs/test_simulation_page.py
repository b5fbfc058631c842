"""The page on virtual patients says what the generators do: every number of the two designs, and every default of the command."""

from dataclasses import fields
from inspect import signature
from pathlib import Path

import pytest

from euthymia.simulate.command import patients
from euthymia.simulate.schedule import ScheduleDesign
from euthymia.simulate.shapes import ForeignDesign

PAGE = (Path(__file__).parents[2] / "docs/methods/simulation.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("| ").split("|")] for line in PAGE.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize("design", [ForeignDesign, ScheduleDesign])
def test_every_number_is_on_the_page(design):
    values = {field.name: field.default for field in fields(design)}
    values = {name: value if isinstance(value, tuple) else (value,) for name, value in values.items()}
    shown = {cells[0].strip("`"): cells[1] for cells in ROWS}
    found = {name: tuple(float(part) for part in shown[name].split(",")) for name in values if name in shown}
    assert found == values


def test_every_default_is_on_the_page():
    shown = {cells[0].strip("`-"): cells[1].strip("`") for cells in ROWS if cells[0].startswith("`--")}
    defaults = {name: parameter.default for name, parameter in signature(patients).parameters.items()}
    assert shown == {name: "off" if defaults[name] is False else str(defaults[name]) for name in shown}
    assert set(shown) == set(defaults) - {"count", "out", "site"}
