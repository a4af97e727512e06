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
    if not np.isfinite(x).all():
        raise OptbenchError(f"{where}: x has values that are not finite")
    if data.vocabulary:
        _whole(x, data.vocabulary, "tokens", where)
    for column, categories in enumerate(data.categories):
        _whole(x[:, column], categories, f"column {column}'s categories", where)
    if task == "reconstruction":
        return x, y
    if task == "regression":
        y = y.astype(np.float64).reshape(len(y), -1)
        if not np.isfinite(y).all():
            raise OptbenchError(f"{where}: y has values that are not finite")
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
