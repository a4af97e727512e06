"""Many workloads: Wilcoxon's test of all pairs of candidates, with Holm's correction, and what it can decide at all.

Tables are those of `optbench.statistics.ranks`. What can be decided is limited by the number of workloads N before any
data are seen: the least two-sided p of a signed-rank test is 2^(1 - N), and Holm's first step asks for alpha over the
number of pairs. See `workloads_needed`.

References: Wilcoxon 1945 (Biometrics Bulletin 1:80), Pratt 1959 (JASA 54:655); for machine learning: Demšar 2006
(JMLR 7:1), García and Herrera 2008 (JMLR 9:2677).
"""

import math
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from optbench.statistics.bootstrap import medians
from optbench.statistics.holm import ALPHA, holm
from optbench.statistics.ranks import average_ranks, critical_difference

if TYPE_CHECKING:
    import pandas as pd

PAIRS = (
    *("first", "second", "effect", "wins", "losses", "ties"),
    *("p", "p_holm", "verdict"),
)


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
