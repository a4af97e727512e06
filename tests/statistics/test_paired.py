"""Paired effects against scipy, and by simulation: the intervals cover."""

import math

import numpy as np
import pytest
import scipy.stats

from optbench.statistics import paired_effect, sign_flip
from optbench.statistics.paired import DRAWS


def test_one_workload_is_scipys_paired_t_test():
    rng = np.random.default_rng(0)
    a, b = rng.normal(1, 1, 10), rng.normal(0.5, 2, 10)
    expected = scipy.stats.ttest_rel(a, b).confidence_interval(0.95)
    effect = paired_effect([a - b])
    assert effect.mean == pytest.approx((a - b).mean())
    assert (effect.low, effect.high) == pytest.approx(tuple(expected))
    assert effect.pairs == 10


def test_two_workloads_have_welchs_degrees_of_freedom():
    rng = np.random.default_rng(0)
    x, y = rng.normal(1, 1, 8), rng.normal(0.5, 3, 12)
    # the mean of two means is half the difference of x and -y, which Welch's test is about
    expected = scipy.stats.ttest_ind(x, -y, equal_var=False).confidence_interval(0.95)
    effect = paired_effect([x, y])
    assert (effect.low, effect.high) == pytest.approx((expected.low / 2, expected.high / 2))
    assert effect.pairs == 8


def test_no_spread_and_a_single_pair():
    assert paired_effect([np.full(5, 2.0)]) == paired_effect([np.full(5, 2.0)] * 3)
    assert paired_effect([np.full(5, 2.0)]).low == paired_effect([np.full(5, 2.0)]).high == 2.0
    assert math.isnan(paired_effect([np.array([1.0]), np.arange(5.0)]).low)
    tiny = paired_effect([np.array([1e-200, 2e-200, 3e-200])])
    assert tiny.low <= tiny.mean <= tiny.high


@pytest.mark.parametrize("workloads", [1, 3])
def test_intervals_cover_the_truth_19_times_in_20(workloads):
    rng = np.random.default_rng(0)
    trials, hits = 1500, 0
    for _ in range(trials):
        groups = [rng.normal(0.3, 1 + w, 8) for w in range(workloads)]
        effect = paired_effect(groups)
        hits += effect.low <= 0.3 <= effect.high
    assert 0.935 < hits / trials < 0.965


def test_sign_flip_is_scipys_exact_permutation_test():
    x = np.random.default_rng(0).normal(0.5, 1, 9)
    exact = scipy.stats.permutation_test(
        (x,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
    )
    assert sign_flip([x]) == pytest.approx(exact.pvalue)


def test_sign_flip_with_few_and_with_many_pairs():
    assert sign_flip([np.ones(5)]) == 2 / 2**5
    assert sign_flip([np.ones(6)]) == 2 / 2**6
    many = np.random.default_rng(1).normal(0.3, 1, 40)
    assert sign_flip([many]) == pytest.approx(scipy.stats.ttest_1samp(many, 0).pvalue, abs=0.02)
    assert sign_flip([np.zeros(4)]) == 1.0
    assert sign_flip([np.ones(4), np.ones(3)]) == 2 / 2**7


def test_sign_flip_looks_up_what_a_product_gives():
    rng = np.random.default_rng(5)
    for n in (14, 16, 29):
        x = rng.normal(0.3, 1, n)
        signs = 1.0 - 2.0 * np.random.default_rng(0).integers(2, size=(DRAWS, n))
        hits = np.count_nonzero(np.abs((signs * x).sum(axis=1)) >= abs(x.sum()) * (1 - 1e-12))
        assert sign_flip([x]) == sign_flip([x], np.random.default_rng(0)) == (hits + 1) / (DRAWS + 1)
