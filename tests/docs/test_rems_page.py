"""docs/methods/rems.md says what the knowledge says: versions, clocks, fields."""

import re
from pathlib import Path

from euthymia.loading import load_catalog

CATALOG = load_catalog()
PAGE = (Path(__file__).parents[2] / "docs/methods/rems.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    part = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_versions() -> None:
    assert [(row[0], row[1], row[2].split(",")[0]) for row in rows("Versions")] == [
        (form.id, form.in_force.day.isoformat(), form.in_force.status) for form in CATALOG.forms.values()
    ]


def test_the_clocks_are_the_same_in_every_version_and_on_the_page() -> None:
    for form in CATALOG.forms.values():
        for name, value, status, _ in rows("Clocks"):
            found = getattr(form, name)
            assert float(value) == (found.days if name == "medicines_age" else found.value), name
            assert status.split(",")[0] == found.status, name


def test_every_field_of_every_version_and_no_other() -> None:
    listed = rows("Fields")
    for place, form in ((2, "rems_2021"), (3, "rems_2025")):
        assert {row[0] for row in listed if row[place] == "●"} == {field.id for field in CATALOG.forms[form].fields}
    labels = {field.id: field.label for form in CATALOG.forms.values() for field in form.fields}
    assert {row[0]: row[1] for row in listed} == labels


def test_the_scores_named_are_those_of_the_fields() -> None:
    said = {field.score.measured: field.score for form in CATALOG.forms.values() for field in form.fields if field.score}
    found = re.search(r"MOAA/S below (\d+), CADSS-6 above (\d+)", PAGE)
    assert found
    assert (float(found[1]), float(found[2])) == (said["moaas"].below, said["cadss6"].above)
