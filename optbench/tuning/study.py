"""A study: one candidate tuned on one workload within the suite's budget, then run again on fresh seeds.

There, and on the workload's held-out variants.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from optbench.registry.registry import Registry
from optbench.suite import Candidate, Suite, Workload
from optbench.trials import seeds
from optbench.trials.trial import Assignment, Run
from optbench.tuning import halving, tpe
from optbench.tuning.making import Maker
from optbench.tuning.selecting import ranked


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
    """Yields batches (tuning: one, one a rung, or one a proposal; then the final one); send it their runs by trial key.

    All candidates get the same number of trials, the same tuning seed, the same final seeds, and where as
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
        selected, values = yield from search(make, suite.tuning.trials, suite.tuning.select)
    # Held-out variants with what was selected here: no trial on them comes before.
    variants = suite.variants(workload)
    makers = [make, *(Maker(suite, v, candidate, number, registry, contents) for v in variants)]
    fresh = list(enumerate(seeds.final_seeds(suite.seeds)))
    yield Batch("final", tuple(m.final(i, seed, values) for m in makers for i, seed in fresh), selected)
    return selected


Search = Generator[Batch, Mapping[str, Run], tuple[Assignment, Mapping[str, Any]]]


def _drawn(make: "Maker", trials: int, select: str) -> Search:
    """Settings that are drawn beforehand, all in one batch; by successive halving a batch a rung."""
    ladder = [halving.Rung(trials, make.budget)]
    if make.method == "halving":
        ladder = halving.rungs(trials, make.budget)
    settings = make.settings(ladder[0].count)
    count = 0
    for rung in ladder:
        batch = [make.tune(count + i, s, rung.budget) for i, s in enumerate(settings[: rung.count])]
        count += len(batch)
        runs = yield Batch("tune", tuple(batch))
        order = ranked(batch, runs, make.workload, select)
        selected = order[0]
        settings = [settings[a.number - batch[0].number] for a in order]
    return selected, settings[0]


def _proposed(make: "Maker", trials: int, select: str) -> Search:
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
    return order[0], tried[order[0].number]
