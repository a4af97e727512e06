"""The same training by scikit-learn's MLPClassifier."""

import warnings
from math import prod

import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from peers.timing import Contender, clock, stopwatch
from peers.work import Work

#: Epochs a call of `fit`, so that what it does once (checks, conversions) has no weight.
EPOCHS_A_FIT = 4


class Fit(Contender):
    """`fit` for a few epochs from the weights it has (warm start), by the step: the cheapest way there is.

    The L2 penalty is 0, the examples are a multiple of the batch size, and tolerances never stop it.
    """

    def __init__(self, work: Work, shuffle: bool = True, epochs: int = EPOCHS_A_FIT):
        arrays = work.arrays()
        hidden = tuple(tensor.shape[1] for tensor in work.network.layout if len(tensor.shape) == 2)[:-1]
        self.model = MLPClassifier(
            hidden,
            alpha=0.0,
            batch_size=work.batch,
            learning_rate_init=work.lr,
            max_iter=epochs,
            shuffle=shuffle,
            n_iter_no_change=10**9,
            warm_start=True,
            random_state=1,
        )
        # Without shuffling, the first epoch's batches are the same as everybody's.
        order = arrays.batches[0][: arrays.steps_per_epoch].reshape(-1)
        self.x, self.y = arrays.x[order].reshape(len(order), -1), arrays.labels[order]
        self.granule = epochs * arrays.steps_per_epoch
        self.model.partial_fit(self.x[: work.batch], self.y[: work.batch], classes=np.arange(10))
        del self.model._optimizer  # of the call that made the arrays
        views = list(work.network.layout.views(arrays.start[0]).values())
        self.model.coefs_ = [v.copy() for v in views[::2]]
        self.model.intercepts_ = [v.copy() for v in views[1::2]]
        assert sum(prod(w.shape) for w in views) == work.network.layout.size
        self.note = f"scikit-learn {sklearn.__version__} MLPClassifier.fit, time by the step"

    def run(self, steps: int) -> float:
        seconds = 0.0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            for _ in range(steps // self.granule):
                seconds += stopwatch(lambda: self.model.fit(self.x, self.y))
        return seconds

    def parameters(self) -> np.ndarray:
        tensors = [t for pair in zip(self.model.coefs_, self.model.intercepts_, strict=True) for t in pair]
        return np.concatenate([t.reshape(-1) for t in tensors])


class PartialFit(Fit):
    """`partial_fit` with one mini-batch a call: how to watch or to steer the training by the step."""

    def __init__(self, work: Work):
        super().__init__(work, epochs=1)
        size = work.batch
        self.granule, self.number = 1, 0
        self.batches = [slice(start, start + size) for start in range(0, len(self.x), size)]
        self.note = self.note.replace("fit, time by the step", "partial_fit, a mini-batch a call")

    def run(self, steps: int) -> float:
        x, y, batches = self.x, self.y, self.batches
        start = clock()
        for number in range(self.number, self.number + steps):
            batch = batches[number % len(batches)]
            self.model.partial_fit(x[batch], y[batch])
        self.number += steps
        return clock() - start
