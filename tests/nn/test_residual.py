"""Residual blocks: a layer that holds layers."""

import numpy as np
import pytest

from optbench.contract.components import HiddenNormalizer
from optbench.contract.errors import OptbenchError
from optbench.contract.layer import unfolded
from optbench.nn.activations import Gelu, Identity, Relu, Tanh
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.dropout import Dropout
from optbench.nn.flatten import Flatten
from optbench.nn.losses import MeanSquaredError, SoftmaxCrossEntropy
from optbench.nn.network import Network
from optbench.nn.pooling import MaxPooling
from optbench.nn.residual import Residual
from optbench.registry.registry import registry
from optbench.testing.gradcheck import THRESHOLD, check_layer, check_network

BLOCKS = {
    "one product": (Residual([Dense(6)]), (6,)),
    "in place, then product": (Residual([Tanh(), Dense(6), Gelu()]), (6,)),
    "projected": (Residual([Dense(4), BatchNorm(), Relu(), Dropout(0.5)], [Dense(4)]), (6,)),
    "only the shortcut reads ones": (Residual([Tanh(), BatchNorm()], [Dense(6)]), (6,)),
    "nothing but a view": (Residual([Identity()]), (6,)),
    "a block within": (Residual([Residual([Dense(6), Tanh()]), Residual([Dense(6)])]), (6,)),
    "images": (Residual([Convolution(3), BatchNorm(), Tanh(), Convolution(3)]), (4, 5, 3)),
    "projected images": (Residual([Convolution(2), MaxPooling()], [MaxPooling(), Convolution(2)]), (4, 6, 3)),
    "views first": (Residual([Identity(), Dense(5)], [Flatten(), Identity(), Dense(5)]), (6,)),
}


@pytest.mark.parametrize("name", list(BLOCKS))
def test_gradient(name):
    layer, shape = BLOCKS[name]
    assert check_layer(layer, shape) < THRESHOLD


def test_as_the_first_layer():
    for layers, shape in ([Residual([Dense(6), Tanh()]), Dense(3)], (6,)), (
        [Residual([Convolution(2)], [Convolution(2)]), Flatten(), Dense(3)],
        (3, 4, 1),
    ):
        assert check_network(Network(layers, shape, SoftmaxCrossEntropy)) < THRESHOLD


@pytest.mark.parametrize("normalizer", [n for n, e in registry().components["normalizers"].items()
                                        if issubclass(e.component, HiddenNormalizer)])  # fmt: skip
def test_gradient_with_every_normalizer_and_dropout(normalizer):
    made = registry().create("normalizers", {"name": normalizer})
    for shape, product in ((8,), Dense(8)), ((4, 3, 8), Convolution(8)):
        layer = Residual([product, made.layer(shape), Tanh(), Dropout(0.7)])
        assert check_layer(layer, shape) < THRESHOLD


def test_it_is_the_sum_of_both_ways(bound):
    graph, params, _ = bound([Residual([Dense(4)], [Dense(4)])], (3,), stack=2, loss=MeanSquaredError)
    graph.forward()
    views = graph.network.layout.views(params)
    x = graph.x[..., :-1]
    expected = sum(
        x @ views[f"0.residual.{way}.0.dense.weight"] + views[f"0.residual.{way}.0.dense.bias"][:, None]
        for way in ("body", "shortcut")
    )
    assert np.allclose(graph.logits, expected, rtol=1e-13)


def test_a_body_of_zeros_leaves_x(bound):
    graph, params, _ = bound([Dense(4), Residual([Dense(4), Relu()]), Dense(3)], (3,))
    for tensor in graph.network.layout:
        if "residual" in tensor.name:
            params[:, tensor.slice] = 0
    graph.forward()
    assert np.array_equal(graph.outputs[0], graph.outputs[1])


def test_masks_and_statistics_within_hold_for_a_step():
    network = Network([Residual([Dense(6), BatchNorm(), Dropout(0.5)]), Dense(3)], (6,), SoftmaxCrossEntropy)
    rng = np.random.default_rng(0)
    params = rng.normal(size=(1, network.layout.size))
    state = network.initial_state(1, params.dtype)
    graph = network.bind(params, np.zeros_like(params), state, 5, [rng])
    other = network.bind(params, np.zeros_like(params), state, 5, [rng], memory=graph.memory)
    graph.x[..., :-1] = other.x[..., :-1] = rng.normal(size=(1, 5, 6))
    graph.forward(True, True)
    first, before = graph.logits.copy(), {name: a.copy() for name, a in state[0].items()}
    assert before.keys() == {f"body.1.batchnorm.{name}" for name in ("mean", "variance", "weight")}
    assert before["body.1.batchnorm.weight"] > 0
    other.forward(True, False)
    assert np.array_equal(first, other.logits)
    assert all(np.array_equal(before[name], a) for name, a in state[0].items())
    graph.forward(True, True)
    assert not np.array_equal(first, graph.logits)


def test_what_is_inside():
    block = Residual([Dense(6), Residual([Relu()], [Identity()])], [Dense(6)])
    found = [type(layer) for layer in unfolded([block])]
    assert found == [Residual, Dense, Residual, Relu, Identity, Dense]
    network = Network([block, Dense(2)], (6,), SoftmaxCrossEntropy)
    params = np.zeros((1, network.layout.size))
    ops = network.bind(params, None, network.initial_state(1, params.dtype), 2).ops
    assert [type(op).__name__ for op in unfolded(ops)] == [*(f"{t.__name__}Op" for t in found), "DenseOp"]


def test_shapes_that_cannot_be_added():
    with pytest.raises(OptbenchError, match=r"body's outputs of shape \(4,\) to its shortcut's of shape \(6,\)"):
        Network([Residual([Dense(4)]), Dense(2)], (6,), SoftmaxCrossEntropy)
    with pytest.raises(OptbenchError, match="body of a residual block has a layer for flat features behind images"):
        Residual([Convolution(2), Dense(4)], [Flatten(), Dense(4)]).output((3, 3, 1))
    with pytest.raises(OptbenchError, match="at least one layer in its body"):
        Residual([])
