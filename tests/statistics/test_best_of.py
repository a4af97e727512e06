"""The expected best of k against all subsets, and its laws."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from optbench.statistics import expected_best, pooled_tuning_curve, tuning_curve


@settings(deadline=None)  # the first call imports scipy
@given(st.integers(1, 7).flatmap(lambda n: arrays(float, n, elements=st.floats(-10, 10))))
def test_it_is_the_mean_over_all_subsets(values):
    expected = [np.mean([max(c) for c in combinations(values, k)]) for k in range(1, len(values) + 1)]
    np.testing.assert_allclose(expected_best(values), expected, atol=1e-9)


def test_failures_count_as_the_worst_finite_value():
    np.testing.assert_allclose(
        expected_best(np.array([np.nan, 3.0, 1.0])), expected_best(np.array([1.0, 3, 1]))
    )
    assert np.isnan(expected_best(np.array([np.nan, np.nan]))).all()


def test_many_trials_do_not_overflow():
    values = np.arange(1200.0)
    best = expected_best(values)
    assert best[0] == pytest.approx(values.mean())
    assert best[-1] == pytest.approx(values.max())
    # E[max of k of 0 ... n - 1] = k (n + 1) / (k + 1) - 1
    k = np.array([10, 600])
    np.testing.assert_allclose(best[k - 1], k * 1201 / (k + 1) - 1, rtol=1e-9)


def test_the_curve_rises_within_its_interval():
    values = np.random.default_rng(0).normal(size=30)
    curve = tuning_curve(values, resamples=500)
    assert curve["k"].tolist() == list(range(1, 31))
    assert (np.diff(curve["value"]) > 0).all()
    assert ((curve["low"] <= curve["value"]) & (curve["value"] <= curve["high"])).all()
    assert curve.equals(tuning_curve(values, resamples=500))


def test_chosen_budgets_are_those_of_all():
    values = np.random.default_rng(3).normal(size=(2, 9))
    np.testing.assert_allclose(expected_best(values, [1, 4, 9]), expected_best(values)[:, [0, 3, 8]], rtol=1e-12)
    curve, some = tuning_curve(values[0]), tuning_curve(values[0], k=[2, 9])
    pd.testing.assert_frame_equal(curve[curve["k"].isin([2, 9])].reset_index(drop=True), some)


def test_the_pooled_curve_is_the_mean_of_its_workloads_and_surer():
    rng = np.random.default_rng(0)
    workloads = [rng.uniform(size=n) for n in (8, 10, 12, 9)]
    pooled = pooled_tuning_curve(workloads, resamples=400)
    assert pooled["k"].tolist() == list(range(1, 9))
    alone = [tuning_curve(values, resamples=400).head(8) for values in workloads]
    np.testing.assert_allclose(pooled["value"], np.mean([c["value"] for c in alone], axis=0))
    width = np.mean([c["high"] - c["low"] for c in alone], axis=0)
    assert (pooled["high"] - pooled["low"] < 0.8 * width).all()
    failed = pooled_tuning_curve([np.array([1.0, np.nan, 0.5]), np.ones(3)], resamples=50)
    assert failed["value"].tolist() == [pytest.approx((2 / 3 + 1) / 2), pytest.approx((5 / 6 + 1) / 2), 1.0]
