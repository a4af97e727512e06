"""Kendall's tau-b between orders of methods, with an interval that resamples our workloads and their seeds or studies.

    tau-b = (concordant - discordant) / sqrt((pairs untied in x) (pairs untied in y))      Kendall 1945

The published side has no noise that anybody published: the interval is ours alone. Tau is discrete and has ends that it
often stands at, so that BCa's acceleration is 0 / 0 there; the interval is of percentiles.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import factorial, prod
from typing import TYPE_CHECKING

import numpy as np

from optbench.statistics.bootstrap import CONFIDENCE, RESAMPLES, percentile_interval
from optbench.statistics.holm import ALPHA
from optbench.statistics.pairs import Paired, seed_pairs

if TYPE_CHECKING:
    import pandas as pd

#: methods in common that an order must have: with three, tau has four values and p is never below 1 / 3
FEWEST = 4
#: arrangements that are all tried for p; of more as many are drawn
ARRANGEMENTS = 50_000


@dataclass(frozen=True)
class Ours:
    """Our times or final results, less being better.

    values      (methods, workloads, places): of each seed, or of each study, the mean over what belongs to it; NaN
                where there is no run. Places are paired between methods
    quantity    "time" (mean logarithm of times to the targets; a miss counts as one step beyond the budget) or "final"
    """

    methods: list[str]
    workloads: list[str]
    values: np.ndarray
    quantity: str

    def of(self, methods: list[str], workloads: list[str] | None = None) -> "Ours":
        """The same of some methods, on some workloads or all."""
        workloads = self.workloads if workloads is None else workloads
        at = np.ix_(
            [self.methods.index(method) for method in methods], [self.workloads.index(name) for name in workloads]
        )
        return Ours(methods, workloads, self.values[at], self.quantity)

    @property
    def complete(self) -> list[str]:
        """Methods that ran on every workload."""
        runs = (~np.isnan(self.values)).any(axis=2).all(axis=1)
        return [method for method, whole in zip(self.methods, runs, strict=True) if whole]

    def means(self) -> np.ndarray:
        """(methods,): the mean over workloads of their means over places."""
        return mean(mean(self.values))


def ours(trials: "pd.DataFrame", quantity: str) -> Ours:
    """Of a trials' table. "time" has the workloads with a target alone."""
    pairs = seed_pairs(trials, "steps" if quantity == "time" else "final")
    values = mean(pairs.values) if pairs.values.ndim == 4 else pairs.values
    return Ours(pairs.candidates, pairs.workloads, values if pairs.ratio else -values, quantity)


def log_ratios(pairs: Paired, a: str, b: str) -> np.ndarray:
    """log(time of a / time of b), (1, workloads, places), by the rules of pairs for misses."""
    return pairs.table(pairs.candidates.index(a), pairs.candidates.index(b))[None]


def mean(values: np.ndarray) -> np.ndarray:
    """Along the last axis, of what there is; NaN where there is nothing."""
    known = ~np.isnan(values)
    number = known.sum(axis=-1)
    total = np.where(known, values, 0.0).sum(axis=-1)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def replicates(
    values: np.ndarray, rng: np.random.Generator, workloads: bool = True, count: int = RESAMPLES
) -> np.ndarray:
    """Means of bootstrap samples, (count, methods), of values (methods, workloads, places).

    Workloads are drawn with replacement (or taken as they are), and on each that is drawn its places, for all methods
    the same: pairs stay pairs (Davison and Hinkley 1997, section 3.8). A place that no method has is none.
    """
    methods, number, _ = values.shape
    drawn = rng.integers(number, size=(count, number)) if workloads else np.tile(np.arange(number), (count, 1))
    total = np.zeros((count, methods))
    for slot in range(number):
        for at in range(number):
            rows = np.flatnonzero(drawn[:, slot] == at)
            there = values[:, at][:, (~np.isnan(values[:, at])).any(axis=0)]
            places = rng.integers(there.shape[1], size=(len(rows), there.shape[1]))
            total[rows] += mean(there[:, places]).T
    return total / number


def tau_rows(rows: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Kendall's tau-b of each row of (count, methods) with `other` (methods,); NaN where either is tied throughout."""
    i, j = np.triu_indices(rows.shape[1], 1)
    x, y = np.sign(rows[:, i] - rows[:, j]), np.sign(other[i] - other[j])
    untied = np.abs(x).sum(axis=1) * np.abs(y).sum()
    return np.where(untied > 0, (x * y).sum(axis=1) / np.sqrt(np.maximum(untied, 1)), np.nan)


@dataclass(frozen=True)
class Tau:
    """Of two orders of `methods`: tau-b, its interval (NaN where nothing could be resampled), two-sided p of no order
    in common by permutations; `exact` says whether all of them were counted."""

    methods: tuple[str, ...]
    tau: float
    low: float
    high: float
    p: float
    exact: bool = True

    @property
    def word(self) -> str:
        """Whether the orders agree: both our noise (the interval) and chance among so few methods (p) must say so."""
        if not self.p <= ALPHA or not (self.low > 0 or self.high < 0):
            return "undecided"
        return "agrees" if self.low > 0 else "opposite"


def kendall(found: Ours, costs: np.ndarray, rng: np.random.Generator, workloads: bool = True) -> Tau:
    """Between our order of `found.methods` and one by costs (methods,), less being better.

    workloads   whether workloads are resampled, too: the interval is then about others like them
    ValueError with fewer than FEWEST methods.
    """
    from scipy.stats import kendalltau

    if len(found.methods) < FEWEST:
        raise ValueError(f"{len(found.methods)} methods in common; tau asks for {FEWEST}")
    means = found.means()
    tau = float(kendalltau(means, costs, variant="b").statistic)
    low = high = float("nan")
    if found.values.shape[1] > 1 or found.values.shape[2] > 1:
        drawn = tau_rows(replicates(found.values, rng, workloads), costs)
        low, high = (float(end) for end in percentile_interval(drawn, CONFIDENCE))
    p, exact = permutation_p(means, costs, rng)
    return Tau(tuple(found.methods), tau, low, high, p, exact)


def permutation_p(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> tuple[float, bool]:
    """(p, whether exact): the share of arrangements of y whose tau-b with x is at least as far from 0.

    Without ties scipy counts them for any number of methods (Kendall's recursion). With ties, all different
    arrangements of y are tried up to ARRANGEMENTS of them, else so many are drawn, and the one that was seen is one of
    them (Phipson and Smyth 2010).
    """
    from scipy.stats import kendalltau

    if len(set(x)) == len(x) and len(set(y)) == len(y):
        return float(kendalltau(x, y, method="exact").pvalue), True
    groups = np.unique(y, return_counts=True)[1]
    exact = factorial(len(y)) // prod(factorial(n) for n in groups) <= ARRANGEMENTS
    rows = np.array(list(arrangements(y))) if exact else rng.permuted(np.tile(y, (ARRANGEMENTS, 1)), axis=1)
    observed = abs(tau_rows(x[None], y)[0])
    hits = np.count_nonzero(np.abs(tau_rows(rows, x)) >= observed - 1e-9)
    extra = 0 if exact else 1
    return float((hits + extra) / (len(rows) + extra)), exact


def arrangements(values: np.ndarray) -> Iterator[tuple[float, ...]]:
    """All different orders of values, some of which may be equal."""
    if not len(values):
        yield ()
        return
    for value in np.unique(values):
        rest = np.delete(values, np.flatnonzero(values == value)[0])
        for others in arrangements(rest):
            yield float(value), *others


def spread(found: Ours, choices: list[list[float]]) -> tuple[float, float]:
    """The least and the largest tau over other choices of the published side."""
    taus = [float(tau_rows(found.means()[None], np.array(costs))[0]) for costs in choices]
    return min(taus), max(taus)
