"""Many workloads: Friedman's test of ranks, Wilcoxon's of all pairs with Holm's correction, the critical difference.

A table here has one row a candidate and one column a workload; each workload counts once, however many seeds it has.
Lower is better unless said otherwise. Infinity is a miss, and so is NaN: who did not run on a workload did not
solve it.

What can be decided is limited by the number of workloads N before any data are seen: the least two-sided p of a
signed-rank test is 2^(1 - N), and Holm's first step asks for alpha over the number of pairs. See `workloads_needed`.

References: Friedman 1937 (JASA 32:675), Iman and Davenport 1980 (Communications in Statistics A9:571), Wilcoxon 1945
(Biometrics Bulletin 1:80), Pratt 1959 (JASA 54:655), Holm 1979 (Scandinavian Journal of Statistics 6:65); all of them
together, for machine learning: Demšar 2006 (JMLR 7:1), García and Herrera 2008 (JMLR 9:2677).
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from optbench.statistics.bootstrap import medians

if TYPE_CHECKING:
    import pandas as pd

ALPHA = 0.05
PAIRS = (
    *("first", "second", "effect", "wins", "losses", "ties"),
    *("p", "p_holm", "verdict"),
)


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


def signed_rank(differences: np.ndarray) -> float:
    """Exact two-sided p of Wilcoxon's signed-rank test, whatever ties, zeros and infinities there are.

    Zeros are ranked and then left out (Pratt 1959). Infinite differences share the highest ranks. Under the null every
    difference is as likely positive as negative; the distribution of the sum of positive ranks is built rank by rank.
    The smaller tail is doubled, at most 1; 1 where nothing differs.
    """
    from scipy.stats import rankdata

    differences = np.asarray(differences, dtype=float)
    ranks = rankdata(np.abs(differences))
    doubled = np.rint(2 * ranks[differences != 0]).astype(int)  # ties give halves
    if not len(doubled):
        return 1.0
    ways = np.zeros(doubled.sum() + 1)
    ways[0] = 1.0
    for rank in doubled:
        shifted = np.zeros_like(ways)
        shifted[rank:] = ways[: len(ways) - rank]
        ways = 0.5 * (ways + shifted)  # probabilities, so that nothing overflows
    positive = int(np.rint(2 * ranks[differences > 0].sum()))
    return float(min(1.0, 2 * min(ways[: positive + 1].sum(), ways[positive:].sum())))


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's (1979) adjusted p-values: the i-th smallest of m times m - i + 1, made rising, at most 1.

    Rejecting where they are at most alpha makes any false rejection among the m at most alpha likely.
    """
    p = np.asarray(p, dtype=float)
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted


def wilcoxon_holm(
    table: "pd.DataFrame", alpha: float = ALPHA, higher: bool = False, baseline: str | None = None
) -> "pd.DataFrame":
    """A row a pair of candidates: who is ahead over the workloads, by how much, and whether that is decided.

    first, second        the pair, the one that is ahead in average rank first
    effect               times (the default): median over workloads of first's time over second's, below 1 is quicker,
                         0 or infinite where one missed on most; higher: median of first's minus second's score
    wins, losses, ties   workloads on which first was better, worse, equal
    p, p_holm            Wilcoxon's exact signed-rank test of the logarithms of the ratios (of the differences), and
                         corrected for all pairs of the table
    verdict              better or worse (first than second) where p_holm <= alpha, else undecided

    `baseline`: only pairs with this candidate, which is then `second`; fewer pairs need fewer workloads.
    With few workloads nothing can be decided: `workloads_needed` and `power_statement` say how many it takes.
    """
    import pandas as pd

    order = list(average_ranks(table, higher).index)
    if baseline is None:
        pairs = list(combinations(order, 2))
    else:
        pairs = [(name, baseline) for name in order if name != baseline]
    rows = []
    for first, second in pairs:
        a, b = (table.loc[name].to_numpy(dtype=float) for name in (first, second))
        difference = _scores_apart(a, b) if higher else _times_apart(a, b)
        middle = float(medians(difference)) if len(difference) else math.nan
        # log ratios are negative where first is quicker
        wins, losses = np.count_nonzero(difference < 0), np.count_nonzero(difference > 0)
        if higher:
            wins, losses = losses, wins
        rows.append(
            {
                "first": first,
                "second": second,
                "effect": middle if higher else math.exp(middle),
                "wins": wins,
                "losses": losses,
                "ties": len(difference) - wins - losses,
                "p": signed_rank(difference),
            }
        )
    frame = pd.DataFrame(rows, columns=[c for c in PAIRS if c not in ("p_holm", "verdict")])
    frame["p_holm"] = holm(frame["p"].to_numpy(dtype=float))
    ahead = np.where(frame["wins"] >= frame["losses"], "better", "worse")
    frame["verdict"] = np.where(frame["p_holm"] <= alpha, ahead, "undecided")
    return frame[list(PAIRS)]


def workloads_needed(pairs: int, alpha: float = ALPHA) -> int:
    """The least number of workloads with which Wilcoxon-Holm can decide anything among so many pairs.

    N with 2^(1 - N) <= alpha / pairs; 11 for the 45 pairs of ten candidates. Even then only a pair with the same
    winner on every workload is decided.
    """
    return max(1, math.ceil(1 + math.log2(max(pairs, 1) / alpha) - 1e-12))


def power_statement(candidates: int, workloads: int, alpha: float = ALPHA) -> str:
    """What a comparison of so many candidates on so many workloads can decide, in one plain sentence or two."""
    pairs = candidates * (candidates - 1) // 2
    if pairs == 0:
        return "A single candidate has nobody to be compared with."
    needed = workloads_needed(pairs, alpha)
    noun = "pair" if pairs == 1 else "pairs"
    if workloads < needed:
        return (
            f"Over workloads nothing can be decided: {pairs} {noun} at {100 * alpha:g} % need at least {needed} "
            f"workloads, here are {workloads}. Undecided here does not mean equal."
        )
    cd = critical_difference(candidates, workloads, alpha)
    return (
        f"{pairs} {noun} at {100 * alpha:g} % need at least {needed} workloads, here are {workloads}: only a pair "
        f"with nearly the same winner everywhere can be decided. By Nemenyi's test average ranks must differ "
        f"by {cd:.2f}."
    )


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


def _times_apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """log a / b; 0 where both missed, infinite where one did."""
    a, b = (np.where(np.isnan(t), np.inf, t) for t in (a, b))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(a == b, 0.0, np.log(a) - np.log(b))


def _scores_apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a - b; 0 where neither has a score, infinite where one has none."""
    a, b = (np.where(np.isnan(t), -np.inf, t) for t in (a, b))
    with np.errstate(invalid="ignore"):
        return np.where(a == b, 0.0, a - b)
