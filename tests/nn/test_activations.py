"""Activations: values, gradients, dtypes."""

import math

import numpy as np
import pytest

from optbench.nn.activations import ACTIVATIONS, sigmoid
from optbench.nn.dense import Dense
from optbench.testing.gradcheck import THRESHOLD, check_layer

FORMULAS = {
    "identity": lambda x: x,
    "relu": lambda x: max(x, 0.0),
    "leaky_relu": lambda x: x if x > 0 else 0.01 * x,
    "tanh": math.tanh,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "gelu": lambda x: x * 0.5 * math.erfc(-x / math.sqrt(2)),
    "sine": math.sin,
    "gelu_tanh": lambda x: x * 0.5 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
}
every = pytest.mark.parametrize("name", list(ACTIVATIONS))


@every
def test_values(name, layer_output):
    x = np.random.default_rng(0).normal(size=(4, 7)) * 3
    expected = np.vectorize(FORMULAS[name])(x)
    assert np.allclose(layer_output(ACTIVATIONS[name](), x), expected, rtol=1e-14, atol=1e-15)


@every
@pytest.mark.parametrize("shape", [(6,), (3, 4, 2)], ids=["flat", "image"])
def test_gradient(name, shape):
    assert check_layer(ACTIVATIONS[name](), shape) < THRESHOLD


@every
def test_gradient_behind_another_that_needs_its_output(name, bound):
    # tanh reads its own output in the backward pass: what follows must not write over it.
    from optbench.nn.activations import Tanh
    from optbench.nn.losses import SoftmaxCrossEntropy
    from optbench.nn.network import Network
    from optbench.testing.gradcheck import check_network

    layers = [Dense(5), Tanh(), ACTIVATIONS[name](), Dense(3), ACTIVATIONS[name](), Tanh()]
    assert check_network(Network(layers, (4,), SoftmaxCrossEntropy)) < THRESHOLD


@every
def test_float32_stays(name, bound):
    graph, _, grads = bound([Dense(5), ACTIVATIONS[name](), Dense(3)], (4,), dtype="float32")
    graph.forward()
    graph.backward()
    assert all(y.dtype == np.float32 for y in graph.outputs)
    assert grads.dtype == np.float32


def test_relu_has_no_gradient_at_zero_and_leaky_relu_its_slope(bound):
    for name, slope in (("relu", 0.0), ("leaky_relu", 0.01)):
        graph, params, grads = bound([Dense(2), ACTIVATIONS[name](), Dense(2)], (1,), batch=1)
        params[:, :4] = 0
        graph.forward()
        graph.backward()
        dense = graph.network.layout.views(params[0])["2.dense.weight"]
        expected = slope * dense @ graph.ops[-1].wires.dy[0, 0]
        assert np.allclose(grads[0, 2:4], expected, rtol=1e-12, atol=0)


def test_sigmoid_of_huge_values():
    assert np.array_equal(sigmoid(np.array([-1e4, 0, 1e4])), [0, 0.5, 1])


def test_gelu_by_a_sigmoid_is_right_for_large_values(layer_output):
    x = np.array([[-3e4, -30.0, -1e-3, 0.0, 1e-3, 30.0, 3e4]])
    with np.errstate(over="ignore"):
        y = layer_output(ACTIVATIONS["gelu_tanh"](), x, dtype="float32")
    wanted = [[0, 0, *(h * (0.5 + h / np.sqrt(2 * np.pi)) for h in (-1e-3, 0, 1e-3)), 30, 3e4]]
    assert np.allclose(y, wanted, rtol=1e-6, atol=1e-28)
