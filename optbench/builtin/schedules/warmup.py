"""A linear warm-up in front of any other schedule."""

from dataclasses import dataclass

from optbench.builtin.schedules.constant import Constant
from optbench.contract.components import Schedule
from optbench.contract.context import Progress
from optbench.contract.hyperparameters import ComponentError, hyper


@dataclass(frozen=True)
class Warmup(Schedule):
    """The rate grows step by step to where `inner` starts; then `inner` has the rest of the budget.

        factor = (step + 1) / (W + 1) * inner(0)    for step < W
        factor = inner(step - W)                    from then on, with a budget of total_steps - W

    W is `steps`, or the share `share` of the budget where `steps` is 0. `inner` counts its epochs from the
    end of the warm-up. In a suite: { name = "warmup", inner = { name = "cosine" } }.
    """

    name = "warmup"
    reference = "Goyal et al. 2017, Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour"
    inner: Schedule = Constant()  # noqa: RUF009 - a frozen component is a value
    steps: int = hyper(0, valid="[0, inf)", priority=3, help="steps of warm-up; 0: take `share`")
    share: float = hyper(
        0.05, low=0.01, high=0.3, scale="log", valid="[0, 1]", priority=3, help="share of the budget"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.inner, Schedule):
            raise ComponentError(
                f'schedule warmup: inner must be a schedule such as {{ name = "cosine" }}, got {self.inner!r}'
            )

    def factor(self, progress: Progress) -> float:
        warm = self.steps or round(self.share * progress.total_steps)
        rest = max(progress.total_steps - warm, 1)
        done = max(progress.step - warm, 0)
        inner = self.inner.factor(Progress(done, rest, progress.steps_per_epoch))
        return inner * min((progress.step + 1) / (warm + 1), 1.0)
