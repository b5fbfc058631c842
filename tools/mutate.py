"""Mutation testing: `make mutation [MODULES="outcomes verdict"]`. Every small damage done to what decides must make a test fail.

mutmut makes the mutants; tools/mutation.toml says of which modules, with which tests, and which mutants cannot change
anything (each with its reason). Works on a copy under out/mutation/, writes survivors.txt there, prints the table of
docs/methods/mutation.md, and ends with 1 where less than the share asked for is killed or a listed equivalent is none.
"""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).parents[1]
LISTED = ROOT / "tools/mutation.toml"
OUT = ROOT / "out/mutation"
SITE, WORK = OUT / "site", OUT / "work"
SHARE = 0.95
# What mutmut's exit codes mean. A test that never ends is a test that fails.
KILLED, SURVIVED, TIMEOUT = (1, 3), (0,), (24, -24, 36, 152, 255)
DIFFERENCES = """
import json, sys
from mutmut.mutation.diff_apply import get_diff_for_mutant
print(json.dumps({key: get_diff_for_mutant(key) for key in sys.argv[1:]}))
"""


@dataclass(frozen=True)
class Mutant:
    """One mutant: the function that it is in, the lines taken away and put there, and how its tests ended."""

    function: str
    was: str
    becomes: str
    outcome: str


@dataclass(frozen=True)
class Result:
    """The mutants of one module: how many, and those that are alive."""

    module: str
    counts: Counter[str]
    alive: tuple[Mutant, ...]
    seconds: float


def main(modules: list[str]) -> int:
    """Run the modules named (all that are listed, without a name); the exit code."""
    listed = tomllib.loads(LISTED.read_text(encoding="utf-8"))
    targets: dict[str, list[str]] = listed["targets"]
    tests = targets | listed["open"]
    if unknown := [name for name in modules if name not in tests]:
        print(f"found {', '.join(unknown)}; allowed: {', '.join(tests)}")
        return 2
    copy_of_the_house()
    results = [mutated(name, tests[name]) for name in modules or targets]
    return told(results, listed["equivalent"], targets)


def copy_of_the_house() -> None:
    """A fresh copy of sources and tests, so that nobody's checkout is touched."""
    shutil.rmtree(WORK, ignore_errors=True)
    for name in ("src", "tests", "docs"):
        shutil.copytree(ROOT / name, WORK / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "pictures"))


def mutated(module: str, tests: list[str]) -> Result:
    """Every mutant of one module against its tests. Raises SystemExit where the tests fail without any mutant."""
    settings = {
        "source_paths": ["src/euthymia"],
        "only_mutate": [f"src/euthymia/{module}.py"],
        "pytest_add_cli_args_test_selection": tests,
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-m", "not browser"],
        "also_copy": ["src", "docs"],
        "use_git_change_detection": False,
        "track_dependencies": False,
    }
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
    own = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (WORK / "pyproject.toml").write_text(f"{own}\n[tool.mutmut]\n{lines}", encoding="utf-8")
    shutil.rmtree(WORK / "mutants", ignore_errors=True)
    print(f"{module} … ", end="", flush=True)
    start = perf_counter()
    done = run("-m", "mutmut", "run", "--max-children", str(os.cpu_count() or 2))
    written = WORK / f"mutants/src/euthymia/{module}.py.meta"
    if done.returncode or not written.is_file():
        raise SystemExit(f"\nfound tests of {module} that fail without a mutant:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    codes: dict[str, int | None] = json.loads(written.read_text(encoding="utf-8"))["exit_code_by_key"]
    counts = Counter(outcome(code) for code in codes.values())
    alive = tuple(mutants([key for key, code in codes.items() if outcome(code) not in ("killed", "timeout")], codes))
    print(f"{len(codes)} mutants in {perf_counter() - start:.0f} s")
    return Result(module, counts, alive, perf_counter() - start)


def outcome(code: int | None) -> str:
    """An exit code in a word; whatever is not known to have failed is alive."""
    words = {KILLED: "killed", SURVIVED: "survived", TIMEOUT: "timeout"}
    return next((word for codes, word in words.items() if code in codes), "not tested")


def mutants(keys: list[str], codes: dict[str, int | None]) -> Iterator[Mutant]:
    """What each mutant changes, from mutmut's own difference."""
    shown: dict[str, str] = json.loads(run("-c", DIFFERENCES, *keys).stdout.splitlines()[-1]) if keys else {}
    for key, difference in shown.items():
        changed = [line for line in difference.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
        was, becomes = (" ".join(line[1:].strip() for line in changed if line[0] == sign) for sign in "-+")
        function = key.rsplit(".", 1)[1].partition("__mutmut_")[0].removeprefix("x_").replace("xǁ", "").replace("ǁ", ".")
        yield Mutant(function, was, becomes, outcome(codes[key]))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A Python of this environment that also sees mutmut."""
    environment = {**os.environ, "PYTHONPATH": str(SITE), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=WORK, env=environment, capture_output=True, text=True, check=False)  # noqa: S603


def told(results: list[Result], equivalents: list[dict[str, Any]], targets: Collection[str]) -> int:
    """Print the table, write the survivors; 0 where every target reaches the share and every listed equivalent is alive."""
    listed = {(e["module"], e["function"], e["was"], e["becomes"]) for e in equivalents}
    of_interest = {result.module for result in results}
    found = {(result.module, m.function, m.was, m.becomes) for result in results for m in result.alive}
    stale = sorted(entry for entry in listed - found if entry[0] in of_interest)
    print("\n| module | mutants | killed | of these by time-out | equivalent | survived | killed of all | killed of those that matter |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    survivors, short = [], []
    for result in results:
        own = [m for m in result.alive if (result.module, m.function, m.was, m.becomes) not in listed]
        total, same = result.counts.total(), len(result.alive) - len(own)
        killed = total - len(result.alive)
        rates = [killed / total, killed / max(total - same, 1)] if total else [0.0, 0.0]
        cells = [total, killed, result.counts["timeout"], same, len(own), *(f"{100 * rate:.1f} %" for rate in rates)]
        print(f"| `{result.module}` | {' | '.join(map(str, cells))} |")
        survivors += [f"{result.module}.{m.function} ({m.outcome})\n  - {m.was}\n  + {m.becomes}\n" for m in own]
        short += [result.module] if result.module in targets and rates[1] < SHARE else []
    (OUT / "survivors.txt").write_text("\n".join(survivors), encoding="utf-8")
    print(f"\n{len(survivors)} survivors: {(OUT / 'survivors.txt').relative_to(ROOT)}")
    for entry in stale:
        print(f"listed as equivalent, but killed or gone: {' · '.join(entry)}")
    if short:
        print(f"less than {100 * SHARE:g} % killed: {', '.join(short)}")
    return 1 if stale or short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
