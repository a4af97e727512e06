"""Exponential decay."""

from dataclasses import dataclass

from optbench.builtin.schedules.intervals import delay, interval, intervals
from optbench.contract.components import Schedule
from optbench.contract.context import Progress
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Exponential(Schedule):
    """The rate falls by the same share each epoch, or every `interval` epochs.

    factor = base^n
    n = floor(max(epoch - delay, 0) / interval),  epoch = 0 during the first
    """

    name = "exponential"
    reference = "Ng 2017, Improving Deep Neural Networks, week 2 (DeepLearning.AI)"
    base: float = hyper(
        0.95, low=0.5, high=0.999, scale="log1m", valid="(0, 1]", priority=3, help="share that an interval leaves"
    )
    interval: int = interval()
    delay: int = delay()

    def factor(self, progress: Progress) -> float:
        return self.base ** intervals(progress, self.interval, self.delay)
