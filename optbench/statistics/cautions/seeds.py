"""Too few seeds: no outcome could have decided, or the first two are not told apart."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from optbench.statistics.cautions.common import Caution
from optbench.statistics.cells import final_runs

if TYPE_CHECKING:
    import pandas as pd

    from optbench.statistics.verdict import Standing

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


def undecided(trials: "pd.DataFrame", standing: "Standing | None") -> Iterator[Caution]:
    """The first two where paired tests do not tell them apart, and how many seeds would, at least.

    An interval's width falls with the root of the number of seeds: n seeds whose half-width h exceeds the effect e
    (of ratios the logarithm) become about n (h / e)^2. At least, for the correction for all pairs asks for more.
    """
    if standing is None or standing.leader is None or not len(standing.versus):
        return
    second = standing.versus.iloc[0]
    ran = final_runs(trials).groupby("candidate")["workload"].unique()
    if second["verdict"] != "undecided" or set(ran[standing.leader]) != set(ran[second["candidate"]]):
        return
    ends = second[["effect", "low", "high"]].to_numpy(dtype=float)
    effect, low, high = np.log(ends) if standing.unit == "ratio" else ends
    if not high > low:  # a single seed, or nobody met any target
        return
    seeds = int(second["pairs"])
    ratio = (high - low) / 2 / abs(effect) if effect else math.inf
    need = seeds * ratio**2
    if need > MANY:
        told = f"more than {MANY} seeds would be needed: take them as equal"
    else:
        told = f"at this spread at least {max(math.ceil(need), seeds + 1)} seeds would be needed"
    message = f"{standing.leader} and {second['candidate']}, the first two, are not told apart by paired tests; {told}"
    yield Caution("seeds", "", "", message)
