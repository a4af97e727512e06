"""One store of several: of machines that ran parts of a suite, or of the same parts.

Trials are united by their key, each with the environment that it was made in; costs stay by machine, and are told in
the seconds of the first (see `optbench.store.machines`). What is refused:

- **Another plan.** Workloads and candidates of one name must be defined alike, with one budget of tuning, the same
  root of chance and the same components' contract; else candidates would be compared that were not treated equally.
  Numbers of fresh seeds may differ: the first ones are the same, so they are united, and comparisons use those that
  both candidates have.
- **Conflicts**: a trial with other bits in two stores, or a study that selected another setting. Between machines that
  is to be expected: another processor or BLAS sums in another order, the last bits differ, and what is selected may
  follow. It is nothing to be decided silently, and bits of two machines within one study would be no study at all.
  With `prefer`, the study (a candidate tuned on a workload) is taken as a whole from the preferred store.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from optbench.contract.errors import OptbenchError, near
from optbench.results.archives import opened
from optbench.results.conflicts import Conflict, Place, Plan, explained
from optbench.results.uniting import check_contracts, unite_costs, unite_words, united_suite
from optbench.running.journal import holder
from optbench.running.lock import RunLock
from optbench.store.store import STORE, Store


@dataclass(frozen=True)
class Merged:
    """What a merge gave: trials in the store, how many each source gave, conflicts that `prefer` decided,
    (workload, candidate) that nobody ran, which count as missed, and how many fresh seeds each of the others has."""

    path: Path
    trials: int
    given: dict[str, int]
    decided: list[Conflict] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)
    seeds: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def unequal(self) -> list[str]:
        """A line a workload whose candidates have different numbers of fresh seeds."""
        told = []
        for workload in dict.fromkeys(workload for workload, _ in self.seeds):
            counts = {candidate: n for (w, candidate), n in self.seeds.items() if w == workload}
            if len(set(counts.values())) > 1:
                each = ", ".join(f"{candidate} {n}" for candidate, n in counts.items())
                told.append(f"fresh seeds on {workload}: {each}; comparisons use those that both candidates have")
        return told


def merge(sources: Sequence[str | Path], out: str | Path, prefer: str | Path | None = None) -> Merged:
    """Unite stores into a new one in the folder `out`.

    sources   folders, stores, archives; the first one's order and seconds hold
    prefer    one of them: it wins where they conflict
    OptbenchError where they do not fit together, conflict, or where `out` has a store already.
    """
    names = [str(source) for source in sources]
    if len(set(names)) != len(names):
        raise OptbenchError("merge: a store is named twice")
    if prefer is not None and str(prefer) not in names:
        raise OptbenchError(f"--prefer {prefer}: not one of the stores to be merged; {near(str(prefer), names)}")
    folder = Path(out)
    path = folder / STORE
    if path.exists():
        raise OptbenchError(f"--out {folder}: there is a store already; choose a new folder")
    with ExitStack() as stack:
        stores = {}
        for source, name in zip(sources, names, strict=True):
            place = stack.enter_context(opened(source))
            stores[name] = stack.enter_context(Store(place, readonly=True))
        suite = united_suite(stores)
        check_contracts(stores)
        plan = Plan(stores)
        if plan.conflicts and prefer is None:
            raise OptbenchError(explained(plan.conflicts))
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OptbenchError(f"--out {folder}: cannot be made: {error.strerror}") from None
        stack.enter_context(RunLock(folder, lambda: holder(folder), lambda text: None))
        part = folder / f".{STORE}.{os.getpid()}.part"
        try:
            with Store(part, create=True) as target:
                given = write(target, stores, plan, suite, None if prefer is None else str(prefer))
                seeds = fresh_seeds(target)
            os.replace(part, path)
        except OSError as error:
            raise OptbenchError(f"--out {folder}: cannot be written: {error.strerror}") from None
        finally:
            part.unlink(missing_ok=True)
    missing = [pair for pair in pairs_of(suite) if pair not in plan.pairs]
    return Merged(path, sum(given.values()), given, plan.conflicts, missing, seeds)


def pairs_of(suite: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(workload, candidate) of all that a suite compares."""
    return [
        (workload["name"], candidate["name"])
        for workload in suite["workloads"]
        for candidate in suite["candidates"]
        if not workload.get("sealed")  # where only some take part
        if candidate.get("workloads") is None or workload["name"] in candidate["workloads"]
    ]


def fresh_seeds(store: Store) -> dict[tuple[str, str], int]:
    """How many seeds of each (workload, candidate) were run after tuning."""
    found: dict[tuple[str, str], set[int]] = {}
    done = store.finished()
    for a in store.assignments():
        if a.phase == "final" and a.trial.key in done:
            found.setdefault((a.workload, a.candidate), set()).add(a.trial.seed)
    return {pair: len(seeds) for pair, seeds in found.items()}


def write(
    target: Store, stores: Mapping[str, Store], plan: Plan, suite: dict[str, Any], prefer: str | None
) -> dict[str, int]:
    """Write all of it; how many trials each source gave."""
    # the preferred one first: the first run of a key stays
    order = sorted(stores, key=lambda name: name != prefer)
    unite_words(target, stores, suite)
    given: dict[str, int] = {}
    taken: set[Place] = set()
    for name in order:
        given[name] = 0
        store = stores[name]
        # a study that conflicts comes whole from the first in order that has it
        mine = {p: a for p, a in plan.assignments[name].items() if p not in plan.places or p not in taken}
        taken |= set(plan.assignments[name])
        target.assign(a for assignments in mine.values() for a in assignments)
        target.select_all((*p, key) for p, key in plan.selected[name].items() if p in mine)
        done: set[str] = target.finished()
        for a in (a for assignments in mine.values() for a in assignments):
            if a.trial.key in done:
                continue
            if target.copy_run(store, a.trial):
                done.add(a.trial.key)
                given[name] += 1
    unite_costs(target, stores)
    return given
