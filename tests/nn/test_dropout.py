"""Dropout: expectation, evaluation, masks within a step."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench.nn.activations import Tanh
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.dropout import Dropout
from optbench.nn.losses import SoftmaxCrossEntropy
from optbench.nn.network import Network
from optbench.testing.gradcheck import THRESHOLD, check_layer, check_network


@pytest.mark.parametrize("shape", [(6,), (3, 4, 2)], ids=["flat", "image"])
def test_gradient(shape):
    assert check_layer(Dropout(0.6), shape) < THRESHOLD


def test_gradient_behind_an_activation_that_needs_its_output():
    network = Network([Dense(9), Tanh(), Dropout(0.5), Dense(3)], (4,), SoftmaxCrossEntropy)
    assert check_network(network) < THRESHOLD


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("keep", [0.2, 0.8])
def test_a_unit_is_kept_with_its_probability_and_keeps_its_expectation(keep, dtype, layer_output):
    y = layer_output(Dropout(keep), np.ones((400, 250)), dtype=dtype)
    kept = y != 0
    # 5 standard deviations of a mean of 100,000
    assert kept.mean() == pytest.approx(keep, abs=5 * np.sqrt(keep * (1 - keep) / y.size))
    assert np.allclose(y[kept], 1 / keep)
    assert y.mean(dtype="float64") == pytest.approx(1, abs=5 * np.sqrt((1 - keep) / keep / y.size))
    assert y.dtype == dtype


@settings(max_examples=20, deadline=None)
@given(st.floats(0.01, 1.0), st.integers(0, 10**6))
def test_each_value_is_dropped_or_divided(keep, seed):
    x = np.random.default_rng(seed).normal(size=(3, 5))
    network = Network([Dropout(keep)], (5,), SoftmaxCrossEntropy)
    graph = network.bind(np.zeros((1, 0)), None, [{}], 3, [np.random.default_rng(seed)])
    graph.x[0] = x
    graph.forward()
    y = graph.logits[0]
    assert np.all((y == 0) | np.isclose(y, x / keep, rtol=1e-15))


def test_keeping_all_changes_nothing(layer_output):
    x = np.random.default_rng(0).normal(size=(50, 7))
    assert np.array_equal(layer_output(Dropout(1.0), x), x)


def test_evaluation_drops_nothing(layer_output):
    x = np.random.default_rng(0).normal(size=(4, 7))
    assert np.array_equal(layer_output(Dropout(0.3), x, training=False), x)


def test_masks_hold_until_the_next_fresh_pass(bound):
    graph, _, grads = bound([Dense(20), Dropout(0.5), Dense(3)], (4,))
    graph.forward()
    graph.backward()
    first, gradient = np.array(graph.logits), grads.copy()
    graph.forward(training=False, fresh=False)
    graph.forward(training=True, fresh=False)
    graph.backward()
    assert np.array_equal(graph.logits, first)
    assert np.array_equal(grads, gradient)
    graph.forward()
    assert not np.array_equal(graph.logits, first)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_another_graph_shares_the_masks_and_leaves_everything_alone(bound, dtype):
    rngs = [np.random.default_rng(5)]
    layers = [Dense(20), Dropout(0.5), Dense(12), Dropout(0.7), Dense(3)]
    graph, params, grads = bound(layers, (4,), rngs=rngs, dtype=dtype)
    other_grads = np.zeros_like(grads)
    state = [{} for _ in layers]
    other = graph.network.bind(params.copy(), other_grads, state, graph.batch, rngs, memory=graph.memory)
    for _ in range(2):
        graph.forward()
        graph.backward()
        drawn = rngs[0].bit_generator.state
        other.x[...], other.targets[...] = graph.x, graph.targets
        other.forward(True, False)
        other.backward()
        assert np.array_equal(other_grads, grads)
        assert rngs[0].bit_generator.state == drawn


def test_images_are_dropped_value_by_value(layer_output):
    y = layer_output(Dropout(0.5), np.ones((10, 4, 4, 3)))
    assert 0 < (y == 0).mean() < 1
    assert len(np.unique((y == 0).sum(axis=3))) > 2


def test_behind_a_convolution(bound):
    graph, _, grads = bound([Convolution(3), Dropout(0.5), Dense(2)], (4, 4, 1))
    graph.forward()
    graph.backward()
    assert np.isfinite(grads).all()
