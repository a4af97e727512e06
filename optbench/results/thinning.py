"""Runs without what no table uses: what archives keep of them.

Of a run the first measurement stays, those around each crossing of a target, the kept one, the last, and a few evenly
spaced ones. Of a *lean* run, as reference results have them, those around a crossing keep the target's metric alone; a
tuning trial has none of those that are evenly spaced; norms of gradients are left out; and numbers are rounded, those
of final runs to 24 bits, the precision that training has, those of tuning trials, which are only drawn, to 16.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from optbench.contract.context import Measurement
from optbench.contract.metric import field_of, lower_is_better
from optbench.trials.bits import shortened
from optbench.trials.trial import Run, Trial
from optbench.tuning.selecting import value_of

#: measurements of a tuning trial that stay, besides those that tables use
POINTS = 8
#: the same of a final run in a lean archive: what its curve is drawn through
LEAN_POINTS = 8
#: what is rounded in a lean one
SHORT = ("train_loss", "train_metric", "validation_loss", "validation_metric")
#: significant bits of lean final runs, of lean tuning trials, and of seconds, which are no result
FINAL_BITS, TUNING_BITS, SECONDS_BITS = 24, 16, 10


def thin(run: Run, trials: list[Trial]) -> Run:
    """The run with the measurements that tables use and a few evenly spaced ones."""
    return _with(run, _spaced(run, POINTS) | _met(run, trials))


def lean(run: Run, trials: list[Trial], final: bool) -> Run:
    """The run as reference results have it; unrounded where rounded numbers would meet a target at another time."""
    whole, met = _spaced(run, LEAN_POINTS if final else 0), _met(run, trials)
    metrics = {field_of(t.workload["target"]["metric"]) for t in trials if t.workload.get("target")}
    measured = list(run.measurements)
    for number in met - whole:
        left_out: dict[str, Any] = dict.fromkeys(set(SHORT) - metrics, math.nan)
        measured[number] = replace(measured[number], **left_out)
    for number in (met | whole) - {len(measured) - 1, run.kept}:
        measured[number] = replace(measured[number], seconds=math.nan)
    bare = _with(replace(run, measurements=tuple(measured)), whole | met)
    bits = FINAL_BITS if final else TUNING_BITS
    short = tuple(_short(m, bits) for m in bare.measurements)
    targets = [trial.workload.get("target") for trial in trials]
    if any(crossings(short, target) != crossings(bare.measurements, target) for target in targets):
        return bare
    return replace(bare, measurements=short)


def _short(measurement: Measurement, kept: int) -> Measurement:
    numbers = shortened(np.array([getattr(measurement, name) for name in SHORT]), kept)
    (seconds,) = shortened(np.array([measurement.seconds]), SECONDS_BITS).tolist()
    values: dict[str, Any] = dict(zip(SHORT, numbers.tolist(), strict=True))
    return replace(measurement, seconds=seconds, gradient_norm=math.nan, **values)


def _spaced(run: Run, points: int) -> set[int]:
    """The first measurement, the last, the kept one, and some evenly spaced ones."""
    count = len(run.measurements)
    if not count:
        return set()
    found = {0, count - 1, *np.linspace(0, count - 1, points).round().astype(int).tolist()}
    return found | {run.kept} if run.kept >= 0 else found


def _met(run: Run, trials: list[Trial]) -> set[int]:
    return set().union(*(crossings(run.measurements, trial.workload.get("target")) for trial in trials))


def _with(run: Run, keep: set[int]) -> Run:
    """The run with these measurements alone."""
    chosen = sorted(keep)
    kept = chosen.index(run.kept) if run.kept >= 0 and chosen else run.kept
    return replace(run, measurements=tuple(run.measurements[i] for i in chosen), kept=kept, arrays={})


def crossings(measurements: tuple[Measurement, ...], target: dict[str, Any] | None) -> set[int]:
    """The measurements between which a run first meets each level of its target."""
    if target is None:
        return set()
    lower = lower_is_better(target["metric"])
    values = [value_of(m, target["metric"]) for m in measurements]
    found = set()
    for level in target.get("ladder") or [target["value"]]:
        before = -1
        for number, value in enumerate(values):
            if value <= level if lower else value >= level:
                found |= {number, max(before, 0)}
                break
            before = number if value == value else before  # not a number: left out
    return found
