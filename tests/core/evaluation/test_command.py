"""`euthymia evaluate` from end to end, with the engine on its plainest scale so that it is quick."""

import csv
import json
import math
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from core.evaluation.people import as_csv, cohort
from euthymia.cli import app
from euthymia.evaluation import Columns, Options, evaluate, read_long_csv, scale_of, this_model
from euthymia.evaluation.evaluating import MODELS
from euthymia.loading import load_catalog
from euthymia.trajectory import fit

SHARED = Path(__file__).parents[4] / "shared" / "data"
QUICK = ("--folds", "2", "--resamples", "200")


def run(*arguments):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)], env={"COLUMNS": "120"})


@pytest.fixture
def made_up(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text(as_csv(cohort(16)), encoding="utf-8")
    return path


def test_a_small_file_from_end_to_end(made_up, tmp_path, monkeypatch):
    monkeypatch.setattr(this_model, "fit", partial(fit, kind="identity"))
    out = tmp_path / "out"
    done = run(made_up, "--instrument", "phq9", *QUICK, "--out", out)
    assert done.exit_code == 0, done.output
    for words in ("48 forecasts of 16 of 16 people", "this model", "mixed model", "20 % by week 2", "n/a", "Wilson", "no difference"):
        assert words in done.output
    report = json.loads((out / "report.json").read_text())
    assert (report["schema"], report["people"], report["forecasts"]) == ("euthymia/evaluation/1", 16, 48)
    assert report["catalog_digest"] == load_catalog().digest
    assert [model["id"] for model in report["models"]] == [model.id for model in MODELS]
    assert report["models"][-1]["measures"]["rmse"] is None
    assert report["models"][1]["measures"]["crps"]["this_model_minus_it"]["word"] in ("better", "worse", "no difference")
    rows = list(csv.DictReader((out / "forecasts.csv").read_text().splitlines()))
    assert len(rows) == 48 * len(MODELS)
    assert {row["person"] for row in rows} == {str(number) for number in range(1, 17)}
    mine = [float(row["error"]) for row in rows if row["model"] == "this_model"]
    assert math.sqrt(np.mean(np.square(mine))) == pytest.approx(report["models"][0]["measures"]["rmse"]["value"], rel=1e-4)
    assert (out / "reliability.svg").read_text().startswith("<svg")
    page = (out / "reliability.html").read_text()
    assert "Content-Security-Policy" in page
    assert "Of those given a chance, how many remitted" in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--instrument", "phq8"), "--instrument: found an unknown instrument"),
        (("--instrument", "phq9", "--total", "sum"), "ratings.csv: --total: found no column sum"),
        (("--instrument", "phq9", "--folds", "40"), "--folds: found 40; allowed: from 2 to the number of people (16)"),
        (("--instrument", "phq9", "--from", "1"), "--from: found 1; allowed: 2 or more"),
        (
            ("--instrument", "own", "--range", "0", "10", "--cut", "3"),
            "column total: found a total outside the range of own; allowed: 0 to 10",
        ),
    ],
)
def test_what_cannot_be_done_ends_in_a_sentence(made_up, arguments, message):
    done = run(made_up, *arguments)
    assert done.exit_code == 2
    assert message in done.output


def test_no_such_file(tmp_path):
    done = run(tmp_path / "none.csv", "--instrument", "phq9")
    assert done.exit_code == 2
    assert "none.csv: found No such file" in done.output


def test_the_help_names_every_option():
    done = run("--help")
    for option in ("--person", "--time", "--total", "--unit", "--session", "--change", "--cut", "--range", "--target", "--from", "--out"):
        assert option in done.output


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not here")
def test_real_weekly_ratings(tmp_path, monkeypatch):
    """digiBP: the RMSE of the last value is that of a few lines over the file itself."""
    path = SHARED / "digibp_bipolar_weekly_sighd/weekly_sighd_ymrs.csv"
    rows = [row for row in csv.DictReader(path.read_text().splitlines()) if row["sighd"]]
    errors = []
    for _, own in groupby(rows, key=lambda row: row["user_name"]):
        totals = [float(row["sighd"]) for row in own]
        errors += [totals[seen - 1] - totals[-1] for seen in range(2, len(totals))]
    columns = Columns("user_name", "week", "sighd")
    evaluation = evaluate(read_long_csv(path, scale_of(load_catalog(), "hamd17"), columns), Options(resamples=100), MODELS[1:])
    assert len(evaluation.rating) == len(errors) == 182
    last = evaluation.models[0]
    assert np.sqrt(np.mean(last.error**2)) == pytest.approx(np.sqrt(np.mean(np.square(errors))))
    monkeypatch.setattr(this_model, "fit", lambda people, *scale: fit(people[:8], *scale, kind="identity"))
    done = run(path, "--instrument", "hamd17", "--person", "user_name", "--total", "sighd", *QUICK)
    assert done.exit_code == 0, done.output
    assert "182 forecasts of 47 of 47 people" in done.output
    assert "rows without a total, left out: 6" in done.output
