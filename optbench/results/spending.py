"""As many seeds as fit into so many minutes.

Tuning is never cut short: a budget that candidates do not share, or that stored results had not, is no fair one. So all
of it is run, with the fewest seeds; then the pace is known, and as many more are run as fit into the minutes left.
How many is decided once, by the clock and not by results, so that words promise what they do of any fixed number.
"""

import math
import time
from dataclasses import dataclass
from typing import Any

from optbench.results.rounds import at, grown, more
from optbench.running.estimate import Estimate, Place
from optbench.running.progress import Watcher
from optbench.running.runner import Runner
from optbench.store.store import Store
from optbench.tuning import planned

#: fewer seeds than these are never run
LEAST = 2


@dataclass(frozen=True)
class Spending:
    """minutes  of training
    most     so many seeds at most
    """

    minutes: float
    most: int

    @property
    def first(self) -> int:
        """Seeds that are run whatever they take."""
        return min(LEAST, self.most)


def run_minutes(runner: Runner, store: Store, spending: Spending, watcher: Watcher, estimate: Estimate) -> None:
    """Run the suite of `runner`, which has the fewest seeds, and add those that fit.

    The number is kept as "spent": the same command goes on to it, and does not choose again.
    """
    start = time.monotonic()
    suite = runner.suite
    asked = {
        "minutes": spending.minutes, "most": spending.most, "tuning": suite.tuning.model_dump(mode="json"),
        "pairs": [[w.name, c.name] for w, c in suite.pairs()],
    }  # fmt: skip
    before: dict[str, Any] = store.get("spent") or {}
    store.set("until", None)
    runner.execute()
    if before.get("asked") == asked:
        seeds = max(spending.first, min(int(before["seeds"]), spending.most))
        told = f"{seeds} seeds, as was chosen for {spending.minutes:g} minutes"
    else:
        left = 60 * spending.minutes - (time.monotonic() - start)
        seeds = fitting(left, seconds_of(more(at(suite, 1), 2), estimate, runner.engine.workers), spending)
        told = f"{seeds} seeds: as many as fit into {spending.minutes:g} minutes of training"
        if left < 0:
            took = spending.minutes - left / 60
            told = f"warning: {seeds} seeds: tuning and these took {took:.2g} minutes, {spending.minutes:g} were given"
        elif seeds == spending.most:
            told = f"{seeds} seeds: the most there may be, which fit into {spending.minutes:g} minutes of training"
        store.set("spent", {"asked": asked, "seeds": seeds})
    watcher.say(told)
    if seeds > suite.seeds:
        watcher.more(planned(at(suite, seeds)) - planned(suite), more(suite, seeds))
        runner.extend(seeds)
    grown(store, seeds)


def fitting(left: float, each: float | None, spending: Spending) -> int:
    """How many seeds, of which the first are done, fit into the seconds that are left where each takes so many."""
    if each is None or not left > 0:
        return spending.first
    return min(spending.most, spending.first + math.floor(left / each)) if each > 0 else spending.most


def seconds_of(work: dict[Place, float], estimate: Estimate, workers: int) -> float | None:
    """What so much work takes, by what was trained now; where all was kept from before, by the network's size."""
    known = estimate.seconds_for(work, workers)
    if known is not None:
        return known
    seconds = sum(units * estimate.priors.get(workload, math.nan) for (workload, _), units in work.items())
    return None if math.isnan(seconds) else seconds / max(workers, 1)
