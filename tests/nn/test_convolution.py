"""The convolution against SciPy's correlation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate2d

from optbench.components import ComponentError
from optbench.nn import convolution
from optbench.nn.activations import Tanh
from optbench.nn.convolution import Convolution, overlap
from optbench.nn.dense import Dense
from optbench.nn.gradcheck import THRESHOLD, check_layer, check_network
from optbench.nn.losses import SoftmaxCrossEntropy
from optbench.nn.network import Network


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


def test_evaluation_in_parts_gives_the_same(layer_output, monkeypatch):
    rng = np.random.default_rng(2)
    x = rng.normal(size=(3, 7, 4, 2))
    values = {"weight": rng.normal(size=(3, 3, 2, 5)), "bias": rng.normal(size=5)}
    whole = layer_output(Convolution(5), x, params=values)
    for part in (1, 3 * 4 * 19 * 8 * 2):  # one line, two lines of seven
        monkeypatch.setattr(convolution, "PART", part)
        assert np.allclose(layer_output(Convolution(5), x, params=values), whole, rtol=1e-13)


@settings(max_examples=30)
@given(st.integers(0, 2), st.integers(1, 6))
def test_overlap_pairs_places_with_their_neighbours(place, length):
    there, here = overlap(place, length)
    positions = np.arange(length)
    inside = (positions + place - 1 >= 0) & (positions + place - 1 < length)
    assert np.array_equal(positions[here], positions[inside])
    assert np.array_equal(positions[there], positions[inside] + place - 1)


def test_flat_features_are_refused():
    with pytest.raises(ComponentError, match=r"needs images.*\(8,\)"):
        Network([Convolution(3), Dense(2)], (8,), SoftmaxCrossEntropy)
