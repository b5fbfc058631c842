"""The ledger, pure: which rating a forecast spoke of; false withdrawals under right chances, by simulation; power when they are wrong."""

from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files

import numpy as np
import pytest
from scipy import stats

import euthymia
from euthymia.episode import current_episode
from euthymia.ledger import Outcome, evidence, independent, log_factors, settle
from euthymia.loading import load_catalog
from euthymia.number_withdrawn import WITHDRAWN, without_number
from euthymia.reviewing import review

CATALOG = load_catalog()
RULES = CATALOG.ledger
RECORD = euthymia.read(files("euthymia") / "samples" / "holding-above-remission.json").record
EPISODE = current_episode(RECORD, CATALOG)
DAYS = [rating.day for rating in EPISODE.series]
START = date(2026, 1, 1)


def outcome(patient, made, scored, chance, came) -> Outcome:
    return Outcome(str(patient), START + timedelta(days=made), START + timedelta(days=scored), chance, bool(came))


def quiet(**changed):
    """The sample's episode without changes of treatment, unless they are given."""
    return replace(EPISODE, **{"change_days": (), **changed})


def settled(horizon, on, episode=None, made_on=DAYS[2], cut=4.0):
    return settle(made_on, horizon, "phq9", cut, episode or quiet(), RULES, on)


# Which rating


def test_a_rating_on_the_day_settles_it_at_once():
    found = settled(DAYS[-2], DAYS[-2])
    total = EPISODE.series[-2].total
    assert (found.ending, found.on, found.total, found.came_true) == ("scored", DAYS[-2], total, total <= 4)
    assert found.rating == EPISODE.series[-2].id


def test_a_rating_before_the_day_waits_until_none_nearer_can_come():
    horizon = DAYS[-1] + timedelta(days=3)
    assert settled(horizon, DAYS[-1]) is None
    assert settled(horizon, horizon + timedelta(days=7)) is None
    assert settled(horizon, horizon + timedelta(days=8)).on == DAYS[-1]


@pytest.mark.parametrize(("after", "ending"), [(7, "scored"), (8, "never_came")])
def test_both_sides_of_the_window(after, ending):
    horizon = DAYS[-1] + timedelta(days=after)
    assert settled(horizon, horizon + timedelta(days=36)).ending == ending


@pytest.mark.parametrize(("late", "ending"), [(35, None), (36, "never_came")])
def test_both_sides_of_the_late_entry(late, ending):
    horizon = DAYS[-1] + timedelta(days=60)
    found = settled(horizon, horizon + timedelta(days=late))
    assert (found.ending if found else None) == ending
    assert found is None or found.came_true is None


def test_a_change_of_treatment_in_between_closes_it_and_one_before_does_not():
    assert settled(DAYS[-2], DAYS[-1], quiet(change_days=(DAYS[-3],))).ending == "plan_changed"
    assert settled(DAYS[-2], DAYS[-1], quiet(change_days=(DAYS[2],))).ending == "scored"
    assert settled(DAYS[-2], DAYS[-1], quiet(change_days=(DAYS[-1],))).ending == "scored"


def test_another_instrument_or_an_incomplete_rating_never_scores():
    late = DAYS[-2] + timedelta(days=60)
    assert settled(DAYS[-2], late, quiet(primary="madrs")).ending == "never_came"


def test_the_cut_itself_is_remission():
    total = EPISODE.series[-2].total
    assert settled(DAYS[-2], DAYS[-2], cut=total).came_true
    assert not settled(DAYS[-2], DAYS[-2], cut=total - 1).came_true


# The test


def test_of_one_patient_only_forecasts_that_do_not_overlap_count():
    found = independent([outcome(1, 0, 30, 0.2, 0), outcome(1, 7, 30, 0.3, 0), outcome(1, 30, 60, 0.3, 1), outcome(2, 7, 35, 0.3, 1)])
    assert [(o.patient, (o.made_on - START).days) for o in found] == [("1", 0), ("2", 7), ("1", 30)]


@pytest.mark.parametrize("chance", [0.0, 0.03, 0.2, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("off", [-0.05, -0.02, 0.0, 0.03, 0.05])
def test_no_factor_expects_more_than_one_within_the_tolerance(chance, off):
    true = float(np.clip(np.clip(chance, 0.01, 0.99) + off, 0, 1))
    yes, no = (np.exp(log_factors(np.array([chance]), np.array([came]), RULES)) for came in (1.0, 0.0))
    assert (true * yes + (1 - true) * no).max() <= 1 + 1e-12


def test_the_course_is_the_mean_of_the_products_by_hand():
    given = [outcome(n, 0, n + 1, chance, came) for n, (chance, came) in enumerate([(0.2, 1), (0.3, 1), (0.6, 1), (0.1, 1), (0.2, 1)])]
    products = []
    for slope in RULES.alternatives.slopes:
        for shift in RULES.alternatives.shifts:
            product = 1.0
            for o in given:
                bet = 1 / (1 + np.exp(-(shift + slope * np.log(o.chance / (1 - o.chance)))))
                bet = min(max(bet, 0.01), 0.99)
                near = min(max(bet, o.chance - 0.05), o.chance + 0.05)
                product *= bet / near
            products.append(product)
    assert evidence(given, RULES).factor == pytest.approx(np.mean(products))


def site(random, patients, each, chances, true):
    """Forecasts of a site by the true chance of each; patients differ in how often they are rated."""
    said = random.choice(chances, size=(patients, each))
    came = random.random((patients, each)) < true(said)
    return [outcome(p, 30 * k, 30 * (k + 1), said[p, k], came[p, k]) for p in range(patients) for k in range(each)]


def test_a_calibrated_site_is_withdrawn_at_most_as_often_as_stated_however_often_one_looks():
    random, sites = np.random.default_rng(1), 400
    wrong = sum(evidence(site(random, 60, 6, np.linspace(0.02, 0.95, 25), lambda p: p), RULES).withdraw for _ in range(sites))
    # Even the lower end of an exact 99 % interval must not lie above what is stated.
    assert stats.binomtest(wrong, sites).proportion_ci(0.99, "exact").low <= RULES.false_withdrawal.value
    assert wrong <= 4


def test_the_same_patients_again_and_again_do_not_withdraw_a_calibrated_site():
    """Twenty overlapping forecasts of one rating are one forecast: clustered by patient, the rate holds."""
    random, wrong = np.random.default_rng(2), 0
    for _ in range(200):
        given = []
        for patient in range(60):
            chance = random.choice([0.1, 0.3, 0.6])
            came = random.random() < chance
            given += [outcome(patient, made, 40, chance, came) for made in range(20)]
        wrong += evidence(given, RULES).withdraw
    assert wrong <= 4


@pytest.mark.parametrize(
    ("name", "true"),
    [
        ("too high throughout: one in a hundred where a half to a third of it", lambda p: p * 0.4),
        ("too low throughout", lambda p: np.minimum(1, p + 0.3)),
        ("too extreme", lambda p: 0.5 + (p - 0.5) * 0.1),
    ],
)
def test_a_site_that_is_badly_off_is_found(name, true):
    random = np.random.default_rng(3)
    found = sum(evidence(site(random, 100, 3, np.linspace(0.05, 0.9, 20), true), RULES).withdraw for _ in range(40))
    assert found >= 36


def test_once_withdrawn_it_stays_withdrawn():
    bad = [outcome(n, 0, n + 1, 0.9, 0) for n in range(20)]
    good = [outcome(100 + n, 0, 100 + n, 0.5, n % 2) for n in range(400)]
    assert evidence(bad, RULES).withdraw
    assert evidence(bad + good, RULES).reached_on == evidence(bad, RULES).reached_on


def test_nothing_scored_says_nothing():
    assert evidence([], RULES).factor == 1.0
    assert not evidence([], RULES).withdraw


# The words without the number


@pytest.mark.parametrize("name", [path.name for path in (files("euthymia") / "samples").iterdir() if path.name.endswith(".json")])
def test_without_its_number_a_review_says_no_chance_and_keeps_its_verdict(name):
    record = euthymia.read_many(files("euthymia") / "samples" / name)[0].record
    for back in (0, 14, 28, 42, 56):
        found = review(record, CATALOG, record.last_day() - timedelta(days=back))
        silent = without_number(found)
        assert (silent.verdict.status, silent.answer.words) == (found.verdict.status, found.answer.words)
        if found.verdict.probability is None:
            assert silent is found
            continue
        said = " ".join((silent.answer.sentence, *silent.answer.reasons))
        assert WITHDRAWN in said
        assert "Chance of" not in said
        assert "settled by" not in said.lower()
        for line in found.prospects.lines:
            assert line not in said
        assert silent.verdict.probability is None
        assert all(step.chance is None for step in silent.verdict.steps)
