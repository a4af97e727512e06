"""Selecting the best tuned setting, on training and validation data alone."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from optbench.contract.context import Measurement
from optbench.contract.metric import field_of
from optbench.suite import Target, Workload
from optbench.trials.crossing import crossings
from optbench.trials.trial import FINISHED, Assignment, Run

#: what runs are sorted by, lower is better: without a result, log time to the targets, distance to them, loss
Rank = tuple[float, ...]


def ranked(
    assignments: Sequence[Assignment], runs: Mapping[str, Run], workload: Workload, how: str = "target"
) -> list[Assignment]:
    """All assignments, best first: none is dropped; see `rank`.

    Ties go to the lower number, so that the same runs always give the same choice.
    """
    return sorted(assignments, key=lambda a: (*rank(runs[a.trial.key], workload, how), a.number))


def rank(run: Run, workload: Workload, how: str = "target") -> Rank:
    """What runs are sorted by: lower is better.

    Runs without a result (diverged, error, timeout, crashed) come last, whatever they reached before. Then how =
    "target": the time to the workload's targets (`log_time`), the final value of their metric, which says how near a
    run came that missed them, and the loss; how = "final": the same without the time. Without a target: the loss. The
    loss is the validation loss (of a function, and of a problem that has none, the training loss).
    """
    if run.outcome not in FINISHED or not run.measurements:
        return (1, math.inf, math.inf, math.inf)
    target = workload.target
    final = run.measurements[run.kept]
    time = metric = 0.0
    if target is not None:
        time = log_time(run.measurements, target) if how == "target" else 0.0
        metric = _badness(value_of(final, target.metric), target)
    loss = final.validation_loss
    if workload.bare and math.isnan(loss):
        loss = final.train_loss
    return (0, time, metric, math.inf if math.isnan(loss) else loss)


def over_seeds(ranks: Sequence[Rank]) -> Rank:
    """What a setting is sorted by that was trained on several seeds: the share of runs without a result, then the mean
    of the others' ranks, part by part."""
    good = np.array([rest for failed, *rest in ranks if not failed], dtype=float).reshape(-1, len(ranks[0]) - 1)
    means = good.mean(axis=0) if len(good) else np.full(len(ranks[0]) - 1, math.inf)
    return (1 - len(good) / len(ranks), *means.tolist())


def log_time(measurements: Sequence[Measurement], target: Target) -> float:
    """Mean over a workload's targets of the logarithm of the steps to each, as speed is reported (`crossings`).

    Between measurements a time is interpolated; it is no less than one step. A miss counts as a step beyond the last.
    """
    steps = np.array([m.step for m in measurements], dtype=float)
    values = np.array([value_of(m, target.metric) for m in measurements])
    times = crossings(steps, values, np.array(target.levels), lower=not target.higher)
    return float(np.log(np.clip(times, 1.0, steps[-1] + 1)).mean())


def value_of(measurement: Measurement, metric: str) -> float:
    """A target's metric: accuracy and r2 are both called the metric in a measurement."""
    return float(getattr(measurement, field_of(metric)))


def _badness(value: float, target: Target) -> float:
    if math.isnan(value):
        return math.inf
    return -value if target.higher else value
