"""Flipped signs, against all patterns one by one and against scipy's permutations."""

import itertools

import numpy as np
import pytest
import scipy.stats

from optbench.statistics import paired_effect
from optbench.statistics.equality import one_sided
from optbench.statistics.flips import DRAWS, WITHOUT_SPREAD, patterns, statistics


def test_t_is_mean_over_error_as_in_paired_effect():
    rng = np.random.default_rng(0)
    groups = [rng.normal(0.3, 1, (n, 3)) for n in (5, 8)]
    for j, t in enumerate(statistics(groups)):
        effect = paired_effect([g[:, j] for g in groups])
        errors = [g[:, j].var(ddof=1) / len(g) for g in groups]
        assert t == pytest.approx(effect.mean / (np.sqrt(sum(errors)) / 2))
    assert statistics(groups[:1])[0] == pytest.approx(scipy.stats.ttest_1samp(groups[0][:, 0], 0).statistic)


def test_what_did_not_run_is_left_out():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(6, 2)), rng.normal(size=(5, 2))
    x[2, 0] = np.nan
    y[:4, 1] = np.nan  # a single pair has no spread: that workload does not count
    assert statistics([x, y]) == pytest.approx(
        [statistics([x[[0, 1, 3, 4, 5], :1], y[:, :1]])[0], statistics([x[:, 1:]])[0]]
    )


def test_flipped_statistics_are_those_of_flipped_differences():
    rng = np.random.default_rng(2)
    groups = [rng.normal(size=(3, 2)), rng.normal(size=(4, 2))]
    signs, whole = patterns([3, 4])
    flipped = statistics(groups, signs)
    assert whole
    assert flipped.shape == (128, 2)
    for i in range(128):
        one = statistics([s[i][:, None] * g for s, g in zip(signs, groups, strict=True)])
        np.testing.assert_allclose(flipped[i], one, atol=1e-9)
    assert {tuple(np.concatenate(row)) for row in zip(*signs, strict=True)} == set(itertools.product((1, -1), repeat=7))


def test_no_spread_and_nothing():
    assert statistics([np.ones((4, 1))]) == [WITHOUT_SPREAD]
    assert statistics([-np.ones((4, 1)), np.zeros((3, 1))]) == [-WITHOUT_SPREAD]
    assert statistics([np.zeros((4, 1))]) == [0]
    assert statistics([np.full((4, 1), np.nan)]) == [0]


def test_drawn_patterns_stay_as_pairs_are_added_and_hold_the_seen_one():
    few, whole = patterns([10, 20])
    many, _ = patterns([15, 200])
    assert not whole
    for a, b in zip(few, many, strict=True):
        assert a.shape[0] == DRAWS
        np.testing.assert_array_equal(a, b[:, : a.shape[1]])
        assert (a[0] == 1).all()
        assert abs(b.mean()) < 4 / np.sqrt(b.size)
    assert abs(np.corrcoef(few[0][:, 0], few[1][:, 0])[0, 1]) < 0.05


@pytest.mark.parametrize("shift", [-0.5, 0.2, 0.7])
def test_one_sided_p_is_scipys(shift):
    x = np.random.default_rng(3).normal(shift, 1, 10)
    exact = scipy.stats.permutation_test(
        (x,), lambda v, axis: scipy.stats.ttest_1samp(v, 0, axis=axis).statistic,
        permutation_type="samples", n_resamples=np.inf, alternative="greater", vectorized=True,
    )  # fmt: skip
    assert one_sided([x]) == pytest.approx(exact.pvalue)
    more = np.random.default_rng(4).normal(shift / 3, 1, 60)
    student = scipy.stats.ttest_1samp(more, 0, alternative="greater").pvalue
    assert one_sided([more]) == pytest.approx(student, abs=0.02)
