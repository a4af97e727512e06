"""Shares of a whole: Fieller's interval against the tests that it inverts, and its coverage."""

import math

import numpy as np
import pytest
from scipy import stats

from optbench.statistics.shares import share


def groups(seed, seeds=8, workloads=1, part=0.3, whole=1.0):
    rng = np.random.default_rng(seed)
    parts = [rng.normal(part, 0.2, size=seeds) for _ in range(workloads)]
    return parts, [p + rng.normal(whole - part, 0.3, size=seeds) for p in parts]


@pytest.mark.parametrize("seed", range(5))
def test_the_ends_are_the_shares_that_students_test_just_refutes(seed):
    (part,), (whole,) = groups(seed)
    value, low, high = share([part], [whole])
    assert value == pytest.approx(part.mean() / whole.mean())
    for end in (low, high):
        assert stats.ttest_1samp(part - end * whole, 0).pvalue == pytest.approx(0.05, abs=1e-9)
    inside = np.linspace(low, high, 9)[1:-1]
    assert all(stats.ttest_1samp(part - r * whole, 0).pvalue > 0.05 for r in inside)


def test_of_several_workloads_it_covers_the_true_share():
    hits = 0
    for seed in range(600):
        _, low, high = share(*groups(seed, seeds=5, workloads=3))
        hits += low <= 0.3 <= high
    assert 0.92 <= hits / 600 <= 0.98


def test_the_same_share_with_every_seed_has_no_width():
    whole = np.array([0.5, 1.0, 2.0])
    assert share([0.25 * whole], [whole]) == (0.25, 0.25, 0.25)
    assert share([0 * whole], [-whole]) == (0, 0, 0)
    assert math.copysign(1, share([0 * whole], [-whole])[0]) == 1


def test_without_a_whole_or_a_spread_there_is_no_interval():
    noise = np.array([1.0, -1.1, 0.9, -0.7])
    value, low, high = share([np.array([0.1, 0.2, 0.1, 0.3])], [noise])
    assert np.isfinite(value)
    assert np.isnan([low, high]).all()
    assert np.isnan(share([noise], [np.zeros(4)])).all()
    assert np.isnan(share([np.array([1.0])], [np.array([2.0])])[1:]).all()
