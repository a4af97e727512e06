"""Intervals against truths that are known: how often does a 95 % interval hold them?

Each interval that a table prints stands beside the one that textbooks and other benchmarks use in its place, so that
anybody sees why this one was taken.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optbench.referee.worlds import World, pairs
from optbench.statistics.best_of import expected_best, tuning_curve
from optbench.statistics.bootstrap import (
    mean_interval,
    median_interval,
    medians,
    percentile_interval,
    resampled,
    t_interval,
)
from optbench.statistics.contrasts import contrast, twofold
from optbench.statistics.improvement import improvement_interval
from optbench.statistics.iqm import iqm, iqm_interval, stratified_interval
from optbench.statistics.paired import paired_effect
from optbench.statistics.pairs import Paired
from optbench.statistics.profiles import score
from optbench.statistics.score_interval import score_interval

RESAMPLES = 500
#: seeds that stand for all of them, where a truth has no formula
MANY = 50_000
#: paces of the candidates of a score: two are tied at the front
PACES = (1.0, 1.0, 1.2, 1.7)
#: of the tuning trials: budgets at which tuning curves are examined
SHARES = (0.25, 1.0)
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
    finite = np.isfinite(drawn)  # a workload that either missed in a sample does not count in it
    with np.errstate(invalid="ignore"):
        values = np.where(finite, drawn, 0.0).sum(axis=1) / finite.sum(axis=1)
    low, high = percentile_interval(values)
    return float(low), float(high)


def _paired_logs(world: World, rng: np.random.Generator) -> Ends:
    a, b = _halves(world)
    budget = world.budget[:, None] + 1.0
    a, b = (np.log(np.maximum(np.where(np.isinf(t), budget, t), 0.5)) for t in (a, b))
    effect = paired_effect(list(a - b))
    return effect.low, effect.high


#: paces of the four cells whose interaction is looked for, and what is taken off the results of the last
CELLS, WORSE = (1.0, 1.3, 1.6, 2.5), 0.01
CROSSED, TWOFOLD = {"times": "steps", "results": "final"}, "Student's t on differences of differences"


def _cells(world: World, by: str) -> Paired:
    """Four candidates with a quarter of the seeds each: plain, with one component, with another, with both."""
    n = world.times.shape[1] // len(CELLS)
    parts = [slice(i * n, (i + 1) * n) for i in range(len(CELLS))]
    return pairs(
        {
            name: World(name, world.times[:, at] * pace, world.budget, world.finals[:, at] - (name == "d") * WORSE)
            for name, pace, at in zip("abcd", CELLS, parts, strict=True)
        },
        by,
    )


def _interaction(by: str) -> tuple[Callable[[World], float], Callable[[World, np.random.Generator], Ends]]:
    """(truth, ends) of (d - c) - (b - a)."""
    term = twofold("d", "c", "b", "a")

    def ends(world: World, rng: np.random.Generator) -> Ends:
        effect = paired_effect(contrast(_cells(world, by), [term]))
        return effect.low, effect.high

    def truth(world: World) -> float:
        if by == "final":
            return -WORSE
        if np.isfinite(world.times).all():
            return float(np.log(CELLS[3] / CELLS[2] / CELLS[1] * CELLS[0]))
        # with misses at the least that they can be and ties as 0: the mean over very many seeds
        many = world.draw(len(CELLS) * MANY, np.random.default_rng(0))
        return paired_effect(contrast(_cells(many, by), [term])).mean

    return truth, ends


def _improvement(world: World, rng: np.random.Generator) -> Ends:
    a, b = _halves(world)
    return improvement_interval(list(-a), list(-b))


def _improvement_percentile(world: World, rng: np.random.Generator) -> Ends:
    """As rliable does: runs of both resampled within each workload."""
    a, b = _halves(world)
    n = a.shape[1]
    total = np.zeros(RESAMPLES)
    for x, y in zip(a, b, strict=True):
        u, v = x[resampled(RESAMPLES, n, rng)][:, :, None], y[resampled(RESAMPLES, n, rng)][:, None, :]
        total += ((u < v) + 0.5 * (u == v)).mean(axis=(1, 2))
    low, high = percentile_interval(total / len(a))
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


def _best_of(share: float, hull: bool) -> Interval:
    """The expected best of a share of the tuning trials, as many as there are seeds, on the first workload."""

    def ends(world: World, rng: np.random.Generator) -> Ends:
        values = world.finals[0]
        k = [_budget(share, len(values))]
        if hull:
            row = tuning_curve(values, resamples=RESAMPLES, rng=rng, k=k).iloc[0]
            return float(row["low"]), float(row["high"])
        low, high = percentile_interval(expected_best(values[resampled(RESAMPLES, len(values), rng)], k)[:, 0])
        return float(low), float(high)

    method = "hull of percentiles and standard errors" if hull else "percentile bootstrap"
    return Interval(_best_of_name(share), method, hull, lambda w: float("nan"), ends)


def _best_of_name(share: float) -> str:
    return "best of all tuning trials" if share == 1 else f"best of {100 * share:.0f} % of tuning trials"


def _budget(share: float, trials: int) -> int:
    return max(int(share * trials), 1)


def _true_best(world: World, k: int) -> float:
    """E[best of k] in a world in which draws are independent: sum of v(i) ((i / n)^k - ((i - 1) / n)^k)."""
    ordered = np.sort(world.finals[0])
    steps = (np.arange(len(ordered) + 1) / len(ordered)) ** k
    return float(ordered @ np.diff(steps))


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
    *(Interval(f"interaction of {what}", TWOFOLD, True, *_interaction(by)) for what, by in CROSSED.items()),
    *(_best_of(share, hull) for share in SHARES for hull in (True, False)),
)
#: how many samples of seeds an interval needs: candidates that it compares
ARMS = {"ratio to the baseline": 2, "probability of improvement": 2, "score, tied at the front": len(PACES),
        **dict.fromkeys(("interaction of times", "interaction of results"), len(CELLS))}  # fmt: skip


def covered(interval: Interval, world: World, seeds: int, samples: int, rng: np.random.Generator) -> float:
    """Share of so many samples whose interval holds the truth."""
    truth = interval.truth(world)
    for share in SHARES:
        if interval.quantity == _best_of_name(share):
            truth = _true_best(world, _budget(share, seeds))
    hits = 0
    for _ in range(samples):
        low, high = interval.ends(world.draw(ARMS.get(interval.quantity, 1) * seeds, rng), rng)
        hits += low - 1e-9 <= truth <= high + 1e-9
    return hits / samples
