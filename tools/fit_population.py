"""Fit the shipped population again: `make population`. Needs the trial data of ../shared/data."""

import csv
import sys
from itertools import groupby
from pathlib import Path

from euthymia.trajectory import Series
from euthymia.trajectory.fit import fit

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared/data/dia_antidepressant_hamd17/hamd17_long_with_baseline.csv"
OUT = ROOT / "src/euthymia/knowledge/trajectory/hamd17_duloxetine_trial.toml"
# The cohort has no change of protocol and lasts six weeks: these two are stated, not fitted.
DRIFT_SD, STEP_SD = 0.6, 4.0


def main() -> None:
    if not DATA.exists():
        sys.exit(f"found no {DATA.name}; allowed: ../shared/data beside the project")
    with DATA.open(encoding="utf-8") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: (row["PATIENT"], float(row["RELDAYS"])))
    cohort = [series_of(list(visits)) for _, visits in groupby(rows, key=lambda row: row["PATIENT"])]
    population = fit(cohort, (0, 52))
    people, ratings = len(cohort), sum(len(series.totals) for series in cohort)
    fitted = {
        "rates_per_week": [round(rate, 4) for rate in population.rates],
        "rate_weights": list(population.rate_weights),
        **{name: round(getattr(population, name), 4) for name in ("rating_sd", "wandering_sd")},
        "set_point_drift_sd": DRIFT_SD,
        "set_point_step_sd": STEP_SD,
        **{
            name: round(getattr(population, name), 4)
            for name in ("start_mean", "start_sd", "set_point_intercept", "set_point_slope", "set_point_sd")
        },
    }
    OUT.write_text(
        TEXT.format(people=people, ratings=ratings, fitted="\n".join(f"{k} = {v}" for k, v in fitted.items())),
        encoding="utf-8",
    )
    print(OUT.read_text(encoding="utf-8"))


def series_of(visits: list[dict[str, str]]) -> Series:
    rated = [visit for visit in visits if visit["HAMDTL17"]]
    return Series([float(v["RELDAYS"]) / 7 for v in rated], [float(v["HAMDTL17"]) for v in rated])


TEXT = """# Made by `make population`; do not edit. Units: points of HAM-D17, weeks.
id = "hamd17_duloxetine_trial"
name = "HAM-D17, duloxetine trial, {people} people"
instrument = "hamd17"
protocols = ["oral_antidepressant"]
{fitted}

[source]
people = {people}
ratings = {ratings}
data = "DIA working group antidepressant data (Goldstein 2004, arms rebuilt), drug and placebo, weeks 0 to 6"
licence = "Apache-2.0"
command = "make population"
treatments = "one antidepressant or placebo, six weeks, no change of protocol; drift and step of the set point are stated, not fitted"

[borrowed]
variance_factor = 1.5
status = "design"
note = "used for another instrument or treatment, every variance is multiplied by this; not checked in people on that treatment"
"""

if __name__ == "__main__":
    main()
