"""How many seeds it takes to see a known speed-up: one candidate takes 90 % of the other's steps.

Seeds are paired: with the same seed both see the same data in the same order, and their times rise and fall
together. How much, the trainings say (`pairing`); power is given without it and with it.
"""

from collections.abc import Sequence

import numpy as np

from optbench.statistics.claims import decide
from optbench.statistics.compare import against_rows
from optbench.statistics.holm import ALPHA
from optbench.statistics.paired import paired_effect
from optbench.statistics.pairs import Paired
from optbench.statistics.wilcoxon import signed_rank

#: a candidate's time as a share of the other's
SPEED_UP = 0.9
#: Wilcoxon's test sees so many times as many workloads, since few ones decide nothing
REPEATED = 3
SEEDS = (3, 5, 6, 8, 10, 15, 20, 30, 50)


def _draw(
    spread: np.ndarray, seeds: int, correlation: float, rng: np.random.Generator, speed_up: float
) -> Paired:
    """Logarithms of times of a candidate and one that is faster, normal with `spread` (workloads,) each."""
    shared, a, b = rng.normal(size=(3, len(spread), seeds)) * spread[:, None]
    common, own = np.sqrt(correlation), np.sqrt(1 - correlation)
    values = np.stack([common * shared + own * a + np.log(speed_up), common * shared + own * b])
    names = [f"w{i}" for i in range(len(spread))]
    return Paired(["fast", "slow"], names, values, np.zeros(values.shape, dtype=bool), True)


def power(
    spread: Sequence[float],
    seeds: int,
    correlation: float,
    samples: int,
    rng: np.random.Generator,
    speed_up: float = SPEED_UP,
) -> dict[str, float]:
    """Share of samples in which the faster one is found to be faster.

    spread   of the logarithm of times between seeds, a workload each
    Returns {"claim, one workload", "claim, N workloads", "words of N workloads", "Wilcoxon over 3 N workloads"}; of the
    words the share of workloads that have the right one.
    """
    sizes = np.asarray(spread, dtype=float)
    one = several = words = ranks = 0.0
    for _ in range(samples):
        found = _draw(sizes, seeds, correlation, rng, speed_up)
        groups = [-g for g in found.differences(0, 1)]
        first = groups[:1]
        one += decide({}, first, paired_effect(first))[0] == "supported"
        several += decide({}, groups, paired_effect(groups))[0] == "supported"
        rows = against_rows(found, "slow")
        words += np.mean([effect < 1 and p <= ALPHA for _, _, _, effect, *_, p, _, _ in rows])
        middle = np.median(_draw(np.tile(sizes, REPEATED), seeds, correlation, rng, speed_up).values, axis=2)
        ahead = middle[0] - middle[1]
        ranks += ahead.mean() < 0 and signed_rank(ahead) <= ALPHA
    number = len(sizes)
    return {
        "claim, one workload": one / samples,
        f"claim, {number} workloads": several / samples,
        f"words of {number} workloads": words / samples,
        f"Wilcoxon over {REPEATED * number} workloads": ranks / samples,
    }


def pairing(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(spread, correlation) by workload of logarithms of two optimizers' times with the same seeds, misses left out.

    a, b   (workloads, seeds); the spread is the mean of both. Workloads that hardly any seed solved are left out.
    """
    spreads, correlations = [], []
    for x, y in zip(a, b, strict=True):
        good = np.isfinite(x) & np.isfinite(y) & (x > 0) & (y > 0)
        if good.sum() < 10:
            continue
        u, v = np.log(x[good]), np.log(y[good])
        spreads.append((u.std(ddof=1) + v.std(ddof=1)) / 2)
        correlations.append(np.corrcoef(u, v)[0, 1])
    return np.array(spreads), np.array(correlations)
