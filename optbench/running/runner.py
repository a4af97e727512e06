"""Runs a suite: studies give trials, the engine runs them, the store keeps them. What is stored is not run again."""

import queue
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from optbench.registry.registry import Registry
from optbench.running.engine import Engine
from optbench.running.process import Crashed, RunsElsewhere
from optbench.running.progress import Watcher
from optbench.store.runs import Limits
from optbench.store.store import Store
from optbench.suite import Suite
from optbench.trials.trial import Assignment, Run, Trial
from optbench.tuning import Batch, providers, study

#: A unit of work holds as many trials as take about this many seconds: handing one over costs milliseconds.
UNIT_SECONDS = 0.5
#: With very many workers it lasts longer, so that this process has so many seconds for each of their units: else it
#: is what a thousand workers wait for (suites/scale/million.py).
SECONDS_A_UNIT = 0.01
LARGEST_UNIT = 256
#: outcomes that another limit or machine may change
LIMITED = ("timeout", "crashed", "error")
#: Units that wait in the engine for each worker, so that none is ever idle.
UNITS_AHEAD = 2


def unit_seconds(workers: int) -> float:
    """How long a unit of work should take."""
    return max(UNIT_SECONDS, SECONDS_A_UNIT * workers)


@dataclass
class ActiveStudy:
    """A study whose present batch is being run."""

    workload: str
    candidate: str
    number: int
    generator: Generator[Batch, Any, Any]
    waiting: set[str] = field(default_factory=set)
    keys: list[str] = field(default_factory=list)


@dataclass
class Unit:
    """Trials handed to the engine together."""

    trials: list[Trial]
    started: float


class Runner:
    """One run of a suite. `execute` returns when every study is complete; `extend` adds fresh seeds to those that are.

    timeout    seconds that a trial may take
    contents   what the datasets hold: see `study`
    retried    removes, of finished keys, the runs that are to be made again, and says which: see `resuming`
    """

    def __init__(
        self,
        suite: Suite,
        engine: Engine,
        store: Store,
        registry: Registry,
        watcher: Watcher,
        timeout: float | None = None,
        contents: Mapping[str, str] | None = None,
        retried: Callable[[Iterable[str]], set[str]] = lambda keys: set(),
    ):
        self.suite, self.engine, self.store = suite, engine, store
        self.registry, self.watcher, self.timeout = registry, watcher, timeout
        self.contents, self.retried = contents, retried
        #: trials to run, by workload: units are cut from one workload, whose data a worker then has at hand
        self.queues: dict[str, deque[Trial]] = {}
        self.listeners: dict[str, list[ActiveStudy]] = {}
        #: what the trials that are not finished are for
        self.purposes: dict[str, list[Assignment]] = {}
        self.flying: dict[Future[list[Run]], Unit] = {}
        #: those that are done: waiting for any of thousands would take milliseconds each time
        self.landed: queue.SimpleQueue[Future[list[Run]]] = queue.SimpleQueue()
        #: the number of the store's last run before this one of ours: what it finishes itself is not kept
        self.before = store.newest()
        self.pace: dict[str, float] = {}
        #: trials whose worker was killed from outside once: they get another
        self.again: set[str] = set()
        #: the environments of runs that were not made in this one, until they are kept
        self.elsewhere: dict[str, Mapping[str, Any]] = {}
        #: those that it happened to twice
        self.killed: set[str] = set()
        #: fresh seeds that the watcher knows of already
        self.told = 0

    def execute(self, studies: Iterable[ActiveStudy] | None = None) -> None:
        """Run these studies; default: those of the suite."""
        note = self.engine.expect(providers(self.suite, self.registry))
        if note:
            self.watcher.say(note)
        studies = self._studies() if studies is None else iter(studies)
        open_studies = True
        while True:
            if open_studies and self._wanting():
                with self.store.together():
                    while open_studies and self._wanting():
                        active = next(studies, None)
                        if active is None:
                            open_studies = False
                        else:
                            self._advance(active, None)
            self._submit()
            if not self.flying:
                if not open_studies and not self._queued():
                    return
                continue
            self._land()
            self.store.check()  # at once, and not only when the next trial is finished
            self.watcher.tick()

    def extend(self, seeds: int) -> None:
        """Run the suite again with so many fresh seeds: what is finished is kept, and the watcher told of the rest."""
        self.told = self.suite.seeds
        self.suite = self.suite.model_copy(update={"seeds": seeds})
        self.execute()

    def _studies(self) -> Iterator[ActiveStudy]:
        for workload, candidate in self.suite.pairs():
            for number in range(self.suite.studies(workload)):
                generator = study(self.suite, workload, candidate, number, self.registry, self.contents)
                yield ActiveStudy(workload.name, candidate.name, number, generator)

    def _wanting(self) -> bool:
        """Whether more studies are to be started: not all at once, for each holds its plan in memory."""
        return self._queued() < 2 * self.engine.workers * self._largest_unit()

    def _queued(self) -> int:
        return sum(map(len, self.queues.values()))

    def _largest_unit(self) -> int:
        return max((self._unit_size(name) for name in self.queues), default=1)

    def _unit_size(self, workload: str) -> int:
        pace = self.pace.get(workload)
        if pace is None:
            return 1
        return max(1, min(LARGEST_UNIT, round(unit_seconds(self.engine.workers) / max(pace, 1e-4))))

    def _advance(self, active: ActiveStudy, runs: dict[str, Run] | None) -> None:
        """Give a study the runs it waited for, and queue what it asks for next."""
        while True:
            try:
                batch = next(active.generator) if runs is None else active.generator.send(runs)
            except StopIteration:
                return
            if batch.selected is not None:
                key = batch.selected.trial.key
                self.store.select(active.workload, active.candidate, active.number, key)
            self.store.assign(batch.assignments)
            trials = {a.trial.key: a.trial for a in batch.assignments}
            where = {a.trial.key: a.workload for a in batch.assignments}  # a study's, or a variant of it
            active.keys = list(trials)
            kept = self.store.finished(trials)
            again = self.retried(kept)
            if again:  # the numbers of the last runs are free again where those were removed
                self.before = min(self.before, self.store.newest())
            kept -= again
            active.waiting = set(trials) - kept
            shared = self.store.finished(kept, since=self.before)
            self.watcher.planned(self._new(batch), kept - shared, shared)
            for assignment in batch.assignments:
                if assignment.trial.key in active.waiting:
                    self.purposes.setdefault(assignment.trial.key, []).append(assignment)
            for key in active.waiting:
                if key not in self.listeners:
                    self.queues.setdefault(where[key], deque()).append(trials[key])
                self.listeners.setdefault(key, []).append(active)
            if active.waiting:
                return
            runs = self._runs(active.keys)

    def _new(self, batch: Batch) -> list[Assignment]:
        """Those of a batch that the watcher does not know of."""
        final = batch.phase == "final"
        return [a for a in batch.assignments if not self.told or (final and a.number >= self.told)]

    def _runs(self, keys: Iterable[str]) -> dict[str, Run]:
        found = {key: self.store.run(key) for key in keys}
        return {key: run for key, run in found.items() if run is not None}

    def _submit(self) -> None:
        while len(self.flying) < self.engine.workers * UNITS_AHEAD:
            name = next((n for n, queue in self.queues.items() if queue), None)
            if name is None:
                return
            queue = self.queues[name]
            # Near the end of the work, smaller units keep all workers busy.
            size = min(self._unit_size(name), max(1, len(queue) // self.engine.workers))
            self._fly([queue.popleft() for _ in range(min(size, len(queue)))])

    def _fly(self, trials: list[Trial]) -> None:
        start = time.perf_counter()
        future = self.engine.submit(trials, self.timeout)
        self.flying[future] = Unit(trials, start)
        future.add_done_callback(self.landed.put)

    def _land(self) -> None:
        """Wait for a unit, and keep the runs of all that are done."""
        pairs: list[tuple[Trial, Run]] = []
        try:
            with suppress(queue.Empty):
                pairs += self._settle(self.landed.get(timeout=0.5))
                while True:
                    pairs += self._settle(self.landed.get_nowait())
        finally:  # also those that came before one that ends the run
            if pairs:
                self._finish(pairs)

    def _settle(self, future: "Future[list[Run]]") -> list[tuple[Trial, Run]]:
        """Trials of a unit that is done, with their runs; those that must be run again are on their way."""
        unit = self.flying.pop(future)
        error = future.exception()
        self.watcher.settled([tuple(self.purposes.get(t.key, ())) for t in unit.trials], unit.started)
        if error is None:
            runs = future.result()
            if isinstance(runs, RunsElsewhere):
                self.elsewhere |= dict.fromkeys((t.key for t in unit.trials), runs.environment)
            name = unit.trials[0].workload["name"]
            spent = sum(run.measurements[-1].seconds for run in runs if run.measurements) / len(runs)
            before = self.pace.get(name)
            self.pace[name] = spent if before is None else 0.7 * before + 0.3 * spent
            return list(zip(unit.trials, runs, strict=True))
        if not isinstance(error, (TimeoutError, Crashed)):
            raise error
        if len(unit.trials) > 1:
            # One of them killed the process or hung: each by itself shows which.
            for trial in unit.trials:
                self._fly([trial])
            return []
        (trial,) = unit.trials
        if isinstance(error, TimeoutError):
            return [(trial, Run("timeout", message=f"killed after {self.timeout:g} s"))]
        if error.outside and trial.key not in self.again:
            self.again.add(trial.key)
            self._fly([trial])
            return []
        if error.outside:
            self.killed.add(trial.key)
        return [(trial, Run("crashed", message=str(error)))]

    def _finish(self, pairs: list[tuple[Trial, Run]]) -> None:
        # One transaction for units that are done and all that follows: each waits for the disk, milliseconds on many.
        with self.store.together():
            self.store.add_all(pairs, self.elsewhere)
            self.elsewhere.clear()
            for trial, run in pairs:
                if run.outcome in LIMITED:
                    limits = Limits(self.timeout, self.engine.limit, trial.key in self.killed)
                    self.store.limited([trial.key], limits)
            for trial, _ in pairs:
                for active in self.listeners.pop(trial.key, ()):
                    active.waiting.discard(trial.key)
                    if not active.waiting:
                        self._advance(active, self._runs(active.keys))
        for trial, run in pairs:  # on disk now
            purposes = tuple(self.purposes.pop(trial.key, ()))
            self.watcher.finished(trial, run, purposes)
            self.registry.observe(trial, run, purposes)
