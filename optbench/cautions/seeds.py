"""Too few seeds: no outcome could have decided, or the first two are not told apart."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from optbench.cautions.common import Caution
from optbench.statistics.cells import final_runs

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.05
#: the least pairs with which a two-sided sign-flip test can give 5 %: its smallest p is 2 / 2^n
PAIRS = 6
#: a number of seeds that nobody runs
MANY = 1000


def few_pairs(trials: "pd.DataFrame") -> Iterator[Caution]:
    """Workloads with too few paired runs for any outcome of a test to decide."""
    final = final_runs(trials)
    if final["candidate"].nunique() < 2:
        return
    places = final[["workload", "study", "seed"]].drop_duplicates()
    pairs = places.groupby("workload", sort=False).size()
    studies = max(1, int(final.groupby("workload")["study"].nunique().min()))
    for count in sorted(set(pairs[pairs < PAIRS])):
        names = list(pairs.index[pairs == count])
        need = f"--seeds {math.ceil(PAIRS / studies)} can"
        if count == 1:
            message = f"a single run shows no spread: no difference can be judged; {need}"
        else:
            smallest = f"2/2^{count} = {2 / 2**count:.3g}"
            message = (
                f"{count} paired runs a workload: the smallest p of the sign-flip test is {smallest}, above"
                f" {LEVEL:g}, so no workload by itself can decide between two candidates; {need}"
            )
        everywhere = len(names) == len(pairs) > 1
        for name in [""] if everywhere else names:
            yield Caution("seeds", name, "", message)


def undecided(trials: "pd.DataFrame", board: "pd.DataFrame | None") -> Iterator[Caution]:
    """The first two of the leaderboard where their intervals overlap, and how many seeds would tell them apart.

    An interval's width falls with the root of the number of seeds, so that n seeds whose half-widths a and b exceed
    the difference d become about n ((a + b) / d)^2.
    """
    if board is None or len(board) < 2:
        return
    by = "score" if board["score"].notna().any() else "iqm"
    first, second = board.index[:2]
    row, other = board.loc[first], board.loc[second]
    if by == "score" and not row["score"] > 0:
        return
    ran = final_runs(trials).groupby("candidate")["workload"].unique()
    overlap = other[f"{by}_high"] - row[f"{by}_low"]
    if set(ran[first]) != set(ran[second]) or not overlap >= 0:
        return
    seeds = int(final_runs(trials).groupby(["workload", "candidate", "study"]).size().min())
    gap = row[by] - other[by]
    need = math.ceil(seeds * ((gap + overlap) / gap) ** 2) if gap > 0 else math.inf
    if need > MANY:
        told = f"more than {MANY} seeds would be needed: take them as equal"
    else:
        told = f"at this spread about {max(need, seeds + 1)} seeds would be needed"
    what = {"score": "scores", "iqm": "interquartile means"}[by]
    message = f"{first} and {second} are not told apart: the 95 % intervals of their {what} overlap; {told}"
    yield Caution("seeds", "", "", message)
