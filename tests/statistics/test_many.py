"""One against many: step-down max-T against all patterns one by one, Dunnett's numbers, and equals."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats

from optbench.statistics.holm import holm
from optbench.statistics.many import max_t


def brute_force(x):
    """Adjusted p of one workload by the definition: of the closed family, the largest p of any set that holds it."""

    def t(values):
        return np.abs(scipy.stats.ttest_1samp(values, 0).statistic)

    seen = t(x)
    flipped = np.array([t(np.array(signs)[:, None] * x) for signs in itertools.product((1, -1), repeat=len(x))])
    k = x.shape[1]
    sets = [list(s) for r in range(1, k + 1) for s in itertools.combinations(range(k), r)]
    p = {tuple(s): np.mean(flipped[:, s].max(axis=1) >= seen[s].max() * (1 - 1e-9)) for s in sets}
    return np.array([max(value for s, value in p.items() if j in s) for j in range(k)])


@pytest.mark.parametrize("seed", range(5))
def test_step_by_step_is_the_closed_test_of_all_sets(seed):
    """The definition of a closed test asks 2^k - 1 sets; the shortcut, k."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 1, (8, 1)) + rng.normal([0.2, 0.8, 1.5], 1, (8, 3))
    found = max_t([x])
    np.testing.assert_allclose(found.adjusted, brute_force(x))
    assert (found.p <= found.adjusted).all()


def test_a_single_comparison_is_not_corrected_and_copies_cost_nothing():
    x = np.random.default_rng(0).normal(0.5, 1, (9, 1))
    exact = scipy.stats.permutation_test(
        (x[:, 0],), lambda v: abs(scipy.stats.ttest_1samp(v, 0).statistic),
        permutation_type="samples", n_resamples=np.inf, alternative="greater", vectorized=False,
    )  # fmt: skip
    assert max_t([x]).adjusted == max_t([x]).p == pytest.approx(exact.pvalue)
    assert max_t([np.repeat(x, 6, axis=1)]).adjusted == pytest.approx(np.full(6, exact.pvalue))


def test_of_many_normal_pairs_the_bound_is_dunnetts():
    """2.35 for three treatments with correlation 1/2 and many observations, two-sided at 5 % (Dunnett 1964)."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(400, 4))
    assert max_t([x[:, :1] - x[:, 1:]]).critical == pytest.approx(2.35, abs=0.06)
    few = max_t([x[:, :1] - x[:, 1:2]]).critical
    assert few == pytest.approx(1.96, abs=0.06)


@pytest.mark.parametrize("apart", [0, 2])
def test_equals_are_told_apart_in_at_most_one_family_in_twenty(apart):
    """Also where others do differ (strong control); skewed noise. And it finds more than Holm's rule."""
    rng = np.random.default_rng(2)
    families, false, found, by_holm = 600, 0, 0, 0
    for _ in range(families):
        runs = rng.exponential(size=(2, 8, 6))
        runs[:, :, 1 : 1 + apart] += 1.1
        groups = list(runs[:, :, :1] - runs[:, :, 1:])
        one = max_t(groups)
        false += (one.adjusted[apart:] <= 0.05).any()
        found += np.count_nonzero(one.adjusted[:apart] <= 0.05)
        by_holm += np.count_nonzero(holm(one.p)[:apart] <= 0.05)
    assert false / families <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / families)
    if apart:
        assert found > by_holm > 0
