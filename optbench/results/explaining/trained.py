"""The states between two candidates, trained on fresh seeds: what is finished already is taken over.

A state is a candidate with other settings on each workload, and in each study, so its trials are made one by one; the
rest is a run like any other, in a folder of its own: with a lock, a log, and trials that are kept by their keys. The
runs of the two candidates, and of any state that another candidate happens to be, come from the run that is explained.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optbench.contract.errors import OptbenchError
from optbench.registry.guests import united
from optbench.registry.registry import Registry
from optbench.results.explaining.asked import Asked
from optbench.results.explaining.steps import Between
from optbench.running.contents import contents
from optbench.running.engine import Engine
from optbench.running.journal import Journal, describe, holder
from optbench.running.lock import RunLock
from optbench.running.progress import Watcher
from optbench.running.resuming import Retry, changes, earlier, resume
from optbench.running.runner import ActiveStudy, Runner
from optbench.statistics.tables import trial_frame
from optbench.store.environment import environment
from optbench.store.runs import Limits
from optbench.store.store import STORE, Store
from optbench.suite import Candidate, CandidateTuning, Suite
from optbench.trials.seeds import final_seeds
from optbench.trials.trial import Assignment
from optbench.tuning import Batch, guests
from optbench.tuning.making import Maker

if TYPE_CHECKING:
    import pandas as pd


def train(
    asked: Asked,
    between: Between,
    states: Sequence[frozenset[str]],
    seeds: int,
    pool: Engine,
    folder: Path,
    registry: Registry,
    watcher: Watcher,
    timeout: float | None = None,
    engine: str = "local",
) -> "tuple[pd.DataFrame, list[str]]":
    """(the table of the states' trials, what a reader has to know of them).

    states   by the steps that were taken, the two ends included
    engine   what the pool is called
    """
    refuse_run(folder)
    title = f"from {asked.a} to {asked.b}: {asked.title}"
    lock = RunLock(folder, lambda: holder(folder), watcher.say)
    with lock, Journal(folder, watcher, engine, title) as log, ExitStack() as stack:
        log.stage("reading the data")
        held = contents(asked.suite, registry)
        assignments = _assignments(asked, between, states, seeds, registry, held)
        suite = _as_suite(asked, between, states)
        record = environment(registry)
        for line in describe(record):
            log.note(line)
        warn = lambda text: log.say(f"warning: {text}")  # noqa: E731
        store = stack.enter_context(Store(folder / STORE, create=True, waiting=warn))
        store.set("explains", {"source": asked.name, "a": asked.a, "b": asked.b})
        store.made_in(record)
        if asked.store is not None:
            taken = _bring(asked.store, store, assignments)
            log.say(f"{taken} stored trials are used as they are" if taken else "no stored trial is used as it is")
        notes = _changed(asked, between, assignments)
        for note in notes:
            log.say(f"warning: {note}")
        machine = "" if getattr(pool, "address", "") else record["machine"]
        retry = Retry(limits=Limits(timeout, pool.limit), machine=machine)
        again = resume(store, earlier(store), suite, registry, held, retry, record, False, log.say)
        with store.together():
            store.set("title", title)
            store.set("suite", suite.model_dump(mode="json"))
            store.set("guests", united([*(store.get("guests") or []), *asked.guests], guests(suite, registry)))
            store.clear_plan()
        with log.inner, pool:
            log.expect(len(assignments), None, pool.workers)
            Runner(suite, pool, store, registry, log, timeout, held, again).execute(_studies(assignments))
        log.trained()
        return trial_frame(store, "final"), notes


def refuse_run(folder: Path) -> None:
    """OptbenchError where the folder has a run of its own, whose plan would be lost."""
    if (folder / STORE).exists():
        with Store(folder / STORE, readonly=True) as store:
            if store.get("explains") is None:
                raise OptbenchError(f"{folder} has the trials of a run: choose another folder with --out")


def _assignments(
    asked: Asked,
    between: Between,
    states: Sequence[frozenset[str]],
    seeds: int,
    registry: Registry,
    held: Mapping[str, str],
) -> list[Assignment]:
    """Every state with every seed of every place."""
    found = []
    for (name, study), (a, b) in asked.places.items():
        workload = asked.suite.workload(name)
        for taken in states:
            candidate = _fixed(between.named(taken), *between.settings(a, b, taken))
            make = Maker(asked.suite, workload, candidate, study, registry, held)
            found += [make.final(number, seed, {}) for number, seed in enumerate(final_seeds(seeds))]
    return found


def _fixed(name: str, components: Mapping[str, Any], batch_size: Any) -> Candidate:
    """A candidate with these settings, which were read before, and nothing to search."""

    def still(value: Any) -> Any:
        return [still(one) for one in value] if isinstance(value, list) else {**value, "search": {}}

    tables = {kind: still(value) for kind, value in components.items()}
    return Candidate.model_construct(name=name, title=name, batch_size=batch_size, tuning=CandidateTuning(), **tables)


def _as_suite(asked: Asked, between: Between, states: Sequence[frozenset[str]]) -> Suite:
    """The suite with the states as its candidates, with the settings that they have on the first place."""
    a, b = next(iter(asked.places.values()))
    found = {between.named(taken): _fixed(between.named(taken), *between.settings(a, b, taken)) for taken in states}
    return asked.suite.model_copy(update={"candidates": tuple(found.values()), "baseline": between.a})


def _studies(assignments: Sequence[Assignment]) -> Iterator[ActiveStudy]:
    """The assignments of a workload, state and study together, with nothing to be selected."""
    groups: dict[tuple[str, str, int], list[Assignment]] = {}
    for one in assignments:
        groups.setdefault((one.workload, one.candidate, one.study), []).append(one)
    for (workload, candidate, study), members in groups.items():
        yield ActiveStudy(workload, candidate, study, _single(Batch("final", tuple(members))))


def _single(batch: Batch) -> Generator[Batch, Any, None]:
    yield batch


def _bring(source: Store, store: Store, assignments: Sequence[Assignment]) -> int:
    """Copy what a run has of these trials; how many it has."""
    trials = {one.trial.key: one.trial for one in assignments}
    there = source.finished(trials)
    for key in there - store.finished(there):
        store.copy_run(source, trials[key])
    return len(there)


def _changed(asked: Asked, between: Between, assignments: Sequence[Assignment]) -> list[str]:
    """Why runs of the two candidates are made anew: what the run was made with is another now."""
    found: dict[str, None] = {}
    now = {(one.workload, one.study, one.candidate): one.trial for one in reversed(assignments)}
    for (workload, study), ends in asked.places.items() if asked.store is not None else ():
        for name, then in zip((between.a, between.b), ends, strict=True):
            trial = now[workload, study, name]
            if trial.key != replace(then, seed=trial.seed).key:
                why = changes(then, trial) or "their settings are read differently now"
                found[f"{name} is trained anew, not taken from the run: {why}"] = None
    return list(found)
