"""Equality within a margin: against the 1 - 2 alpha interval, statsmodels' tests, and truths that are known."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from optbench.statistics import Paired, paired_effect
from optbench.statistics.equality import equality, log_margin, word


def both(groups):
    return [np.stack([g, g]) for g in groups]


@pytest.mark.parametrize("workloads", [1, 3])
def test_it_is_found_where_the_interval_lies_within_the_margin(workloads):
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(100):
        groups = [rng.normal(0.02, 0.1, 14) for _ in range(workloads)]
        one = equality(both(groups), 0.07)
        inside = paired_effect(groups, 0.9)
        assert (one.low, one.high) == pytest.approx((inside.low, inside.high))
        if one.p <= 0.05:  # sign flips may ask for a little more than Student's test
            assert -0.07 < one.low < one.high < 0.07
        elif -0.065 < one.low < one.high < 0.065:
            assert one.p < 0.08
        found += one.p <= 0.05
    assert 10 < found < 100 or workloads == 3


@pytest.mark.oracle
def test_two_one_sided_tests_are_statsmodels():
    ttost = pytest.importorskip("statsmodels.stats.weightstats").ttost_paired
    rng = np.random.default_rng(1)
    for n in (14, 40):
        x, y = rng.normal(0, 0.1, (2, n))
        p, *_ = ttost(x, y, -0.05, 0.05)
        one = equality(both([x - y]), 0.05)
        assert one.p == pytest.approx(p, abs=0.01)
        assert one.p >= p - 1e-12


def test_the_same_results_are_equal_and_a_single_pair_says_nothing():
    assert equality(both([np.zeros(10)]), 0.01).p == 2.0**-10
    assert equality(both([np.zeros(4)]), 0.01).p == 2.0**-4
    assert equality(both([np.zeros(10), np.zeros(10)]), 0.01).p == 1e-4  # the pattern that was seen, of 10,000
    assert equality(both([np.zeros(1)]), 0.01).p == 1
    with pytest.raises(ValueError, match="margin"):
        equality(both([np.zeros(10)]), 0.0)


def test_targets_that_neither_met_are_no_evidence_of_equality():
    values = np.log(np.full((2, 1, 10, 2), 101.0))
    missed = np.ones(values.shape, dtype=bool)
    nobody = Paired(["a", "b"], ["w"], values, missed, True)
    assert equality(nobody.bounds(0, 1, 0.05), 0.05).p >= 0.5
    missed[:, :, :, 0] = False
    half = Paired(["a", "b"], ["w"], values, missed, True)
    assert equality(half.bounds(0, 1, 0.05), 0.05).p >= 0.5  # of the other target nobody knows
    missed[:, :, 1:] = False
    once = Paired(["a", "b"], ["w"], values, missed, True)
    assert equality(once.bounds(0, 1, 0.05), 0.05).p == 2.0**-10  # one of twenty: a tie of the test


@pytest.mark.parametrize("shift", [0.05, -0.05])
def test_at_the_margin_equality_is_found_in_at_most_one_case_in_twenty(shift):
    rng = np.random.default_rng(2)
    samples = 1500
    drawn = ([rng.normal(shift, s, 10) for s in (0.02, 0.06)] for _ in range(samples))
    found = sum(equality(both(groups), 0.05).p <= 0.05 for groups in drawn)
    assert found / samples <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / samples)
    assert found / samples >= 0.02


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_one_word_and_the_opposite_one_with_the_sides_exchanged(effect, p, p_equal, lower):
    opposite = {"faster": "slower", "slower": "faster", "better": "worse", "worse": "better"}
    said = word(effect, p, p_equal, lower)
    assert word(-effect, p, p_equal, lower) == opposite.get(said, said)
    assert (said == "equal") == (p_equal <= 0.05)
    assert (said == "undecided") == (p_equal > 0.05 and (p > 0.05 or effect == 0))
    if said in ("faster", "better"):
        assert (effect < 0) == lower


def test_margins_of_ratios_are_symmetric_on_the_logarithm():
    assert math.exp(log_margin(0.05)) == pytest.approx(1.05)
    assert scipy.stats.gmean([math.exp(log_margin(0.05)), math.exp(-log_margin(0.05))]) == pytest.approx(1)
