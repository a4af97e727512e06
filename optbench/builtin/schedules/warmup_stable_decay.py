"""Warm-up, stable, decay."""

from dataclasses import dataclass
from math import sqrt

from optbench.contract.components import Schedule
from optbench.contract.context import Progress
from optbench.contract.hyperparameters import hyper

SHAPES = ("sqrt", "linear")


@dataclass(frozen=True)
class WarmupStableDecay(Schedule):
    """The rate grows, stays where it is for most of the budget, and falls at the end.

        factor = (step + 1) / (W + 1)           for the first W steps, the share `warmup` of the budget
        factor = 1                              then
        factor = 1 - (1 - end) f(x)             in the share `decay` at the end; x, the share of that, goes from 0 to 1

    f(x) = sqrt(x), a fall that is steep at first, or f(x) = x with `shape` "linear". Where the two shares overlap, the
    factors are multiplied. Without a warm-up, and with `decay` 1 and `shape` "linear", it is the schedule "linear".
    """

    name = "wsd"
    reference = (
        "Hu et al. 2024, MiniCPM: Unveiling the Potential of Small Language Models with Scalable Training Strategies; "
        "Hägele et al. 2024, Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations"
    )
    warmup: float = hyper(
        0.05, low=0.01, high=0.3, scale="log", valid="[0, 1]", priority=3, help="share of the budget that grows"
    )
    decay: float = hyper(0.2, low=0.05, high=0.5, valid="[0, 1]", priority=3, help="share of the budget that falls")
    end: float = hyper(0.0, low=0.0, high=0.2, valid="[0, 1]", priority=3, help="factor at the end")
    shape: str = hyper("sqrt", scale="choice", choices=SHAPES, priority=3, help="of the fall")

    def factor(self, progress: Progress) -> float:
        warm = round(self.warmup * progress.total_steps)
        grown = min((progress.step + 1) / (warm + 1), 1.0)
        length = self.decay * progress.total_steps
        gone = progress.step - (progress.total_steps - length)
        x = min(gone / length, 1.0) if gone > 0 else 0.0
        return grown * (1 - (1 - self.end) * (sqrt(x) if self.shape == "sqrt" else x))
