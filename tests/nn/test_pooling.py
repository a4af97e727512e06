"""Pooling against loops."""

import numpy as np
import pytest

from optbench.contract.hyperparameters import ComponentError
from optbench.nn.activations import Relu
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.losses import SoftmaxCrossEntropy
from optbench.nn.network import Network
from optbench.nn.pooling import AveragePooling, MaxPooling
from optbench.testing.gradcheck import THRESHOLD, check_layer, check_network

both = pytest.mark.parametrize(("layer", "pool"), [(MaxPooling(), np.max), (AveragePooling(), np.mean)])


@both
@pytest.mark.parametrize("shape", [(4, 6, 2), (5, 7, 1), (2, 3, 3)])
def test_values(layer, pool, shape, layer_output):
    x = np.random.default_rng(0).normal(size=(3, *shape))
    y = layer_output(layer, x)
    assert y.shape == (3, shape[0] // 2, shape[1] // 2, shape[2])
    for i in range(y.shape[1]):
        for j in range(y.shape[2]):
            square = x[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            assert np.allclose(y[:, i, j], pool(square, axis=(1, 2)), rtol=1e-15)


@both
@pytest.mark.parametrize("shape", [(4, 4, 2), (5, 3, 2)], ids=["even", "odd"])
def test_gradient(layer, pool, shape):
    assert check_layer(layer, shape) < THRESHOLD


@both
def test_gradient_in_a_network_with_odd_edges(layer, pool):
    layers = [Convolution(3), Relu(), layer, Convolution(2), layer, Dense(3)]
    assert check_network(Network(layers, (7, 5, 1), SoftmaxCrossEntropy)) < THRESHOLD


def test_among_equals_the_first_takes_the_whole_gradient(bound):
    layers = [Convolution(1), Relu(), MaxPooling(), Dense(2)]
    graph, params, _ = bound(layers, (2, 2, 1), batch=1)
    params[:, :9] = 0
    params[:, 9] = 1.0  # the convolution's bias: all four pixels are 1
    graph.forward()
    graph.backward()
    pooling = graph.ops[2]
    taken = pooling.wires.dx[0, 0, :, :, 0]
    assert taken[0, 0] == pooling.wires.dy[0, 0, 0, 0, 0] != 0
    assert np.count_nonzero(taken) == 1


def test_odd_edges_get_no_gradient_whatever_lay_there(bound):
    graph, _, _ = bound([Convolution(1), MaxPooling(), Dense(2)], (3, 3, 1))
    graph.ops[1].wires.dx[...] = np.nan
    graph.forward()
    graph.backward()
    dx = graph.ops[1].wires.dx
    assert np.isfinite(dx).all()
    assert not dx[..., 2, :, :].any()
    assert not dx[..., :, 2, :].any()


def test_too_small_images_are_refused():
    with pytest.raises(ComponentError, match="at least 2x2, got 1x4"):
        Network([MaxPooling(), Dense(2)], (1, 4, 1), SoftmaxCrossEntropy)
