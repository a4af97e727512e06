"""Decay by the root of the epoch."""

from dataclasses import dataclass
from math import sqrt

from optbench.builtin.schedules.intervals import delay, interval, intervals
from optbench.contract.components import Schedule
from optbench.contract.context import Progress
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class InverseSqrtEpoch(Schedule):
    """The rate over the root of the number of the epoch, or of the interval of epochs.

    factor = k / sqrt(n + 1)
    n = floor(max(epoch - delay, 0) / interval),  epoch = 0 during the first
    """

    name = "inverse-sqrt-epoch"
    reference = "Ng 2017, Improving Deep Neural Networks, week 2 (DeepLearning.AI)"
    k: float = hyper(1.0, low=0.1, high=10, scale="log", valid="[0, inf)", priority=3, help="factor at first")
    interval: int = interval()
    delay: int = delay()

    def factor(self, progress: Progress) -> float:
        return self.k / sqrt(intervals(progress, self.interval, self.delay) + 1)
