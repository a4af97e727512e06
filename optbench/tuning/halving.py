"""Successive halving: many settings on short budgets, and the best third of them on three times as long ones.

The total cost is at most that of `trials` trainings of full length, so that the method competes on equal
terms. A rung's trials are trained from the start, with schedules that end where the rung does: comparing
long runs in mid-training would favour whatever is fast at first.

Reference: Jamieson and Talwalkar, Non-stochastic Best Arm Identification and Hyperparameter Optimization,
2016.
"""

from dataclasses import dataclass

ETA = 3
#: One ninth of a budget tells little enough; still shorter rungs select for speed at the start.
MOST_RUNGS = 3


@dataclass(frozen=True)
class Rung:
    """`count` settings, each trained for `budget` epochs or steps (the unit of the workload)."""

    count: int
    budget: int


def rungs(trials: int, budget: int) -> list[Rung]:
    """The rungs, shortest first; the last has the full budget. sum of count x budget <= trials x budget.

    With K + 1 rungs of equal cost, n settings on budget / ETA^K cost (K + 1) n budget / ETA^K in total, so
    that n = trials ETA^K / (K + 1). Rungs that would be shorter than one unit, or leave no setting for the
    last, are not made: with one rung it is a plain search.
    """
    last = MOST_RUNGS - 1
    while last > 0 and (trials < last + 1 or budget < ETA**last):
        last -= 1
    count = trials * ETA**last // (last + 1)
    return [Rung(count // ETA**k, budget // ETA ** (last - k)) for k in range(last + 1)]
