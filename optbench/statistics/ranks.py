"""Many workloads: Friedman's test of ranks, and the critical difference between them.

A table here has one row a candidate and one column a workload; each workload counts once, however many seeds it has.
Lower is better unless said otherwise. Infinity is a miss, and so is NaN: who did not run on a workload did not
solve it.

References: Friedman 1937 (JASA 32:675), Iman and Davenport 1980 (Communications in Statistics A9:571); for machine
learning: Demšar 2006 (JMLR 7:1).
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.statistics.holm import ALPHA

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Friedman:
    """Whether any candidate differs from any other, over workloads.

    statistic, p       Friedman's chi-square with k - 1 degrees of freedom; rough below some 10 workloads
    f, f_p             Iman and Davenport's F, the better approximation: trust this one
    ranks              average ranks by candidate, best first; ties share their mean rank
    candidates         k
    workloads          N
    """

    statistic: float
    p: float
    f: float
    f_p: float
    ranks: "pd.Series"
    candidates: int
    workloads: int


def average_ranks(table: "pd.DataFrame", higher: bool = False) -> "pd.Series":
    """Mean over workloads of each candidate's rank among all, 1 the best, ties sharing theirs; best first."""
    import pandas as pd

    ranks = _ranks(table, higher)
    means = ranks.mean(axis=1) if ranks.size else np.full(len(table), np.nan)
    return pd.Series(means, index=table.index, name="rank").sort_values(kind="stable")


def friedman(table: "pd.DataFrame", higher: bool = False) -> Friedman:
    """Friedman's test with Iman and Davenport's correction, ties handled.

    With r the ranks within each of N workloads, R their sums by candidate and k candidates:

        chi2 = (k - 1) sum over j of (R_j - N (k + 1) / 2)^2 / (sum of r^2 - N k (k + 1)^2 / 4)
        F = (N - 1) chi2 / (N (k - 1) - chi2),   with k - 1 and (k - 1) (N - 1) degrees of freedom

    `higher`: larger values are better. Where all candidates tie everywhere, p is 1. ValueError below two candidates.
    (Conover 1999, Practical Nonparametric Statistics, 3rd edition, section 5.8.)
    """
    from scipy.special import chdtrc, fdtrc

    k, n = table.shape
    if k < 2:
        raise ValueError("Friedman's test compares two candidates or more")
    means = average_ranks(table, higher)
    ranks = _ranks(table, higher)
    spread = float((ranks**2).sum() - n * k * (k + 1) ** 2 / 4) if n else 0.0
    if spread <= 1e-9:
        return Friedman(0.0, 1.0, 0.0, 1.0, means, k, n)
    statistic = (k - 1) * float(((ranks.sum(axis=1) - n * (k + 1) / 2) ** 2).sum()) / spread
    left = n * (k - 1) - statistic
    if n < 2:  # a single workload has no spread to compare with
        f, f_p = math.nan, 1.0
    elif left <= 1e-9 * n:  # the same order on every workload
        f, f_p = math.inf, 0.0
    else:
        f = (n - 1) * statistic / left
        f_p = float(fdtrc(k - 1, (k - 1) * (n - 1), f))
    return Friedman(statistic, float(chdtrc(k - 1, statistic)), f, f_p, means, k, n)


def critical_difference(candidates: int, workloads: int, alpha: float = ALPHA) -> float:
    """Nemenyi's critical difference of average ranks: q sqrt(k (k + 1) / (6 N)).

    q is the upper alpha point of the studentized range with k groups and infinite degrees of freedom, over sqrt(2)
    (Nemenyi 1963; Demšar 2006). It depends on who else takes part, unlike `wilcoxon_holm`. Infinite without workloads.
    """
    from scipy.stats import studentized_range

    if candidates < 2 or workloads < 1:
        return math.inf
    q = float(studentized_range.ppf(1 - alpha, candidates, np.inf)) / math.sqrt(2)
    return q * math.sqrt(candidates * (candidates + 1) / (6 * workloads))


def cliques(ranks: "pd.Series", apart: "float | pd.DataFrame | Callable[[str, str], bool]") -> list[list[str]]:
    """Groups of candidates that are not told apart: the bars of a critical-difference diagram, best first.

    ranks   average ranks by candidate (`average_ranks`)
    apart   a critical difference, or the frame of `wilcoxon_holm`, or a function that says whether two differ

    A group is a longest run of neighbours in the order of ranks of which no two differ; groups of one are left out.
    Groups overlap: being not told apart is not transitive.
    """
    order = [str(name) for name in ranks.sort_values(kind="stable").index]
    differ = _relation(ranks, apart)
    ends = []
    for start in range(len(order)):
        end = start
        while end + 1 < len(order) and not any(
            differ(order[i], order[end + 1]) for i in range(start, end + 1)
        ):
            end += 1
        ends.append(end)
    return [
        order[start : end + 1]
        for start, end in enumerate(ends)
        if end > start and (start == 0 or ends[start - 1] < end)
    ]


def _relation(
    ranks: "pd.Series", apart: "float | pd.DataFrame | Callable[[str, str], bool]"
) -> Callable[[str, str], bool]:
    if callable(apart):
        return apart
    if isinstance(apart, (int, float)):
        # a difference of exactly CD is not significant; rounding must not make it so
        return lambda a, b: bool(abs(ranks[a] - ranks[b]) > apart + 1e-12)
    decided = apart[apart["verdict"] != "undecided"]
    different = {frozenset(pair) for pair in _pairs(decided)}
    return lambda a, b: frozenset((a, b)) in different


def _pairs(frame: "pd.DataFrame") -> Iterable[tuple[str, str]]:
    return zip(frame["first"], frame["second"], strict=True)


def _ranks(table: "pd.DataFrame", higher: bool) -> np.ndarray:
    """Ranks (candidates, workloads) within each workload, 1 the best."""
    from scipy.stats import rankdata

    values = table.to_numpy(dtype=float)
    values = -values if higher else values
    values = np.where(np.isnan(values), np.inf, values)
    return rankdata(values, axis=0) if values.size else values
