"""Populations of results that samples of seeds are drawn from; what is true of them is known.

The real ones come from trainings that differ in their seed alone, of one optimizer on each of four workloads. A draw
with replacement from some hundred runs is a draw of seeds from a world in which these runs are all that can happen.
What is true there is computed from all of them. Made-up worlds have shapes that real ones may have elsewhere.
"""

from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from optbench.statistics.pairs import Paired

#: evaluation points of the made-up workloads
GRID = (8, 23, 23, 4, 2, 6)


@dataclass(frozen=True)
class World:
    """What can happen on each workload, for one candidate.

    times     (workloads, outcomes) steps to target, infinite for a miss
    budget    (workloads,) steps of a whole run
    finals    (workloads, outcomes) normalized final results
    """

    name: str
    times: np.ndarray
    budget: np.ndarray
    finals: np.ndarray

    def draw(self, seeds: int, rng: np.random.Generator, workloads: int | None = None) -> "World":
        """As many seeds of each workload; more workloads than there are repeat them with seeds of their own."""
        kinds, outcomes = self.times.shape
        chosen = np.arange(workloads or kinds) % kinds
        at = rng.integers(outcomes, size=(len(chosen), seeds))
        return World(
            self.name,
            np.take_along_axis(self.times[chosen], at, axis=1),
            self.budget[chosen],
            np.take_along_axis(self.finals[chosen], at, axis=1),
        )

    def faster(self, factor: float) -> "World":
        """The same with all times multiplied; a miss that this brings within the budget stays one."""
        return World(self.name, self.times * factor, self.budget, self.finals)


def pairs(samples: dict[str, World], by: str = "steps") -> Paired:
    """What `optbench.statistics.seed_pairs` makes of these candidates' runs (a test compares the two)."""
    names = list(samples)
    workloads = [f"w{i}" for i in range(len(samples[names[0]].budget))]
    if by == "final":
        values = np.stack([s.finals for s in samples.values()])
        return Paired(names, workloads, values, np.zeros(values.shape, dtype=bool), False)
    times = np.stack([s.times for s in samples.values()])
    missed = np.isinf(times)
    times = np.where(missed, np.stack([s.budget for s in samples.values()])[:, :, None] + 1, times)
    positive = np.where(times > 0, times, np.inf).min(axis=(0, 2), keepdims=True)
    return Paired(names, workloads, np.log(np.where(times > 0, times, positive / 2)), missed, True)


def trained(folder: Path, seeds: int | None = None, engine: str = "local") -> list[World]:
    """A world for each optimizer of trainings.toml, from real trainings; what `folder` holds is not run again."""
    import optbench
    from optbench.statistics import seed_pairs
    from optbench.statistics.cells import cells, final_runs, normalized

    with as_file(files("optbench.referee") / "trainings.toml") as suite:
        trials = optbench.run(suite, engine, folder, seeds=seeds, report=False).trials
    runs = final_runs(trials)
    names, workloads = list(dict.fromkeys(runs["candidate"])), list(dict.fromkeys(runs["workload"]))
    assert seed_pairs(trials).workloads == workloads  # every workload has a target
    times = cells(runs, runs["steps_to_target"], names, workloads).values
    finals = cells(runs, normalized(runs), names, workloads).values
    budget = runs.groupby("workload")["steps"].max()[workloads].to_numpy()
    return [World(name, times[i], budget, finals[i]) for i, name in enumerate(names)]


def made_up(outcomes: int = 4000, seed: int = 0) -> list[World]:
    """Log-normal times, and skewed ones of which some miss; results near 1, near 0.5, and skewed ones."""
    rng = np.random.default_rng(seed)
    grid = np.array(GRID)[:, None]
    middle = np.array([150, 160, 250, 40, 14, 60])[:, None]
    spread = np.array([0.2, 0.15, 0.25, 0.3, 0.35, 0.4])[:, None]
    noise = rng.normal(size=(6, outcomes))
    plain = np.ceil(middle * np.exp(spread * noise) / grid) * grid
    skewed = np.ceil(middle * np.exp(spread * (rng.exponential(size=(6, outcomes)) - 0.7)) / grid) * grid
    budget = 4 * middle[:, 0]
    skewed = np.where(rng.random((6, outcomes)) < 0.15, np.inf, skewed)
    level = np.array([0.96, 0.9, 0.98, 0.5, 0.97, 0.93])[:, None]
    normal = level + 0.2 * (1 - level) * rng.normal(size=(6, outcomes))
    left = level + 0.25 * (1 - level) * (1 - rng.exponential(size=(6, outcomes)))
    rounded = np.round(np.clip(np.stack([normal, left]), 0, 1) * 360) / 360
    return [
        World("log-normal", plain, budget, rounded[0]),
        World("skewed, 15 % missed", skewed, budget, rounded[1]),
    ]
