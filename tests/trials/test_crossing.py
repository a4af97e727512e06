"""Crossings of levels: closed forms, a dense search of the same line, and laws."""

import math

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from optbench.trials.crossing import crossings

CURVES = st.lists(st.floats(1e-3, 10), min_size=2, max_size=12)


def test_an_exponential_is_met_where_its_formula_says_however_rarely_it_is_measured():
    at = np.array([0.0, 7.0, 30.0, 31.0, 90.0])
    levels = np.array([1.5, 0.7, 0.1, 0.03])
    np.testing.assert_allclose(crossings(at, 2 * np.exp(-at / 20), levels), 20 * np.log(2 / levels))


def test_a_line_where_values_are_not_positive_or_higher_is_better():
    at = np.array([0.0, 10.0, 20.0])
    np.testing.assert_allclose(crossings(at, np.array([4.0, 2.0, -2.0]), np.array([1.0, -1.0])), [12.5, 17.5])
    np.testing.assert_allclose(crossings(at, np.array([0.0, 0.5, 1.0]), np.array([0.25, 0.9]), lower=False), [5, 18])


def test_never_at_once_not_measured_and_not_finite():
    at = np.array([0.0, 10.0, 20.0, 30.0])
    found = crossings(at, np.array([4.0, np.nan, np.inf, 1.0]), np.array([5.0, 4.0, 2.0, 0.5]))
    np.testing.assert_array_equal(found, [0, 0, 30, math.inf])  # nobody knows where a line from infinity crosses
    assert crossings(at, np.full(4, np.nan), np.array([1.0])) == [math.inf]


def test_the_first_crossing_counts_and_starts_from_the_curve():
    """After a detour to 9 the line down to 1 crosses 2 later than one from the best so far, 3, would."""
    at, values = np.array([0.0, 1.0, 2.0, 3.0]), np.array([4.0, 3.0, 9.0, 1.0])
    assert crossings(at, values, np.array([2.0])) == pytest.approx([2 + math.log(9 / 2) / math.log(9)])


@given(CURVES, st.floats(1e-3, 10))
@example([1.0, 0.002], 0.001)
def test_it_is_the_first_zero_of_the_line(values, level):
    assume(all(abs(math.log(value / level)) > 1e-9 for value in values))  # the last bit decides whether it is met
    at = np.arange(len(values), dtype=float)
    dense = np.unique(np.concatenate([at, np.linspace(0, len(values) - 1, 20_000)]))
    met = np.flatnonzero(np.interp(dense, at, np.log(values)) <= math.log(level) + 1e-12)
    found = crossings(at, np.array(values), np.array([level]))[0]
    if len(met):
        assert dense[max(met[0] - 1, 0)] - 1e-6 <= found <= dense[met[0]] + 1e-6
    else:
        assert found == math.inf or min(values) == pytest.approx(level)


@given(CURVES, st.lists(st.floats(1e-3, 10), min_size=2, max_size=5))
def test_easier_levels_are_never_met_later(values, levels):
    found = crossings(np.arange(len(values)), np.array(values), np.sort(levels)[::-1])
    assert (np.diff(found[np.isfinite(found)]) >= -1e-12).all()
    assert (np.sort(np.isinf(found)) == np.isinf(found)).all()
    better = crossings(np.arange(len(values)), np.minimum.accumulate(values), np.sort(levels)[::-1])
    assert (better <= found + 1e-12).all()
