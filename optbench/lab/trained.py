"""A network by hand after its training, and what it gives on data."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.arguments import numbers
from optbench.contract.errors import OptbenchError
from optbench.lab.model import Model
from optbench.lab.targets import at_positions, fill, hardmax, scaled
from optbench.nn.network import Graph


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
        """What the last layer gives, (examples, outputs), in evaluation mode: running statistics, no dropout.

        Where examples have several positions, (examples, positions, outputs).
        """
        graph = self._graph(x)
        graph.forward(training=False, fresh=False)
        positions = self.model.network.positions
        found = np.array(graph.logits[0])
        return found if positions == 1 else found.reshape(-1, positions, found.shape[-1])

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Probabilities (or regression values), (examples, outputs)."""
        return self.model.network.loss.predict(self.logits(x))

    def classes(self, x: np.ndarray) -> np.ndarray:
        """The class of each example, (examples,), or of each position: the largest output; of a single one, the side
        of 0.5."""
        predicted = self.predict(x)
        return (predicted[..., 0] > 0.5).astype(int) if predicted.shape[-1] == 1 else predicted.argmax(axis=-1)

    def hardmax(self, x: np.ndarray) -> np.ndarray:
        """1 at the largest output of each example and 0 elsewhere, (examples, outputs)."""
        return hardmax(self.logits(x))

    def accuracy(self, x: np.ndarray, y: np.ndarray) -> float:
        """The share of examples whose class is y: class numbers (examples,), a column of 0 and 1, or one-hot rows;
        of the positions that have one, where y is class numbers (examples, positions)."""
        y = numbers("y", y)
        if self.model.network.loss.numbers:
            y = at_positions(y, self.model.network.outputs[0], self.model.network.positions)
            return float((self.classes(x).reshape(y.shape) == y)[y >= 0].mean())
        labels = y.argmax(axis=1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(-1)
        classes = self.classes(x)
        if len(labels) != len(classes):
            raise OptbenchError(f"y: expected one label an example, {len(classes)} of x, got {len(labels)}")
        return float((classes == labels).mean())

    def cost(self, x: np.ndarray, y: np.ndarray) -> float:
        """The mean loss on any examples, in evaluation mode, without penalties."""
        x, targets = self.model.examples(x, y)
        graph = self._graph(x)
        graph.targets[0] = scaled(targets, graph)
        graph.forward(training=False, fresh=False)
        return float(graph.value()[0])

    def _graph(self, x: np.ndarray) -> Graph:
        x = self.model.inputs(x)
        graph = self.model.network.bind(self.params[None], None, self.running, len(x))
        fill(graph, x)
        return graph
