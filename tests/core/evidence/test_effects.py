"""One study's effect: by hand, in both directions, and what cannot be one."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from euthymia.evidence.effects import from_counts, from_print, shown

ARM = st.integers(2, 300).flatmap(lambda n: st.tuples(st.integers(1, n - 1), st.just(n)))


def test_escape_trd_by_hand():
    """91 of 336 against 60 of 340."""
    found = from_counts("RR", (91, 336), (60, 340))
    assert shown("RR", found.value) == pytest.approx((91 / 336) / (60 / 340))
    assert found.se == pytest.approx(math.sqrt(1 / 91 - 1 / 336 + 1 / 60 - 1 / 340))
    odds = from_counts("OR", (91, 336), (60, 340))
    # The paper printed 1.74 (1.20 to 2.52), adjusted.
    assert shown("OR", odds.value) == pytest.approx(1.733, abs=0.001)
    assert from_counts("RD", (91, 336), (60, 340)).value == pytest.approx(91 / 336 - 60 / 340)


@given(ARM, ARM)
def test_the_other_way_round_is_the_other_sign(active, control):
    for measure in ("RR", "OR", "RD"):
        there, back = from_counts(measure, active, control), from_counts(measure, control, active)
        assert there.value == pytest.approx(-back.value, abs=1e-12)
        assert there.se == pytest.approx(back.se)


@given(ARM, ARM)
def test_not_having_the_event_is_the_inverse_odds(active, control):
    without = [(n - events, n) for events, n in (active, control)]
    assert from_counts("OR", active, control).value == pytest.approx(-from_counts("OR", *without).value, abs=1e-9)


def test_half_is_added_to_the_four_cells_of_a_study_with_an_empty_one():
    found = from_counts("RR", (6, 22), (0, 19))
    assert found.corrected
    assert found.value == pytest.approx(math.log((6.5 / 23) / (0.5 / 20)))
    assert not from_counts("RR", (6, 22), (1, 19)).corrected


@pytest.mark.parametrize("counts", [((0, 9), (0, 8)), ((9, 9), (8, 8))])
def test_counts_that_say_nothing_of_a_ratio_are_refused(counts):
    with pytest.raises(ValueError, match="allowed: counts that say something"):
        from_counts("RR", *counts)


@pytest.mark.parametrize("counts", [((10, 9), (0, 8)), ((-1, 9), (0, 8)), ((0, 0), (0, 8))])
def test_impossible_counts_are_refused(counts):
    with pytest.raises(ValueError, match="people; allowed"):
        from_counts("RR", *counts)


def test_a_measure_that_counts_cannot_give_is_refused():
    with pytest.raises(ValueError, match="found MD of counts"):
        from_counts("MD", (1, 2), (1, 2))


def test_the_standard_error_is_the_printed_one_or_is_read_from_the_interval():
    assert from_print("MD", -4.0, 1.69, -7.31, -0.64).se == 1.69
    assert from_print("MD", -4.0, None, -7.31, -0.64).se == pytest.approx(6.67 / 3.919928, abs=1e-6)
    hazard = from_print("HR", 0.49, None, 0.29, 0.84)
    assert (hazard.value, hazard.se) == (pytest.approx(math.log(0.49)), pytest.approx(math.log(0.84 / 0.29) / 3.919928, abs=1e-6))


def test_an_estimate_alone_is_no_effect():
    with pytest.raises(ValueError, match="neither a standard error nor an interval"):
        from_print("MD", -4.0, None, None, None)
