"""Small experiments by hand: a network from layer sizes, your own weights, data and batch order, every step's cost.

    net = optbench.network([2, 10, 5, 1], ["relu", "relu", "sigmoid"], dtype="float64")
    params = net.draw(HeNormal(), seed=3)
    fit = optbench.fit(net, x, y, Adam(lr=0.001), params=params, batches=batches)
    fit.costs            # the cost of each step's mini-batch, before the step
    fit.predict(x)       # probabilities

No suite, no splits, no store: what the course does in its notebooks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from optbench.components import (
    Constraint,
    Context,
    Initializer,
    LayerFactory,
    Optimizer,
    Penalty,
    Progress,
    Schedule,
)
from optbench.errors import OptbenchError, near
from optbench.nn.activations import ACTIVATIONS
from optbench.nn.dense import Dense
from optbench.nn.layer import Layer
from optbench.nn.layout import Layout
from optbench.nn.losses import LOSSES, Loss
from optbench.nn.network import Graph, Network
from optbench.problem import initialize
from optbench.seeds import stream

#: What the last activation of a list says about the loss: a network itself ends in logits.
OUTPUTS = {
    "softmax": "softmax_cross_entropy",
    "sigmoid": "binary_cross_entropy",
    "identity": "mean_squared_error",
}


@dataclass(frozen=True)
class Model:
    """A network and the dtype it runs in."""

    network: Network
    dtype: np.dtype

    @property
    def layout(self) -> Layout:
        return self.network.layout

    def draw(self, initializer: Initializer, seed: int = 0) -> np.ndarray:
        """First parameters (size,): weights drawn, scales 1, biases and shifts 0."""
        params = np.zeros(self.layout.size, self.dtype)
        initialize(params, self.layout, initializer, stream(seed, "initialization"))
        return params

    def flat(self, tensors: Mapping[str, np.ndarray] | Sequence[np.ndarray]) -> np.ndarray:
        """A flat vector (size,) from tensors, by name or in the layout's order: W1, b1, W2, b2, …

        A weight is (inputs, units); shapes must agree, so that a transposed matrix is an error and no surprise.
        """
        values = list(tensors.values()) if isinstance(tensors, Mapping) else list(tensors)
        if isinstance(tensors, Mapping) and set(tensors) != {t.name for t in self.layout}:
            wrong = next(iter(set(tensors) ^ {t.name for t in self.layout}))
            raise OptbenchError(f"tensor {wrong!r}: {near(wrong, [t.name for t in self.layout])}")
        if isinstance(tensors, Mapping):
            values = [tensors[t.name] for t in self.layout]
        if len(values) != len(self.layout):
            raise OptbenchError(f"expected {len(self.layout)} tensors, got {len(values)}")
        params = np.zeros(self.layout.size, self.dtype)
        for tensor, value in zip(self.layout, values, strict=True):
            value = np.asarray(value)
            if value.shape != tensor.shape:
                raise OptbenchError(f"tensor {tensor.name}: expected shape {tensor.shape}, got {value.shape}")
            params[tensor.slice] = value.reshape(-1)
        return params

    def views(self, params: np.ndarray) -> dict[str, np.ndarray]:
        """The tensors of a flat vector by name, as views."""
        return self.layout.views(params)


def network(
    sizes: Sequence[int],
    activations: Sequence[str],
    *,
    dtype: str = "float32",
    loss: str | None = None,
    extras: Sequence[LayerFactory] = (),
) -> Model:
    """A network of dense layers.

    sizes        inputs, units of each layer, outputs: [2, 10, 5, 1]
    activations  one a layer: [relu, relu, sigmoid]. The last names the output: "softmax", "sigmoid" or "identity",
                 with its loss: multi-class cross-entropy, binary cross-entropy, mean squared error
    loss         another loss than that
    extras       normalizers (before each hidden activation) and dropout (after it)
    """
    if len(sizes) < 2 or len(activations) != len(sizes) - 1:
        raise OptbenchError(
            f"expected one activation a layer: {max(len(sizes) - 1, 1)} for {len(sizes)} sizes, got {len(activations)}"
        )
    layers: list[Layer] = []
    for units, name in zip(sizes[1:-1], activations[:-1], strict=True):
        if name not in ACTIVATIONS:
            raise OptbenchError(f"there is no activation {name!r}; {near(name, ACTIVATIONS)}")
        layers.append(Dense(units))
        layers += [f.layer((units,)) for f in extras if f.place == "before_activation"]
        layers.append(ACTIVATIONS[name]())
        layers += [f.layer((units,)) for f in extras if f.place == "after_activation"]
    layers.append(Dense(sizes[-1]))
    if activations[-1] not in OUTPUTS:
        raise OptbenchError(f"there is no output {activations[-1]!r}; {near(activations[-1], OUTPUTS)}")
    name = loss or OUTPUTS[activations[-1]]
    if name not in LOSSES:
        raise OptbenchError(f"there is no loss {name!r}; {near(name, LOSSES)}")
    return Model(Network(layers, (sizes[0],), LOSSES[name]), np.dtype(dtype))


@dataclass(frozen=True)
class Fit:
    """A trained model.

    costs   (steps,): the mean loss of each step's mini-batch, penalties included, before the step
    params  (size,): what `evaluation_params` gives at the end
    """

    model: Model
    params: np.ndarray
    costs: np.ndarray
    running: list[dict[str, np.ndarray]]

    def logits(self, x: np.ndarray) -> np.ndarray:
        """(examples, outputs), in evaluation mode: running statistics, no dropout."""
        graph = self._graph(x)
        graph.forward(training=False, fresh=False)
        return np.array(graph.logits[0])

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Probabilities (or regression values), (examples, outputs)."""
        return self.model.network.loss.predict(self.logits(x))

    def classes(self, x: np.ndarray) -> np.ndarray:
        """The class of each example (hardmax; the side of 0.5 for a single output), (examples,)."""
        logits = self.logits(x)
        return (logits[:, 0] > 0).astype(int) if logits.shape[1] == 1 else logits.argmax(axis=1)

    def cost(self, x: np.ndarray, y: np.ndarray) -> float:
        """The mean loss on any examples, in evaluation mode, without penalties."""
        graph = self._graph(x)
        graph.targets[0] = one_hot(y, graph.targets.shape[2], self.model.network.loss) / len(x)
        graph.forward(training=False, fresh=False)
        return float(graph.loss.value()[0])

    def _graph(self, x: np.ndarray) -> Graph:
        graph = self.model.network.bind(self.params[None], None, self.running, len(x))
        place = graph.x[0, :, :-1] if self.model.network.wide else graph.x[0]
        place[...] = np.asarray(x).reshape(place.shape)
        return graph


def one_hot(y: np.ndarray, outputs: int, loss: type[Loss]) -> np.ndarray:
    """Targets (examples, outputs) from class numbers, one-hot rows, 0/1 labels or values."""
    y = np.asarray(y)
    if y.ndim == 1 and outputs > 1 and loss.name == "softmax_cross_entropy":
        return np.eye(outputs)[y.astype(int)]
    return y.reshape(len(y), outputs)


def minibatches(examples: int, batch_size: int, seed: int = 0, shuffle: bool = True) -> Iterator[np.ndarray]:
    """Index arrays without end: each epoch in a new order, its last batch perhaps shorter."""
    rng = stream(seed, "order")
    while True:
        order = rng.permutation(examples) if shuffle else np.arange(examples)
        for start in range(0, examples, batch_size):
            yield order[start : start + batch_size]


def fit(
    model: Model,
    x: np.ndarray,
    y: np.ndarray,
    optimizer: Optimizer,
    *,
    steps: int,
    params: np.ndarray,
    batches: Iterable[np.ndarray] | None = None,
    schedule: Schedule | None = None,
    penalties: Sequence[Penalty] = (),
    constraints: Sequence[Constraint] = (),
    seed: int = 0,
) -> Fit:
    """Train for a number of steps and keep each step's cost.

    x        (examples, inputs)
    y        class numbers (examples,), or targets (examples, outputs)
    params   the first parameters (size,); they are copied
    batches  an index array a step; default: all examples, each step (batch gradient descent)
    """
    x, targets = np.asarray(x), one_hot(y, model.network.outputs[0], model.network.loss)
    vector = np.array(params, dtype=model.dtype)[None]
    if vector.shape != (1, model.layout.size):
        raise OptbenchError(f"params: expected shape ({model.layout.size},), got {np.shape(params)}")
    grads = np.zeros_like(vector)
    running = model.network.initial_state(1, model.dtype)
    rngs = [stream(seed, "dropout")]
    order = iter(batches) if batches is not None else None
    everything = np.arange(len(x))
    graphs: dict[int, Graph] = {}
    costs: list[float] = []
    per_epoch = 1
    context = Context(model.layout, Progress(0, steps), stream(seed, "optimizer"))
    state = optimizer.init(vector[0], model.layout)
    for step, index in enumerate(islice(order, steps) if order is not None else [everything] * steps):
        if step == 0:
            per_epoch = max(1, -(-len(x) // len(index)))
        if len(index) not in graphs:
            graphs[len(index)] = model.network.bind(vector, grads, running, len(index), rngs)
        graph = graphs[len(index)]
        place = graph.x[0, :, :-1] if model.network.wide else graph.x[0]
        place[...] = x[index]
        graph.targets[0] = targets[index] / len(index)
        graph.forward()
        cost = float(graph.loss.value()[0])
        graph.backward()
        for penalty in penalties:
            cost += penalty.apply(vector[0], grads[0], model.layout)
        costs.append(cost)
        context.progress.step, context.progress.steps_per_epoch = step, per_epoch
        context.factor = schedule.factor(context.progress) if schedule is not None else 1.0
        context._loss = lambda cost=cost: cost  # type: ignore[misc]
        context._gradient = Again(graph, vector, grads, penalties, model.layout)
        optimizer.step(vector[0], grads[0], state, context)
        for iterate in optimizer.iterates(vector[0], state) if constraints else []:
            for constraint in constraints:
                constraint.project(iterate, model.layout)
    result = np.array(optimizer.evaluation_params(vector[0], state))
    return Fit(model, result, np.array(costs), running)


class Again:
    """The gradient of the present mini-batch at another point, for optimizers that ask for it."""

    def __init__(
        self, graph: Graph, params: np.ndarray, grads: np.ndarray, penalties: Sequence[Penalty], layout: Layout
    ):
        self.graph, self.params, self.grads = graph, params, grads
        self.penalties, self.layout = penalties, layout

    def __call__(self, at: np.ndarray, out: np.ndarray | None = None) -> tuple[float, np.ndarray]:
        here, before = self.params.copy(), self.grads.copy()
        self.params[0] = at
        self.graph.forward(training=True, fresh=False)
        loss = float(self.graph.loss.value()[0])
        self.graph.backward()
        result = np.empty_like(self.grads[0]) if out is None else out
        result[...] = self.grads[0]
        self.params[...], self.grads[...] = here, before
        for penalty in self.penalties:
            loss += penalty.apply(at, result, self.layout)
        return loss, result
