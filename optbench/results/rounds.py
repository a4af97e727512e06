"""Seeds in rounds until all is decided: the planned looks of a run, taken one after another as its trials come in.

Finished trials are kept by their keys, so that a round only adds the seeds that are new. A run that is gone on with,
also after it was killed, takes the same looks at the same runs and comes to the same answers.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optbench.contract.errors import OptbenchError
from optbench.running.estimate import Estimate, Place
from optbench.running.progress import Watcher
from optbench.running.runner import Runner
from optbench.statistics.tables import trial_frame
from optbench.statistics.until import Aim, Answer, aim, answered
from optbench.store.store import Store
from optbench.suite import Suite
from optbench.tuning import planned, work

#: so many open questions are named in a line
NAMED = 3
#: why a run adds no more seeds
DECIDED, LIMIT, MINUTES = "decided", "seeds", "minutes"


@dataclass(frozen=True)
class Until:
    """aim      what is asked, and when one looks
    minutes  of training, after which no further round begins that would not fit; None: any number
    """

    aim: Aim
    minutes: float | None = None

    @property
    def first(self) -> int:
        """Seeds at the first look."""
        return self.aim.looks[0]


def aim_of(suite: Mapping[str, Any], most: int, own: Sequence[str] = ()) -> Aim:
    """What a suite asks, from its `focus` and margins; beside stored results, about one's `own` candidates.

    OptbenchError where a single candidate runs.
    """
    names = [c["name"] for c in suite["candidates"]]
    if len(names) < 2:
        raise OptbenchError(
            f"--until decided: {', '.join(names)} runs alone: there is nothing to decide; name others beside it, or "
            "--against stored results"
        )
    focus = [name for name in suite.get("focus") or own if name in names]
    return aim(most, order_of(suite), focus, suite.get("equal"))


def order_of(suite: Mapping[str, Any]) -> list[str]:
    """The names of a suite's candidates, then of its workloads."""
    return [table["name"] for kind in ("candidates", "workloads") for table in suite.get(kind, ())]


def run_rounds(runner: Runner, store: Store, until: Until, watcher: Watcher, estimate: Estimate) -> None:
    """Run the suite of `runner`, which has the seeds of the first look, and extend it look by look.

    What was planned and found is kept in the store as "until"; see `begun`.
    """
    start = time.monotonic()
    said = begun(store.get("until"), until, watcher)
    answers: list[Answer] = []
    for number, seeds in enumerate(until.aim.looks):
        if number:
            added = more(runner.suite, seeds)
            if until.minutes is not None:
                needed = estimate.seconds_for(added, runner.engine.workers)
                left = 60 * until.minutes - (time.monotonic() - start)
                if needed is not None and needed > left:
                    said["stopped"] = MINUTES
                    break
            watcher.more(planned(at(runner.suite, seeds)) - planned(runner.suite), added)
            runner.extend(seeds)
        else:
            runner.execute()
        watcher.tick()
        answers = answered(trial_frame(store), until.aim, seeds, answers)
        said |= {"seeds": seeds, "answers": [one.record() for one in answers]}
        last = seeds == until.aim.looks[-1]
        done = not any(one.open for one in answers)
        said["stopped"] = DECIDED if done else LIMIT if last else None
        store.set("until", said)
        grown(store, seeds)
        watcher.opened(open_words(answers))
        watcher.say(look_words(answers, seeds, None if done or last else until.aim.looks[number + 1]))
        if done:
            break
    store.set("until", said)
    if said["stopped"] == MINUTES:
        watcher.say(f"no more seeds: those of the next look would not fit into {until.minutes:g} minutes")


def begun(before: Mapping[str, Any] | None, until: Until, watcher: Watcher) -> dict[str, Any]:
    """The record of a run's looks before the first.

    looks, order, focus, equal   the plan, see `Aim`; minutes: the limit of time of the last command
    seeds                 of the last look that was taken; 0: none
    stopped               decided, seeds or minutes; None: it goes on, or was interrupted
    answers               see `optbench.statistics.until.Answer`
    replanned             whether the plan was another when a look was taken before: then no promise holds
    """
    plan = {"looks": list(until.aim.looks), "focus": list(until.aim.focus), "equal": dict(until.aim.equal)}
    order = list(until.aim.order)
    before = before or {}
    other = bool(before.get("seeds")) and any(before.get(name) != value for name, value in plan.items())
    if other:
        watcher.say(
            "warning: looks were taken in this folder by another plan (limit, focus or margins): words that follow a "
            "plan made after the data were seen are wrong more often than 5 %; --fresh starts anew"
        )
    replanned = other or bool(before.get("replanned"))
    return {
        **plan, "order": order, "minutes": until.minutes, "seeds": 0, "stopped": None, "answers": [],
        "replanned": replanned,
    }  # fmt: skip


def grown(store: Store, seeds: int) -> None:
    """Keep how many seeds there are; other parts that stand in the folder from before may have more."""
    now, suite = store.get("now"), store.get("suite")
    if now:
        store.set("now", {**now, "suite": {**now["suite"], "seeds": seeds}})
        seeds = max(seeds, suite["seeds"])
    store.set("suite", {**suite, "seeds": seeds})


def remember_pace(store: Store, suite: Suite, estimate: Estimate, workers: int) -> None:
    """Keep as "pace" how many seconds a further seed takes here; nothing is known where nothing was trained now."""
    seconds = estimate.seconds_for(more(at(suite, 1), 2), workers)
    if seconds is not None:
        store.set("pace", {"seconds": seconds, "workers": workers})


def at(suite: Suite, seeds: int) -> Suite:
    """The suite with so many fresh seeds."""
    return suite.model_copy(update={"seeds": seeds})


def more(suite: Suite, seeds: int) -> dict[Place, float]:
    """The work of the seeds beyond those of the suite, by workload and candidate."""
    before, after = work(suite), work(at(suite, seeds))
    return {place: units - before.get(place, 0.0) for place, units in after.items()}


def open_words(answers: Sequence[Answer], named: int = NAMED) -> str:
    """3 of 12 open: adam / sgd (time), …; empty where all is decided."""
    left = [one for one in answers if one.open]
    if not left:
        return ""
    shown = [f"{one.candidate} / {one.against} ({one.kind})" for one in left[:named]]
    return f"{len(left)} of {len(answers)} open: {', '.join(shown)}" + (", …" if len(left) > named else "")


def look_words(answers: Sequence[Answer], seeds: int, following: int | None) -> str:
    """What a look found, in a line."""
    if not answers:
        return f"after {seeds} seeds: no two candidates share a workload, so that there is nothing to decide"
    left = open_words(answers)
    if not left:
        return f"after {seeds} seeds: all {len(answers)} questions are decided"
    then = f"next look after {following}" if following else "no more seeds: this is the limit"
    return f"after {seeds} seeds: {left}; {then}"
