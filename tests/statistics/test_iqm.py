"""IQM and its relatives against scipy."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from optbench.statistics import (
    iqm,
    iqm_interval,
    optimality_gap,
    probability_of_improvement,
    stratified_interval,
)


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


def test_one_workload_is_yuens_interval_of_a_trimmed_mean():
    values = np.random.default_rng(0).normal(size=16)
    # scipy's trimmed t-test of two samples, of which one is a constant, is Yuen's for one
    other = np.zeros(16)
    expected = scipy.stats.ttest_ind(values, other, equal_var=False, trim=0.25)
    low, high = iqm_interval([values])
    middle = float(iqm(values))
    error = (high - low) / 2 / scipy.stats.t.ppf(0.975, 7)  # 8 are kept
    assert (low + high) / 2 == pytest.approx(middle)
    assert expected.statistic == pytest.approx(middle / error)


def test_the_interval_of_an_iqm_covers_where_percentiles_do_not():
    rng = np.random.default_rng(0)
    means, spreads = np.array([0.9, 0.88, 0.92, 0.86]), np.array([0.01, 0.02, 0.01, 0.03])
    big = rng.normal(means, spreads, (100_000, 4))
    truth = scipy.stats.trim_mean(big.ravel(), 0.25)
    student = percentile = 0
    for _ in range(400):
        scores = list(rng.normal(means, spreads, (5, 4)).T)
        low, high = iqm_interval(scores)
        student += low <= truth <= high
        low, high = stratified_interval(scores, resamples=300, rng=rng)
        percentile += low <= truth <= high
    assert 0.92 < student / 400 < 0.985
    assert percentile / 400 < 0.92


def test_the_interval_of_an_iqm_at_its_edges():
    assert iqm_interval([np.full(5, 0.3), np.full(5, 0.3)]) == (0.3, 0.3)
    assert np.isnan(iqm_interval([np.array([0.5]), np.array([0.6, 0.7])])).all()
    assert np.isnan(iqm_interval([])).all()
    wide = iqm_interval([np.array([0.1, 0.9, 0.5, 0.4, 0.6])])
    assert wide[0] < 0.5 < wide[1]


def test_probability_of_improvement_is_mann_whitneys():
    rng = np.random.default_rng(0)
    x = [rng.integers(0, 6, 8).astype(float) for _ in range(3)]  # whole numbers: with ties
    y = [rng.integers(0, 6, 11).astype(float) for _ in range(3)]
    us = [scipy.stats.mannwhitneyu(a, b).statistic / (len(a) * len(b)) for a, b in zip(x, y, strict=True)]
    assert probability_of_improvement(x, y) == pytest.approx(np.mean(us))
    assert probability_of_improvement(x, x) == pytest.approx(0.5)


def test_optimality_gap():
    assert optimality_gap(np.array([0.5, 1.0, 2.0])) == pytest.approx(1 - 2.5 / 3)
