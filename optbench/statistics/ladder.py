"""Targets of a workload from easy to hard: a ladder whose times are averaged.

The mean of the logarithms of the times to several targets is calmer than the time to any of them: a detour of the
curve near one target moves one rung. The rungs stand where training is slow enough to be measured, and where the
reference runs go: **evenly in the logarithm of time**, between a share of the time that the hardest takes and the
whole. Rungs that are spaced evenly in the loss itself, from its start on, as in the ECDF over targets (COCO), put most
of them into the first steps, where order and noise are those of the start (measured: docs/statistics.md).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optbench.trials.crossing import crossings

#: targets of a workload
RUNGS = 8
#: so many of the reference runs meet the hardest one
MET = 0.9
#: the time of the easiest one, as a share of the hardest one's
EARLIEST = 0.3


@dataclass(frozen=True)
class Curve:
    """A reference run's measurements: steps and values (measurements,), and whether the run ended well."""

    steps: np.ndarray
    values: np.ndarray
    ended: bool = True


def ladder(
    runs: Sequence[Curve],
    lower: bool = True,
    rungs: int = RUNGS,
    met: float = MET,
    earliest: float = EARLIEST,
) -> np.ndarray:
    """Levels (rungs,) from the easiest to the hardest, from runs of tuned references on fresh seeds.

        hardest   what the share `met` of the runs reach, a run that did not end well counting as the worst
        T         the median over runs of the first time at which they do (`crossings`)
        level i   the median over runs of the best value so far at T * earliest^((rungs - i) / (rungs - 1)): the first
                  stands at `earliest` T, the last at T

    Fewer levels where several are the same number. ValueError where fewer than `met` of the runs ended well, or
    nothing became better than it was at the start.
    """
    sign = 1.0 if lower else -1.0
    kept = [(run, *_best(run, sign)) for run in runs]
    ends = np.array([best[-1] if run.ended and len(best) else np.inf for run, _, best in kept])
    hardest = float(np.sort(ends)[math.ceil(met * len(ends) - 1e-9) - 1]) if len(ends) else np.inf
    if not np.isfinite(hardest):
        raise ValueError(f"fewer than {100 * met:g} % of the reference runs have a result, so there are no targets")
    good = [(run, at, best) for run, at, best in kept if run.ended and len(best)]
    times = [crossings(run.steps, run.values, np.array([sign * hardest]), lower)[0] for run, *_ in good]
    reach = min(float(np.median(times + [np.inf] * (len(runs) - len(good)))), max(at[-1] for _, at, _ in good))
    if not reach > 0:
        raise ValueError("no reference run became better than it was at the start, so there are no targets")
    moments = reach * np.geomspace(earliest, 1.0, rungs) if rungs > 1 else np.array([reach])
    positive = lower and all(np.all(best > 0) for *_, best in good)
    read = np.log if positive else np.asarray
    seen = np.full((len(runs), rungs), np.inf)
    for i, (_, at, best) in enumerate(good):
        seen[i] = np.interp(moments, at, read(best))
    middle = np.median(seen, axis=0)
    levels = np.maximum(np.exp(middle) if positive else middle, hardest)
    levels[-1] = hardest
    return sign * np.unique(levels)[::-1]


def _best(run: Curve, sign: float) -> tuple[np.ndarray, np.ndarray]:
    """(steps, best so far) of the finite measurements, the best with the sign that makes lower better."""
    values = sign * np.asarray(run.values, dtype=float)
    known = np.isfinite(values)
    return np.asarray(run.steps, dtype=float)[known], np.minimum.accumulate(values[known])
