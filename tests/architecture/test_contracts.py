"""The walls hold, and each of them would be seen to fall."""

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# One planted import for every contract: the module that must not have it, and the line.
PLANTS = {
    "layers": ("scoring.py", "from euthymia import verdict"),
    "acyclic": ("domains.py", "from euthymia import left"),  # BACK closes the circle
    "trajectory": ("trajectory/model.py", "from euthymia import moment"),
    "trajectory-layers": ("trajectory/kalman.py", "from euthymia.trajectory import fit"),
    "interop-layers": ("interop/intake.py", "from euthymia.interop import csv"),
    "session-sheet-layers": ("session_sheet/limits.py", "from euthymia.session_sheet import problems"),
    "simulate-layers": ("simulate/items.py", "from euthymia.simulate import records"),
    "foreign": ("simulate/shapes.py", "from euthymia import trajectory"),
    "evaluation-layers": ("evaluation/peers.py", "from euthymia.evaluation import figures"),
    "outside": ("safety.py", "import logging"),
    "fhir": ("reading.py", "import fhir"),
    "charts": ("wording.py", "import altair"),
    "terminal": ("reviewing.py", "import rich"),
    "start-up": ("scoring.py", "import numpy"),
    "options-layers": ("options/listing.py", "from euthymia.options import situation"),
    "rules-layers": ("rules/readings.py", "from euthymia.rules import judging"),
    "combination-layers": ("combination/rating_changes.py", "from euthymia.combination import coinciding"),
    "titration-layers": ("titration/doses.py", "from euthymia.titration import response"),
    "position-layers": ("position/pacing.py", "from euthymia.position import dosing"),
    "home-layers": ("home/planned.py", "from euthymia.home import refills"),
    "rems-layers": ("rems/form.py", "from euthymia.rems import filling"),
    "cli-layers": ("cli/asking.py", "from euthymia.cli import review"),
    "check-layers": ("check/cases.py", "from euthymia.check import checking"),
    "evidence-layers": ("evidence/effects.py", "from euthymia.evidence import answering"),
    "letter-layers": ("letter/dates.py", "from euthymia.letter import composing"),
    "adequacy-layers": ("adequacy/spans.py", "from euthymia.adequacy import judging"),
    "resistance-layers": ("resistance/counting.py", "from euthymia.resistance import telling"),
    "follow-up-layers": ("follow_up/exposure.py", "from euthymia.follow_up import series"),
    "typesetting": ("letter/composing.py", "import typst"),
    "core-alone": ("due.py", "import euthymia_clinic"),
    "clinic-layers": ("../euthymia_clinic/audit/actor.py", "from euthymia_clinic import chart"),
    "clinic-decides-nothing": ("../euthymia_clinic/chart/needs.py", "from euthymia import rules"),
}
BACK = ("left.py", "from euthymia import domains")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Both packages and their contracts in a folder of their own; the working directory comes first on the path."""
    for package in ("euthymia", "euthymia_clinic"):
        left_out = shutil.ignore_patterns("__pycache__", "knowledge", "samples", "static", "templates")
        shutil.copytree(ROOT / "src" / package, tmp_path / package, ignore=left_out)
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "COLUMNS": "200"}, capture_output=True, text=True, timeout=120, check=False
    )


def plant(folder: Path, module: str, line: str) -> None:
    path = folder / "euthymia" / module
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")


def contracts() -> dict[str, str]:
    """Id and name of every contract."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    found = {section.rpartition(":")[2]: parser[section] for section in parser.sections() if ":contract:" in section}
    return {contract: options["name"] for contract, options in found.items()}


def test_the_walls_hold(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


def test_every_wall_is_seen_to_fall(copy: Path) -> None:
    for module, line in (*PLANTS.values(), BACK):
        plant(copy, module, line)
    done = lint(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    verdicts = {name: [line for line in done.stdout.splitlines() if line.startswith(name)] for name in contracts().values()}
    assert {name for name, lines in verdicts.items() if not any("BROKEN" in line for line in lines)} == set()


def test_every_contract_has_a_planted_violation() -> None:
    assert set(contracts()) == set(PLANTS)


def test_a_module_without_a_layer_is_refused(copy: Path) -> None:
    (copy / "euthymia/stray.py").write_text("", encoding="utf-8")
    done = lint(copy)
    assert done.returncode == 1
    assert "stray" in done.stdout


def test_nothing_below_reads_files_of_patients_but_reading(copy: Path) -> None:
    """One wall alone, so that a fall is not the work of the other plants."""
    plant(copy, "due.py", "from euthymia import reading")
    done = lint(copy)
    assert done.returncode == 1
    assert "euthymia.due is not allowed to import euthymia.reading" in " ".join(done.stdout.split())
