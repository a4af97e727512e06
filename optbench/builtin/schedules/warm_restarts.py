"""Cosine decay with warm restarts."""

from dataclasses import dataclass
from math import cos, pi

from optbench.contract.components import Schedule
from optbench.contract.context import Progress
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class WarmRestarts(Schedule):
    """The budget in cycles, each a cosine from 1 to `end` and `growth` times as long as the one before.

    factor = end + (1 - end) (1 + cos(pi c)) / 2,  c = the share of the cycle that is spent

    The first cycle takes 1 / (1 + growth + ... + growth^(cycles - 1)) of the budget, so that the last one is
    complete at its end.
    """

    name = "warm-restarts"
    reference = "Loshchilov and Hutter 2017, SGDR: Stochastic Gradient Descent with Warm Restarts"
    cycles: int = hyper(3, low=2, high=6, scale="integer", valid="[1, inf)", priority=3, help="cycles in all")
    growth: float = hyper(2.0, low=1, high=3, valid="[1, inf)", priority=3, help="length from cycle to cycle")
    end: float = hyper(0.0, low=0.0, high=0.2, valid="[0, 1]", priority=3, help="factor at a cycle's end")

    def factor(self, progress: Progress) -> float:
        # Time in units of the first cycle.
        time = progress.step * sum(self.growth**i for i in range(self.cycles)) / progress.total_steps
        length = 1.0
        for _ in range(self.cycles - 1):
            # Rounding must not leave the first step of a cycle at the end of the one before.
            if time < length * (1 - 1e-12):
                break
            time -= length
            length *= self.growth
        return self.end + (1 - self.end) * (1 + cos(pi * min(max(time / length, 0.0), 1.0))) / 2
