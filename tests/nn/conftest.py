"""Networks bound to random parameters, inputs and targets."""

import numpy as np
import pytest

from optbench.nn.losses import SoftmaxCrossEntropy
from optbench.nn.network import Network


def fill(graph, x, targets):
    """Lay inputs (stack, batch, *features) and unscaled targets into a graph."""
    place = graph.x[..., :-1] if graph.network.wide else graph.x
    place[...] = np.asarray(x).reshape(place.shape)
    graph.targets[...] = np.asarray(targets) / (1 if graph.network.loss.numbers else graph.batch)
    return graph


def random_params(layout, stack, rng, dtype="float64"):
    params = np.zeros((stack, layout.size))
    for tensor in layout:
        values = rng.normal(size=(stack, tensor.size))
        if tensor.role == "weight":
            values *= np.sqrt(2 / tensor.fan_in)
        params[:, tensor.slice] = 1 + 0.3 * values if tensor.role == "scale" else values
    return params.astype(dtype)


@pytest.fixture
def bound():
    """bound(layers, shape) -> (graph, params, grads), filled, with a softmax on the last layer's outputs."""

    def make(layers, shape, stack=1, batch=6, dtype="float64", seed=0, loss=SoftmaxCrossEntropy, rngs=None):
        rng = np.random.default_rng(seed)
        network = Network(layers, shape, loss)
        params = random_params(network.layout, stack, rng, dtype)
        grads = np.zeros_like(params)
        rngs = rngs or [np.random.default_rng([seed, k]) for k in range(stack)]
        graph = network.bind(params, grads, network.initial_state(stack, params.dtype), batch, rngs)
        outputs = network.outputs[0]
        targets = np.eye(outputs)[rng.integers(0, outputs, (stack, batch))]
        fill(graph, rng.normal(size=(stack, batch, *shape)), targets)
        return graph, params, grads

    return make


@pytest.fixture
def layer_output():
    """layer_output(layer, x) -> y of one layer alone, with default parameters; `state` and `training` at will."""

    def run(layer, x, training=True, state=None, params=None, dtype="float64", seed=0):
        network = Network([_Pass(), layer, *_flat(layer, x.shape[1:])], x.shape[1:], SoftmaxCrossEntropy)
        flat = np.zeros((1, network.layout.size), dtype)
        for tensor in network.layout:
            flat[:, tensor.slice] = 1 if tensor.role == "scale" else 0
            for name, value in (params or {}).items():
                if tensor.name.endswith(f".{name}"):
                    flat[:, tensor.slice] = np.reshape(value, -1)
        tree = state if state is not None else network.initial_state(1, flat.dtype)
        graph = network.bind(flat, None, tree, len(x), [np.random.default_rng(seed)])
        graph.x[0] = x
        graph.forward(training, training)
        return np.array(graph.outputs[1][0])

    return run


def _flat(layer, shape):
    from optbench.nn.flatten import Flatten

    return [Flatten()] if len(layer.output(shape)) > 1 else []


def _Pass():
    from optbench.nn.activations import Identity

    return Identity()
