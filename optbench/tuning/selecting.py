"""Selecting the best tuned trial, on training and validation data alone."""

import math
from collections.abc import Mapping, Sequence

from optbench.contract.context import Measurement
from optbench.suite import Target, Workload
from optbench.trials.trial import FINISHED, Assignment, Run


def ranked(
    assignments: Sequence[Assignment], runs: Mapping[str, Run], workload: Workload, how: str = "target"
) -> list[Assignment]:
    """All assignments, best first: none is dropped.

    Runs without a result (diverged, error, timeout, crashed) come last, whatever they reached before. Then
    how = "target": fewest steps to the target, final value of the target's metric, loss; how = "final": the
    same without the steps. Without a target: the loss. The loss is the validation loss (an analytic
    function's own). Ties go to the lower number, so that the same runs always give the same choice.
    """
    return sorted(assignments, key=lambda a: (*rank(runs[a.trial.key], workload, how), a.number))


def rank(run: Run, workload: Workload, how: str = "target") -> tuple[float, ...]:
    """What runs are sorted by: lower is better."""
    if run.outcome not in FINISHED or not run.measurements:
        return (1, math.inf, math.inf, math.inf)
    target = workload.target
    final = run.measurements[run.kept]
    reached = math.inf
    if target is not None and how == "target":
        reached = steps_to_target(run.measurements, target)
    metric = 0.0 if target is None else _badness(value_of(final, target.metric), target)
    loss = final.train_loss if workload.function is not None else final.validation_loss
    return (0, reached, metric, math.inf if math.isnan(loss) else loss)


def steps_to_target(measurements: Sequence[Measurement], target: Target) -> float:
    """The step of the first evaluation that meets the target; infinity where none does."""
    for measurement in measurements:
        value = value_of(measurement, target.metric)
        if value >= target.value if target.higher else value <= target.value:
            return measurement.step
    return math.inf


def value_of(measurement: Measurement, metric: str) -> float:
    """A target's metric: accuracy and r2 are both called the metric in a measurement."""
    split, what = metric.rsplit("_", 1)
    return getattr(measurement, f"{split}_{'loss' if what == 'loss' else 'metric'}")


def _badness(value: float, target: Target) -> float:
    if math.isnan(value):
        return math.inf
    return -value if target.higher else value
