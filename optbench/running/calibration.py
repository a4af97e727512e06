"""The cost of a step, measured honestly: serially, alone on the machine, warm, candidates in turn.

A trial that shares its machine with others has no honest wall time. So after the trials each candidate's selected
setting is timed on each workload: one BLAS thread, rounds in which all candidates take their turn, the median of the
rounds. Time to target is steps to target times this cost.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from optbench.registry.registry import Registry
from optbench.running.load import Others, load_average
from optbench.running.progress import Watcher, clock
from optbench.store.machines import CostRow
from optbench.store.store import Store
from optbench.training.assembly import assemble
from optbench.training.trainer import Training
from optbench.trials.trial import Trial

#: Each candidate has so many rounds of about so many seconds.
ROUNDS = 7
ROUND_SECONDS = 0.012
#: Methods of matrices renew their preconditioners every ten steps, and some in each of the first ten: a round has a
#: multiple of as many steps, and comes after twice as many.
PERIOD = 10
#: Of thousands the rounds are shorter, so that all of them take about so many seconds; but not shorter than the least.
ALL_SECONDS, LEAST_SECONDS = 120.0, 0.002
#: So many candidates are timed side by side and kept together. Of more, each group has the baseline with it.
GROUP = 32
#: seconds between two words on how far it is
SAY_EVERY = 5.0


class Pace:
    """Says how far the timing is, in parts of which each candidate has one for its assembly and one a round."""

    def __init__(self, watcher: Watcher, candidates: int):
        self.watcher, self.candidates, self.done = watcher, candidates, 0
        self.started = self.said = time.monotonic()

    def part(self) -> None:
        self.done += 1
        now = time.monotonic()
        if now - self.said < SAY_EVERY:
            return
        self.said = now
        parts = 1 + ROUNDS
        left = (now - self.started) * max(0.0, self.candidates * parts / self.done - 1)
        count = min(self.done // parts, self.candidates)
        self.watcher.stage(f"timing a step: {count} of {self.candidates} are done, {clock(left)} left")


def measure_costs(
    store: Store,
    plugins: Registry,
    watcher: Watcher,
    timed: Collection[str | None] | None = None,
    untimed: Collection[str] = (),
) -> None:
    """Time a step of every final candidate whose cost is not yet known for the setting that was selected.

    What is timed is kept group by group: a run that is interrupted here goes on where it was. With it stays, as "load",
    what others took of the machine meanwhile.

    timed     only these candidates: the others' costs came with their results
    untimed   not on these workloads
    """
    finals: dict[str, dict[str, Trial]] = {}
    # Not of a trial that failed: a component that ended its worker would end this process.
    for assignment in store.first_finals():
        if assignment.workload in untimed or (timed is not None and assignment.candidate not in timed):
            continue
        finals.setdefault(assignment.workload, {})[assignment.candidate] = assignment.trial
    known = store.get("costs_of", {})
    suite = store.get("suite")
    baseline = suite.get("baseline") if isinstance(suite, dict) else None
    plan = [
        (workload, group)
        for workload, trials in finals.items()
        for group in groups(trials, set(known.get(workload) or ()), baseline)
    ]
    if not plan:
        return
    watcher.stage("timing a step of every candidate, one at a time")
    count = sum(len(group) for _, group in plan)
    seconds = min(ROUND_SECONDS, max(LEAST_SECONDS, ALL_SECONDS / (ROUNDS * count)))
    pace = Pace(watcher, count)
    bridged = store.get("bridges", {})
    load: dict[str, dict[str, float | None]] = store.get("load", {})
    for workload, group in plan:
        others = Others()
        costs = calibrate(workload, group, plugins, seconds, pace.part)
        load[workload] = {"others": others.processors(), "average": load_average()}
        bridged.setdefault(workload, {}).update(bridges(group, plugins))
        keys = {t.key for t in group.values()} | set(known.get(workload) or ())
        known[workload] = sorted(keys & {t.key for t in finals[workload].values()})
        with store.together():
            store.add_costs(costs)
            store.set("bridges", bridged)
            store.set("costs_of", known)
            store.set("load", load)


def groups(trials: Mapping[str, Trial], known: Collection[str], baseline: str | None) -> list[dict[str, Trial]]:
    """The candidates of one workload that are to be timed, in groups that are timed side by side.

    Candidates are compared: where a group holds them all, one that is new has all of them timed again. Of more, the
    new ones alone are timed, each group with the baseline (or the first) beside it.
    """
    missing = {name: trial for name, trial in trials.items() if trial.key not in known}
    if not missing and len(known) == len({trial.key for trial in trials.values()}):
        return []
    if len(trials) <= GROUP:
        return [dict(trials)]
    anchor = baseline if baseline is not None and baseline in trials else next(iter(trials))
    names = [name for name in missing if name != anchor]
    return [
        {name: trials[name] for name in (anchor, *names[start : start + GROUP - 1])}
        for start in range(0, len(names), GROUP - 1)
    ]


def calibrate(
    workload: str,
    trials: Mapping[str, Trial],
    registry: Registry,
    round_seconds: float = ROUND_SECONDS,
    part: Callable[[], None] = lambda: None,
) -> list[CostRow]:
    """The cost of a step of each candidate's trial on one workload; those that fail are left out.

    part   called after each assembly and each candidate's turn in a round
    """
    with threadpool_limits(1), np.errstate(all="ignore"):
        trainings = warm(trials, registry, part)
        seconds: dict[str, list[float]] = {name: [] for name in trainings}
        counts = {name: whole_periods(round_seconds / steps_for(t, PERIOD)) for name, t in trainings.items()}
        for _ in range(ROUNDS):
            for name, training in trainings.items():
                seconds[name].append(steps_for(training, counts[name]))
                part()
    return [cost(workload, name, samples) for name, samples in seconds.items()]


def whole_periods(steps: float) -> int:
    """The multiple of PERIOD next to so many steps, and no less than one."""
    return PERIOD * max(1, round(steps / PERIOD))


def warm(
    trials: Mapping[str, Trial], registry: Registry, part: Callable[[], None] = lambda: None
) -> dict[str, Training]:
    """A training of each trial after its first steps; those that fail, or have come to an end, are left out."""
    found: dict[str, Training] = {}
    for candidate, trial in trials.items():
        part()
        try:
            training = assemble([trial], registry)
            steps_for(training, PERIOD)
        except Exception:  # its trials tell why: a cost is no place to fail
            continue
        if training.active:
            found[candidate] = training
    return found


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


def steps_for(training: Training, count: int, clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds a step, over `count` steps, by a clock."""
    start = clock()
    for _ in range(count):
        training.step()
    return (clock() - start) / count


def cost(workload: str, candidate: str, samples: Sequence[float]) -> CostRow:
    """Seconds of a step: the median of the rounds, with their quartiles."""
    low, middle, high = np.quantile(samples, [0.25, 0.5, 0.75])
    return workload, candidate, float(middle), float(low), float(high), len(samples)
