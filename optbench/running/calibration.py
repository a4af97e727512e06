"""The cost of a step, measured honestly: serially, alone on the machine, warm, candidates in turn.

A trial that shares its machine with others has no honest wall time. So after the trials each candidate's selected
setting is timed on each workload: one BLAS thread, rounds in which all candidates take their turn, the median of the
rounds. Time to target is steps to target times this cost.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from optbench.registry.registry import Registry
from optbench.running.progress import Watcher
from optbench.store.machines import CostRow
from optbench.store.store import Store
from optbench.training.assembly import assemble
from optbench.training.trainer import Training
from optbench.trials.trial import Trial

#: Each candidate has so many rounds of about so many seconds.
ROUNDS = 7
ROUND_SECONDS = 0.012


def measure_costs(
    store: Store, plugins: Registry, watcher: Watcher, timed: Collection[str | None] | None = None
) -> None:
    """Time a step of every final candidate whose cost is not yet known for the setting that was selected.

    timed   only these candidates: the others' costs came with their results
    """
    finals: dict[str, dict[str, Trial]] = {}
    # Not of a trial that failed: a component that ended its worker would end this process.
    for assignment in store.first_finals():
        if timed is not None and assignment.candidate not in timed:
            continue
        finals.setdefault(assignment.workload, {})[assignment.candidate] = assignment.trial
    known = store.get("costs_of", {})
    # Candidates are compared, so they are timed side by side: one that is new has all of its workload timed again.
    missing = {
        workload: trials
        for workload, trials in finals.items()
        if known.get(workload) != sorted(t.key for t in trials.values())
    }
    if missing:
        watcher.stage("timing a step of every candidate, one at a time")
    bridged = store.get("bridges", {})
    for workload, trials in missing.items():
        store.add_costs(calibrate(workload, trials, plugins))
        bridged[workload] = bridges(trials, plugins)
        store.set("bridges", bridged)
        known[workload] = sorted(t.key for t in trials.values())
        store.set("costs_of", known)


def calibrate(workload: str, trials: Mapping[str, Trial], registry: Registry) -> list[CostRow]:
    """The cost of a step of each candidate's trial on one workload; those that fail are left out."""
    with threadpool_limits(1), np.errstate(all="ignore"):
        trainings: dict[str, Training] = {}
        for candidate, trial in trials.items():
            try:
                training = assemble([trial], registry)
                steps_for(training, 3)
            except Exception:  # its trials tell why: a cost is no place to fail
                continue
            if training.active:
                trainings[candidate] = training
        seconds: dict[str, list[float]] = {name: [] for name in trainings}
        counts = {name: max(1, round(ROUND_SECONDS / steps_for(t, 2))) for name, t in trainings.items()}
        for _ in range(ROUNDS):
            for name, training in trainings.items():
                seconds[name].append(steps_for(training, counts[name]))
    return [cost(workload, name, samples) for name, samples in seconds.items()]


def bridges(trials: Mapping[str, Trial], registry: Registry) -> dict[str, dict[str, Any]]:
    """{candidate: {"library", "seconds"}} of those whose arithmetic is a foreign library's.

    `seconds` of each step are the bridge's own, measured around an optimizer that does nothing: a foreign optimizer's
    time must not be mistaken for its algorithm's.
    """
    found: dict[str, dict[str, Any]] = {}
    with threadpool_limits(1):
        for candidate, trial in trials.items():
            try:
                row = assemble([trial], registry).rows[0]
                optimizer: Any = row.recipe.optimizer
                while not optimizer.bridge and hasattr(optimizer, "inner"):  # a wrapper around a foreign one
                    optimizer = optimizer.inner
                if optimizer.bridge:
                    taken = float(optimizer.bridge_seconds(row.params, row.context.layout))
                    found[candidate] = {"library": optimizer.bridge, "seconds": taken}
            except Exception:  # as above
                continue
    return found


def steps_for(training: Training, count: int) -> float:
    """Seconds a step, over `count` steps."""
    start = time.perf_counter()
    for _ in range(count):
        training.step()
    return (time.perf_counter() - start) / count


def cost(workload: str, candidate: str, samples: Sequence[float]) -> CostRow:
    """Seconds of a step: the median of the rounds, with their quartiles."""
    low, middle, high = np.quantile(samples, [0.25, 0.5, 0.75])
    return workload, candidate, float(middle), float(low), float(high), len(samples)
