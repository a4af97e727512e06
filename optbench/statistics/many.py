"""One against many: a family of comparisons that share a candidate, corrected for these and no others.

"What about mine, against each of k others?" has k questions, not the k (k + 1) / 2 of all pairs. They share mine, so
that they are wrong together more often than independent ones would be, and a bound that knows it is lower than Holm's:
the largest |t| of all under the same flips of signs (max-T; Westfall and Young 1993, Resampling-Based Multiple Testing,
algorithm 2.8 and section 6.2; with normal distributions, Dunnett 1955).

**Step by step.** The largest |t| is held against the largest of all k, the next against the largest of those that are
left, and so on; p never falls. That bounds the chance of any false word wherever some comparisons do differ, too, since
the distribution of those that do not is the same whatever the others do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optbench.statistics.flips import DRAWS, TIE, patterns, statistics
from optbench.statistics.holm import ALPHA


@dataclass(frozen=True)
class MaxT:
    """t          (comparisons,) mean / SE
    p          of each by itself, two-sided
    adjusted   corrected for the family
    critical   |t| that the largest of the family exceeds in alpha of cases: t -+ it gives simultaneous intervals
    """

    t: np.ndarray
    p: np.ndarray
    adjusted: np.ndarray
    critical: float


def max_t(groups: Sequence[np.ndarray], alpha: float = ALPHA, draws: int = DRAWS) -> MaxT:
    """Of the comparisons in the columns of `groups`: a workload each (pairs, comparisons), NaN where one did not run.

    Rows are pairs of runs of the same seed in all columns, so that one sign flips them together.
    """
    groups = [np.asarray(group, dtype=float) for group in groups]
    t = statistics(groups)
    signs, _ = patterns([len(group) for group in groups], draws)
    flipped = np.abs(statistics(groups, signs))
    size = np.abs(t) * (1 - TIE)
    order = np.argsort(-size, kind="stable")
    left = np.maximum.accumulate(flipped[:, order[::-1]], axis=1)[:, ::-1]  # the largest of this and the following
    adjusted = np.empty(len(t))
    adjusted[order] = np.maximum.accumulate((left >= size[order]).mean(axis=0))
    largest = np.sort(flipped.max(axis=1))
    critical = float(largest[int(np.ceil((1 - alpha) * len(largest))) - 1])
    return MaxT(t, (flipped >= size).mean(axis=0), adjusted, critical)
