"""Pool the same tables with R's metafor and keep what it finds: the goldens of tests/core/evidence (`make golden`).

Needs R once: `apt-get install -y --no-install-recommends r-base-core r-cran-metafor r-cran-jsonlite`. The tests need none.
The tables: every pool of knowledge/evidence; random tables from a fixed seed; and the meta-analyses of CRAN's metadat
under ../shared/data (GPL: their numbers stay there, the golden keeps the results and the hash of the file).
"""

import argparse
import csv
import hashlib
import json
import math
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from euthymia import load_catalog
from euthymia.catalog import Catalog
from euthymia.study_links import row

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests/core/evidence/golden"
METADAT = ROOT.parent / "shared/data/metadat_depression_meta"
SCRIPT = "tools/evidence_golden.R"
SEED = 20261125

Table = dict[str, Any]


def main() -> None:
    """Write the three golden files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", required=True, help="The day it is run: the programs have no clock.")
    asked = parser.parse_args()
    GOLDEN.mkdir(parents=True, exist_ok=True)
    kinds = {"questions": question_tables(load_catalog()), "random": random_tables()}
    if METADAT.is_dir():
        kinds["metadat"] = metadat_tables(METADAT)
    for name, tables in kinds.items():
        found = in_r(tables)
        golden = {
            "provenance": {
                "command": f"make golden DATE={asked.date} (Rscript {SCRIPT})",
                "date": asked.date,
                **found["versions"],
                "settings": 'rma(method="REML", test="knha", control=list(threshold=1e-13, maxiter=100000)); confint; predict',
            },
            "tables": [kept(table, result) for table, result in zip(tables, found["pooled"], strict=True)],
        }
        path = GOLDEN / f"{name}.json"
        path.write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}: {len(tables)} tables\n")


def kept(table: Table, result: Table) -> Table:
    """What goes into the golden: of metadat the results alone, of the others the table too."""
    if "file" in table:
        wanted = ("name", "file", "sha256", "measure")
        return {"table": {key: table[key] for key in wanted}, "found": {k: v for k, v in result.items() if k not in ("yi", "sei")}}
    return {"table": table, "found": result}


def in_r(tables: list[Table]) -> Table:
    """Run the R script on the tables."""
    with TemporaryDirectory() as folder:
        given, found = Path(folder) / "in.json", Path(folder) / "out.json"
        given.write_text(json.dumps(tables), encoding="utf-8")
        subprocess.run(["Rscript", SCRIPT, str(given), str(found)], check=True, cwd=ROOT)  # noqa: S603, S607
        return dict(json.loads(found.read_text(encoding="utf-8")))


def question_tables(catalog: Catalog) -> list[Table]:
    """Every pool of every question, as counts where it rests on counts, else as printed effects."""
    tables = []
    for question in catalog.questions.values():
        for pool in question.pools:
            table: Table = {"name": f"{question.id}/{pool.id}", "measure": pool.measure}
            for each in pool.studies:
                found = row(catalog, each.row)
                if found is None:
                    raise SystemExit(f"{each.row}: found no such row; allowed: study/result")
                study, result = found
                if each.arms is not None:
                    counts = study.counts(result) or {}
                    (a, n1), (c, n2) = counts[each.arms[0]], counts[each.arms[1]]
                    for key, value in (("ai", a), ("n1i", n1), ("ci", c), ("n2i", n2)):
                        table.setdefault(key, []).append(value)
                elif result.effect is not None:
                    effect = result.effect
                    low, high = effect.lower, effect.upper
                    # Written out a second time, on purpose: the golden must not rest on the code it judges.
                    if pool.measure == "HR":
                        value, se = math.log(effect.estimate), (math.log(high or 0) - math.log(low or 0)) / 3.919927969080108
                    else:
                        value, se = effect.estimate, effect.se or ((high or 0) - (low or 0)) / 3.919927969080108
                    table.setdefault("yi", []).append(value)
                    table.setdefault("sei", []).append(se)
            tables.append(table)
    return tables


def random_tables() -> list[Table]:
    """Effects and counts of 2 to 14 studies: from no heterogeneity to a lot, with empty cells, from a fixed seed."""
    draw = np.random.default_rng(SEED)
    tables: list[Table] = []
    for number in range(60):
        k = int(draw.integers(2, 15))
        se = draw.uniform(0.05, 1.5, k)
        true = draw.normal(draw.normal(), draw.choice([0.0, 0.1, 0.5, 2.0]), k)
        tables.append({"name": f"effects {number}", "measure": "MD", "yi": draw.normal(true, se).tolist(), "sei": se.tolist()})
    for number in range(40):
        k, measure = int(draw.integers(2, 11)), ("RR", "OR", "RD")[number % 3]
        n1, n2 = draw.integers(8, 120, k), draw.integers(8, 120, k)
        base = draw.uniform(0.01, 0.5)
        ai = draw.binomial(n1, np.clip(base * draw.lognormal(0.3, 0.4, k), 0, 0.95))
        ci = draw.binomial(n2, base)
        fine = (ai + ci > 0) & (ai + ci < n1 + n2)
        if fine.sum() >= 2:
            columns = {"ai": ai[fine].tolist(), "n1i": n1[fine].tolist(), "ci": ci[fine].tolist(), "n2i": n2[fine].tolist()}
            tables.append({"name": f"counts {number}", "measure": measure, **columns})
    return tables


def metadat_tables(folder: Path) -> list[Table]:
    """Response in Linde 2005 and 2015 (RR, OR, RD) and HRSD in Furukawa 2003 (MD), from CRAN's metadat."""
    tables = []
    for name, file, columns in (
        ("linde2005 response", "dat.linde2005.csv", ("ai", "n1i", "ci", "n2i")),
        ("linde2015 response, first arm against second", "dat.linde2015.csv", ("resp1", "n1", "resp2", "n2")),
        ("linde2015 remission, first arm against second", "dat.linde2015.csv", ("remi1", "n1", "remi2", "n2")),
    ):
        counts = [counted for line in rows(folder / file) if (counted := whole(line, columns)) is not None]
        for measure in ("RR", "OR", "RD"):
            found = {key: [each[place] for each in counts] for place, key in enumerate(("ai", "n1i", "ci", "n2i"))}
            tables.append({"name": f"{name}, {measure}", "measure": measure, **source(folder / file), **found})
    differences = [difference(line) for line in rows(folder / "dat.furukawa2003.csv")]
    effects = {"yi": [d[0] for d in differences], "sei": [d[1] for d in differences]}
    tables.append({"name": "furukawa2003, MD", "measure": "MD", **source(folder / "dat.furukawa2003.csv"), **effects})
    return tables


def rows(path: Path) -> list[dict[str, str]]:
    """The lines of a CSV."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def source(path: Path) -> Table:
    """The file and its hash."""
    return {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def whole(line: dict[str, str], columns: tuple[str, ...]) -> tuple[int, ...] | None:
    """Counts of one line; None where one is not known, or where they say nothing of a ratio."""
    if any(line[column] in ("", "NA") for column in columns):
        return None
    a, n1, c, n2 = (int(float(line[column])) for column in columns)
    return (a, n1, c, n2) if 0 < a + c < n1 + n2 and a <= n1 and c <= n2 else None


def difference(line: dict[str, str]) -> tuple[float, float]:
    """Mean difference and its standard error from the printed means and SDs."""
    n1, m1, s1, n2, m2, s2 = (float(line[column]) for column in ("Ne", "Me", "Se", "Nc", "Mc", "Sc"))
    return m1 - m2, math.sqrt(s1**2 / n1 + s2**2 / n2)


if __name__ == "__main__":
    main()
