"""A study: one candidate tuned on one workload within the suite's budget, then run again on fresh seeds.

There, and on the workload's held-out variants.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

from optbench.registry.registry import Registry
from optbench.suite import Candidate, Suite, Tuning, Workload
from optbench.trials import seeds
from optbench.trials.confirmation import confirming_seeds
from optbench.trials.trial import Assignment, Run
from optbench.tuning import halving, tpe
from optbench.tuning.making import Maker
from optbench.tuning.selecting import over_seeds, rank, ranked


@dataclass(frozen=True)
class Batch:
    """Assignments to be run before the study can go on.

    selected   of the final phase: the tuned assignment whose settings these have; None if nothing was tuned
    """

    phase: Literal["tune", "final"]
    assignments: tuple[Assignment, ...]
    selected: Assignment | None = None


def study(
    suite: Suite,
    workload: Workload,
    candidate: Candidate,
    number: int,
    registry: Registry,
    contents: Mapping[str, str] | None = None,
) -> Generator[Batch, Mapping[str, Run], Assignment | None]:
    """Yields batches (tuning: one, one a rung, or one a proposal, and one that confirms; then the final one); send it
    their runs by trial key.

    All candidates get the same number of trials, the same seeds for search, confirmation and final runs, and where as
    many hyperparameters are searched the same points of the unit cube. No method tries the defaults for
    free: what is not drawn is not tried. With nothing to search, or method "none", nothing is tuned.
    Returns what was selected.

    contents   what the suite's datasets hold, by `Source.label`: part of the trials' keys
    """
    make = Maker(suite, workload, candidate, number, registry, contents)
    selected: Assignment | None = None
    values: Mapping[str, Any] = {}
    if make.space and make.method != "none":
        search = _proposed if make.method == "tpe" else _drawn
        found = yield from search(make, suite.tuning.search, suite.tuning.select)
        selected, values = yield from _confirmed(make, suite.tuning, found)
    # Held-out variants with what was selected here: no trial on them comes before.
    variants = suite.variants(workload)
    makers = [make, *(Maker(suite, v, candidate, number, registry, contents) for v in variants)]
    fresh = list(enumerate(seeds.final_seeds(suite.seeds)))
    yield Batch("final", tuple(m.final(i, seed, values) for m in makers for i, seed in fresh), selected)
    return selected


@dataclass(frozen=True)
class Found:
    """What a search came to: trials of full length, best first, the settings of each, and all their runs."""

    order: Sequence[Assignment]
    settings: Sequence[Mapping[str, Any]]
    runs: Mapping[str, Run]


Search = Generator[Batch, Mapping[str, Run], Found]


def _drawn(make: Maker, trials: int, select: str) -> Search:
    """Settings that are drawn beforehand, all in one batch; by successive halving a batch a rung."""
    ladder = [halving.Rung(trials, make.budget)]
    if make.method == "halving":
        ladder = halving.rungs(trials, make.budget)
    settings = make.settings(ladder[0].count)
    made = 0
    for rung in ladder:
        batch = [make.tune(made + i, s, rung.budget) for i, s in enumerate(settings[: rung.count])]
        made += len(batch)
        runs = yield Batch("tune", tuple(batch))
        order = ranked(batch, runs, make.workload, select)
        settings = [settings[a.number - batch[0].number] for a in order]
    return Found(order, settings, runs)


def _proposed(make: Maker, trials: int, select: str) -> Search:
    """Settings of which each is proposed from what came of those before it."""
    tried = make.settings(tpe.first(trials))
    made = [make.tune(i, s, make.budget) for i, s in enumerate(tried)]
    runs = dict((yield Batch("tune", tuple(made))))
    while True:
        order = ranked(made, runs, make.workload, select)
        if len(made) == trials:
            break
        values = tpe.propose(make.space, tried, [a.number for a in order], make.rng(len(made)))
        if values is None:
            break
        tried.append(values)
        made.append(make.tune(len(made), values, make.budget))
        runs |= yield Batch("tune", (made[-1],))
    return Found(order, [tried[a.number] for a in order], runs)


def _confirmed(
    make: Maker, tuning: Tuning, found: Found
) -> Generator[Batch, Mapping[str, Run], tuple[Assignment, Mapping[str, Any]]]:
    """The best few of a search again on further seeds, and of these the best over all its seeds."""
    few = found.order[: tuning.finalists]
    fresh = confirming_seeds(make.number, tuning.confirm)
    if len(few) < 2 or not fresh:
        return found.order[0], found.settings[0]
    numbers = count(1 + max(a.number for a in found.order))
    again = [[make.confirm(next(numbers), seed, found.settings[i]) for seed in fresh] for i in range(len(few))]
    runs = yield Batch("tune", tuple(a for batch in again for a in batch))
    runs = {**found.runs, **runs}

    def place(i: int) -> tuple[float, ...]:
        return over_seeds([rank(runs[a.trial.key], make.workload, tuning.select) for a in (few[i], *again[i])])

    best = min(range(len(few)), key=place)  # the first of equals: what the search ranked higher
    return few[best], found.settings[best]
