"""Scales: from ratings to latent values and back, for every kind."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from euthymia.trajectory import Scale
from euthymia.trajectory.scale import KINDS

EXAMPLES = int(os.environ.get("EUTHYMIA_EXAMPLES", "80"))
quick = settings(max_examples=EXAMPLES, derandomize="EUTHYMIA_EXAMPLES" not in os.environ, deadline=None)
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)


@st.composite
def scales(draw) -> Scale:
    """A scale of the instrument that it was learnt on."""
    low, step = draw(st.sampled_from([0.0, 7.0, 10.0])), draw(st.sampled_from([0.5, 1.0, 2.0]))
    return Scale(draw(st.sampled_from(KINDS)), (low, low + step * draw(st.integers(4, 80))), step)


@st.composite
def linked(draw) -> Scale:
    """The scale of another instrument, linked by a straight line, all of whose scores the scale can carry."""
    own, slope = draw(scales()), draw(st.sampled_from([0.5, 1.0, 1.7]))
    low, high = own.score_range
    shift = draw(st.floats(-3, 3))
    ends = (slope * low + shift, slope * high + shift)
    return Scale(own.kind, ends, (ends[1] - ends[0]) / draw(st.integers(4, 60)), slope, shift, own.score_range)


@given(scale=st.one_of(scales(), linked()))
@quick
def test_every_score_comes_back_from_the_middle_of_its_interval(scale):
    steps = scale.steps()
    assert steps[[0, -1]] == pytest.approx(scale.score_range)
    seen = scale.observed(steps)
    inside = steps[1:-1]
    assert np.array_equal(seen.end, [-1, *[0] * len(inside), 1])
    assert scale.rated(seen.value[1:-1]) == pytest.approx(inside)
    assert scale.score(scale.latent(inside)) == pytest.approx(inside)
    assert scale.rated([-1e6, 1e6]) == pytest.approx(scale.score_range)


@given(scale=st.one_of(scales(), linked()))
@quick
def test_the_intervals_of_neighbours_meet_and_cover_the_line(scale):
    lower, upper = scale.bounds(scale.steps())
    assert lower[0] == -np.inf
    assert upper[-1] == np.inf
    assert upper[:-1] == pytest.approx(lower[1:], abs=1e-9)
    assert np.all(lower < upper)
    # Just inside its bounds a value is rated as that score.
    assert scale.rated(lower[1:] + 1e-6) == pytest.approx(scale.steps()[1:])
    assert scale.rated(upper[:-1] - 1e-6) == pytest.approx(scale.steps()[:-1])


@given(scale=scales())
@quick
def test_what_the_filter_reads_is_the_interval(scale):
    steps = scale.steps()
    (lower, upper), seen = scale.bounds(steps), scale.observed(steps)
    inside = seen.end == 0
    assert seen.value[inside] == pytest.approx((lower + upper)[inside] / 2)
    assert seen.rounding_var[inside] == pytest.approx((upper - lower)[inside] ** 2 / 12)
    assert np.exp(seen.log_width[inside]) == pytest.approx((upper - lower)[inside])
    assert seen.value[~inside] == pytest.approx([upper[0], lower[-1]])
    assert np.array_equal(seen.rounding_var[~inside], [0, 0])
    assert np.array_equal(seen.log_width[~inside], [0, 0])


@EVERY_KIND
def test_scores_and_latent_values_rise_together_and_stay_in_range(kind):
    scale = Scale(kind, (0.0, 27.0))
    values = np.linspace(-900, 900, 4001)
    scores = scale.score(values)
    assert np.all(np.diff(scores) >= 0)
    assert (scores.min(), scores.max()) == (0.0, 27.0)
    assert np.all(np.diff(scale.latent(np.linspace(0.5, 26.5, 100))) > 0)


def test_the_kinds_are_what_they_say():
    assert Scale("identity", (0.0, 27.0)).latent(9.0) == 9
    assert Scale("square_root", (0.0, 27.0)).latent(9.0) == 3
    assert Scale("square_root", (10.0, 60.0)).latent(19.0) == 3
    assert Scale("logit", (0.0, 27.0)).latent(13.5) == pytest.approx(0)
    # One step beyond each end is where the logit scale ends: 28 of 29 parts of the range lie below 27.
    assert Scale("logit", (0.0, 27.0)).latent(27.0) == pytest.approx(np.log(28))
    assert np.array_equal(Scale("square_root", (0.0, 27.0)).latent([-1.0, 0.0]), [-np.inf, -np.inf])
    assert np.array_equal(Scale("logit", (0.0, 27.0)).latent([-1.0, 28.0]), [-np.inf, np.inf])


@EVERY_KIND
@pytest.mark.parametrize("sd", [0.5, 2.0])
def test_the_densities_of_all_ratings_sum_to_one_as_nearly_as_the_middle_stands_for_the_interval(kind, sd):
    """Ends by their chance, the rest by the density of the middle times the width: what lets scales be compared by evidence."""
    scale = Scale(kind, (0.0, 27.0))
    seen = scale.observed(scale.steps())
    middle, spread = scale.latent(9.0), sd * float(np.diff(scale.latent([8.5, 9.5]))[0])
    density = norm.pdf(seen.value, middle, np.sqrt(spread**2 + seen.rounding_var)) * np.exp(seen.log_width)
    ends = np.where(seen.end < 0, norm.cdf(seen.value, middle, spread), norm.sf(seen.value, middle, spread))
    assert np.where(seen.end == 0, density, ends).sum() == pytest.approx(1, abs=0.01)


def test_a_score_near_an_end_is_at_it():
    """Within half a step of the floor everything was written down as the floor: prorated totals too."""
    seen = Scale("identity", (0.0, 27.0)).observed([0.4, 0.6, 26.6])
    assert np.array_equal(seen.end, [-1, 0, 1])
    assert seen.value == pytest.approx([0.9, 0.6, 26.1])


@EVERY_KIND
@pytest.mark.parametrize("shift", [4.5, 5.0, 5.3, 5.5, -5.0])
def test_a_rating_that_a_linked_scale_does_not_reach_is_read_as_the_nearest_that_it_does(kind, shift):
    scale = Scale(kind, (0.0, 27.0), 1.0, 1.0, shift, (0.0, 27.0))
    seen = scale.observed(scale.steps())
    assert np.all(np.isfinite([*seen.value, *seen.rounding_var, *seen.log_width]))
    assert np.all(np.diff(seen.value) >= 0)
    assert np.all(np.diff(seen.end) >= 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("cubic", (0.0, 27.0)), "found the scale 'cubic'; allowed: identity, square_root, logit"),
        (("identity", (27.0, 0.0)), "found a score range from 27 to 0"),
        (("identity", (0.0, float("inf"))), "found a score range from 0 to inf"),
        (("identity", (float("nan"), 27.0)), "found a score range from nan to 27"),
        (("identity", (0.0, 27.0), 0.0), "found a step of 0"),
        (("identity", (0.0, 27.0), 28.0), "found a step of 28"),
        (("identity", (0.0, 27.0), 1.0, -1.0), "a slope of -1"),
        (("identity", (0.0, 27.0), 1.0, float("nan")), "a slope of nan"),
    ],
)
def test_scales_that_are_none_are_refused_in_words(arguments, words):
    with pytest.raises(ValueError, match=words):
        Scale(*arguments)
