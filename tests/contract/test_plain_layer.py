"""Layers that are written plainly give what the fast ones give; what they give wrongly is named."""

from dataclasses import dataclass

import numpy as np
import pytest

from optbench.contract.errors import OptbenchError
from optbench.contract.layer import Parameter
from optbench.contract.plain_layer import PlainLayer
from optbench.nn.activations import Relu, Tanh
from optbench.nn.batch_norm import scale_and_shift
from optbench.nn.dense import Dense
from optbench.nn.flatten import Flatten
from optbench.nn.layer_norm import LayerNorm
from optbench.nn.losses import SoftmaxCrossEntropy
from optbench.nn.network import Network
from optbench.nn.rms_norm import RMSNorm
from optbench.testing.gradcheck import THRESHOLD, check_layer
from optbench.testing.layers import Bench


@dataclass(frozen=True)
class PlainRelu(PlainLayer):
    def forward(self, x, params):
        return np.maximum(x, 0), x > 0

    def backward(self, dy, cache):
        return dy * cache, {}


@dataclass(frozen=True)
class PlainTanh(PlainLayer):
    def forward(self, x, params):
        y = np.tanh(x)
        return y, y

    def backward(self, dy, cache):
        return dy * (1 - cache * cache), {}


@dataclass(frozen=True)
class PlainNorm(PlainLayer):
    """RMS norm, or layer norm, with a scale (and a shift) a channel."""

    centre: bool = False
    epsilon: float = 1e-5

    def parameters(self, shape):
        return scale_and_shift(shape) if self.centre else (Parameter("scale", shape[-1:], "scale"),)

    def forward(self, x, params):
        axes = tuple(range(1, x.ndim))
        if self.centre:
            x = x - x.mean(axis=axes, keepdims=True)
        inverse = 1 / np.sqrt((x * x).mean(axis=axes, keepdims=True) + self.epsilon)
        h = x * inverse
        return params["scale"] * h + params.get("shift", 0), (h, inverse, params["scale"])

    def backward(self, dy, cache):
        h, inverse, scale = cache
        axes = tuple(range(1, h.ndim))
        g = scale * dy
        dx = g - h * (g * h).mean(axis=axes, keepdims=True)
        if self.centre:
            dx = dx - g.mean(axis=axes, keepdims=True)
        rows = tuple(range(h.ndim - 1))
        grads = {"scale": (dy * h).sum(axis=rows)} | ({"shift": dy.sum(axis=rows)} if self.centre else {})
        return inverse * dx, grads


@dataclass(frozen=True)
class PlainDense(PlainLayer):
    """y = x W + b: another shape of the outputs."""

    units: int = 3

    def parameters(self, shape):
        fan = (shape[0], self.units)
        return (Parameter("weight", fan, "weight", *fan), Parameter("bias", (self.units,), "bias", *fan))

    def output(self, shape):
        return (self.units,)

    def forward(self, x, params):
        return x @ params["weight"] + params["bias"], (x, params["weight"])

    def backward(self, dy, cache):
        x, weights = cache
        return dy @ weights.T, {"weight": x.T @ dy, "bias": dy.sum(axis=0)}


PAIRS = {
    "relu": (PlainRelu(), Relu()),
    "tanh": (PlainTanh(), Tanh()),
    "rms-norm": (PlainNorm(), RMSNorm()),
    "layer-norm": (PlainNorm(centre=True), LayerNorm()),
}


@pytest.mark.parametrize("shape", [(6,), (4, 3, 2)], ids=["flat", "images"])
@pytest.mark.parametrize(("plain", "fast"), PAIRS.values(), ids=PAIRS)
def test_written_both_ways_a_layer_gives_the_same_values_and_gradients(plain, fast, shape):
    ours, theirs = (Bench(layer, shape, batch=5, rows=(0, 1), seed=3) for layer in (plain, fast))
    for bench in (ours, theirs):
        bench.forward(True, True)
        bench.backward()
    for name in ("y", "dx", "flat_grads"):
        found, expected = getattr(ours.wires, name), getattr(theirs.wires, name)
        assert expected.any() or not expected.size
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("layer", [*(plain for plain, _ in PAIRS.values()), PlainDense()], ids=str)
def test_its_gradient_is_the_derivative(layer):
    assert check_layer(layer, (6,)) < THRESHOLD


def gradient_of(dense, norm, relu):
    network = Network([Flatten(), dense(5), norm(), relu(), Dense(3)], (3, 2, 1), SoftmaxCrossEntropy)
    rng = np.random.default_rng(1)
    params = rng.normal(size=(2, network.layout.size)).astype("f4")
    grads = np.zeros_like(params)
    graph = network.bind(params, grads, network.initial_state(2, params.dtype), 8)
    graph.x[..., :6] = rng.normal(size=(2, 8, 6))
    graph.targets[...] = np.eye(3)[rng.integers(0, 3, (2, 8))] / 8
    graph.forward()
    graph.backward()
    return grads


def test_within_a_network_it_gives_the_same_gradient_in_float32():
    fast, plain = gradient_of(Dense, RMSNorm, Relu), gradient_of(PlainDense, PlainNorm, PlainRelu)
    assert fast.any(axis=1).all()
    np.testing.assert_allclose(plain, fast, rtol=1e-3, atol=1e-5)


@dataclass(frozen=True)
class Spoilt(PlainLayer):
    """x + shift, with what one of its methods gives replaced."""

    gives: str = ""

    def parameters(self, shape):
        return (Parameter("shift", shape, "shift"),)

    def forward(self, x, params):
        x += params["shift"]
        params["shift"] += 1
        return {"no pair": x, "y": (x[:, :1], None), "complex": (x * 1j, None)}.get(self.gives, (x, None))

    def backward(self, dy, cache):
        good = {"shift": dy.sum(axis=0)}
        return {
            "dx": (dy[0], good), "list": (dy, [good["shift"]]), "empty": (dy, {}), "name": (dy, {"b": dy[0]}),
            "sum": (dy, {"shift": dy}), "none": None,
        }.get(self.gives, (dy, good))  # fmt: skip


WRONG = {
    "no pair": r"forward must give a pair \(y, cache\), got ndarray",
    "y": r"forward must give y of shape \(5, 4\) in real numbers, got float64 of shape \(5, 1\)",
    "complex": r"forward must give y of shape \(5, 4\) in real numbers, got complex128",
    "none": r"backward must give a pair \(dx, grads\), got NoneType",
    "dx": r"backward must give dx of shape \(5, 4\) in real numbers, got float64 of shape \(4,\)",
    "list": r"backward must give a dict of gradients \(shift\), got list",
    "empty": r"backward must give a dict of gradients \(shift\), got \{\}",
    "name": r"backward must give a dict of gradients \(shift\), got b",
    "sum": r"backward must give the gradient of shift of shape \(4,\) in real numbers, got float64 of shape \(5, 4\)",
}


@pytest.mark.parametrize(("gives", "message"), WRONG.items(), ids=WRONG)
def test_what_is_given_wrongly_is_named(gives, message):
    bench = Bench(Spoilt(gives), (4,), batch=5)

    def passes():
        bench.forward(True, True)
        bench.backward()

    with pytest.raises(OptbenchError, match=f"layer Spoilt: {message}"):
        passes()


def test_what_it_gets_may_be_changed():
    bench = Bench(Spoilt(), (4,), batch=5)
    before, params = np.array(bench.wires.x), bench.wires.flat.copy()
    bench.forward(True, True)
    assert (bench.wires.x == before).all()
    assert (bench.wires.flat == params).all()
    assert bench.wires.y == pytest.approx(before + params[0])
    assert check_layer(Spoilt(), (4,)) < THRESHOLD
