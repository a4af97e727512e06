"""The bigram model against loops over words, and what it is here to show."""

import numpy as np
import pytest
from scipy.special import log_softmax

from optbench.builtin.functions.bigram import Bigram

RNG = np.random.default_rng(0)


def by_loops(function, weights):
    """(loss, entropy) as the docstring writes them, a word at a time."""
    v = function.vocabulary
    often = [(i + 1) ** -function.exponent for i in range(v)]
    often = [share / sum(often) for share in often]
    own = [1 / (1 + r) for r in range(v)]
    loss = entropy = 0.0
    for i in range(v):
        logs = log_softmax(weights.reshape(v, v)[i])
        for j in range(v):
            follows = 0.5 * often[j] + 0.5 * own[(j - 7 * i) % v] / sum(own)
            loss -= often[i] * follows * logs[j]
            entropy -= often[i] * follows * np.log(follows)
    return loss, entropy


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
def test_it_is_the_expected_cross_entropy(exponent):
    function = Bigram(vocabulary=9, exponent=exponent)
    weights = np.random.default_rng(1).normal(size=81)
    loss, entropy = by_loops(function, weights)
    assert function.value(weights) == pytest.approx(loss, rel=1e-12)
    assert function.minimum == pytest.approx(entropy, rel=1e-12)


def test_a_constant_added_to_a_row_changes_nothing():
    function = Bigram(vocabulary=6)
    weights = RNG.normal(size=(6, 6))
    assert function.value((weights + RNG.normal(size=(6, 1)) * 10).ravel()) == pytest.approx(
        function.value(weights.ravel()), rel=1e-12
    )
    assert np.isfinite(function.value(1e4 * weights.ravel()))  # where exp alone would overflow


def test_rows_learn_in_proportion_to_their_words_frequency():
    slopes = Bigram(vocabulary=40).value_and_gradient(np.zeros(1600), 0, RNG)[1].reshape(40, 40)
    sizes = np.abs(slopes).sum(axis=1)
    assert sizes[0] / sizes[-1] > 20  # 1 / rank: about 40
    level = Bigram(vocabulary=40, exponent=0.0).value_and_gradient(np.zeros(1600), 0, RNG)[1].reshape(40, 40)
    np.testing.assert_allclose(np.abs(level).sum(axis=1), np.abs(level[0]).sum(), rtol=1e-12)


def test_a_random_start_is_each_runs_own():
    function = Bigram(vocabulary=5, spread=2.0)
    one, again, other = (function.initial(np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one != other).all()
    assert 1 < np.std(Bigram(vocabulary=50, spread=2.0).initial(RNG)) < 3


def test_a_scale_brings_rates_to_where_those_of_networks_are():
    plain, scaled = Bigram(vocabulary=6, spread=1.0), Bigram(vocabulary=6, spread=1.0, scale=8.0)
    first = plain.initial(np.random.default_rng(3))
    then = scaled.initial(np.random.default_rng(3))
    np.testing.assert_allclose(8 * then, first, rtol=1e-15)
    for _ in range(5):  # descent at a rate of 0.5 here is descent at 8 * 8 * 0.5 there
        first = first - 32.0 * plain.value_and_gradient(first, 0, RNG)[1]
        then = then - 0.5 * scaled.value_and_gradient(then, 0, RNG)[1]
    np.testing.assert_allclose(8 * then, first, rtol=1e-10)
    assert scaled.value(np.array(scaled.minima[0])) == pytest.approx(scaled.minimum, rel=1e-12)


def test_the_weights_are_one_matrix():
    (tensor,) = Bigram(vocabulary=6).layout().tensors
    assert tensor.shape == (6, 6)
