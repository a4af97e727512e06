"""Decay by the inverse of time."""

from dataclasses import dataclass

from optbench.builtin.schedules.intervals import delay, interval, intervals
from optbench.contract.components import Schedule
from optbench.contract.context import Progress
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class InverseTime(Schedule):
    """The rate over a number that grows by `decay` an epoch, or every `interval` epochs.

    factor = 1 / (1 + decay * n)
    n = floor(max(epoch - delay, 0) / interval),  epoch = 0 during the first

    The course changes the rate after an epoch by that epoch's number, 0 for the first: `delay` = 1. Its decay at
    fixed intervals has `interval` = 1000.
    """

    name = "inverse-time"
    reference = "Ng 2017, Improving Deep Neural Networks, week 2 (DeepLearning.AI)"
    decay: float = hyper(
        1.0, low=1e-3, high=10, scale="log", valid="[0, inf)", priority=3, help="growth of the divisor an interval"
    )
    interval: int = interval()
    delay: int = delay()

    def factor(self, progress: Progress) -> float:
        return 1 / (1 + self.decay * intervals(progress, self.interval, self.delay))
