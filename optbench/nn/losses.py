"""Losses on logits, with their gradients: stable for logits of any size.

A loss gets its buffers once, as a layer does. `targets` are held divided by the batch size (`scale`), so that
the gradient of the mean is one subtraction; the value of the loss is computed only when somebody asks for it.
"""

from functools import partial

import numpy as np

from optbench.contract.layer import Calls, memory
from optbench.nn.activations import sigmoid
from optbench.nn.scores import BinaryScore, ClassScore, Score, SquaredScore


class Loss:
    """A mean over the batch, bound to buffers: logits, dlogits and targets (stack, batch, outputs)."""

    name = ""
    #: a single output above it is class 1: the logit of 1/2
    boundary = 0.0
    #: targets are class numbers (stack, batch, positions), UNCOUNTED where there is none, and not divided by anything
    numbers = False
    #: what evaluates many examples by it
    score: type[Score] = Score

    def __init__(self, logits: np.ndarray, dlogits: np.ndarray | None, targets: np.ndarray):
        self.logits = logits
        self.dlogits = dlogits
        self.targets = targets
        self.batch = logits.shape[1]
        self.scale = float(1 / self.batch)

    def gradient(self) -> None:
        """Fill dlogits from logits and the scaled targets."""
        raise NotImplementedError

    def gradient_calls(self) -> Calls:
        """`gradient` as calls without arguments, which a graph goes through at each step."""
        return [self.gradient]

    def target_calls(self) -> Calls:
        """What depends on the targets alone: calls that come before `gradient_calls` where these have changed."""
        return []

    def value(self) -> np.ndarray:
        """The mean loss of each row of the stack, (stack,), from logits and the scaled targets."""
        raise NotImplementedError

    @staticmethod
    def predict(logits: np.ndarray) -> np.ndarray:
        """Logits (…, outputs) to probabilities, or to predictions where the outputs are those."""
        raise NotImplementedError


class FixedLoss(Loss):
    """A loss whose gradient is the same NumPy calls at every step, made once: see `FixedOp`."""

    def __init__(self, logits: np.ndarray, dlogits: np.ndarray | None, targets: np.ndarray):
        super().__init__(logits, dlogits, targets)
        self.calls: Calls = []

    def gradient(self) -> None:
        for call in [*self.target_calls(), *self.calls]:
            call()

    def gradient_calls(self) -> Calls:
        return self.calls


class SoftmaxCrossEntropy(FixedLoss):
    """-(1/m) sum over examples and classes of y log softmax(z), for targets that sum to 1 (one-hot or smoothed)."""

    name = "softmax_cross_entropy"
    score = ClassScore

    def __init__(self, logits: np.ndarray, dlogits: np.ndarray | None, targets: np.ndarray):
        super().__init__(logits, dlogits, targets)
        # Classes come first in memory: the sums over them run along whole rows of examples.
        self.z, self.t = memory(logits), memory(targets)
        self.p = memory(dlogits) if dlogits is not None else np.zeros_like(self.z)
        stack, classes, batch = self.z.shape
        top = np.zeros((stack, 1, batch), logits.dtype)
        # The sum over classes times the batch size is a product. Where classes are few it comes once for each, so that
        # the division runs over whole blocks.
        copies = classes if classes <= 32 else 1
        ones = np.full((copies, classes), self.batch, logits.dtype)
        total = np.zeros((stack, copies, batch), logits.dtype)
        self.calls = [
            partial(np.maximum.reduce, self.z, 1, None, top, True),
            partial(np.subtract, self.z, top, self.p),
            partial(np.exp, self.p, self.p),
            partial(np.matmul, ones, self.p, total),
            partial(np.divide, self.p, total, self.p),
            partial(np.subtract, self.p, self.t, self.p),
        ]

    def value(self) -> np.ndarray:
        top = np.maximum.reduce(self.z, axis=1, keepdims=True)
        shifted = self.z - top
        total = np.add.reduce(np.exp(shifted), axis=1, keepdims=True)
        shifted -= np.log(total)
        shifted *= self.t
        return -shifted.reshape(len(shifted), -1).sum(axis=1, dtype=np.float64)

    @staticmethod
    def predict(logits: np.ndarray) -> np.ndarray:
        e = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)


class SequenceCrossEntropy(FixedLoss):
    """-(1/n) sum over the n positions with a target y of log softmax(z)_y, of all positions of all examples.

    logits (stack, batch x positions, classes). With one position it is the softmax cross-entropy.
    """

    name = "sequence_cross_entropy"
    numbers = True
    score = ClassScore

    def __init__(self, logits: np.ndarray, dlogits: np.ndarray | None, targets: np.ndarray):
        super().__init__(logits, dlogits, targets)
        self.z, dtype = memory(logits), logits.dtype
        stack, classes, rows = self.z.shape
        p = memory(dlogits) if dlogits is not None else np.zeros_like(self.z)
        self.y = targets.reshape(stack, rows, copy=False)
        # 1/n where a position counts, 0 elsewhere
        weights, self.counted = np.zeros((stack, rows), dtype), np.zeros((stack, rows), bool)
        self.n = np.zeros(stack, dtype)
        # Where p has y's probability, and something whose weight is 0 where there is no y: a place before the row's.
        places = np.zeros((stack, rows), np.intp)
        first = np.arange(stack)[:, None] * classes * rows + np.arange(rows)
        zero, one, step = np.zeros((), dtype), np.ones((), dtype), np.array(rows)
        self.ready: Calls = [
            partial(np.greater_equal, self.y, zero, self.counted),
            partial(np.copyto, weights, self.counted),
            partial(np.vecdot, weights, np.ones(rows, dtype), self.n),
            partial(np.maximum, self.n, one, out=self.n),
            partial(np.divide, weights, self.n[:, None], weights),
            partial(np.copyto, places, self.y, casting="unsafe"),
            partial(np.multiply, places, step, places),
            partial(np.add, places, first, places),
        ]
        top, total = np.zeros((stack, 1, rows), dtype), np.zeros((stack, 1, rows), dtype)
        self.calls = [
            partial(np.maximum.reduce, self.z, 1, None, top, True),
            partial(np.subtract, self.z, top, p),
            partial(np.exp, p, p),
            partial(np.matmul, np.ones((1, classes), dtype), p, total),
            partial(np.divide, weights[:, None], total, total),
            partial(np.multiply, p, total, p),
            partial(np.subtract.at, p.reshape(-1, copy=False), places.reshape(-1), weights.reshape(-1)),
        ]

    def target_calls(self) -> Calls:
        return self.ready

    def value(self) -> np.ndarray:
        for call in self.ready:
            call()
        top = np.maximum.reduce(self.z, axis=1)
        total = np.log(np.add.reduce(np.exp(self.z - top[:, None]), axis=1))
        index = np.maximum(self.y, 0).astype(np.intp)
        wanted = np.take_along_axis(self.z, index[:, None], axis=1)[:, 0]
        # A position without a target must add nothing, even where its logits overflow.
        each = np.where(self.counted, total - (wanted - top), 0)
        return each.sum(axis=1, dtype=np.float64) / self.n

    predict = staticmethod(SoftmaxCrossEntropy.predict)


class BinaryCrossEntropy(FixedLoss):
    """-(1/m) sum of y log s(z) + (1 - y) log(1 - s(z)), as max(z, 0) - y z + log(1 + exp(-|z|))."""

    name = "binary_cross_entropy"
    score = BinaryScore

    def __init__(self, logits: np.ndarray, dlogits: np.ndarray | None, targets: np.ndarray):
        super().__init__(logits, dlogits, targets)
        if dlogits is None:
            return
        half, share = (np.array(number, logits.dtype) for number in (0.5, self.scale / 2))
        # s(z) = (1 + tanh(z / 2)) / 2, which cannot overflow, divided by the batch size.
        self.calls = [
            partial(np.multiply, logits, half, dlogits),
            partial(np.tanh, dlogits, dlogits),
            partial(np.multiply, dlogits, share, dlogits),
            partial(np.add, dlogits, share, dlogits),
            partial(np.subtract, dlogits, targets, dlogits),
        ]

    def value(self) -> np.ndarray:
        z = self.logits
        each = (np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))) * self.scale - z * self.targets
        return each.reshape(len(z), -1).sum(axis=1, dtype=np.float64)

    @staticmethod
    def predict(logits: np.ndarray) -> np.ndarray:
        return sigmoid(logits)


class ReconstructionCrossEntropy(BinaryCrossEntropy):
    """The same sum over all features of an example, each a grey level y in [0, 1] that s(z) is to give back.

    Its least value is the entropy of the grey levels themselves, not 0. (Hinton and Salakhutdinov 2006.)
    """

    name = "reconstruction_cross_entropy"


class MeanSquaredError(FixedLoss):
    """(1/(m n)) sum of (z - y)^2 over m examples and n outputs."""

    name = "mean_squared_error"
    boundary = 0.5  # between the targets 0 and 1
    score = SquaredScore

    def __init__(self, logits: np.ndarray, dlogits: np.ndarray | None, targets: np.ndarray):
        super().__init__(logits, dlogits, targets)
        if dlogits is None:
            return
        scale, share = (np.array(number, logits.dtype) for number in (self.scale, 2 / logits.shape[2]))
        self.calls = [
            partial(np.multiply, logits, scale, dlogits),
            partial(np.subtract, dlogits, targets, dlogits),
            partial(np.multiply, dlogits, share, dlogits),
        ]

    def value(self) -> np.ndarray:
        error = self.logits - self.targets * self.batch
        # In float64: the squares of a model that is far off overflow float32 long before the model does.
        return np.square(error, dtype=np.float64).reshape(len(error), -1).mean(axis=1)

    @staticmethod
    def predict(logits: np.ndarray) -> np.ndarray:
        return logits


LOSSES: dict[str, type[Loss]] = {
    loss.name: loss
    for loss in (
        SoftmaxCrossEntropy, BinaryCrossEntropy, MeanSquaredError, ReconstructionCrossEntropy, SequenceCrossEntropy
    )
}
