"""When a curve first meets a level, between its measurements.

A time to target that is read at evaluations is rounded up to the next of them. Between two measurements the curve is
taken as a straight line, of a loss that stays positive in its logarithm, as losses fall by factors. The time is that
of the *first* crossing of this line, so that it falls as the level becomes easier. The running best instead of the
curve (a line from the best value so far) was measured, too, and makes no difference (docs/statistics.md): the first
crossing is what a reader sees in the curve.
"""

import numpy as np


def crossings(at: np.ndarray, values: np.ndarray, levels: np.ndarray, lower: bool = True) -> np.ndarray:
    """The first time at which a curve meets each of the levels: (levels,), infinite where it never does.

    at       (measurements,) when it was measured, rising: steps, gradient evaluations, epochs
    values   (measurements,) NaN is left out; +-infinity is passed through at the measurement after it
    levels   (levels,) in any order
    lower    whether a level is met at or below it (a loss), else at or above

    Between the measurements i - 1 and i, of which i is the first that meets the level L,

        t = t(i-1) + (t(i) - t(i-1)) (g(L) - g(v(i-1))) / (g(v(i)) - g(v(i-1))),   g = log for lower and positive
                                                                                 values, else g(v) = v

    A level that the first measurement meets is met there.
    """
    known = ~np.isnan(values)
    at, values = np.asarray(at, dtype=float)[known], np.asarray(values, dtype=float)[known]
    levels = np.asarray(levels, dtype=float)
    found = np.full(len(levels), np.inf)
    if not len(values):
        return found
    sign = 1.0 if lower else -1.0
    reached = np.minimum.accumulate(sign * values)
    after = np.searchsorted(-reached, -sign * levels)
    found[after == 0] = at[0]
    inside = (after > 0) & (after < len(values))
    end = after[inside]
    before, behind, level = values[end - 1], values[end], levels[inside]
    share = _share(before, behind, level)
    if lower:
        positive = (behind > 0) & (level > 0) & np.isfinite(before)
        share[positive] = _share(*(np.log(v[positive]) for v in (before, behind, level)))
    share = np.where(np.isfinite(share), share, 1.0)
    found[inside] = at[end - 1] + np.clip(share, 0.0, 1.0) * (at[end] - at[end - 1])
    return found


def _share(before: np.ndarray, behind: np.ndarray, level: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", over="ignore"):
        return (before - level) / (before - behind)
