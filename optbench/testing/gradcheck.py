"""Gradient check: hand-written gradients against central differences, in float64.

    difference = ||grad - approx|| / (||grad|| + ||approx||)

with approx_i = (J(p + e_i h) - J(p - e_i h)) / (2 h). A right gradient gives 1e-9 or so, a wrong one more than
1e-3. Where a function has kinks (relu, max pooling, |w|), points are drawn so that no difference is likely to
step over one, and a failure is tried again at other points: a wrong gradient is wrong at all of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.contract.architecture import Extras
from optbench.contract.components import LayerFactory, Penalty
from optbench.contract.errors import OptbenchError, near
from optbench.contract.layer import Layer, Op, Parameter, Shape, Wires, memory
from optbench.contract.layout import Layout, Tensor
from optbench.nn.activations import ACTIVATIONS
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.flatten import Flatten
from optbench.nn.losses import LOSSES, Loss
from optbench.nn.network import Network
from optbench.nn.pooling import AveragePooling, MaxPooling

if TYPE_CHECKING:
    from optbench.registry.registry import Registry

THRESHOLD = 1e-7
#: points tried before a gradient counts as wrong
ATTEMPTS = 3
#: the step h of the differences: their error h^2 and their rounding 1e-16 / h are both far below the threshold
STEP = 1e-5
#: derivatives compared of one network: beyond that a random choice from every tensor
LIMIT = 300
BATCH = 5
FLAT: Shape = (32,)
IMAGE: Shape = (5, 6, 8)

#: name -> (layer, input shape); normalization and dropout are checked as the components that place them
LAYERS: dict[str, tuple[Layer, Shape]] = {
    "dense": (Dense(4), FLAT),
    "convolution": (Convolution(3), (5, 4, 2)),
    "max-pooling": (MaxPooling(), (5, 6, 3)),
    "average-pooling": (AveragePooling(), (5, 6, 3)),
    "flatten": (Flatten(), (3, 2, 2)),
}


@dataclass(frozen=True)
class Check:
    """One row of the table. `difference` is NaN where `message` says that the component raised or has no gradient."""

    name: str
    kind: str
    difference: float
    ok: bool
    message: str = ""


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


def check_network(network: Network, seed: int = 0, batch: int = BATCH, limit: int = LIMIT) -> float:
    """The difference over a network's parameters on random examples: all, or `limit` of them from every tensor."""
    return _best(lambda attempt: _network_difference(network, seed + attempt, batch, limit))


def check_layer(layer: Layer, shape: Shape, seed: int = 0, batch: int = BATCH) -> float:
    """The difference over a layer's inputs of this shape (no batch axis) and its parameters."""
    layers = [_Source(batch), layer]
    output = tuple(layer.output(shape))
    if len(output) > 1:
        layers.append(Flatten())
    network = Network(layers, shape, _Projection)
    return check_network(network, seed, batch, limit=max(LIMIT, batch * prod(shape)))


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


def check_all(registry: "Registry", names: Sequence[str] | None = None) -> list[Check]:
    """Every layer, activation, loss, penalty, hidden normalizer, layer regularizer and network kind there is.

    Third-party components are included; one that raises is a failing row. `names` limits the table. An unknown
    name raises `OptbenchError`; one of a component without a gradient gives a row that says so.
    """
    jobs = list(_jobs(registry))
    rest = list(_without_gradient(registry, {(kind, name) for kind, name, _ in jobs}))
    if names is None:
        return [_run(*job) for job in jobs]
    known = {name for _, name, _ in jobs} | {name for _, name in rest}
    for name in names:
        if name not in known:
            raise OptbenchError(f"nothing to check is named {name!r}; {near(name, known)}")
    rows = [_run(*job) for job in jobs if job[1] in names]
    none = [Check(name, kind, float("nan"), True, "has no gradient") for kind, name in rest if name in names]
    return rows + none


# ------------------------------------------------------------------------------------------------------ the table

Job = tuple[str, str, Callable[[], float]]


def _jobs(registry: "Registry") -> Iterator[Job]:
    """(kind, name, check) for all that has a gradient."""
    for name, (layer, shape) in LAYERS.items():
        yield "layer", name, partial(check_layer, layer, shape)
    for name, activation in ACTIVATIONS.items():
        yield "activation", name, partial(_made, activation, partial(check_layer, shape=FLAT))
    for name, loss in LOSSES.items():
        yield "loss", name, partial(check_loss, loss)
    for kind in ("regularizer", "normalizer"):
        for name, entry in registry.components[f"{kind}s"].items():
            if issubclass(entry.component, Penalty):
                yield kind, name, partial(_made, entry.component, check_penalty)
            elif issubclass(entry.component, LayerFactory):
                yield kind, name, partial(_made, entry.component, _check_factory)
    for name, entry in registry.components["networks"].items():
        yield "network", name, partial(_made, entry.component, _check_kind)


def _made(component: Callable[[], Any], check: Callable[[Any], float]) -> float:
    """The check of a component with its default settings; made within the check, for it may raise."""
    return check(component())


def _without_gradient(registry: "Registry", checked: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for kind in ("regularizer", "normalizer"):
        for name in registry.components[f"{kind}s"]:
            if (kind, name) not in checked:
                yield kind, name


def _run(kind: str, name: str, check: Callable[[], float]) -> Check:
    try:
        with np.errstate(all="ignore"):
            found = check()
    except Exception as error:
        return Check(name, kind, float("nan"), False, f"{type(error).__name__}: {error}")
    return Check(name, kind, found, bool(found < THRESHOLD))


def _check_factory(factory: Any) -> float:
    """The worse of flat features and images."""
    return max(check_layer(factory.layer(shape), shape) for shape in (FLAT, IMAGE))


def _check_kind(architecture: Any) -> float:
    """The worst of the losses, on images where the kind wants them."""
    shapes: list[Shape] = [(6,), (8, 8, 1)]
    worst, error = None, None
    for shape in shapes:
        try:
            layers = architecture.layers(shape, 3, Extras())
        except OptbenchError as refusal:
            error = refusal
            continue
        for loss in LOSSES.values():
            found = check_network(Network(layers, shape, loss), limit=60)
            worst = found if worst is None else max(worst, found)
    if worst is None:
        raise error or OptbenchError("the network has no layers")
    return worst


def _best(attempt: Callable[[int], float]) -> float:
    """The first difference below the threshold, or the least of all attempts; NaN if one was."""
    found = []
    for number in range(ATTEMPTS):
        found.append(attempt(number))
        if found[-1] < THRESHOLD:
            return found[-1]
    return float(np.min(found))


def _network_difference(network: Network, seed: int, batch: int, limit: int) -> float:
    rng = np.random.default_rng([seed, 1])
    params = np.zeros((1, network.layout.size))
    for tensor in network.layout:
        params[0, tensor.slice] = _drawn(tensor, rng)
    grads = np.zeros_like(params)
    state = network.initial_state(1, params.dtype)
    graph = network.bind(params, grads, state, batch, [np.random.default_rng([seed, 2])])
    place = graph.x[0, ..., :-1] if network.wide else graph.x[0]
    place[...] = rng.normal(size=place.shape)
    graph.targets[0] = rng.dirichlet(np.ones(network.outputs[0]), batch) / batch
    # One fresh pass draws the dropout masks; from then on they stay.
    graph.forward(True, True)
    graph.backward()
    indices = _chosen(network.layout, limit, rng)

    def value() -> float:
        graph.forward(True, False)
        return float(graph.loss.value()[0])

    return difference(grads[0, indices].copy(), central_differences(value, params[0], indices))


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
    """y = x + p with one parameter for each value of each example: its gradient is that by the next inputs."""

    batch: int
    reads_output = False

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        return (Parameter("values", (*shape[-1:], *shape[:-1], self.batch), "shift"),)

    def op(self, wires: Wires) -> Op:
        return _SourceOp(wires)


class _SourceOp(Op):
    def forward(self, training: bool, fresh: bool) -> None:
        np.add(memory(self.wires.x), self.wires.params["values"], out=memory(self.wires.y))

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
