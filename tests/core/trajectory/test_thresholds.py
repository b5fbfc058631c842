"""The check of the thresholds (tools/check_thresholds.py): its measures on cases made by hand, and its statuses against the verdict's."""

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

TOOLS = Path(__file__).parents[3] / "tools"
sys.path.append(str(TOOLS))

from check_thresholds import table_of  # noqa: E402
from thresholds import verdicts  # noqa: E402
from thresholds.calibration import calibration, groups  # noqa: E402
from thresholds.people import LAST, People, as_cohort, draw, measure, plans, up_to  # noqa: E402
from thresholds.verdicts import BAD, GOOD, HOLDING, LOSING, MOVING, NOT_IMPROVING, REMISSION, TOO_EARLY, UNDECIDED, Rule, Truth  # noqa: E402

from euthymia import load_catalog, review  # noqa: E402
from euthymia.episode import current_episode  # noqa: E402
from euthymia.events import Assessment  # noqa: E402
from euthymia.heading import filtered_course, horizon_after, population_for  # noqa: E402
from euthymia.simulate.patients import Setting  # noqa: E402
from euthymia.simulate.records import virtual_record  # noqa: E402
from euthymia.simulate.schedule import ScheduleDesign  # noqa: E402
from euthymia.trajectory import Series  # noqa: E402
from euthymia.trajectory.batch import cohort, outlooks  # noqa: E402
from euthymia.trajectory.statuses import STATUSES, statuses  # noqa: E402
from euthymia.verdict import Status  # noqa: E402

CATALOG = load_catalog()
PHQ9 = measure(CATALOG, "phq9")


def drawn(people=4000, each=5, seed=1):
    """Chances, and outcomes that come as often as was said: [person, forecast]."""
    draw = np.random.default_rng(seed)
    chances = draw.beta(0.7, 0.7, size=(people, each))
    return chances, draw.random(chances.shape) < chances


def test_right_chances_have_slope_1():
    found = calibration(*drawn())
    assert found.slope == pytest.approx(1, abs=0.05)
    assert found.slope_low < 1 < found.slope_high
    assert found.intercept == pytest.approx(0, abs=0.08)
    assert found.came == pytest.approx(found.said, abs=0.02)


@pytest.mark.parametrize("stretched", [0.5, 2.0])
def test_timid_and_bold_chances_have_the_inverse_slope(stretched):
    chances, came = drawn()
    with np.errstate(divide="ignore"):
        said = 1 / (1 + ((1 - chances) / chances) ** stretched)
    assert calibration(np.clip(said, 0.002, 0.998), came).slope == pytest.approx(1 / stretched, rel=0.12)


def test_forecasts_of_one_person_are_one():
    """Said and come five times over, the interval is as wide as said once."""
    chances, came = drawn(people=600, each=1)
    once, often = (calibration(np.repeat(chances, n, axis=1), np.repeat(came, n, axis=1)) for n in (1, 5))
    assert often.forecasts == 5 * once.forecasts
    assert often.slope_high - often.slope_low == pytest.approx(once.slope_high - once.slope_low, rel=0.01)


def test_only_what_is_asked_about_counts():
    chances, came = drawn(people=500)
    asked = np.zeros(chances.shape, dtype=bool)
    asked[:, 0] = True
    assert calibration(chances, came, asked)[:6] == pytest.approx(calibration(chances[:, :1], came[:, :1])[:6])
    assert calibration(chances, came, np.zeros(chances.shape, dtype=bool)).forecasts == 0


def test_groups_are_tenths_of_the_chance_said():
    found = groups("any", np.array([0.05, 0.95, 1.0]), np.array([False, True, False]), 1)
    assert [(g.chance, g.share, g.forecasts) for g in found] == [(0.05, 0.0, 1), (0.975, 0.5, 2)]


def made(course) -> People:
    """One person with this noise-free course (weeks 0 to 42), asked about four weeks ahead."""
    truth = np.array([course], dtype=float)
    horizon, nothing = np.array([np.arange(LAST + 1) + 4]), np.zeros((1, LAST + 1), dtype=bool)
    return People(PHQ9, truth, truth, horizon, np.zeros(1, dtype=int), np.zeros(1, dtype=int), truth > 99, nothing, (), ())


def test_the_truth_of_who_is_on_course():
    """15 until week 9, then 3; PHQ-9: the cut is 4, half a within-person change 3."""
    truth = verdicts.truth_of(made([15.0] * 10 + [3.0] * 33))
    assert np.flatnonzero(truth.on_course[0])[0] == 6  # weeks 10 to 14 are the first five below
    assert np.flatnonzero(~truth.not_there[0])[0] == 5  # weeks 8 to 12: twice 15, three times 3: 7.8; weeks 9 to 13: 5.4
    assert np.flatnonzero(truth.within_8[0])[0] == 2
    assert truth.within_12[0].all()
    assert np.flatnonzero(truth.in_range[0])[0] == 10


@pytest.mark.parametrize(
    ("level", "on_course", "not_there"), [(4.4, True, False), (4.6, False, False), (7.0, False, False), (7.1, False, True)]
)
def test_between_the_two_is_neither(level, on_course, not_there):
    truth = verdicts.truth_of(made([level] * 43))
    assert (truth.on_course[0].all(), truth.not_there[0].all()) == (on_course, not_there)


def test_the_worth_of_a_status_by_hand():
    said = np.array([[MOVING, REMISSION, HOLDING, UNDECIDED, NOT_IMPROVING, MOVING, HOLDING, TOO_EARLY]], dtype=np.int8).T
    on_course = np.array([[True, True, True, True, False, False, False, False]]).T
    remits = np.array([[True, True, True, False, True, False, False, False]]).T
    now = np.array([[False, True, False, False, False, False, False, False]]).T
    found = verdicts.worth(said, Truth(on_course, ~on_course, now, remits, now), 0)
    assert (found.sensitivity, found.false_alarm) == (2 / 4, 1 / 4)
    assert (found.detection, found.false_hope, found.hope_moving) == (2 / 4, 1 / 4, 1 / 4)
    assert (found.alarm_12, found.alarm_said, found.low_then_remits) == (2 / 3, 1 / 3, 2 / 3)
    assert np.isnan(found.alarm_8)  # nobody remits within 8 weeks who is not in the range


def test_remission_and_lost_ground_by_hand():
    """Week 10, noise-free: 3 all along (told remission), 3 and now 20 (told remission still), 3 and now 20 (told that ground is lost)."""
    people = made([3.0] * 43)
    truth = np.repeat(people.truth, 3, axis=0)
    truth[1:, 10:] = 20
    said = np.full((3, LAST + 1), REMISSION, dtype=np.int8)
    said[2] = LOSING
    found = verdicts.facts(replace(people, truth=truth), said, 10)
    assert (found.remission_told, found.remission_so, found.remission_nearly) == (1, 1 / 2, 1 / 2)
    assert (found.lost, found.lost_told, found.lost_so) == (2 / 3, 1 / 2, 1)


def test_delays_by_hand():
    """On course from week 5 on. Told in week 7, told before (which does not count once it is taken back), never told."""
    holds = np.zeros((3, LAST + 1), dtype=bool)
    holds[:, 5:] = True
    said = np.full((3, LAST + 1), UNDECIDED, dtype=np.int8)
    said[0, 7:], said[1, 3:], said[2, 2:4] = MOVING, REMISSION, MOVING
    found = verdicts.delay_to_good(said, Truth(holds, ~holds, holds, holds, holds))
    assert (found.people, found.median, found.three_quarters) == (3, 2.0, np.inf)
    assert found.never == pytest.approx(1 / 3)
    late = np.zeros_like(holds)
    late[:, 23:] = True
    assert verdicts.delay_to_good(said, Truth(late, ~late, late, late, late)).people == 0


def test_every_week_is_the_table_on_the_ratings_up_to_it():
    """Also: so many low chances in a row are asked for, and no more."""
    table, people = table_of(CATALOG, PHQ9), draw(CATALOG, PHQ9, 60, 3)
    everybody, shape = as_cohort(people), people.horizon.shape
    found = outlooks(population_for(CATALOG, "phq9", "esketamine_label")[0], everybody, people.horizon.ravel(), PHQ9.cut)
    chances = found.chances.reshape(shape)
    said = verdicts.statuses_by_week(everybody, chances, Rule(table))
    for week in (1, 7, LAST):
        alone = replace(found, chances=chances[:, : week + 1].ravel())
        assert said[:, week].tolist() == statuses(up_to(everybody, week), alone, table).tolist()
    for count in (2, 3):
        slower = verdicts.statuses_by_week(everybody, chances, Rule(table, count))
        low = np.isin(slower, BAD)
        assert not np.any(low & ~np.isin(said, BAD))
        entered = np.argwhere(low[:, 1:] & ~low[:, :-1]) + np.array([0, 1])
        # Low all along, unless what was low before was said as something else: too early, remission, losing ground, on course.
        lean = np.round(chances, 2) <= table.low_leave
        assert all(lean[person, week - count + 1 : week + 1].all() for person, week in entered)
        assert np.array_equal(np.isin(slower, GOOD), np.isin(said, GOOD))


def test_nothing_low_is_said_while_the_total_is_falling():
    """22, then two points less every week: eight in four weeks; a chance of 0.05 all along."""
    falling = [22.0 - 2 * week for week in range(8)] + [8.0] * 8
    everybody = cohort([Series(range(16), falling, recall_days=14.0)])
    chances, table = np.full((1, 16), 0.05), table_of(CATALOG, PHQ9)
    said, spared = (verdicts.statuses_by_week(everybody, chances, rule)[0] for rule in (Rule(table), Rule(table, falling=6.0)))
    assert np.isin(said[4:], BAD).all()
    assert np.flatnonzero(np.isin(spared, BAD)).tolist() == list(range(9, 16))  # weeks 5 to 9: 12 to 8, four points


def test_horizons_are_four_to_eight_weeks_ahead():
    for plan in plans(CATALOG, 1):
        ahead = plan.horizon - np.arange(LAST + 1)
        assert ahead.min() >= 4
        assert ahead.max() <= 8


def simulated(instrument: str, number: int):
    """The engine's own patient, weekly or fortnightly with many ratings missed, by totals alone, in one phase."""
    population = population_for(CATALOG, instrument, "oral_antidepressant")[0]
    schedule = ScheduleDesign(rating_missed_share=0.25, drug_phase_weeks=60.0, change_share=0.0, dropout_hazard=0.002)
    protocol = CATALOG.protocols["oral_antidepressant"]
    setting = Setting(CATALOG, CATALOG.instruments[instrument], protocol, population, 26, date(2026, 1, 5), 5, schedule)
    record = virtual_record(setting, number)
    events = tuple(e.model_copy(update={"answers": None}) if isinstance(e, Assessment) else e for e in record.events)
    return record.model_copy(update={"events": events})


@pytest.mark.parametrize("instrument", ["phq9", "hamd17"])
def test_the_statuses_are_those_of_the_verdict(instrument):
    """On the day of the last rating and of one half-way, where no veto and no item is known: array by array, and by a review."""
    table, seen = table_of(CATALOG, measure(CATALOG, instrument)), []
    for number in range(1, 41):
        record = simulated(instrument, number)
        whole = filtered_course(current_episode(record, CATALOG), CATALOG)
        for at in {len(whole.days) - 1, len(whole.days) // 2} - {0}:
            day = whole.days[at]
            course = filtered_course(current_episode(record.until(day), CATALOG), CATALOG)
            horizons = [course.weeks(horizon_after(d, course.episode.plan_on(d), CATALOG)) for d in course.days]
            people = cohort([course.series])
            found = statuses(people, outlooks(course.population, people, np.array(horizons), course.episode.cut), table)
            seen.append((number, STATUSES[found[0]], review(record, CATALOG, day).verdict.status))
    assert [one for one in seen if one[1] != one[2]] == []
    assert len({status for _, status, _ in seen}) >= 5


def test_the_statuses_on_arrays_are_those_of_the_table_in_its_order():
    assert get_args(Status) == STATUSES
