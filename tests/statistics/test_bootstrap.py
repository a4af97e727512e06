"""Resampling and summaries against scipy, NumPy and known laws."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from optbench.statistics.bootstrap import (
    expanded,
    expanded_interval,
    mean_interval,
    median_interval,
    medians,
    percentile_interval,
    quantile,
    t_interval,
)

NAN, INF = math.nan, math.inf
finite = st.floats(-1e6, 1e6)


@given(arrays(float, array_shapes(min_dims=1, max_dims=3), elements=finite))
def test_medians_are_numpys(values):
    np.testing.assert_allclose(medians(values), np.median(values, axis=-1), rtol=1e-12, atol=1e-9)


def test_medians_of_missing_runs_and_infinite_times():
    values = np.array(
        [[1, 3, INF, NAN], [1, INF, INF, NAN], [1, INF, NAN, NAN], [5, NAN, NAN, NAN], [NAN] * 4]
    )
    np.testing.assert_equal(medians(values), [3, INF, INF, 5, NAN])


@given(arrays(float, (7, 3), elements=finite), st.floats(0.01, 0.99))
def test_quantile_is_numpys_inverted_cdf(values, q):
    steps = q * 7
    if abs(steps - round(steps)) > 1e-6:  # at a step of the distribution rounding decides
        np.testing.assert_array_equal(
            quantile(values, q), np.quantile(values, q, axis=0, method="inverted_cdf")
        )


def test_quantile_leaves_nan_out_and_keeps_infinity():
    values = np.array([[1.0, NAN], [INF, NAN], [NAN, NAN], [INF, NAN]])
    np.testing.assert_equal(quantile(values, 0.3), [1, NAN])
    np.testing.assert_equal(quantile(values, 0.975), [INF, NAN])


def test_mean_interval_agrees_with_scipys_bootstrap():
    values = np.random.default_rng(1).exponential(size=40)
    own = mean_interval(values, resamples=20_000, rng=np.random.default_rng(2))
    ours = scipy.stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(3)
    ).confidence_interval
    np.testing.assert_allclose(own, ours, atol=0.02)


def test_expanded_percentiles_of_a_mean_are_students_interval_at_heart():
    assert expanded([5]) == pytest.approx(math.sqrt(5 / 4) * scipy.stats.t.ppf(0.975, 4))
    assert expanded([5, 5, 5]) == pytest.approx(math.sqrt(5 / 4) * scipy.stats.t.ppf(0.975, 12))
    assert expanded([10**6]) == pytest.approx(1.96, abs=1e-3)
    assert math.isnan(expanded([1, 1]))
    values = np.random.default_rng(0).normal(size=12)
    means = values[np.random.default_rng(1).integers(12, size=(40_000, 12))].mean(axis=1)
    np.testing.assert_allclose(expanded_interval(means[:, None], [12])[0], t_interval(values)[0], atol=0.04)
    np.testing.assert_allclose(expanded_interval(means[:, None], [12])[1], t_interval(values)[1], atol=0.04)
    assert np.isnan(expanded_interval(means[:, None], [1])).all()


@pytest.mark.parametrize(("n", "cover"), [(5, 0.9375), (8, 0.95), (10, 0.95), (25, 0.95)])
def test_median_interval_covers_whatever_the_distribution(n, cover):
    rng = np.random.default_rng(n)
    hits = 0
    for _ in range(3000):
        low, high = median_interval(rng.exponential(size=n))
        hits += low <= math.log(2) <= high
    assert hits / 3000 == pytest.approx(cover, abs=0.015)


def test_median_interval_is_made_of_order_statistics():
    assert median_interval(np.array([3.0, 1, 2, 5, 4])) == (1, 5)
    # of 9 the second smallest to the second largest cover 96.1 %, the third ones 82.0 %
    low, high = median_interval(np.arange(1.0, 10))
    assert 2 < low < 2.5
    assert (low, high) == pytest.approx((10 - high, 10 - low))
    assert all(map(math.isnan, median_interval(np.array([7.0]))))


def test_median_interval_knows_misses():
    assert median_interval(np.array([10.0, 10, 10, 10, INF]))[0] == 10
    assert median_interval(np.array([10.0, INF, INF])) == (10, INF)


@pytest.mark.parametrize("n", [2, 5, 30])
def test_t_interval_is_scipys(n):
    values = np.random.default_rng(n).normal(size=n)
    expected = scipy.stats.t.interval(0.95, n - 1, values.mean(), scipy.stats.sem(values))
    np.testing.assert_allclose(t_interval(values), expected, rtol=1e-10)


def test_t_interval_of_one_value():
    assert all(map(math.isnan, t_interval(np.array([1.0]))))


def test_percentile_interval_of_known_replicates():
    low, high = percentile_interval(np.arange(1.0, 1001)[:, None])
    assert (low[0], high[0]) == (25, 975)
