"""The convolution against SciPy's correlation."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate2d

from optbench.contract.hyperparameters import ComponentError
from optbench.nn import convolution
from optbench.nn.activations import Tanh
from optbench.nn.convolution import Convolution, product
from optbench.nn.dense import Dense
from optbench.nn.losses import SoftmaxCrossEntropy
from optbench.nn.network import Network
from optbench.testing.gradcheck import THRESHOLD, check_layer, check_network


def by_scipy(x, weight, bias):
    y = np.zeros((*x.shape[:3], weight.shape[3]))
    for n in range(len(x)):
        for o in range(weight.shape[3]):
            y[n, ..., o] = bias[o] + sum(
                correlate2d(x[n, ..., c], weight[..., c, o], mode="same") for c in range(x.shape[3])
            )
    return y


@pytest.mark.parametrize("shape", [(5, 6, 2), (1, 1, 3), (2, 7, 1)])
def test_values(shape, layer_output):
    rng = np.random.default_rng(1)
    x, weight, bias = rng.normal(size=(3, *shape)), rng.normal(size=(3, 3, shape[2], 4)), rng.normal(size=4)
    y = layer_output(Convolution(4), x, params={"weight": weight, "bias": bias})
    assert np.allclose(y, by_scipy(x, weight, bias), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shape", [(4, 5, 2), (1, 3, 2), (2, 2, 1)])
def test_gradient(shape):
    assert check_layer(Convolution(3), shape) < THRESHOLD


def test_gradient_of_two_in_a_row():
    layers = [Convolution(3), Tanh(), Convolution(2), Tanh(), Dense(3)]
    assert check_network(Network(layers, (4, 3, 2), SoftmaxCrossEntropy)) < THRESHOLD


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5), st.integers(1, 40), st.integers(1, 700))
def test_a_product_in_blocks_is_the_product(rows, inner, columns):
    rng = np.random.default_rng(columns)
    a, b = rng.normal(size=(2, 1, rows, inner)), rng.normal(size=(2, 3, inner, columns))
    out = np.full((2, rows, 3, columns), np.nan).swapaxes(1, 2)
    with patch.object(convolution, "SMALL", 200 * rows * inner):
        calls = product(a, b, out)
    for call in calls:
        call()
    assert len(calls) == 1 if columns <= 200 else len(calls) <= 2
    assert np.allclose(out, a @ b, rtol=1e-13, atol=1e-13)


def test_only_columns_that_are_too_many_are_cut():
    assert len(product(np.ones((1, 1, 4, 9)), np.ones((1, 1, 9, 10**4)), np.zeros((1, 1, 4, 10**4)))) == 1
    (blocks, rest) = product(np.ones((1, 1, 32, 147)), np.ones((1, 1, 147, 896)), np.zeros((1, 1, 32, 896)))
    assert blocks.args[2].shape == (1, 1, 4, 32, 192)
    assert rest.args[2].shape == (1, 1, 32, 128)


def test_flat_features_are_refused():
    with pytest.raises(ComponentError, match=r"needs images.*\(8,\)"):
        Network([Convolution(3), Dense(2)], (8,), SoftmaxCrossEntropy)
