"""Pooling against R's metafor, against a grid of the dense likelihood, and by simulation."""

import importlib.util
import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from euthymia import load_catalog
from euthymia.evidence import answer
from euthymia.evidence.effects import from_counts
from euthymia.evidence.pooling import pool, q_at, restricted_log_likelihood, restricted_maximum

GOLDEN = Path(__file__).parent / "golden"
ROOT = Path(__file__).parents[3]
METADAT_DATA = ROOT.parent / "shared/data/metadat_depression_meta"
CATALOG = load_catalog()


def golden(name):
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))["tables"]


def tool():
    spec = importlib.util.spec_from_file_location("evidence_golden", ROOT / "tools/evidence_golden.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def effects(table):
    if "ai" in table:
        columns = zip(table["ai"], table["n1i"], table["ci"], table["n2i"], strict=True)
        found = [from_counts(table["measure"], (a, n1), (c, n2)) for a, n1, c, n2 in columns]
        return [each.value for each in found], [each.se for each in found]
    return table["yi"], table["sei"]


def assert_equal(summary, expected):
    """Every figure to 1e-6, relative where it is large."""
    for name, value in asdict(summary).items():
        if name == "weights":
            assert value == pytest.approx(expected[name], rel=1e-6, abs=1e-6)
        else:
            assert value == pytest.approx(expected[name], rel=1e-6, abs=1e-6), name


@pytest.mark.parametrize("each", golden("questions"), ids=lambda each: each["table"]["name"])
def test_every_pooled_question_equals_metafor(each):
    question, _, pool_id = each["table"]["name"].partition("/")
    found = next(p for p in answer(question, CATALOG).pooled if p.pool.id == pool_id)
    assert_equal(found.summary, each["found"])


def test_the_golden_holds_every_pool_of_the_catalog_as_it_is_now():
    """A pool that was added or changed asks for `make golden`."""
    now = json.loads(json.dumps(tool().question_tables(CATALOG)))
    assert now == [each["table"] for each in golden("questions")]


@pytest.mark.parametrize("each", golden("random"), ids=lambda each: each["table"]["name"])
def test_random_tables_equal_metafor(each):
    values, errors = effects(each["table"])
    assert values == pytest.approx(each["found"]["yi"], abs=1e-9)
    assert errors == pytest.approx(each["found"]["sei"], abs=1e-9)
    assert_equal(pool(values, errors), each["found"])


@pytest.mark.skipif(not METADAT_DATA.is_dir(), reason="needs ../shared/data")
@pytest.mark.parametrize("each", golden("metadat"), ids=lambda each: each["table"]["name"])
def test_published_meta_analyses_equal_metafor(each):
    table = {t["name"]: t for t in tool().metadat_tables(METADAT_DATA)}[each["table"]["name"]]
    assert table["sha256"] == each["table"]["sha256"]
    assert_equal(pool(*effects(table)), each["found"])


def test_goldens_say_where_they_come_from():
    for path in GOLDEN.glob("*.json"):
        said = json.loads(path.read_text(encoding="utf-8"))["provenance"]
        assert {"R", "metafor", "command", "date", "settings"} <= set(said)
        assert said["command"].startswith("make golden")


TABLES = st.integers(2, 9).flatmap(
    lambda k: st.tuples(st.lists(st.floats(-4, 4), min_size=k, max_size=k), st.lists(st.floats(0.05, 2), min_size=k, max_size=k))
)


def dense_log_likelihood(y, v, tau2):
    """The restricted likelihood by matrices, from its definition: log det V + log det X'V^-1 X + r'V^-1 r."""
    inverse = np.linalg.inv(np.diag(v + tau2))
    design = np.ones((len(y), 1))
    information = design.T @ inverse @ design
    residual = y - design @ np.linalg.solve(information, design.T @ inverse @ y)
    return -0.5 * (np.linalg.slogdet(np.diag(v + tau2))[1] + np.linalg.slogdet(information)[1] + residual @ inverse @ residual)


@given(TABLES)
def test_no_tau2_on_a_dense_grid_is_likelier(table):
    y, v = np.array(table[0]), np.array(table[1]) ** 2
    best = restricted_maximum(y, v)
    highest = dense_log_likelihood(y, v, best)
    assert restricted_log_likelihood(y, v, best) == pytest.approx(highest, abs=1e-8)
    grid = np.concatenate([np.linspace(0, 40, 400), np.geomspace(1e-8, 10, 100)])
    assert all(dense_log_likelihood(y, v, tau2) <= highest + 1e-7 for tau2 in grid)


@given(TABLES, st.floats(-5, 5), st.floats(0.1, 10))
def test_moving_and_stretching_the_effects_moves_and_stretches_the_answer(table, shift, factor):
    first = pool(*table)
    second = pool([factor * y + shift for y in table[0]], [factor * se for se in table[1]])
    assert second.estimate == pytest.approx(factor * first.estimate + shift, rel=1e-5, abs=1e-5)
    assert second.se == pytest.approx(factor * first.se, rel=1e-4, abs=1e-6)
    assert second.i2 == pytest.approx(first.i2, rel=1e-4, abs=1e-3)


@given(TABLES)
def test_the_prediction_interval_holds_the_interval_of_the_mean(table):
    found = pool(*table)
    assert found.prediction_lower <= found.lower <= found.estimate <= found.upper <= found.prediction_upper
    assert found.tau2_lower <= found.tau2_upper
    assert math.isclose(sum(found.weights), 100)


def test_studies_that_agree_have_no_heterogeneity():
    found = pool([1.0, 1.0, 1.0], [0.5, 0.4, 0.3])
    assert (found.tau2, found.i2, found.q) == (0.0, 0.0, pytest.approx(0, abs=1e-20))
    assert found.narrower_than_normal


def test_the_profile_of_tau2_ends_where_q_meets_its_quantiles():
    values, errors = [0.1, 0.9, 2.0, 0.3], [0.2, 0.3, 0.4, 0.1]
    found = pool(values, errors)
    y, v = np.array(values), np.array(errors) ** 2
    # Chi-square quantiles of 3 degrees of freedom, from a table.
    assert q_at(y, v, found.tau2_lower) == pytest.approx(9.348404, abs=1e-5)
    assert q_at(y, v, found.tau2_upper) == pytest.approx(0.215795, abs=1e-5)


def test_two_studies_give_one_degree_of_freedom():
    """By hand: t with one degree of freedom is 12.7062; equal errors, so the mean and half the distance."""
    found = pool([0.0, 2.0], [1.0, 1.0])
    assert (found.estimate, found.df) == (1.0, 1)
    assert found.upper - found.estimate == pytest.approx(12.706205, abs=1e-5)


def test_the_hartung_knapp_interval_holds_the_truth_as_often_as_it_says():
    """2,000 tables of 5 unlike studies with heterogeneity; three binomial standard errors around 95 %."""
    draw, held, rounds = np.random.default_rng(7), 0, 2000
    errors = np.array([0.2, 0.3, 0.4, 0.25, 0.35])
    for _ in range(rounds):
        found = pool(draw.normal(draw.normal(0.5, 0.3, 5), errors).tolist(), errors.tolist())
        held += found.lower <= 0.5 <= found.upper
    assert abs(held / rounds - 0.95) < 3 * math.sqrt(0.95 * 0.05 / rounds)


@pytest.mark.parametrize(
    ("values", "errors"), [([1.0], [1.0]), ([1.0, 2.0], [1.0]), ([1.0, 2.0], [1.0, 0.0]), ([1.0, math.nan], [1.0, 1.0])]
)
def test_what_cannot_be_pooled_is_refused(values, errors):
    with pytest.raises(ValueError, match="allowed"):
        pool(values, errors)
