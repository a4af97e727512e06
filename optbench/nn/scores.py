"""Loss and metric of many examples, from one pass over their logits."""

from functools import partial

import numpy as np

from optbench.contract.layer import Calls
from optbench.nn.activations import sigmoid


class Score:
    """Sums over rows, made anew by `calls` each time that the logits have changed.

    z         the logits as they lie in memory, (outputs, rows)
    targets   (rows, outputs), not scaled; or class numbers (rows,), negative where a row does not count
    metric    "accuracy" or "r2"
    boundary  a single output above it is class 1
    """

    def __init__(self, z: np.ndarray, targets: np.ndarray, metric: str, boundary: float):
        self.z, self.metric, self.boundary = z, metric, boundary
        self.calls: Calls = []
        self.labels: np.ndarray
        if targets.ndim == 1:
            self.labels = targets.astype(np.intp)
        else:
            self.labels = targets.argmax(axis=1) if targets.shape[1] > 1 else targets[:, 0] > 0.5

    def loss(self) -> float:
        """The sum of the rows' losses."""
        raise NotImplementedError

    def quality(self) -> float:
        """How many rows are classified right; or the sum of their squared errors."""
        if self.metric == "r2":
            return self.residual()
        if len(self.z) > 1:
            return float(np.count_nonzero(self.z.argmax(axis=0) == self.labels))
        return float(np.count_nonzero((self.z[0] > self.boundary) == self.labels))

    def residual(self) -> float:
        """The sum of squared differences between predictions and targets."""
        raise NotImplementedError


class ClassScore(Score):
    """Of the softmax cross-entropy: log sum exp(z) - z_y of each row, and whether z_y is the first of the largest."""

    def __init__(self, z: np.ndarray, targets: np.ndarray, metric: str, boundary: float):
        super().__init__(z, targets, metric, boundary)
        below, highest = np.zeros_like(z), np.zeros(z.shape, bool)
        top, total = np.zeros_like(z[:1]), np.zeros_like(z[:1])
        self.each, wanted = np.zeros_like(z[0]), np.zeros_like(z[0])
        self.highest, self.hit = highest, np.zeros(z.shape[1], bool)
        uncounted = self.labels < 0
        place = np.maximum(self.labels, 0) * z.shape[1] + np.arange(z.shape[1])
        zero = np.zeros((), z.dtype)
        self.calls = [
            partial(np.maximum.reduce, z, 0, None, top, True),
            partial(np.subtract, z, top, below),
            partial(np.equal, below, zero, highest),
            partial(below.reshape(-1).take, place, None, wanted, "clip"),
            partial(highest.reshape(-1).take, place, None, self.hit, "clip"),
            partial(np.exp, below, below),
            partial(np.add.reduce, below, 0, None, total, True),
            partial(np.log, total, total),
            partial(np.subtract, total, wanted, self.each[None]),
        ]
        if uncounted.any():  # such a row must add nothing, even where its logits overflow
            self.calls += [
                partial(np.copyto, self.each, zero, where=uncounted),
                partial(np.copyto, self.hit, False, where=uncounted),
            ]

    def loss(self) -> float:
        return float(self.each.sum(dtype=np.float64))

    def quality(self) -> float:
        if np.count_nonzero(self.highest) == len(self.hit) and self.highest.any(axis=0).all():
            return float(np.count_nonzero(self.hit))
        return super().quality()  # of several that are equal, the first is predicted; and what is not a number


class BinaryScore(Score):
    """Of the cross-entropy of each output by itself: max(z, 0) + log(1 + exp(-|z|)) - y z, summed over the outputs."""

    def __init__(self, z: np.ndarray, targets: np.ndarray, metric: str, boundary: float):
        super().__init__(z, targets, metric, boundary)
        self.targets = np.ascontiguousarray(targets.T)
        self.each, self.work = np.zeros_like(z), np.zeros_like(z)
        # An array of zeros, not the scalar 0: see `ReluOp`.
        self.calls = [
            partial(np.abs, z, self.each),
            partial(np.negative, self.each, self.each),
            partial(np.exp, self.each, self.each),
            partial(np.log1p, self.each, self.each),
            partial(np.maximum, z, np.zeros_like(z), out=self.work),
            partial(np.add, self.each, self.work, self.each),
            partial(np.multiply, z, self.targets, self.work),
            partial(np.subtract, self.each, self.work, self.each),
        ]

    def loss(self) -> float:
        return float(self.each.sum(dtype=np.float64))

    def residual(self) -> float:
        sigmoid(self.z, self.work)
        self.work -= self.targets
        # Between -1 and 1: no square overflows.
        return float(np.vdot(self.work, self.work))


class SquaredScore(Score):
    """Of the squared error: the mean over the outputs."""

    def __init__(self, z: np.ndarray, targets: np.ndarray, metric: str, boundary: float):
        super().__init__(z, targets, metric, boundary)
        error, self.squares = np.zeros_like(z), np.zeros(z.shape)
        # In float64: the squares of a model that is far off overflow float32 long before the model does.
        self.calls = [
            partial(np.subtract, z, np.ascontiguousarray(targets.T), error),
            partial(np.square, error, self.squares, dtype=np.float64),
        ]

    def loss(self) -> float:
        return self.residual() / len(self.z)

    def residual(self) -> float:
        return float(self.squares.sum())
