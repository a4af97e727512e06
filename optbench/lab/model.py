"""A network from layer sizes with parameters given by hand, and what it gives on data: half of `optbench.lab.fitting`.

Examples are rows: inputs (examples, inputs), weights (inputs, units), so that an activation is x W + b.
"""


from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from optbench.contract import arguments
from optbench.contract.architecture import Extras
from optbench.contract.arguments import all_made, made, numbers
from optbench.contract.components import Initializer, LayerFactory, Penalty
from optbench.contract.errors import OptbenchError, near
from optbench.contract.layer import Layer
from optbench.contract.layout import Layout
from optbench.lab.outputs import output_of
from optbench.nn.activations import ACTIVATIONS
from optbench.nn.dense import Dense
from optbench.nn.losses import Loss
from optbench.nn.network import Graph, Network
from optbench.training.initialization import initialize
from optbench.trials.seeds import stream


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
        made("initializer", initializer, Initializer, "an initializer such as HeNormal()")
        params = np.zeros(self.layout.size, self.dtype)
        initialize(params, self.layout, initializer, stream(arguments.seed("seed", seed), "initialization"))
        return params

    def flat(self, tensors: Mapping[str, np.ndarray] | Sequence[np.ndarray]) -> np.ndarray:
        """A flat vector (size,) from tensors, by name or in the layout's order: W1, b1, W2, b2, …

        A weight is (inputs, units); shapes must agree, so that a transposed matrix is an error and no surprise.
        """
        values = [] if isinstance(tensors, Mapping) else arguments.listed("tensors", tensors, "a list of arrays")
        if isinstance(tensors, Mapping) and set(tensors) != {t.name for t in self.layout}:
            wrong = next(iter(set(tensors) ^ {t.name for t in self.layout}))
            raise OptbenchError(f"tensor {wrong!r}: {near(wrong, [t.name for t in self.layout])}")
        if isinstance(tensors, Mapping):
            values = [tensors[t.name] for t in self.layout]
        if len(values) != len(self.layout):
            raise OptbenchError(f"expected {len(self.layout)} tensors, got {len(values)}")
        params = np.zeros(self.layout.size, self.dtype)
        for tensor, value in zip(self.layout, values, strict=True):
            value = numbers(f"tensor {tensor.name}", value)
            if value.shape != tensor.shape:
                hint = "; a weight is (inputs, units): transpose it" if value.T.shape == tensor.shape else ""
                raise OptbenchError(
                    f"tensor {tensor.name}: expected shape {tensor.shape}, got {value.shape}{hint}"
                )
            params[tensor.slice] = value.reshape(-1)
        return params

    def views(self, params: np.ndarray) -> dict[str, np.ndarray]:
        """The tensors of a flat vector by name, as views."""
        return self.layout.views(self.vector(params))

    def cost_and_gradient(
        self, params: np.ndarray, x: np.ndarray, y: np.ndarray, penalties: Sequence[Penalty] = ()
    ) -> tuple[float, np.ndarray]:
        """The cost of these examples with its penalties, and its gradient (size,), as a step of training sees them."""
        penalties = all_made("penalties", penalties, Penalty, "a penalty such as L2()")
        x, targets = self.examples(x, y)
        vector = np.array(self.vector(params))[None]
        grads = np.zeros_like(vector)
        running = self.network.initial_state(1, self.dtype)
        graph = self.network.bind(vector, grads, running, len(x), [stream(0, "dropout")])
        cost = gradient(graph, x, targets)
        for penalty in penalties:
            cost += penalty.apply(vector[0], grads[0], self.layout)
        return cost, grads[0]

    def vector(self, params: np.ndarray) -> np.ndarray:
        """Parameters in the network's dtype; `OptbenchError` unless they have its size."""
        params = numbers("params", params, self.dtype)
        if params.shape != (self.layout.size,):
            raise OptbenchError(
                f"params: expected shape ({self.layout.size},) for {self.described()}, got {params.shape}"
            )
        return params

    def examples(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Inputs (examples, inputs) and targets (examples, outputs), checked."""
        x = self.inputs(x)
        targets = one_hot(y, self.network.outputs[0], self.network.loss)
        if len(targets) != len(x):
            raise OptbenchError(f"y: expected one row an example, {len(x)} of x, got {len(targets)}")
        return x, targets

    def inputs(self, x: np.ndarray) -> np.ndarray:
        """Inputs (examples, inputs), checked."""
        x, width = numbers("x", x), self.network.shapes[0][0]
        if x.ndim != 2 or x.shape[1] != width or not len(x):
            raise OptbenchError(
                f"x: expected shape (examples, {width}) for {self.described()}, got {x.shape}"
                + ("; examples are rows" if x.ndim == 2 and x.shape[0] == width else "")
            )
        return x

    def described(self) -> str:
        tensors = ", ".join(f"{t.name} {t.shape}" for t in self.layout)
        return f"the network of {tensors}"


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
    activations  one a layer: [relu, relu, sigmoid]. The last names the output and its loss: "softmax" has the
                 multi-class cross-entropy, "sigmoid" the binary one, any other ("identity") the mean squared error
    loss         "mean_squared_error" with "sigmoid", too: then the error is that of the activations
    extras       normalizers (before each hidden activation) and dropout (after it)
    """
    sizes, activations = arguments.listed("sizes", sizes), arguments.listed("activations", activations)
    if len(sizes) < 2 or len(activations) != len(sizes) - 1:
        raise OptbenchError(
            "activations: expected one a layer, "
            f"{max(len(sizes) - 1, 1)} for {len(sizes)} sizes (the first is that of the inputs), got {len(activations)}"
        )
    sizes = [arguments.whole(f"sizes[{k}]", size, 1) for k, size in enumerate(sizes)]
    dtype = arguments.choice("dtype", named(dtype), ("float32", "float64"))
    extras = all_made("extras", extras, LayerFactory, "a normalizer of hidden layers or dropout")
    *hidden, output = (arguments.text(f"activations[{k}]", a) for k, a in enumerate(activations))
    if output == "softmax" and sizes[-1] < 2:
        raise OptbenchError("softmax needs at least 2 outputs: for a single one take 'sigmoid'")
    last, loss_class = output_of(output, loss)
    placed = Extras(extras)
    layers: list[Layer] = []
    for units, activation in zip(sizes[1:-1], hidden, strict=True):
        if activation not in ACTIVATIONS:
            raise OptbenchError(f"activations: there is no activation {activation!r}; {near(activation, ACTIVATIONS)}")
        layers.append(Dense(units))
        layers += placed.before_activation((units,))
        layers.append(ACTIVATIONS[activation]())
        layers += placed.after_activation((units,))
    layers += [Dense(sizes[-1]), *last]
    return Model(Network(layers, (sizes[0],), loss_class), np.dtype(dtype))


def named(dtype: Any) -> Any:
    """The name of a dtype, which may be given as np.float64."""
    try:
        return dtype if isinstance(dtype, str) or dtype is None else np.dtype(dtype).name
    except TypeError:
        return dtype


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
        """What the last layer gives, (examples, outputs), in evaluation mode: running statistics, no dropout."""
        graph = self._graph(x)
        graph.forward(training=False, fresh=False)
        return np.array(graph.logits[0])

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Probabilities (or regression values), (examples, outputs)."""
        return self.model.network.loss.predict(self.logits(x))

    def classes(self, x: np.ndarray) -> np.ndarray:
        """The class of each example, (examples,): the largest output; of a single output, the side of 0.5."""
        predicted = self.predict(x)
        return (predicted[:, 0] > 0.5).astype(int) if predicted.shape[1] == 1 else predicted.argmax(axis=1)

    def hardmax(self, x: np.ndarray) -> np.ndarray:
        """1 at the largest output of each example and 0 elsewhere, (examples, outputs)."""
        return hardmax(self.logits(x))

    def accuracy(self, x: np.ndarray, y: np.ndarray) -> float:
        """The share of examples whose class is y: class numbers (examples,), a column of 0 and 1, or one-hot rows."""
        y = numbers("y", y)
        labels = y.argmax(axis=1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(-1)
        classes = self.classes(x)
        if len(labels) != len(classes):
            raise OptbenchError(f"y: expected one label an example, {len(classes)} of x, got {len(labels)}")
        return float((classes == labels).mean())

    def cost(self, x: np.ndarray, y: np.ndarray) -> float:
        """The mean loss on any examples, in evaluation mode, without penalties."""
        x, targets = self.model.examples(x, y)
        graph = self._graph(x)
        graph.targets[0] = targets / len(x)
        graph.forward(training=False, fresh=False)
        return float(graph.loss.value()[0])

    def _graph(self, x: np.ndarray) -> Graph:
        x = self.model.inputs(x)
        graph = self.model.network.bind(self.params[None], None, self.running, len(x))
        fill(graph, x)
        return graph


def hardmax(logits: np.ndarray) -> np.ndarray:
    """1 at the largest value of each row, the first of equal ones, and 0 elsewhere; (…, outputs)."""
    logits = numbers("logits", logits)
    return (np.arange(logits.shape[-1]) == logits.argmax(axis=-1)[..., None]).astype(logits.dtype)


def fill(graph: Graph, x: np.ndarray) -> None:
    """Put inputs (examples, inputs) where the network reads them."""
    place = graph.x[0, :, :-1] if graph.network.wide else graph.x[0]
    place[...] = x


def gradient(graph: Graph, x: np.ndarray, targets: np.ndarray) -> float:
    """The mean loss of these examples; their gradient goes to the graph's `grads`."""
    fill(graph, x)
    graph.targets[0] = targets / len(x)
    graph.forward()
    cost = float(graph.loss.value()[0])
    graph.backward()
    return cost


def one_hot(y: np.ndarray, outputs: int, loss: type[Loss]) -> np.ndarray:
    """Targets (examples, outputs) from class numbers, one-hot rows, 0/1 labels or values."""
    y = numbers("y", y)
    if y.ndim == 1 and outputs > 1:
        if loss.name == "mean_squared_error":
            raise OptbenchError(f"y: expected shape (examples, {outputs}), got {y.shape}")
        if not ((y == np.floor(y)) & (y >= 0) & (y < outputs)).all():
            raise OptbenchError(f"y: expected class numbers 0 … {outputs - 1}, or shape (examples, {outputs})")
        return np.eye(outputs)[y.astype(int)]
    if y.shape not in ((len(y), outputs), (len(y),)):
        hint = "; examples are rows" if y.ndim == 2 and y.shape[0] == outputs else ""
        raise OptbenchError(f"y: expected shape (examples, {outputs}), got {y.shape}{hint}")
    y = y.reshape(len(y), outputs)
    if loss.name == "binary_cross_entropy" and not ((y >= 0) & (y <= 1)).all():
        raise OptbenchError("y: expected 0 and 1, or probabilities, for binary cross-entropy")
    if loss.name == "softmax_cross_entropy" and not np.allclose(y.sum(axis=1), 1, atol=1e-5):
        raise OptbenchError(
            "y: expected rows that sum to 1 (one-hot, or probabilities) for the softmax cross-entropy, "
            f"got one that sums to {y.sum(axis=1)[np.abs(y.sum(axis=1) - 1).argmax()]:g}"
        )
    return y
