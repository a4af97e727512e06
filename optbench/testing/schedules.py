"""What a schedule owes."""

import math
from typing import Any

from optbench.contract.context import Progress
from optbench.testing.base import CheckFailed, expect, made

__all__ = ["check_factors_are_finite_and_not_negative", "check_schedule_is_pure"]

#: (steps of the budget, steps of an epoch)
BUDGETS = ((1, 1), (2, 1), (10, 3), (100, 100), (1000, 7), (1_000_000, 20_000))


def check_factors_are_finite_and_not_negative(component: Any) -> None:
    """At the first, middle and last step of budgets from 1 to a million steps, and between."""
    one = made(component)
    for total, epoch in BUDGETS:
        for step in sorted({0, 1, total // 4, total // 2, 3 * total // 4, max(total - 2, 0), total - 1}):
            if step >= total:
                continue
            where = f"step {step} of {total} (an epoch has {epoch})"
            try:
                factor = one.factor(Progress(step, total, epoch))
            except ArithmeticError as error:
                raise CheckFailed(f"factor raises {type(error).__name__} at {where}: {error}") from error
            number = not isinstance(factor, bool) and hasattr(factor, "__float__")
            expect(number, f"factor gives {factor!r} at {where}: return a number")
            expect(
                math.isfinite(factor) and factor >= 0,
                f"factor gives {float(factor):g} at {where}: it must be finite and not negative (max(..., 0.0))",
            )


def check_schedule_is_pure(component: Any) -> None:
    """The factor of a step depends on the progress alone, not on which steps were asked for before."""
    one = made(component)
    steps = range(0, 60, 3)
    forward = {step: one.factor(Progress(step, 60, 7)) for step in steps}
    for step in reversed(steps):
        progress = Progress(step, 60, 7)
        expect(
            one.factor(progress) == forward[step],
            f"step {step} has another factor the second time: compute it from progress alone, and count nothing "
            "(a training that is resumed starts in the middle)",
        )
        found = (progress.step, progress.total_steps, progress.steps_per_epoch)
        expect(found == (step, 60, 7), "factor changed the progress: it is only to be read")
