"""What a run can tell, from the noise of paired seeds: the least difference, and the seeds until all is decided.

Of each workload by itself, and of all together, which is what the words are about. Comparisons count as many as the
question has: a focus against each other candidate, or all pairs (`until`). The formulas are those of `planning`.
"""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from optbench.statistics.holm import ALPHA
from optbench.statistics.paired import paired_effect
from optbench.statistics.pairs import Paired
from optbench.statistics.planning import POWER, equal_at_most, equal_power, least_difference, noise, power
from optbench.statistics.until import Aim, Kind

if TYPE_CHECKING:
    import pandas as pd

#: beyond so many comparisons nobody waits for how many seeds each will take
MOST_COMPARED = 500
#: all workloads of a question together
ALL = "all"
COLUMNS = ("workload", "question", "noise", "seeds", "comparisons", "least", "unit")


def comparisons(aim: Aim, candidates: Sequence[str]) -> int:
    """That each question has."""
    return len(aim.asked(candidates))


def least_table(
    measured: Mapping[Kind, Paired],
    seeds: int,
    compared: int,
    wanted: float = POWER,
    only: Sequence[str] | None = None,
    alpha: float = ALPHA,
) -> "pd.DataFrame":
    """One row a question (time, result) and workload, and one of "all" together.

    noise         standard deviation of a pair's difference: of the logarithm of times, or of the result; NaN of "all"
    least         that is told with the power `wanted` by so many seeds: of times the share exp(d) - 1 that a slower one
                  takes more, of results the difference. Infinite where none is; NaN where no noise is known
    unit          ratio or difference

    only   workloads that count, whatever else was measured
    alpha  of a difference: 5 %, or the level of a look
    """
    import pandas as pd

    rows = []
    for kind, pairs in measured.items():
        found = dict(zip(pairs.workloads, noise(pairs), strict=True))
        of = {name: float(found.get(name, math.nan)) for name in (pairs.workloads if only is None else only)}
        groups = [(name, [sd]) for name, sd in of.items()] + [(ALL, list(of.values()))]
        for name, spread in groups:
            known = [sd for sd in spread if not math.isnan(sd)]
            least = math.nan
            if known and compared and seeds >= 2:
                least = least_difference(known, seeds, compared, wanted, alpha)
                least = math.expm1(least) if pairs.ratio and least < 700 else least
            own = spread[0] if name != ALL and known else math.nan
            rows.append((name, kind, own, seeds, compared, least, pairs.unit))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def seeds_until_decided(
    measured: Mapping[Kind, Paired], aim: Aim, wanted: float = POWER
) -> tuple[int, int] | None:
    """(seeds, open): at which of the planned looks all questions are decided, each with this power, if effects are what
    they seem; and how many are not even at the last look.

    A question is decided where its difference is found, or equality within the margin. It is a guess: effects are known
    only as well as the seeds so far tell them, and early looks cost a little. None where nothing is asked, or more than
    `MOST_COMPARED` comparisons are.
    """
    if not 0 < sum(len(aim.asked(pairs.candidates)) for pairs in measured.values()) <= MOST_COMPARED:
        return None
    latest, left = aim.looks[0], 0
    for kind, pairs in measured.items():
        margin = aim.plan(kind).margin
        assert margin is not None
        asked = aim.asked(pairs.candidates)
        for a, b in asked:
            rows = pairs.differences(pairs.candidates.index(a), pairs.candidates.index(b))
            rows = [row for row in rows if len(row) >= 2]
            if not rows:
                continue
            effect, spread = paired_effect(rows).mean, [float(np.std(row, ddof=1)) for row in rows]
            enough = next((n for n in aim.looks if _decides(effect, spread, n, len(asked), margin, wanted)), None)
            latest = max(latest, enough or aim.looks[-1])
            left += enough is None
    return latest, left


def _decides(
    effect: float, spread: Sequence[float], seeds: int, compared: int, margin: float, wanted: float
) -> bool:
    """Whether a difference, or else equality, is found with the wanted power."""
    if effect and power(effect, spread, seeds, compared) >= wanted:
        return True
    if equal_at_most(margin, spread, seeds, effect) < wanted:
        return False
    return equal_power(margin, spread, seeds, compared, effect) >= wanted
