"""Power against statsmodels, simulation, and its own inverses."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench.statistics import Paired, paired_effect
from optbench.statistics.equality import equality
from optbench.statistics.planning import (
    equal_at_most,
    equal_power,
    least_difference,
    noise,
    power,
    seeds_needed,
)


@pytest.mark.oracle
def test_power_of_one_workload_is_statsmodels():
    test = pytest.importorskip("statsmodels.stats.power").TTestPower()
    for n, effect, k in ((8, 0.1, 1), (20, 0.05, 1), (30, 0.08, 6)):
        expected = test.power(effect / 0.12, n, 0.05 / k)
        assert power(effect, [0.12], n, k) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("effect", [0.0, 0.05, 0.1])
def test_power_over_workloads_is_how_often_it_is_found(effect):
    rng = np.random.default_rng(0)
    spread = [0.1, 0.1, 0.3]
    draws = [[rng.normal(effect, s, 8) for s in spread] for _ in range(1500)]
    found = np.mean([paired_effect(groups).p <= 0.05 for groups in draws])
    assert power(effect, spread, 8) == pytest.approx(found, abs=0.035)


@given(
    st.floats(1e-4, 1.0), st.lists(st.floats(0.0, 1.0), min_size=1, max_size=4), st.integers(2, 200),
    st.integers(1, 40), st.floats(-1.0, 1.0), st.floats(0.001, 0.5),
)  # fmt: skip
def test_equal_power_never_exceeds_its_bound(margin, noise, seeds, comparisons, effect, alpha):
    found = equal_power(margin, noise, seeds, comparisons, effect, alpha)
    assert found <= equal_at_most(margin, noise, seeds, effect) + 1e-12


def test_the_bound_of_equal_power_rules_something_out():
    assert equal_at_most(0.05, [0.1], 10) == pytest.approx(2 * scipy.stats.norm.cdf(0.05 * 10**0.5 / 0.1) - 1)
    assert equal_at_most(0.05, [0.1], 1000, effect=0.2) < 1e-6


def test_equal_power_is_how_often_equality_is_found():
    rng = np.random.default_rng(4)
    for effect in (0.0, 0.02):
        draws = [[rng.normal(effect, 0.1, 10) for _ in range(3)] for _ in range(600)]
        found = np.mean([equality([np.stack([g, g]) for g in groups], 0.05).p <= 0.05 for groups in draws])
        assert equal_power(0.05, [0.1] * 3, 10, effect=effect) == pytest.approx(found, abs=0.06)
    # with many seeds a normal's: both tests refute within z(0.95) of the margins
    z = 0.05 / (0.1 / math.sqrt(300)) - scipy.stats.norm.ppf(0.95)
    assert equal_power(0.05, [0.1], 300) == pytest.approx(2 * scipy.stats.norm.cdf(z) - 1, abs=0.01)
    assert equal_power(0.05, [0.1], 300, effect=0.05) == pytest.approx(0.05, abs=0.002)


@settings(max_examples=40)
@given(
    st.lists(st.floats(0.02, 1), min_size=1, max_size=6), st.integers(6, 100), st.integers(1, 10), st.floats(0.3, 0.95)
)
def test_least_difference_and_seeds_needed_undo_power(spread, seeds, comparisons, wanted):
    least = least_difference(spread, seeds, comparisons, wanted)
    if math.isinf(least):
        assert power(10.0, spread, seeds, comparisons) == 0
        return
    assert power(least, spread, seeds, comparisons) == pytest.approx(wanted, abs=1e-3)
    needed = seeds_needed(least * 1.0001, spread, comparisons, wanted)
    assert needed == seeds


def test_what_no_number_of_pairs_decides():
    assert power(5.0, [0.1], 5) == 0  # 2^-4 is more than 5 %
    assert power(5.0, [0.1], 6) > 0.99
    assert power(5.0, [0.1], 6, comparisons=6) == 0
    assert least_difference([0.1], 5) == math.inf
    # one workload is so much noisier than the others that hardly more than its two degrees of freedom are left
    assert least_difference([0.003, 0.087, 0.015, 0.003], 3, 78) == math.inf
    assert seeds_needed(0.0, [0.1]) is None
    assert seeds_needed(1e-6, [1.0]) is None
    assert (power(0.1, [0.0, 0.0], 6), power(0.0, [0.0], 6), least_difference([0.0], 6)) == (1, 0, 0)
    assert (equal_power(0.1, [0.0], 6), equal_power(0.1, [0.1], 3)) == (1, 0)
    with pytest.raises(ValueError, match="2 or more"):
        power(0.1, [0.1], 1)


def test_noise_is_that_of_paired_differences():
    rng = np.random.default_rng(2)
    shared = rng.normal(size=(1, 2, 4000))
    values = shared + np.array([0.1, 0.3])[:, None] * rng.normal(size=(3, 2, 4000))
    pairs = Paired(list("abc"), list("vw"), values, np.zeros(values.shape, dtype=bool), True)
    assert noise(pairs) == pytest.approx(np.sqrt(2) * np.array([0.1, 0.3]), rel=0.03)
    values[1:, 1] = np.nan
    assert np.isnan(noise(pairs)).tolist() == [False, True]
