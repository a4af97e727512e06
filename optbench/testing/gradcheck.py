"""Gradient check: hand-written gradients against central differences, in float64.

    difference = ||grad - approx|| / (||grad|| + ||approx||)

with approx_i = (J(p + e_i h) - J(p - e_i h)) / (2 h). A right gradient gives 1e-9 or so, a wrong one more than
1e-3. Where a function has kinks (relu, max pooling, |w|), points are drawn so that no difference is likely to
step over one, and a failure is tried again at other points: a wrong gradient is wrong at all of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import prod

import numpy as np

from optbench.contract.architecture import Inputs
from optbench.contract.components import Penalty
from optbench.contract.dataset import UNCOUNTED
from optbench.contract.layer import Layer, Op, Parameter, Shape, Wires, memory
from optbench.contract.layout import Layout, Tensor
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.flatten import Flatten
from optbench.nn.losses import Loss
from optbench.nn.network import Graph, Network

THRESHOLD = 1e-7
#: points tried before a gradient counts as wrong
ATTEMPTS = 3
#: the step h of the differences: their error h^2 and their rounding 1e-16 / h are both far below the threshold
STEP = 1e-5
#: derivatives compared of one network: beyond that a random choice from every tensor
LIMIT = 300
BATCH = 5

def difference(grad: np.ndarray, approx: np.ndarray) -> float:
    """||grad - approx|| / (||grad|| + ||approx||), 0 where both are 0."""
    total = float(np.linalg.norm(grad) + np.linalg.norm(approx))
    return float(np.linalg.norm(grad - approx)) / total if total > 0 else 0.0


def central_differences(
    value: Callable[[], float], params: np.ndarray, indices: Iterable[int] | None = None, step: float = STEP
) -> np.ndarray:
    """(J(p + h) - J(p - h)) / (2 h) for each index of `params`, which is changed in place and put back."""
    chosen = np.arange(params.size) if indices is None else np.asarray(list(indices))
    result = np.zeros(len(chosen))
    for number, index in enumerate(chosen):
        before = params[index]
        params[index] = before + step
        high, above = value(), params[index]
        params[index] = before - step
        low, below = value(), params[index]
        params[index] = before
        # above - below is what was really stepped, rounding included.
        result[number] = (high - low) / (above - below)
    return result


def check_network(
    network: Network, seed: int = 0, batch: int = BATCH, limit: int = LIMIT, inputs: Inputs | None = None
) -> float:
    """The difference over a network's parameters on random examples: all, or `limit` of them from every tensor.

    inputs   what the examples are, if not values
    """
    return _best(lambda attempt: _network_difference(network, seed + attempt, batch, limit, inputs))


def check_layer(layer: Layer, shape: Shape, seed: int = 0, batch: int = BATCH, positions: int = 1) -> float:
    """The difference over a layer's inputs of this shape (no batch axis), so many an example, and its parameters."""
    layers = [_Source(batch, positions), layer]
    output = tuple(layer.output(shape))
    if len(output) > 1:
        layers.append(Flatten())
    network = Network(layers, shape, _Projection)
    return check_network(network, seed, batch, limit=max(LIMIT, batch * positions * prod(shape)))


def check_loss(loss: type[Loss], outputs: int = 4, seed: int = 0, batch: int = BATCH) -> float:
    """The difference over a loss's logits."""
    return check_network(Network([_Source(batch)], (outputs,), loss), seed, batch)


def check_penalty(penalty: Penalty, seed: int = 0) -> float:
    """The difference over the parameters of a small network: the value returned against what `grads` gains."""
    layout = Network([Convolution(2), BatchNorm(), Flatten(), Dense(3)], (2, 2, 1), _Projection).layout

    def attempt(number: int) -> float:
        rng = np.random.default_rng([seed, number])
        # Away from 0, where |w| has its kink.
        params = rng.uniform(0.2, 1.5, layout.size) * rng.choice([-1.0, 1.0], layout.size)
        before = rng.normal(size=layout.size)
        grads = before.copy()
        penalty.apply(params, grads, layout)
        scratch = np.zeros_like(grads)
        approx = central_differences(lambda: penalty.apply(params, scratch, layout), params)
        return difference(grads - before, approx)

    return _best(attempt)


def _best(attempt: Callable[[int], float]) -> float:
    """The first difference below the threshold, or the least of all attempts; NaN if one was."""
    found = []
    for number in range(ATTEMPTS):
        found.append(attempt(number))
        if found[-1] < THRESHOLD:
            return found[-1]
    return float(np.min(found))


def _network_difference(network: Network, seed: int, batch: int, limit: int, inputs: Inputs | None) -> float:
    rng = np.random.default_rng([seed, 1])
    params = np.zeros((1, network.layout.size))
    for tensor in network.layout:
        params[0, tensor.slice] = _drawn(tensor, rng)
    grads = np.zeros_like(params)
    state = network.initial_state(1, params.dtype)
    graph = network.bind(params, grads, state, batch, [np.random.default_rng([seed, 2])])
    fill(graph, rng, inputs)
    # One fresh pass draws the dropout masks; from then on they stay.
    graph.forward(True, True)
    graph.backward()
    indices = _chosen(network.layout, limit, rng)

    def value() -> float:
        graph.forward(True, False)
        return float(graph.value()[0])

    return difference(grads[0, indices].copy(), central_differences(value, params[0], indices))


def fill(graph: Graph, rng: np.random.Generator, inputs: Inputs | None = None) -> None:
    """Random examples and targets for a graph of one row; `inputs` says what examples are, if not values."""
    network, batch = graph.network, graph.batch
    place = graph.x[0, ..., :-1] if network.wide else graph.x[0]
    place[...] = rng.normal(size=place.shape)
    if inputs is not None and inputs.vocabulary:
        place[...] = rng.integers(inputs.vocabulary, size=place.shape)
    if inputs is not None and inputs.graphs:
        nodes = inputs.shape[0]
        upper = np.triu(rng.random((batch, nodes, nodes)) < 0.5, 1)
        place[..., -nodes:] = upper | upper.swapaxes(1, 2)
    for column, categories in enumerate(inputs.categories if inputs is not None else ()):
        place[:, column] = rng.integers(categories, size=batch)
    rows, outputs = batch * network.positions, network.outputs[0]
    if network.loss.numbers:
        graph.targets[0] = rng.integers(UNCOUNTED, outputs, graph.targets[0].shape)
        graph.targets[0, 0, 0] = 0  # one at least counts
    else:
        graph.targets[0] = rng.dirichlet(np.ones(outputs), rows) / rows


def _drawn(tensor: Tensor, rng: np.random.Generator) -> np.ndarray:
    """Values of the size that training meets, none of them special."""
    values = rng.normal(size=tensor.size)
    if tensor.role == "weight":
        return values * np.sqrt(2 / tensor.fan_in)
    return 1 + 0.3 * values if tensor.role == "scale" else 0.5 * values


def _chosen(layout: Layout, limit: int, rng: np.random.Generator) -> np.ndarray:
    share = max(1, limit // max(1, len(layout)))
    if layout.size <= limit:
        return np.arange(layout.size)
    return np.concatenate([t.offset + rng.permutation(t.size)[:share] for t in layout])


@dataclass(frozen=True)
class _Source(Layer):
    """y = x + p with one parameter for each value of each row: its gradient is that by the next inputs.

    Each example is given at so many positions.
    """

    batch: int
    repeated: int = 1
    reads_output = False

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        return (Parameter("values", (*shape[-1:], *shape[:-1], self.batch * self.repeated), "shift"),)

    def positions(self, shape: Shape, positions: int) -> int:
        return positions * self.repeated

    def op(self, wires: Wires) -> Op:
        return _SourceOp(wires, self.repeated)


class _SourceOp(Op):
    def __init__(self, wires: Wires, repeated: int):
        super().__init__(wires)
        self.repeated = repeated

    def forward(self, training: bool, fresh: bool) -> None:
        x = memory(self.wires.x).repeat(self.repeated, axis=-1)
        np.add(x, self.wires.params["values"], out=memory(self.wires.y))

    def backward(self) -> None:
        assert self.wires.dy is not None
        self.wires.grads["values"][...] = memory(self.wires.dy)


class _Projection(Loss):
    """The sum of z times the targets: any direction, to see all of a layer's derivatives."""

    def gradient(self) -> None:
        assert self.dlogits is not None
        self.dlogits[...] = self.targets

    def value(self) -> np.ndarray:
        return (self.logits * self.targets).reshape(len(self.logits), -1).sum(axis=1)
