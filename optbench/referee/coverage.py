"""Intervals against truths that are known: how often does a 95 % interval hold them?

Each interval that a table prints stands beside the one that textbooks and other benchmarks use in its place, so that
anybody sees why this one was taken.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optbench.referee.worlds import World
from optbench.statistics.best_of import expected_best, tuning_curve
from optbench.statistics.bootstrap import (
    mean_interval,
    median_interval,
    medians,
    percentile_interval,
    resampled,
    t_interval,
)
from optbench.statistics.improvement import improvement_interval
from optbench.statistics.iqm import iqm, iqm_interval, probability_of_improvement, stratified_interval
from optbench.statistics.paired import paired_effect
from optbench.statistics.profiles import score
from optbench.statistics.score_interval import score_interval

RESAMPLES = 500
#: paces of the candidates of a score: two are tied at the front
PACES = (1.0, 1.0, 1.2, 1.7)
Ends = tuple[float, float]


@dataclass(frozen=True)
class Interval:
    """A rule with the truth that it is about.

    printed   whether optbench shows it (the others are for comparison)
    truth     of a world
    ends      from a sample of a world, with a generator for bootstraps
    """

    quantity: str
    method: str
    printed: bool
    truth: Callable[[World], float]
    ends: Callable[[World, np.random.Generator], Ends]


def _percentile_median(values: np.ndarray, rng: np.random.Generator) -> Ends:
    low, high = percentile_interval(medians(values[resampled(RESAMPLES, len(values), rng)]))
    return float(low), float(high)


def _trimmed(world: World) -> float:
    return float(iqm(world.finals.ravel()))


def _log_ratio(world: World) -> float:
    """Of the world to itself: whatever its shape, 0."""
    return 0.0


def _ratio_of_medians(world: World, rng: np.random.Generator) -> Ends:
    """Bootstrap percentiles of the mean logarithm of ratios of medians; the first half of seeds against the second."""
    a, b = _halves(world)
    n = a.shape[1]
    drawn = np.zeros((RESAMPLES, len(a)))
    for w in range(len(a)):
        at = resampled(RESAMPLES, n, rng)
        with np.errstate(invalid="ignore", divide="ignore"):
            drawn[:, w] = np.log(medians(a[w][at])) - np.log(medians(b[w][at]))
    values = np.nanmean(np.where(np.isfinite(drawn), drawn, np.nan), axis=1)
    low, high = percentile_interval(values)
    return float(low), float(high)


def _paired_logs(world: World, rng: np.random.Generator) -> Ends:
    a, b = _halves(world)
    budget = world.budget[:, None] + 1.0
    a, b = (np.log(np.maximum(np.where(np.isinf(t), budget, t), 0.5)) for t in (a, b))
    effect = paired_effect(list(a - b))
    return effect.low, effect.high


def _improvement(world: World, rng: np.random.Generator) -> Ends:
    a, b = _halves(world)
    return improvement_interval(list(-a), list(-b))


def _improvement_percentile(world: World, rng: np.random.Generator) -> Ends:
    """As rliable does: runs of both resampled within each workload."""
    a, b = _halves(world)
    n = a.shape[1]
    drawn = [
        probability_of_improvement(
            [-row[rng.integers(n, size=n)] for row in a], [-row[rng.integers(n, size=n)] for row in b]
        )
        for _ in range(RESAMPLES // 5)
    ]
    low, high = percentile_interval(np.array(drawn))
    return float(low), float(high)


def _halves(world: World) -> tuple[np.ndarray, np.ndarray]:
    n = world.times.shape[1] // 2
    return world.times[:, :n], world.times[:, n:]


def _scores(world: World) -> np.ndarray:
    """Times (candidates, workloads, seeds) of candidates with PACES, each with seeds of its own."""
    n = world.times.shape[1] // len(PACES)
    return np.stack([pace * world.times[:, i * n : (i + 1) * n] for i, pace in enumerate(PACES)])


def _score_truth(world: World) -> float:
    middle = medians(world.times)
    return float(score(np.array(PACES)[:, None] * middle)[0])


def _score_ends(hull: bool) -> Callable[[World, np.random.Generator], Ends]:
    def ends(world: World, rng: np.random.Generator) -> Ends:
        times = _scores(world)
        n = times.shape[2]
        drawn = np.stack(
            [medians(times[:, w][:, resampled(RESAMPLES, n, rng)]).T for w in range(times.shape[1])], axis=2
        )
        if hull:
            low, high = score_interval(medians(times), drawn, np.full(times.shape[1], n))
        else:
            low, high = percentile_interval(score(drawn))
        return float(low[0]), float(high[0])

    return ends


def _best_of(k: int, expanded: bool) -> Interval:
    """The expected best of k of as many trials as there are seeds, on the first workload."""

    def truth(world: World) -> float:
        return float(expected_best(world.finals[0])[k - 1])

    def ends(world: World, rng: np.random.Generator) -> Ends:
        row = tuning_curve(world.finals[0], resamples=RESAMPLES, rng=rng).iloc[k - 1]
        return float(row["low"]), float(row["high"])

    return Interval(f"best of {k} tuning trials", "percentile bootstrap", True, truth, ends)


INTERVALS: tuple[Interval, ...] = (
    Interval(
        "mean final result",
        "Student's t",
        True,
        lambda w: float(w.finals[0].mean()),
        lambda s, rng: t_interval(s.finals[0]),
    ),
    Interval(
        "mean final result",
        "percentile bootstrap",
        False,
        lambda w: float(w.finals[0].mean()),
        lambda s, rng: mean_interval(s.finals[0], resamples=RESAMPLES, rng=rng),
    ),
    Interval(
        "median steps to target",
        "order statistics",
        True,
        lambda w: float(medians(w.times[0])),
        lambda s, rng: median_interval(s.times[0]),
    ),
    Interval(
        "median steps to target",
        "percentile bootstrap",
        False,
        lambda w: float(medians(w.times[0])),
        lambda s, rng: _percentile_median(s.times[0], rng),
    ),
    Interval("IQM", "Tukey-McLaughlin, stratified", True, _trimmed, lambda s, rng: iqm_interval(list(s.finals))),
    Interval(
        "IQM",
        "stratified percentile bootstrap",
        False,
        _trimmed,
        lambda s, rng: stratified_interval(list(s.finals), resamples=RESAMPLES, rng=rng),
    ),
    Interval("ratio to the baseline", "Student's t on paired logarithms", True, _log_ratio, _paired_logs),
    Interval("ratio to the baseline", "percentile bootstrap of medians", False, _log_ratio, _ratio_of_medians),
    Interval("score, tied at the front", "hull of two bootstraps", True, _score_truth, _score_ends(True)),
    Interval("score, tied at the front", "percentile bootstrap", False, _score_truth, _score_ends(False)),
    Interval("probability of improvement", "Newcombe, MOVER", True, lambda w: 0.5, _improvement),
    Interval("probability of improvement", "percentile bootstrap", False, lambda w: 0.5, _improvement_percentile),
)
#: how many samples of seeds an interval needs: candidates that it compares
ARMS = {"ratio to the baseline": 2, "probability of improvement": 2, "score, tied at the front": len(PACES)}


def covered(interval: Interval, world: World, seeds: int, samples: int, rng: np.random.Generator) -> float:
    """Share of so many samples whose interval holds the truth."""
    truth = interval.truth(world)
    hits = 0
    for _ in range(samples):
        low, high = interval.ends(world.draw(ARMS.get(interval.quantity, 1) * seeds, rng), rng)
        hits += low - 1e-9 <= truth <= high + 1e-9
    return hits / samples
