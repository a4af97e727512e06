"""A network by hand: its parameters as tensors and as one vector, its cost and gradient on examples of one's own.

Examples are rows: inputs (examples, inputs), weights (inputs, units), so that an activation is x W + b.
"""


from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from optbench.contract import arguments
from optbench.contract.architecture import Inputs
from optbench.contract.arguments import all_made, made, numbers
from optbench.contract.components import Initializer, Penalty
from optbench.contract.errors import OptbenchError, near
from optbench.contract.layout import Layout
from optbench.lab.masks import Masks
from optbench.lab.targets import at_positions, gradient, one_hot
from optbench.nn.network import Network
from optbench.training.initialization import draw
from optbench.trials.seeds import stream


@dataclass(frozen=True)
class Model:
    """A network, the dtype it runs in, and what it reads."""

    network: Network
    dtype: np.dtype
    reads: Inputs

    @property
    def layout(self) -> Layout:
        return self.network.layout

    def draw(self, initializer: Initializer, seed: int = 0) -> np.ndarray:
        """First parameters (size,): weights drawn, scales 1, biases and shifts 0."""
        made("initializer", initializer, Initializer, "an initializer such as HeNormal()")
        params = np.zeros(self.layout.size, self.dtype)
        draw(params, self.network, initializer, stream(arguments.seed("seed", seed), "initialization"))
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
        self,
        params: np.ndarray,
        x: np.ndarray,
        y: np.ndarray,
        penalties: Sequence[Penalty] = (),
        masks: Sequence[np.ndarray] | None = None,
    ) -> tuple[float, np.ndarray]:
        """The cost of these examples with its penalties, and its gradient (size,), as a step of training sees them.

        masks   what dropout keeps, 1, and drops, 0: one array (examples, *features) a dropout layer; default: drawn
        """
        penalties = all_made("penalties", penalties, Penalty, "a penalty such as L2()")
        x, targets = self.examples(x, y)
        vector = np.array(self.vector(params))[None]
        grads = np.zeros_like(vector)
        running = self.network.initial_state(1, self.dtype)
        rng: Any = stream(0, "dropout")
        if masks is not None:
            rng = Masks(self.network)
            rng.give(masks)
        graph = self.network.bind(vector, grads, running, len(x), [rng])
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
        """Inputs (examples, *shape) and targets as the loss wants them, checked."""
        x = self.inputs(x)
        if self.network.loss.numbers:
            targets = at_positions(y, self.network.outputs[0], self.network.positions)
        else:
            targets = one_hot(y, self.network.outputs[0], self.network.loss)
        if len(targets) != len(x):
            raise OptbenchError(f"y: expected one row an example, {len(x)} of x, got {len(targets)}")
        return x, targets

    def inputs(self, x: np.ndarray) -> np.ndarray:
        """Inputs (examples, *shape), checked."""
        x, shape, vocabulary = numbers("x", x), self.reads.shape, self.reads.vocabulary
        if x.shape[1:] != shape or not len(x):
            sizes = ", ".join(map(str, shape))
            raise OptbenchError(
                f"x: expected shape (examples, {sizes}) for {self.described()}, got {x.shape}"
                + ("; examples are rows" if x.ndim == 2 and x.shape[:1] == shape else "")
            )
        if vocabulary and not ((x >= 0) & (x < vocabulary) & (x == np.floor(x))).all():
            raise OptbenchError(f"x: expected tokens, whole numbers from 0 to {vocabulary - 1}")
        return x

    def described(self) -> str:
        tensors = ", ".join(f"{t.name} {t.shape}" for t in self.layout)
        return f"the network of {tensors}"
