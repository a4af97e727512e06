"""IQM and its relatives against scipy."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from optbench.statistics import iqm, optimality_gap, probability_of_improvement, stratified_interval


@given(st.integers(1, 40).flatmap(lambda n: arrays(float, n, elements=st.floats(-100, 100))))
def test_iqm_is_scipys_trimmed_mean(values):
    np.testing.assert_allclose(iqm(values), scipy.stats.trim_mean(values, 0.25), atol=1e-9)


def test_iqm_leaves_missing_runs_out():
    values = np.array([[1.0, 2, 3, 100, np.nan], [np.nan] * 5])
    np.testing.assert_equal(iqm(values), [2.5, np.nan])


def test_the_stratified_interval_covers_and_repeats():
    rng = np.random.default_rng(0)
    scores = [rng.normal(mean, 0.1, 20) for mean in (0.2, 0.5, 0.8)]
    low, high = stratified_interval(scores, rng=np.random.default_rng(1))
    assert low < iqm(np.concatenate(scores)) < high
    assert (low, high) == stratified_interval(scores, rng=np.random.default_rng(1))
    # strata keep their sizes: with equal scores within each, nothing is left to chance
    assert stratified_interval([np.full(5, 0.1), np.full(5, 0.9)]) == (0.5, 0.5)
    # which an ordinary bootstrap of all scores would not give
    pooled = stratified_interval([np.repeat([0.1, 0.9], 5)])
    assert pooled[0] < 0.4 < 0.6 < pooled[1]


def test_probability_of_improvement_is_mann_whitneys():
    rng = np.random.default_rng(0)
    x = [rng.integers(0, 6, 8).astype(float) for _ in range(3)]  # whole numbers: with ties
    y = [rng.integers(0, 6, 11).astype(float) for _ in range(3)]
    us = [scipy.stats.mannwhitneyu(a, b).statistic / (len(a) * len(b)) for a, b in zip(x, y, strict=True)]
    assert probability_of_improvement(x, y) == pytest.approx(np.mean(us))
    assert probability_of_improvement(x, x) == pytest.approx(0.5)


def test_optimality_gap():
    assert optimality_gap(np.array([0.5, 1.0, 2.0])) == pytest.approx(1 - 2.5 / 3)
