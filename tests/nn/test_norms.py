"""Normalization layers against their formulas."""

import numpy as np
import pytest

from optbench.contract.hyperparameters import ComponentError
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.group_norm import GroupNorm
from optbench.nn.layer_norm import LayerNorm
from optbench.nn.losses import SoftmaxCrossEntropy
from optbench.nn.network import Network
from optbench.nn.rms_norm import RMSNorm
from optbench.testing.gradcheck import THRESHOLD, check_layer

EPSILON = 1e-5
FLAT, IMAGE = (6,), (3, 4, 6)
shapes = pytest.mark.parametrize("shape", [FLAT, IMAGE], ids=["flat", "image"])


def normalized(x, axes):
    return (x - x.mean(axis=axes, keepdims=True)) / np.sqrt(x.var(axis=axes, keepdims=True) + EPSILON)


def batch(x):
    return normalized(x, tuple(range(x.ndim - 1)))


def layer(x):
    return normalized(x, tuple(range(1, x.ndim)))


def rms(x):
    return x / np.sqrt((x * x).mean(axis=tuple(range(1, x.ndim)), keepdims=True) + EPSILON)


def group(x):
    parts = x.reshape(*x.shape[:-1], 2, 3)
    return normalized(parts, (*range(1, x.ndim - 1), x.ndim)).reshape(x.shape)


NORMS = [(BatchNorm(), batch), (LayerNorm(), layer), (RMSNorm(), rms), (GroupNorm(2), group)]
norms = pytest.mark.parametrize(("norm", "formula"), NORMS, ids=["batch", "layer", "rms", "group"])


@norms
@shapes
def test_values_with_scale_and_shift(norm, formula, shape, layer_output):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5, *shape)) * 2 + 3
    scale, shift = rng.normal(size=6), rng.normal(size=6)
    if isinstance(norm, RMSNorm):
        shift = np.zeros(6)
    y = layer_output(norm, x, params={"scale": scale, "shift": shift})
    assert np.allclose(y, formula(x) * scale + shift, rtol=1e-12, atol=1e-12)


@norms
@shapes
def test_gradient(norm, formula, shape):
    assert check_layer(norm, shape) < THRESHOLD


@norms
@shapes
def test_float32_stays(norm, formula, shape, bound):
    front = Dense(6) if shape == FLAT else Convolution(6)
    graph, _, grads = bound([front, norm, Dense(3)], shape, dtype="float32")
    graph.forward()
    graph.backward()
    graph.forward(training=False, fresh=False)
    assert all(y.dtype == np.float32 for y in graph.outputs)
    assert np.isfinite(grads).all()


@pytest.mark.parametrize("norm", [LayerNorm(), RMSNorm(), GroupNorm(3)])
def test_what_looks_at_one_example_is_the_same_at_evaluation(norm, layer_output):
    x = np.random.default_rng(0).normal(size=(4, 6))
    assert np.array_equal(layer_output(norm, x), layer_output(norm, x, training=False))
    assert np.allclose(layer_output(norm, x[:1]), layer_output(norm, x)[:1], rtol=1e-14)


@shapes
def test_batch_norm_averages_its_statistics(shape, bound):
    graph, _, _ = bound([BatchNorm(momentum=0.8), Dense(3)], shape, batch=7)
    rng = np.random.default_rng(3)
    mean, variance = np.zeros(6), np.zeros(6)
    for step in range(1, 5):
        x = rng.normal(size=(1, 7, *shape)) * 3 + 1
        graph.x[...] = x
        graph.forward()
        axes = tuple(range(len(shape)))
        mean = 0.8 * mean + 0.2 * x[0].mean(axis=axes)
        variance = 0.8 * variance + 0.2 * x[0].var(axis=axes)
        state = graph.ops[0].wires.state
        # with bias correction, from the first step on
        assert np.allclose(state["mean"][0], mean / (1 - 0.8**step), rtol=1e-12)
        assert np.allclose(state["variance"][0], variance / (1 - 0.8**step), rtol=1e-12)


def test_batch_norm_evaluates_one_example_with_the_averages(layer_output):
    x = np.random.default_rng(0).normal(size=(1, 6))
    mean, variance = np.arange(6.0), np.arange(1.0, 7.0)
    state = [{}, {"mean": mean[None], "variance": variance[None], "weight": np.ones((1, 1))}]
    y = layer_output(BatchNorm(), x, training=False, state=state)
    assert np.allclose(y, (x - mean) / np.sqrt(variance + EPSILON), rtol=1e-12)
    assert np.array_equal(state[1]["mean"][0], np.arange(6.0)), "evaluation changes no statistics"


@pytest.mark.parametrize("momentum", [0.0, 0.9, 0.999])
def test_averaged_statistics_of_one_batch_are_its_own(momentum, bound):
    graph, _, _ = bound([BatchNorm(momentum), Dense(3)], (6,), batch=32)
    before_any = graph.ops[0].wires.state["variance"].copy()
    for _ in range(3):
        graph.forward()
        trained = np.array(graph.logits)
        graph.forward(training=False, fresh=False)
        assert np.allclose(graph.logits, trained, rtol=1e-9, atol=1e-9)
    assert np.array_equal(before_any, np.ones((1, 6)))


def test_a_gradient_again_leaves_the_averages_alone(bound):
    graph, _, _ = bound([Dense(6), BatchNorm(), Dense(3)], (4,))
    graph.forward()
    before = {k: v.copy() for k, v in graph.ops[1].wires.state.items()}
    logits = np.array(graph.logits)
    graph.forward(training=True, fresh=False)
    assert all(np.array_equal(graph.ops[1].wires.state[k], v) for k, v in before.items())
    assert np.array_equal(graph.logits, logits)


def test_batch_norm_of_one_example_in_training_is_its_shift(layer_output):
    y = layer_output(BatchNorm(), np.full((1, 3), 7.0), params={"shift": [1, 2, 3]})
    assert np.array_equal(y, [[1, 2, 3]])


def test_the_scale_of_what_comes_in_does_not_matter(layer_output):
    x = np.random.default_rng(0).normal(size=(8, 6))
    for norm in (BatchNorm(epsilon=1e-12), LayerNorm(1e-12), RMSNorm(1e-12), GroupNorm(2, 1e-12)):
        assert np.allclose(layer_output(norm, 100 * x), layer_output(norm, x), rtol=1e-8, atol=1e-8)


def test_groups_that_do_not_divide_name_themselves():
    with pytest.raises(ComponentError, match=r"group-norm: groups = 4 does not divide the 30 .*1, 2, 3, 5, 6"):
        Network([Dense(30), GroupNorm(4), Dense(2)], (3,), SoftmaxCrossEntropy)
