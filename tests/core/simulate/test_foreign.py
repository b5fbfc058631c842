"""Foreign courses: varied, with floors, jumps and lasting errors; drawn without the engine."""

import subprocess
import sys

import numpy as np
import pytest

from euthymia.simulate.foreign import Span, draw_foreign
from euthymia.simulate.shapes import KINDS, ForeignDesign

WEEKS = [float(week) for week in range(27)]
SESSIONS = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 10.0]
PHQ9 = Span(0, 27)


def drawn(n=2000, seed=1, ratings=WEEKS, sessions=SESSIONS, changes=(8.0,), span=PHQ9, **design):
    return draw_foreign(span, np.random.default_rng(seed), n, ratings, sessions, changes, 14.0, ForeignDesign(**design))


def only(kind, **design):
    return {f"{other}_share": float(other == kind) for other in KINDS} | design


QUIET = {"responder_share": 0.0, "change_helps_share": 0.0, "change_harms_share": 0.0, "error_median": 1e-9, "random_rating_share": 0.0}
QUIET |= {"mode_change_share": 0.0, "straight_liner_share": 0.0}


def test_it_does_not_import_the_engine():
    code = "import sys, euthymia.simulate.foreign; print([m for m in sys.modules if 'trajectory' in m or 'heading' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_every_kind_comes_with_its_share():
    counts = np.bincount(drawn(n=6000).kind, minlength=len(KINDS)) / 6000
    assert counts == pytest.approx(ForeignDesign().shares, abs=0.02)
    assert sum(ForeignDesign().shares) == pytest.approx(1)


@pytest.mark.parametrize("span", [PHQ9, Span(0, 60), Span(38.2, 81.3, 0.1)])
def test_totals_are_those_of_the_instrument(span):
    totals = drawn(n=300, span=span).totals
    assert totals.min() >= span.low
    assert totals.max() <= span.high
    steps = (totals - span.low) / span.step
    assert np.allclose(steps, np.round(steps), atol=1e-6) or totals.max() == span.high


def test_the_past_does_not_depend_on_what_comes_later():
    early = drawn(n=50, ratings=WEEKS[:10], sessions=SESSIONS[:9], changes=())
    late = drawn(n=50, changes=(9.5,))
    assert np.array_equal(early.totals, late.totals[:, :10])
    assert np.array_equal(early.other_mode, late.other_mode[:, :10])


def test_a_sudden_gain_is_sudden_and_a_plateau_stays():
    jumps = np.abs(np.diff(drawn(n=500, **only("sudden_gain", **QUIET)).level, axis=1))
    assert np.all(np.sum(jumps > 0.01, axis=1) <= 1)
    assert np.any(jumps > 8)
    assert np.ptp(drawn(n=500, **only("plateau", **QUIET)).level, axis=1).max() < 1e-9


def test_relapse_follows_thinned_sessions():
    design = only("relapse", drop_mean=1.0, **QUIET)
    often = [week / 2 for week in range(53)]
    kept, thinned = (drawn(sessions=sessions, **design).level[:, -1].mean() for sessions in (often, often[:20]))
    assert thinned > kept + 1


def test_sessions_relieve_and_the_relief_wanes_and_wears_out():
    design = only("plateau", **(QUIET | {"responder_share": 1.0, "tolerance_share": 1.0, "tolerance_kept": 0.5}))
    relief = drawn(n=500, ratings=[week / 4 for week in range(60)], sessions=[0.0, 7.0], changes=(), **design).drug
    assert relief[:, 0].max() == 0
    first, second = relief[:, 1:28].max(axis=1), relief[:, 29:].max(axis=1)
    assert np.all(second < first)
    assert np.median(relief[:, 27]) < np.median(first) / 4


def test_errors_last_and_some_answers_are_careless():
    design = only("plateau", **(QUIET | {"error_median": 0.05, "error_kept_low": 0.8, "error_kept_high": 0.8}))
    errors = drawn(sessions=(), span=Span(0, 1, 1e-6), **design)
    errors = (errors.totals - errors.recalled)[(errors.recalled > 0.3).all(axis=1) & (errors.recalled < 0.7).all(axis=1)]
    assert np.corrcoef(errors[:, 5], errors[:, 6])[0, 1] > 0.6
    repeated = drawn(**only("plateau", straight_liner_share=1.0, straight_liner_repeats=1.0)).totals
    assert np.ptp(repeated, axis=1).max() == 0


def test_another_mode_stays_and_shifts():
    design = only("plateau", **(QUIET | {"mode_change_share": 1.0}))
    courses = drawn(n=400, span=Span(0, 27, 1e-6), sessions=(), **design)
    shift = (courses.totals - courses.recalled)[courses.other_mode]
    assert not np.any(np.diff(courses.other_mode.astype(int), axis=1) < 0)
    assert 0.9 < np.median(shift) < 2.1
