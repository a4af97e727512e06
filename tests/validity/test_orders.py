"""Kendall's tau between made-up orders, against scipy and against orders whose tau is known."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau


def made_up(means, workloads=4, places=5, noise=0.0, seed=0):
    """Methods of known pace on workloads of their own ease, with noise of seeds."""
    from validity.orders import Ours

    rng = np.random.default_rng(seed)
    values = np.array(means, dtype=float)[:, None, None] + rng.normal(0, 3, workloads)[None, :, None]
    values = values + noise * rng.normal(size=(len(means), workloads, places))
    return Ours([f"m{i}" for i in range(len(means))], [f"w{i}" for i in range(workloads)], values, "time")


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=9))
def test_tau_is_scipys_with_ties_too(pairs):
    from validity.orders import tau_rows

    x, y = np.array(pairs, dtype=float).T
    expected = kendalltau(x, y, variant="b").statistic
    assert tau_rows(x[None], y)[0] == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(("costs", "tau"), [([1, 2, 3, 4, 5], 1.0), ([5, 4, 3, 2, 1], -1.0), ([2, 1, 3, 4, 5], 0.8)])
def test_known_orders_without_noise_have_their_tau_and_an_interval_without_width(costs, tau):
    from validity.orders import kendall

    found = kendall(made_up([0, 1, 2, 3, 4]), np.array(costs), np.random.default_rng(1))
    assert (found.tau, found.low, found.high) == pytest.approx((tau, tau, tau))
    assert found.p == kendalltau(range(5), costs, method="exact").pvalue
    assert found.word == {1.0: "agrees", -1.0: "opposite", 0.8: "undecided"}[tau]  # p of 0.8 among five is 0.083
    assert found.exact


def test_noise_that_hides_the_order_leaves_it_undecided():
    from validity.orders import kendall

    found = kendall(made_up([0, 0, 0, 0, 0], noise=1.0), np.arange(5.0), np.random.default_rng(1))
    assert found.low < 0 < found.high
    assert found.word == "undecided"


def test_three_methods_have_no_tau():
    from validity.orders import kendall

    with pytest.raises(ValueError, match="3 methods in common"):
        kendall(made_up([0, 1, 2]), np.arange(3.0), np.random.default_rng(1))


@settings(max_examples=10)
@given(st.lists(st.integers(0, 3), min_size=4, max_size=5), st.randoms(use_true_random=False))
def test_p_counts_all_arrangements(costs, random):
    """Against all n! permutations, where equal ones are counted as often as they come."""
    from validity.orders import permutation_p

    x, y = np.array(random.sample(range(20), len(costs)), dtype=float), np.array(costs, dtype=float)
    if len(set(costs)) == 1:
        return
    seen = abs(kendalltau(x, y).statistic)
    taus = [abs(kendalltau(x, np.array(order)).statistic) for order in permutations(y)]
    p, exact = permutation_p(x, y, np.random.default_rng(0))
    assert exact
    assert p == pytest.approx(np.mean([tau >= seen - 1e-9 for tau in taus]))


def test_p_of_too_many_arrangements_is_drawn_and_says_so():
    from validity.orders import permutation_p

    x, y = np.arange(12.0), np.repeat(np.arange(6.0), 2)
    p, exact = permutation_p(x, y, np.random.default_rng(0))
    assert not exact
    assert p < 0.001


def test_the_interval_covers_and_workloads_add_to_it():
    """Methods change places from workload to workload, not from seed to seed: only resampled workloads tell of that."""
    from validity.orders import Ours, kendall

    rng = np.random.default_rng(3)
    values = np.repeat(np.arange(5.0)[:, None, None] + rng.normal(0, 3, (5, 8, 1)), 6, axis=2)
    found = Ours([f"m{i}" for i in range(5)], [f"w{i}" for i in range(8)], values, "time")
    others = kendall(found, np.arange(5.0), np.random.default_rng(1))
    these = kendall(found, np.arange(5.0), np.random.default_rng(1), workloads=False)
    assert (these.low, these.high) == pytest.approx((these.tau, these.tau))
    assert others.low < others.tau
    assert others.high > others.low


def test_replicates_keep_pairs():
    """What all methods share at a place (an easy seed) cancels in differences, to the bit."""
    from validity.orders import replicates

    rng = np.random.default_rng(0)
    shared = rng.normal(size=(1, 3, 4)) * 100
    values = shared + np.array([0.0, 1.0])[:, None, None]
    drawn = replicates(values, rng, count=50)
    assert np.allclose(drawn[:, 1] - drawn[:, 0], 1.0)
    assert drawn[:, 0].std() > 1


def test_a_method_that_did_not_run_everywhere_is_left_out():
    found = made_up([0, 1, 2, 3, 4])
    found.values[2, 1] = np.nan
    assert found.complete == ["m0", "m1", "m3", "m4"]
    assert found.of(["m4", "m0"]).values.shape == (2, 4, 5)
