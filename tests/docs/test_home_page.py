"""The page on doses at home says what the knowledge says."""

import re
from pathlib import Path

from euthymia.facts import Number
from euthymia.home_rules import HomeRules
from euthymia.loading import load_catalog

PAGE = (Path(__file__).parents[2] / "docs/methods/home-doses.md").read_text(encoding="utf-8")
HOME = load_catalog().home


def rows(width: int) -> list[list[str]]:
    """The rows of the tables of so many columns that begin with an id."""
    cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in PAGE.splitlines() if line.startswith("| `")]
    return [[re.sub("`", "", row[0]), *row[1:]] for row in cells if len(row) == width]


def test_every_finding_stands_on_the_page_as_it_is_found():
    assert rows(4) == [[kind, found.words, found.note, found.status] for kind, found in HOME.findings.items()]


def test_every_number_stands_on_the_page_with_its_reason():
    numbers = {name: getattr(HOME, name) for name in HomeRules.model_fields}
    assert rows(3) == [[name, f"{n.value:g}", n.note] for name, n in numbers.items() if isinstance(n, Number)]
