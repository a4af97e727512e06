"""One cycle: up, then far down."""

from dataclasses import dataclass
from math import cos, pi

from optbench.contract.components import Schedule
from optbench.contract.context import Progress
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class OneCycle(Schedule):
    """A rise from 1 / divide to 1, then a fall to 1 / (divide * final), both along half a cosine.

    factor = a + (b - a) (1 - cos(pi c)) / 2,  from a to b as c, the share of the phase, goes from 0 to 1

    The optimizer's lr is the peak, reached after the share `rise` of the budget; the last step has the
    smallest rate. As torch's OneCycleLR with two phases; the momentum is not cycled.
    """

    name = "one-cycle"
    reference = "Smith and Topin 2018, Super-Convergence: Very Fast Training Using Large Learning Rates"
    rise: float = hyper(
        0.3, low=0.1, high=0.5, valid="[0, 1]", priority=3, help="share of the budget that rises"
    )
    divide: float = hyper(
        25.0, low=2, high=100, scale="log", valid="[1, inf)", priority=3, help="peak over first"
    )
    final: float = hyper(
        1e4, low=10, high=1e5, scale="log", valid="[1, inf)", priority=3, help="first over last"
    )

    def factor(self, progress: Progress) -> float:
        last = progress.total_steps - 1
        peak = self.rise * progress.total_steps - 1
        first, end = 1 / self.divide, 1 / (self.divide * self.final)
        if progress.step < peak:
            return _between(first, 1.0, progress.step / peak)
        if last <= peak or last <= 0:
            return 1.0
        return _between(1.0, end, min((progress.step - max(peak, 0.0)) / (last - max(peak, 0.0)), 1.0))


def _between(start: float, end: float, share: float) -> float:
    return start + (end - start) * (1 - cos(pi * share)) / 2
