"""A study: one candidate tuned on one workload within the suite's budget, then run again on fresh seeds.

There, and on the workload's held-out variants.
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from optbench.contract.components import Component
from optbench.registry.registry import Registry
from optbench.suite import Candidate, Suite, Workload
from optbench.trials import seeds
from optbench.trials.trial import Assignment, Run, Trial, canonical
from optbench.tuning import grid, halving, quasirandom, random, tpe
from optbench.tuning.selecting import ranked
from optbench.tuning.space import Space, batch_size, chosen, space

POINTS = {"random": random.points, "quasirandom": quasirandom.points, "grid": grid.points}
#: a workload's defaults for candidates: they are among a trial's components
COMPONENTS = ("optimizer", "schedule", "initializer", "normalizers", "regularizers")


@dataclass(frozen=True)
class Batch:
    """Assignments to be run before the study can go on.

    selected   of the final phase: the tuned assignment whose settings these have; None if nothing was tuned
    """

    phase: Literal["tune", "final"]
    assignments: tuple[Assignment, ...]
    selected: Assignment | None = None


def study(
    suite: Suite, workload: Workload, candidate: Candidate, number: int, registry: Registry
) -> Generator[Batch, Mapping[str, Run], Assignment | None]:
    """Yields batches (tuning: one, one a rung, or one a proposal; then the final one); send it their runs by trial key.

    All candidates get the same number of trials, the same tuning seed, the same final seeds, and where as
    many hyperparameters are searched the same points of the unit cube. No method tries the defaults for
    free: what is not drawn is not tried. With nothing to search, or method "none", nothing is tuned.
    Returns what was selected.
    """
    make = _Maker(suite, workload, candidate, number, registry)
    selected: Assignment | None = None
    values: Mapping[str, Any] = {}
    if make.space and make.method != "none":
        search = _proposed if make.method == "tpe" else _drawn
        selected, values = yield from search(make, suite.tuning.trials, suite.tuning.select)
    # Held-out variants with what was selected here: no trial on them comes before.
    makers = [make, *(_Maker(suite, v, candidate, number, registry) for v in suite.variants(workload))]
    fresh = list(enumerate(seeds.final_seeds(suite.seeds)))
    yield Batch("final", tuple(m.final(i, seed, values) for m in makers for i, seed in fresh), selected)
    return selected


Search = Generator[Batch, Mapping[str, Run], tuple[Assignment, Mapping[str, Any]]]


def _drawn(make: "_Maker", trials: int, select: str) -> Search:
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


def _proposed(make: "_Maker", trials: int, select: str) -> Search:
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


class _Maker:
    """Makes the assignments of one study."""

    def __init__(
        self, suite: Suite, workload: Workload, candidate: Candidate, number: int, registry: Registry
    ):
        self.suite, self.workload, self.candidate = suite, workload, candidate
        self.number, self.registry = number, registry
        self.method = candidate.tuning.method or suite.tuning.method
        self.space: Space = space(candidate, workload, suite.tuning)
        self.unit = "steps" if workload.steps is not None else "epochs"
        self.budget: int = workload.steps or workload.epochs or 0
        dumped = workload.model_dump(mode="json")
        # How often it is tuned changes no trial: more studies of a workload keep those that are done.
        left_out = (*COMPONENTS, "studies")
        self.dump = {name: value for name, value in dumped.items() if name not in left_out}
        self._workloads: dict[str, dict[str, Any]] = {}
        self._components: dict[str, tuple[dict[str, Any], dict[str, str]]] = {}

    def settings(self, count: int) -> list[dict[str, Any]]:
        """Different settings to try, by path: a repeated one of a small space is not tried twice."""
        draw = POINTS.get(self.method, quasirandom.points)
        rng = self.rng()
        drawn = [self.space.at(point) for point in draw(count, list(self.space.values()), rng)]
        return list({canonical(s): s for s in drawn}.values())

    def rng(self, *told: int) -> np.random.Generator:
        """Chance of the search, after so many trials; not of the candidate or the workload: equal treatment."""
        return seeds.stream(self.suite.seed, "search", self.number, *told)

    def tune(self, number: int, values: Mapping[str, Any], budget: int) -> Assignment:
        return self._assign("tune", number, seeds.tuning_seed(self.number), values, budget)

    def final(self, number: int, seed: int, values: Mapping[str, Any]) -> Assignment:
        return self._assign("final", number, seed, values, self.budget)

    def _assign(
        self, phase: Literal["tune", "final"], number: int, seed: int, values: Mapping[str, Any], budget: int
    ) -> Assignment:
        trial = self._trial(seed, values, budget)
        return Assignment(self.workload.name, self.candidate.name, phase, self.number, number, trial)

    def _trial(self, seed: int, values: Mapping[str, Any], budget: int) -> Trial:
        size = batch_size(self.candidate, self.workload, values)
        # Trials of equal settings share them: made once, encoded once for the store, sent to a worker once.
        known = canonical([size, budget])
        if known not in self._workloads:
            self._workloads[known] = {**self.dump, "batch_size": size, self.unit: budget}
        text = canonical(values)
        if text not in self._components:
            self._components[text] = self._made(chosen(self.candidate, self.workload, values))
        made, providers = self._components[text]
        return Trial(self._workloads[known], made, seed, providers)

    def _made(self, components: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """The components with the settings that they really have, and who provides each."""
        made: dict[str, Any] = {}
        providers: dict[str, str] = {}
        for field, value in components.items():
            many = isinstance(value, list)
            kind = field if many else f"{field}s"
            tables = []
            for table in value if many else [value]:
                component = self.registry.create(kind, table)
                providers.update(self._providers(kind, component))
                tables.append({"name": component.name, **component.settings()})
            made[field] = tables if many else tables[0]
        return made, providers | self._subject

    @cached_property
    def _subject(self) -> dict[str, str]:
        """Who provides what is trained on."""
        providers: dict[str, str] = {}
        for field in ("dataset", "network", "function"):
            if self.dump[field] is not None:
                component = self.registry.create(f"{field}s", self.dump[field])
                providers.update(self._providers(f"{field}s", component))
        return providers

    def _providers(self, kind: str, component: Component) -> Iterator[tuple[str, str]]:
        yield f"{component.kind}:{component.name}", self.registry.entry(kind, component.name).provider
        for value in vars(component).values():
            if isinstance(value, Component):
                yield from self._providers(kind, value)


def providers(suite: Suite, registry: Registry) -> frozenset[str]:
    """Who provides what the suite's trials are made of, such as "optbench-lion 0.1.0"."""
    found: set[str] = set()
    for workload, candidate in suite.pairs():
        make = _Maker(suite, workload, candidate, 0, registry)
        values = make.settings(1)[0] if make.space else {}
        for maker in (make, *(_Maker(suite, v, candidate, 0, registry) for v in suite.variants(workload))):
            found.update(maker.final(0, 0, values).trial.providers.values())
    return frozenset(found)
