"""Every command and every line of Python in the README runs, and prints what the README says it prints."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXIT = re.compile(r"\s+# exit code (\d)$")


class Step(NamedTuple):
    """One command of a console block with the exit code and the lines that the README shows for it."""

    command: str
    code: int
    shown: list[str]


def steps() -> list[Step]:
    found: list[Step] = []
    for language, text in FENCE.findall(README):
        for line in text.splitlines() if language == "console" else []:
            if line.startswith("$ "):
                code = EXIT.search(line)
                found.append(Step(EXIT.sub("", line[2:]), int(code[1]) if code else 0, []))
            elif line.strip() != "…":
                found[-1].shown.append(line)
    return found


def blocks(language: str) -> list[str]:
    return [text for found, text in FENCE.findall(README) if found == language]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the README's paths need: the samples, and the command where `make` puts it. Commands build on each other."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "src/euthymia/samples", folder / "src/euthymia/samples")
    (folder / ".venv").mkdir()
    (folder / ".venv/bin").symlink_to(Path(sys.executable).parent)
    return folder


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    calm = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    return subprocess.run(command, cwd=folder, env=calm, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)


@pytest.mark.parametrize("step", steps(), ids=lambda step: step.command)
def test_a_command_does_what_the_readme_says(step: Step, checkout: Path) -> None:
    done = run(["bash", "-c", step.command], checkout)
    assert done.returncode == step.code, done.stdout + done.stderr
    printed = [line.rstrip() for line in (done.stdout + done.stderr).splitlines()]
    assert [line for line in step.shown if line.rstrip() not in printed] == []


def test_what_the_readme_has_written_can_be_read(checkout: Path) -> None:
    assert "<html" in (checkout / "review.html").read_text(encoding="utf-8")
    for name in ("patient.csv", "patient.fhir.json"):
        assert run([".venv/bin/euthymia", "review", name, "--on", "last", "--json"], checkout).returncode == 0


@pytest.mark.parametrize("code", blocks("python"), ids=lambda code: code.splitlines()[0])
def test_the_public_door_opens_as_the_readme_says(code: str, checkout: Path) -> None:
    done = run([sys.executable, "-c", code], checkout)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("table", blocks("csv"), ids=lambda table: table.splitlines()[0])
def test_a_table_of_the_readme_is_reviewed(table: str, checkout: Path) -> None:
    (checkout / "table.csv").write_text(table, encoding="utf-8")
    done = run([".venv/bin/euthymia", "review", "table.csv", "--on", "last"], checkout)
    assert done.returncode == 0, done.stderr


def test_make_targets_that_the_readme_names_exist() -> None:
    """These are not run here: make test would run itself. `.ci/run` calls make demo and make test."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake ([a-z]+)\s{2,}|`make ([a-z]+)`", README))
    targets = {first or second for first, second in named}
    assert {"demo", "test"} <= targets
    assert {target for target in targets if f"\n{target}:" not in makefile} == set()
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert "make test" in ci
    assert "make demo" in ci


def test_the_first_screen_has_the_picture_and_the_two_commands() -> None:
    first = "\n".join(README.splitlines()[:20])
    assert "docs/pictures/clinic/panel.png" in first
    assert "make demo" in first
    assert "make test" in first
    assert "docs/pictures/review.png" in README


@pytest.mark.parametrize("page", sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []
