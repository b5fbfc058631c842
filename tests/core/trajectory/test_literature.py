"""The literature check (tools/check_literature.py): its file of published numbers, its rules, its simulated trials."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest

TOOLS = Path(__file__).parents[3] / "tools"
sys.path.append(str(TOOLS))

from literature import people, pooled, published, sustain, trials  # noqa: E402
from literature.kinetics import recalled_share  # noqa: E402
from literature.people import Cohort, Ketamine, course  # noqa: E402

PLAIN = Ketamine(
    rate=0.5, rate_log_sd=0.5, wandering_sd=5.0, rating_sd=2.5, start_mean=33.0, start_sd=4.0, set_point_fall=2.0, set_point_slope=0.5,
    set_point_sd=6.0, drift_sd=0.0, effect_mean=12.0, effect_sd=10.0, wane=0.5, wane_log_sd=0.3, carry=0.1, placebo_share=0.4,
)  # fmt: skip
STILL = PLAIN.but(
    rate_log_sd=0.0, wandering_sd=0.0, rating_sd=0.0, start_sd=0.0, set_point_fall=0.0, set_point_sd=0.0, effect_sd=0.0, wane_log_sd=0.0
)


@pytest.fixture(scope="module")
def data() -> dict:
    return published.read()


def test_every_number_has_a_reference_and_a_status(data: dict) -> None:
    tables = [data[name] for name in ("figures", "contrasts", "design", "arms", "courses")]
    entries = [entry for table in tables for entry in table.values()]
    assert len(entries) > 50
    assert all(entry["ref"] in data["references"] and entry["status"] in published.STATUSES for entry in entries)
    assert all(reference["citation"] and reference["seen"] for reference in data["references"].values())


def test_every_figure_lies_in_its_own_interval(data: dict) -> None:
    assert all(figure.low <= figure.value <= figure.high for figure in published.figures(data).values())


def test_no_checked_trial_informs_the_fit(data: dict) -> None:
    used = {entry["study"] for table in ("contrasts", "arms", "courses") for entry in data[table].values()}
    assert not used & {"singh_2016", "phillips_2019", "sustain_1"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": "seen"}, "found status 'seen'"),
        ({"ref": "nowhere"}, "found ref 'nowhere'"),
        ({"status": "recalled"}, "without confidence"),
        ({"status": "verified", "ref": "unseen"}, "was not seen"),
    ],
)
def test_a_number_without_its_provenance_is_refused(change: dict, message: str) -> None:
    references = {"seen": {"seen": "abstract"}, "unseen": {"seen": "not seen"}}
    with pytest.raises(ValueError, match=message):
        published._check("x", {"status": "verified", "ref": "seen"} | change, references)


# Known values: statsmodels' proportion_confint(count, n, method="wilson"), also in Newcombe 1998 (81 of 263, 15 of 148).
@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (20, 20, 0.8389, 1.0), (24, 90, 0.1862, 0.3662)],
)
def test_wilson(count: int, n: int, low: float, high: float) -> None:
    assert published.wilson(count, n) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(("count", "n"), [(-1, 5), (6, 5), (0, 0)])
def test_wilson_refuses_what_is_no_share(count: int, n: int) -> None:
    with pytest.raises(ValueError, match="allowed: 0 to n"):
        published.wilson(count, n)


def test_mean_interval() -> None:
    assert published.mean_interval(-18.4, 12.0, 18) == pytest.approx((-24.37, -12.43), abs=0.01)


def relapse(days: list[float], totals: list[float]) -> float | None:
    return trials.relapse_day(days, totals, 22, 5, 15)


@pytest.mark.parametrize(
    ("days", "totals", "day"),
    [
        ([0, 7, 14], [10, 22, 22], 14),  # at the cut, twice
        ([0, 7, 14], [10, 21, 22], None),  # one below the cut
        ([0, 7, 14], [22, 21, 22], None),  # twice, not consecutive
        ([0, 5], [30, 30], 5),
        ([0, 4], [30, 30], None),  # too close
        ([0, 15], [30, 30], 15),
        ([0, 16], [30, 30], None),  # too far apart
        ([0, 7], [30], None),
    ],
)
def test_relapse_rule(days: list[float], totals: list[float], day: float | None) -> None:
    assert relapse(days[: len(totals)], totals) == day


def test_the_trial_counts_relapses_by_the_same_rule(data: dict) -> None:
    """Someone far above the cut relapses at the second weekly rating; someone far below never does."""
    found = {}
    for level in (40.0, 5.0):
        cohort = Cohort(STILL.but(start_mean=level), np.random.default_rng(1), 3)
        dosing = sustain.Dosing.weekly(3, 12)
        found[level] = sustain._follow(cohort, dosing, np.zeros(3), data["design"] | {"followed_weeks": {"value": 4}})
    assert found[40.0].tolist() == [1, 1, 1]
    assert np.isinf(found[5.0]).all()


def test_dosing_weekly_above_the_cut_and_every_other_week_at_it() -> None:
    dosing = sustain.Dosing.weekly(2, 12)
    totals = np.array([12, 13])
    due = np.array([dosing.due(totals, reconsider=week == 0) for week in range(4)])
    assert due[:, 1].tolist() == [True, True, True, True]
    assert due[:, 0].tolist() == [False, True, False, True]


@pytest.mark.parametrize("recall_days", [0.0, 1.0, 7.0])
@pytest.mark.parametrize("carry", [0.0, 0.3, 1.0])
def test_recalled_share_against_small_steps(recall_days: float, carry: float) -> None:
    sessions, at, step = [0.0, 3 / 7, 1.0], 11 / 7, 1e-4
    share = recalled = 0.0
    tau = recall_days / 14
    for i in range(round(at / step)):
        share = carry * share + 1 if any(abs(i * step - s) < step / 2 for s in sessions) else share
        middle = share * math.exp(-0.7 * step / 2)
        recalled = recalled + (middle - recalled) * (1 - math.exp(-step / tau)) if tau else share
        share *= math.exp(-0.7 * step)
    assert recalled_share(at, sessions, 0.7, carry, recall_days) == pytest.approx(recalled, abs=2e-3)


def test_a_rating_at_a_session_comes_before_it() -> None:
    assert recalled_share(1.0, [1.0], 0.7, 0.0, 0.0) == 0
    assert recalled_share(0.5, [1.0], 0.7, 0.0, 7.0) == 0


def test_simulated_people_without_chance_follow_the_closed_form() -> None:
    rated = course(Cohort(STILL, np.random.default_rng(1), 2), (0, 14), (0, 3, 7, 10))
    expected = STILL.start_mean - STILL.effect_mean * recalled_share(2.0, [0, 3 / 7, 1, 10 / 7], STILL.wane, STILL.carry, 7.0)
    assert rated[0].tolist() == [33, round(expected)]


def test_arms_are_the_same_under_the_same_seed(data: dict) -> None:
    design = data["design"] | {"followed_weeks": {"value": 10}}
    runs = [trials.singh(PLAIN, design, 200, 5) | sustain.sustain(PLAIN.but(set_point_fall=14.0), design, 400, 5) for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0] != trials.singh(PLAIN, design, 200, 6)


def test_stacking_effects_make_three_a_week_stronger_than_two(data: dict) -> None:
    """At its steady state: with ρ = 1 half as much again, with ρ = 0 next to nothing."""
    found = {}
    for carry in (0.0, 1.0):
        two, three = ([s / 7 for week in range(12) for s in (7 * week + d for d in days)] for days in ((0, 3.5), (0, 7 / 3, 14 / 3)))
        found[carry] = recalled_share(12.0, three, 0.7, carry, 7.0) / recalled_share(12.0, two, 0.7, carry, 7.0)
    assert found[0.0] < 1.15
    assert found[1.0] > 1.4


def test_hazard_ratio_of_equal_arms_is_one() -> None:
    event = np.array([1.0, 2.0, np.inf, np.inf] * 2)
    on = np.array([True] * 4 + [False] * 4)
    assert sustain.hazard_ratio(event, np.full(8, 5.0), on, ~on) == pytest.approx(1.0)


def test_random_effects_of_studies_that_agree_have_no_variance_between() -> None:
    found = pooled.random_effects([10.0, 10.0], [1.0, 1.0], 40)
    assert (found.mean, found.between, found.se) == (10.0, 0.0, pytest.approx(2**-0.5))


def test_half_life() -> None:
    assert people.half_life_weeks(math.log(2)) == pytest.approx(1.0)
