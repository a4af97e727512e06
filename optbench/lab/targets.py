"""Examples by hand, checked, and where a network reads them."""

import numpy as np

from optbench.contract.arguments import numbers
from optbench.contract.dataset import UNCOUNTED
from optbench.contract.errors import OptbenchError
from optbench.nn.losses import Loss
from optbench.nn.network import Graph


def hardmax(logits: np.ndarray) -> np.ndarray:
    """1 at the largest value of each row, the first of equal ones, and 0 elsewhere; (…, outputs)."""
    logits = numbers("logits", logits)
    return (np.arange(logits.shape[-1]) == logits.argmax(axis=-1)[..., None]).astype(logits.dtype)


def fill(graph: Graph, x: np.ndarray) -> None:
    """Put inputs (examples, *shape) where the network reads them."""
    place = graph.x[0, ..., :-1] if graph.network.wide else graph.x[0]
    place[...] = x.reshape(place.shape)


def scaled(targets: np.ndarray, graph: Graph) -> np.ndarray:
    """Targets as a loss holds them: class numbers as they are, others divided by their number."""
    return targets if graph.network.loss.numbers else targets / len(targets)


def gradient(graph: Graph, x: np.ndarray, targets: np.ndarray) -> float:
    """The mean loss of these examples; their gradient goes to the graph's `grads`."""
    fill(graph, x)
    graph.targets[0] = scaled(targets, graph)
    graph.forward()
    cost = float(graph.value()[0])
    graph.backward()
    return cost


def at_positions(y: np.ndarray, outputs: int, positions: int) -> np.ndarray:
    """Class numbers (examples, positions), UNCOUNTED where a position has none; checked."""
    y = numbers("y", y)
    if y.ndim != 2 or y.shape[1] != positions:
        raise OptbenchError(f"y: expected class numbers of shape (examples, {positions}), got {y.shape}")
    if not ((y == np.floor(y)) & (y >= UNCOUNTED) & (y < outputs)).all() or not (y >= 0).any():
        raise OptbenchError(f"y: expected class numbers 0 … {outputs - 1}, or {UNCOUNTED} where a position has none")
    return y.astype(int)


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
