"""The model beside its peers on four data sets, as Markdown: `make evaluate`. Needs ../shared/data.

Every figure is of people whom the model has not seen (five folds by person). `--out DIR` also writes each report.
"""

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from euthymia.catalog import Catalog
from euthymia.evaluation import (
    Cohort,
    Columns,
    Evaluation,
    Options,
    Person,
    evaluate,
    figures_of,
    pool,
    read_long_csv,
    scale_of,
    write_evaluation,
)
from euthymia.evaluation.figures import ModelFigures
from euthymia.evaluation.terminal import coverage_lines, figure_words
from euthymia.loading import load_catalog
from euthymia.report.progress import progress

DATA = Path(__file__).parents[2] / "shared/data"
FILES = {
    "DIA (antidepressant or placebo)": (
        "dia_antidepressant_hamd17/hamd17_long_with_baseline.csv",
        Columns("PATIENT", "RELDAYS", "HAMDTL17"),
    ),
    "Reisby (imipramine)": ("reisby_imipramine/hdrs_plasma_long.csv", Columns("id", "week", "hamd")),
    "digiBP (bipolar, no change of treatment)": (
        "digibp_bipolar_weekly_sighd/weekly_sighd_ymrs.csv",
        Columns("user_name", "week", "sighd"),
    ),
}
KETAMINE, KETAMINE_NAME = "nimh_ketamine_ds005917/ketamine_long.csv", "NIMH (ketamine crossover)"
# The first visit is two days before the first infusion, and the infusions are two weeks apart: the README of the data, and its
# column day_since_infusion. Bipolar people are in: three, treatment-resistant like the others; the healthy are not.
FIRST_INFUSION_DAY, BETWEEN_INFUSIONS_DAYS, GROUPS = 2.0, 14.0, {"MDD", "BP"}
COLUMNS = ("rmse", "crps", "crps_of_range", "pit", "brier", "auc", "calibration_slope")
HEAD = ("data, forecasts of people", "model", "RMSE", "CRPS", "CRPS, % of range", "90 % holds", "Brier", "AUC", "slope (95 %)")


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--out", type=Path, help="a folder for the reports")
    given.add_argument("--only", default="", help="data sets whose name contains this")
    given.add_argument("--target", choices=("last", "next"), default="last")
    given.add_argument("--folds", type=int, default=5)
    given.add_argument("--seed", type=int, default=1)
    options = given.parse_args()
    catalog = load_catalog()
    asked = Options(folds=options.folds, seed=options.seed, target=options.target)
    cohorts = [cohort for cohort in read_all(catalog) if options.only in cohort.name]
    found = [evaluate(cohort, asked, watch=lambda jobs, name=cohort.name: progress(jobs, name)) for cohort in cohorts]
    tables = [*found, pool(found)] if len(found) > 1 else found
    print(f"| {' | '.join(HEAD)} |\n|{' --- |' * len(HEAD)}")
    shown = [(evaluation, figures_of(evaluation)) for evaluation in tables]
    for evaluation, figures in shown:
        for row in rows(evaluation, figures):
            print(row)
    print("\nThis model against each peer, where a paired bootstrap by person (2,000 resamples, 95 %) leaves out 0:\n")
    for evaluation, figures in shown:
        print(f"- {name_of(evaluation)}: {'; '.join(compared(figures))}.")
    print("\nThe 90 % interval of this model:\n")
    for evaluation, figures in shown:
        print(*(f"- {name_of(evaluation)}, {line}" for line in coverage_lines(figures[0])), sep="\n")
        for model in figures:
            print(*(f"- {name_of(evaluation)}, {model.name}: {note}" for note in model.notes), sep="\n", end="\n" if model.notes else "")
        if options.out:
            write_evaluation(evaluation, figures, options.out / name_of(evaluation).split()[0].lower(), catalog.digest)


def read_all(catalog: Catalog) -> Iterator[Cohort]:
    """The four data sets; the scale of SIGH-D is that of HAM-D17."""
    missing = [name for name in (KETAMINE, *(name for name, _ in FILES.values())) if not (DATA / name).is_file()]
    if missing:
        sys.exit(f"found no {missing[0]}; allowed: ../shared/data beside the project")
    for name, (file, columns) in FILES.items():
        yield replace(read_long_csv(DATA / file, scale_of(catalog, "hamd17"), columns), name=name)
    yield ketamine_trial(catalog)


def ketamine_trial(catalog: Catalog) -> Cohort:
    """MADRS of the crossover in weeks since the baseline visit; a session is a ketamine infusion.

    Saline is no session: the model's session is what a drug does, and a blinded saline infusion moved MADRS little
    (34.2 after ten days, 33.4 at the start). That the infusion planned is ketamine is told to this model alone: no peer has a place
    for it.
    """
    with (DATA / KETAMINE).open(encoding="utf-8") as lines:
        rated = [row for row in csv.DictReader(lines) if row["group"] in GROUPS]
    people = [_crossover(name, list(visits)) for name, visits in groupby(rated, key=lambda row: row["participant_id"])]
    people = [person for person in people if person.totals]
    return Cohort(KETAMINE_NAME, scale_of(catalog, "madrs"), tuple(people), ("sessions: the ketamine infusions; saline is none",))


def _crossover(name: str, visits: list[dict[str, str]]) -> Person:
    ratings = {_day(visit): float(visit["MADRS_Total"]) for visit in visits if visit["MADRS_Total"]}
    infusions = {int(number): visits[0][f"infusion_{number}"] for number in ("1", "2")}
    sessions = [_infusion_day(number) / 7 for number, given in infusions.items() if given == "d"]
    days = sorted(ratings)
    return Person(name, [day / 7 for day in days], [ratings[day] for day in days], sessions)


def _day(visit: dict[str, str]) -> float:
    period = int(float(visit["period"]))
    return 0.0 if not period else _infusion_day(period) + float(visit["day_since_infusion"])


def _infusion_day(period: int) -> float:
    return FIRST_INFUSION_DAY + BETWEEN_INFUSIONS_DAYS * (period - 1)


def name_of(evaluation: Evaluation) -> str:
    return evaluation.data_sets[0].name if len(evaluation.data_sets) == 1 else "pooled"


def rows(evaluation: Evaluation, figures: Sequence[ModelFigures]) -> Iterator[str]:
    people = len(set(evaluation.person.tolist()))
    for model in figures:
        first = model is figures[0]
        cells = [figure_words(name, model.measures[name]) for name in COLUMNS]
        said = f"{name_of(evaluation)}, {len(evaluation.rating)} of {people}" if first else ""
        bold = "**" if first else ""
        yield f"| {' | '.join((said, f'{bold}{model.name}{bold}', *cells))} |"


def compared(figures: Sequence[ModelFigures]) -> Iterator[str]:
    for peer in figures[1:]:
        words = {name: peer.measures[name].difference for name in ("rmse", "crps_of_range", "brier", "auc")}
        said = [f"{word} in {', '.join(names)}" for word in ("better", "worse") if (names := _where(words, word))]
        yield f"{peer.name}: {' and '.join(said) or 'no difference'}"


def _where(words, word: str) -> list[str]:
    names = {"rmse": "RMSE", "crps_of_range": "CRPS", "brier": "Brier", "auc": "AUC"}
    return [names[name] for name, difference in words.items() if difference and difference.word == word]


if __name__ == "__main__":
    main()
