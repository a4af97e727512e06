"""Grid search on the same budget: a full grid of at most `trials` points, as even as that allows.

Each range is cut into equal parts (in its scale) and tried in their middles: with the ends instead, two
points a dimension would try the two least likely values. Hyperparameters of a higher priority get the finer
division.
"""

import itertools
from collections.abc import Sequence

import numpy as np

from optbench.contract.hyperparameters import Hyper
from optbench.tuning.scales import values


def points(trials: int, hypers: Sequence[Hyper], rng: np.random.Generator) -> np.ndarray:
    """(at most trials, dimensions) in the unit cube. A grid draws nothing: `rng` is not used."""
    axes = [[(i + 0.5) / n for i in range(n)] for n in counts(trials, [values(h) for h in hypers])]
    return np.array(list(itertools.product(*axes)), dtype=np.float64).reshape(-1, len(hypers))


def counts(trials: int, most: Sequence[float]) -> list[int]:
    """How many points each dimension gets: their product is at most `trials`, and none exceeds its `most`.

    The dimension with the fewest grows next, the earlier of equals, as long as the grid fits the budget.
    """
    found = [1] * len(most)
    while True:
        total = int(np.prod(found, dtype=object)) if found else 1
        growing = [i for i, n in enumerate(found) if n + 1 <= most[i] and total // n * (n + 1) <= trials]
        if not growing:
            return found
        found[min(growing, key=lambda i: (found[i], i))] += 1
