"""Layers that are networks of their own: they draw their first values, and say which weights give the logits."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.initializers.he import HeNormal
from optbench.contract.layer import Parameter
from optbench.nn.dense import Dense
from optbench.nn.losses import SoftmaxCrossEntropy
from optbench.nn.network import Network
from optbench.training.initialization import draw


@dataclass(frozen=True)
class Own(Dense):
    """A product that draws its bias itself, and calls itself a gate."""

    whole = True

    def own_values(self, shape, rng):
        return {"bias": rng.uniform(1, 2, self.units)}

    def parameters(self, shape):
        weight, bias = super().parameters(shape)
        return weight, Parameter("bias", bias.shape, bias.role)


def drawn(network, seed=3):
    params = np.zeros(network.layout.size)
    draw(params, network, HeNormal(), np.random.default_rng(seed))
    return network.layout.views(params)


def test_what_a_layer_draws_is_not_the_initializers():
    network = Network([Dense(4), Own(3)], (5,), SoftmaxCrossEntropy)
    views = drawn(network)
    bias = views["1.own.bias"]
    assert ((bias >= 1) & (bias < 2)).all()
    assert not views["0.dense.bias"].any()
    assert views["1.own.weight"].any()
    np.testing.assert_array_equal(bias, drawn(network)["1.own.bias"])
    assert not np.array_equal(bias, drawn(network, 4)["1.own.bias"])


def test_of_a_network_of_its_own_nobody_else_says_what_the_head_is():
    assert [t.part for t in Network([Dense(4), Dense(3)], (5,), SoftmaxCrossEntropy).layout] == ["", "", "head", ""]
    assert [t.part for t in Network([Dense(4), Own(3)], (5,), SoftmaxCrossEntropy).layout] == ["", "", "", ""]
