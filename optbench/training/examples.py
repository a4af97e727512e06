"""Whether the examples of a dataset are what its task must give."""

import numpy as np

from optbench.contract.dataset import TASKS, UNCOUNTED, Data
from optbench.contract.errors import OptbenchError, near


def checked(data: Data, task: str, where: str) -> tuple[np.ndarray, np.ndarray]:
    """x in float64, y as class numbers (examples,) or as values (examples, outputs)."""
    if task not in TASKS:
        raise OptbenchError(f"{where}: unknown task {task!r}; {near(task, TASKS)}")
    x, y = np.asarray(data.x, dtype=np.float64), np.asarray(data.y)
    if x.ndim < 2 or x.size == 0:
        raise OptbenchError(f"{where}: x must be (examples, *features), got shape {x.shape}")
    if len(y) != len(x):
        raise OptbenchError(f"{where}: {len(x)} examples, but {len(y)} labels")
    if len(wrong := np.argwhere(~np.isfinite(x))):
        raise OptbenchError(f"{where}: x has values that are not finite, the first at {wrong[0].tolist()}")
    if data.vocabulary:
        _whole(x, data.vocabulary, "tokens", where)
    for column, categories in enumerate(data.categories):
        _whole(x[:, column], categories, f"column {column}'s categories", where)
    _graph(x, data, task, where)
    if task == "reconstruction":
        return x, y
    if task == "regression":
        y = y.astype(np.float64).reshape(len(y), -1)
        if len(wrong := np.argwhere(~np.isfinite(y))):
            raise OptbenchError(f"{where}: y has values that are not finite, the first in example {wrong[0][0]}")
        return x, y
    if task == "sequence":
        return x, _sequence(x, y, data, where)
    if y.ndim != 1 or not np.issubdtype(y.dtype, np.integer):
        raise OptbenchError(f"{where}: y must be class numbers 0, 1, … (examples,), got {y.dtype} {y.shape}")
    classes = np.unique(y)
    if classes[0] != 0 or classes[-1] != len(classes) - 1 or len(classes) < 2:
        raise OptbenchError(
            f"{where}: class numbers must be 0, 1, … without a gap, "
            f"got {classes[:20].tolist()}"
        )
    if task == "binary" and len(classes) != 2:
        raise OptbenchError(f"{where}: a binary task has the classes 0 and 1, got {len(classes)} classes")
    return x, y


def _whole(x: np.ndarray, count: int, what: str, where: str) -> None:
    """Raise `OptbenchError` unless all of x are class numbers below `count`."""
    wrong = x[(x < 0) | (x >= count) | (x != np.floor(x))]
    if len(wrong):
        raise OptbenchError(f"{where}: {what} must be whole numbers from 0 to {count - 1}, got {wrong[0]:g}")


def _graph(x: np.ndarray, data: Data, task: str, where: str) -> None:
    """Raise `OptbenchError` unless the edges are those of one graph, or of a graph an example."""
    if data.graphs:
        _graphs(x, where)
    if (data.edges is not None) != (task == "nodes"):
        raise OptbenchError(f"{where}: edges belong to task nodes, and only to it; its task is {task}")
    if data.edges is None:
        return
    edges = np.asarray(data.edges)
    if x.ndim != 2:
        raise OptbenchError(f"{where}: x of a graph must be (nodes, features), got shape {x.shape}")
    if edges.size == 0:
        raise OptbenchError(f"{where}: its graph has no edges; without them its nodes are a classification")
    if edges.ndim != 2 or edges.shape[1] != 2 or not np.issubdtype(edges.dtype, np.integer):
        raise OptbenchError(f"{where}: edges must be numbers of nodes (edges, 2), got {edges.dtype} {edges.shape}")
    wrong = edges[(edges < 0) | (edges >= len(x))]
    if len(wrong):
        raise OptbenchError(f"{where}: an edge joins node {wrong[0]}, but nodes are 0 to {len(x) - 1}")
    loops = edges[edges[:, 0] == edges[:, 1]]
    if len(loops):
        raise OptbenchError(f"{where}: an edge joins node {loops[0, 0]} with itself: leave it out")


def _graphs(x: np.ndarray, where: str) -> None:
    if x.ndim != 3 or x.shape[2] <= x.shape[1]:
        raise OptbenchError(f"{where}: x of graphs must be (examples, nodes, features + nodes), got shape {x.shape}")
    adjacency = x[:, :, -x.shape[1] :]
    loops = adjacency.diagonal(axis1=1, axis2=2).any()
    if not np.isin(adjacency, (0, 1)).all() or loops or (adjacency != adjacency.swapaxes(1, 2)).any():
        raise OptbenchError(
            f"{where}: the last {x.shape[1]} columns of x must be adjacency matrices: 1 where two different nodes are "
            "joined, 0 elsewhere, and symmetric"
        )
    if not adjacency.any():
        raise OptbenchError(f"{where}: none of its graphs has an edge; take a dataset that is not of graphs")


def _sequence(x: np.ndarray, y: np.ndarray, data: Data, where: str) -> np.ndarray:
    if y.ndim != 2 or not np.issubdtype(y.dtype, np.integer):
        raise OptbenchError(
            f"{where}: y of a sequence task must be class numbers (examples, positions), got {y.dtype} {y.shape}"
        )
    if y.min() < UNCOUNTED or y.max() < 0:
        raise OptbenchError(
            f"{where}: y must be class numbers 0, 1, … or {UNCOUNTED} where a position has no target, and some must "
            f"have one; got {y.min()} to {y.max()}"
        )
    if data.vocabulary and y.max() >= data.vocabulary:
        raise OptbenchError(f"{where}: y has the token {y.max()}, but the vocabulary is {data.vocabulary} tokens")
    return y
