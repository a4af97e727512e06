"""Effects after stopping: a comparison that stops as soon as it is decided stops where chance helped.

The mean of what was seen then lies too far out. The estimate here is **median-unbiased**: the effect for which results
as extreme as this one, or more, are as likely as not, in the order of stages: an exit at an earlier look is more
extreme than any at a later one, and at the same look a larger statistic is (Fairbanks and Madsen 1982, Biometrika
69:69; Tsiatis, Rosner and Mehta 1984, Biometrics 40:797). The interval holds the effects for which they are neither
rarer than (1 - confidence) / 2 nor more frequent than the rest; it leaves out "no difference" exactly where the test
stopped for one. Normal statistics are assumed. What was stopped because it was *equal* is not corrected: its effect
lies within the margin, and so does its bias.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optbench.statistics.bootstrap import CONFIDENCE
from optbench.statistics.looks import Decision, Plan
from optbench.statistics.paired import paired_effect
from optbench.statistics.pairs import Paired
from optbench.statistics.spending import FAR, exits


@dataclass(frozen=True)
class Stopped:
    """effect   median-unbiased
    low, high   its interval
    naive       the mean that was seen
    """

    effect: float
    low: float
    high: float
    naive: float


def after_stopping(
    mean: float, error: float, shares: Sequence[float], z: Sequence[float], confidence: float = CONFIDENCE
) -> Stopped:
    """Of a mean with this standard error at the last of the looks taken.

    shares   seeds at each look that was taken, in any unit
    z        |z| at which each of the looks before the last would have stopped (looks - 1,)

    Where nothing is left to chance (error 0), or at the first look, it is the mean that was seen, with its normal
    interval.
    """
    from scipy.optimize import brentq

    if not error > 0:
        return Stopped(mean, mean, mean, mean)
    information = np.asarray(shares, dtype=float) / shares[-1]  # 1 at the last look: effects in units of the error
    seen = float(np.clip(mean / error, -1e6, 1e6))

    def more(effect: float) -> float:
        """The chance of an exit above at an earlier look, or of a larger statistic at this one."""
        upper, _ = exits(information, [*z, FAR], effect)
        return float(upper[:-1].sum()) + _above(information, z, seen, effect)

    def solve(chance: float) -> float:
        low, high = seen - 1.0, seen + 1.0
        while more(low) > chance and low > seen - 50:
            low -= 2.0
        while more(high) < chance and high < seen + 50:
            high += 2.0
        return float(brentq(lambda effect: more(effect) - chance, low, high, xtol=1e-8))

    tail = (1 - confidence) / 2
    middle, low, high = (solve(chance) * error for chance in (0.5, tail, 1 - tail))
    return Stopped(middle, low, high, mean)


def _above(information: np.ndarray, z: Sequence[float], seen: float, effect: float) -> float:
    """The chance to come to the last look and have a statistic above the seen one there, which may be negative."""
    total = float(sum(map(np.sum, exits(information[:-1], list(z), effect)))) if len(z) else 0.0
    if seen >= 0:
        return float(exits(information, [*z, seen], effect)[0][-1])
    return 1.0 - total - float(exits(information, [*z, -seen], effect)[1][-1])


def estimate(pairs: Paired, decision: Decision, plan: Plan) -> Stopped:
    """The effect of a comparison on the scale of the values, from all whole looks that there are.

    Corrected where the last of them decided it, which the data chose. Where the run went on for the sake of others, the
    later seeds do not know of the decision and outweigh the earlier ones: the mean and Student's interval as they are;
    so they are for what is open, or equal.
    """
    from scipy.special import ndtri, stdtr

    n = plan.seeds[plan.taken(pairs.values.shape[2]) - 1]
    place = pairs.candidates.index(decision.candidate), pairs.candidates.index(decision.against)
    rows = [row[~np.isnan(row)] for row in pairs.table(*place)[:, :n]]
    rows = [row for row in rows if len(row) >= 2]
    effect = paired_effect(rows)
    plain = Stopped(effect.mean, effect.low, effect.high, effect.mean)
    if decision.seeds != n or decision.word == "equal" or not 0 < effect.p < 1:
        return plain
    # statistics with few degrees of freedom, as the normal ones that are as rare
    seen = -float(ndtri(effect.p / 2))
    shares = plan.seeds[: decision.look]
    tails = [float(stdtr(len(rows) * (m - 1), -z)) for m, z in zip(shares, decision.z, strict=False)]
    z = [-float(ndtri(tail)) if tail > 0 else FAR for tail in tails]
    return after_stopping(effect.mean, abs(effect.mean) / seen, shares, z)
