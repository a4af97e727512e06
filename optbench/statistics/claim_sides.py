"""What a claim compares, in absolute values: the means of both sides, as its effect is made of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.statistics.cells import light
from optbench.statistics.claim_verdict import Unable
from optbench.statistics.claims import differences_on, workloads_of
from optbench.statistics.level import FIXED, Level, first_seeds
from optbench.statistics.planning import MOST, POWER, equal_power, seeds_needed
from optbench.trials.trial import FINISHED

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Sides:
    """Both sides of a claim on one workload.

    better, worse   the mean over pairs; a miss of a target and a failure as in `optbench.statistics.claims`
    missed          runs of either side that missed the target
    failed          runs of either side that diverged or failed
    runs            final runs of a side
    noise           the standard deviation of paired differences, in the unit of the effect
    """

    workload: str
    better: float
    worse: float
    missed: tuple[int, int]
    failed: tuple[int, int]
    runs: tuple[int, int]
    noise: float


def sides(claim: Mapping[str, Any], trials: "pd.DataFrame", level: Level = FIXED) -> list[Sides]:
    """A `Sides` a workload; none where the claim cannot be judged, or compares more than two candidates."""
    if level.seeds == 0 or claim.get("than") or claim.get("equal"):
        return []
    trials = first_seeds(light(trials), level.seeds)
    found = []
    try:
        workloads = workloads_of(claim, trials)
        for name in workloads:
            part = differences_on(claim, trials, name, relative=len(workloads) > 1)
            final = trials[(trials["workload"] == name) & (trials["phase"] == "final")]
            both = [final[final["candidate"] == claim[arm]] for arm in ("better", "worse")]
            bad = [int((~rows["outcome"].isin(FINISHED)).sum()) for rows in both]
            spread = float(part.differences.std(ddof=1)) if len(part.differences) > 1 else float("nan")
            better, worse = (float(mean) for mean in part.values.mean(axis=0))
            found.append(
                Sides(
                    *(name, better, worse, part.missed, (bad[0], bad[1])),
                    (len(both[0]), len(both[1])),
                    spread,
                )
            )
    except Unable:
        return []
    return found


def pairs_to_decide(claim: Mapping[str, Any], effect: float, compared: list[Sides]) -> int | None:
    """The least number of pairs on each workload with which an effect of the size that was seen is told with a chance
    of 80 %: from 0, or in a claim of equality from the margin. None: no number tells it."""
    noise = [side.noise for side in compared]
    if not noise or not np.isfinite([effect, *noise]).all():
        return None
    margin = float(claim.get("margin") or 0.0)
    if claim.get("expect") != "equivalence":
        return seeds_needed(effect - margin, noise)
    if abs(effect) >= margin:
        return seeds_needed(abs(effect) - margin, noise)
    # an interval of 95 % within the margin: two one-sided tests at 2.5 %
    pairs = 2
    while equal_power(margin, noise, pairs, effect=effect, alpha=0.025) < POWER:
        pairs += max(1, pairs // 20)
        if pairs > MOST:
            return None
    return pairs
