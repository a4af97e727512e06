"""From settings to trials: the components with all their settings, who provides each, and fingerprints of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from optbench.contract.components import Component
from optbench.registry import sources
from optbench.registry.guest import Guest
from optbench.registry.registry import Registry
from optbench.suite import Candidate, Suite, Workload
from optbench.trials import seeds
from optbench.trials.trial import Assignment, Trial, canonical
from optbench.tuning import grid, quasirandom, random
from optbench.tuning.space import Space, batch_size, chosen, space

POINTS = {"random": random.points, "quasirandom": quasirandom.points, "grid": grid.points}
#: a workload's defaults for candidates: they are among a trial's components
COMPONENTS = ("optimizer", "schedule", "initializer", "normalizers", "regularizers")


@dataclass
class Origins:
    """By "kind:name" who provides each component of a trial, and fingerprints of their code and data."""

    providers: dict[str, str]
    sources: dict[str, str]

    def add(self, kind: str, component: Component, registry: Registry) -> None:
        """A component, and those within it."""
        label, entry = f"{component.kind}:{component.name}", registry.entry(kind, component.name)
        self.providers[label], self.sources[label] = entry.provider, entry.code
        for value in vars(component).values():
            if isinstance(value, Component):
                self.add(kind, value, registry)


class Maker:
    """Makes the assignments of one study."""

    def __init__(
        self,
        suite: Suite,
        workload: Workload,
        candidate: Candidate,
        number: int,
        registry: Registry,
        contents: Mapping[str, str] | None = None,
    ):
        self.suite, self.workload, self.candidate = suite, workload, candidate
        self.number, self.registry, self.contents = number, registry, contents or {}
        self.method = candidate.tuning.method or suite.tuning.method
        self.space: Space = space(candidate, workload, suite.tuning)
        self.unit = "steps" if workload.steps is not None else "epochs"
        self.budget: int = workload.steps or workload.epochs or 0
        dumped = workload.model_dump(mode="json")
        # How often it is tuned changes no trial: more studies of a workload keep those that are done.
        left_out = {*COMPONENTS, "studies", "sealed"}
        if workload.problem is None:  # as before there were problems
            left_out |= {"problem", "metric"}
        self.dump = {name: value for name, value in dumped.items() if name not in left_out}
        self._workloads: dict[str, dict[str, Any]] = {}
        self._components: dict[str, tuple[dict[str, Any], Origins]] = {}

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

    def confirm(self, number: int, seed: int, values: Mapping[str, Any]) -> Assignment:
        return self._assign("tune", number, seed, values, self.budget)

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
        made, origins = self._components[text]
        return Trial(self._workloads[known], made, seed, origins.providers, sources=origins.sources)

    def _made(self, components: Mapping[str, Any]) -> tuple[dict[str, Any], Origins]:
        """The components with the settings that they really have, and where each comes from."""
        made: dict[str, Any] = {}
        origins = Origins(dict(self._subject.providers), dict(self._subject.sources))
        for field, value in components.items():
            many = isinstance(value, list)
            kind = field if many else f"{field}s"
            tables = []
            for table in value if many else [value]:
                component = self.registry.create(kind, table)
                origins.add(kind, component, self.registry)
                tables.append({"name": component.name, **component.settings()})
            made[field] = tables if many else tables[0]
        return made, origins

    @cached_property
    def _subject(self) -> Origins:
        """Where what is trained, and what it is trained on, come from."""
        origins = Origins({}, {"engine": sources.engine()})
        for field in ("dataset", "network", "function", "problem"):
            if self.dump.get(field) is not None:
                component = self.registry.create(f"{field}s", self.dump[field])
                origins.add(f"{field}s", component, self.registry)
        for source in data_sources(self.workload):
            # not its loader's code but what that gives; of data that cannot be read the code is all there is, and of
            # those that are drawn while it trains both count
            if source.label in self.contents:
                name = source.settings["name"]
                if not self.registry.create("datasets", source.settings).online:
                    del origins.sources[f"dataset:{name}"]
                origins.sources[f"data:{name}"] = self.contents[source.label]
        return origins


def first_trials(
    suite: Suite, registry: Registry, contents: Mapping[str, str] | None = None
) -> Iterator[tuple[str, str, Trial]]:
    """(workload, candidate, a trial of theirs) for each pair of the suite, held-out variants included."""
    for workload, candidate in suite.pairs():
        make = Maker(suite, workload, candidate, 0, registry, contents)
        values = make.settings(1)[0] if make.space else {}
        for at in (workload, *suite.variants(workload)):
            maker = make if at is workload else Maker(suite, at, candidate, 0, registry, contents)
            yield at.name, candidate.name, maker.final(0, 0, values).trial


def fingerprint(candidates: Iterable[Candidate], registry: Registry) -> str:
    """Of candidates in their order: what they are and search, and the code of their components; not what they are
    called."""
    found = []
    for candidate in candidates:
        table = candidate.model_dump(mode="json", exclude={"name", "title", "design", "levels", "workloads"})
        origins = Origins({}, {})
        for field in COMPONENTS:
            value = table[field]
            for settings in value if isinstance(value, list) else [value] if value else []:
                kind = field if isinstance(value, list) else f"{field}s"
                plain = {name: setting for name, setting in settings.items() if name != "search"}
                origins.add(kind, registry.create(kind, plain), registry)
        found.append([table, origins.sources])
    return sources.digest(canonical(found))


def providers(suite: Suite, registry: Registry) -> frozenset[str]:
    """What must be installed for the suite's trials, such as "optbench-lion 0.1.0"; guests travel themselves."""
    named = {item for *_, trial in first_trials(suite, registry) for item in trial.providers.items()}
    return frozenset(provider for part, provider in named if registry.used(part).guest is None)


def guests(suite: Suite, registry: Registry) -> list[Guest]:
    """The components of the suite's trials that were handed in."""
    parts = {part for *_, trial in first_trials(suite, registry) for part in trial.providers}
    return [guest for part in sorted(parts) if (guest := registry.used(part).guest) is not None]


@dataclass(frozen=True)
class Source:
    """Data that are to be read: a dataset's settings, and the seed of the split that draws synthetic ones."""

    settings: Mapping[str, Any]
    seed: int

    @property
    def label(self) -> str:
        return canonical([self.settings, self.seed])


def data_sources(*workloads: Workload) -> list[Source]:
    """The data that workloads are trained on, each once."""
    dumped = [w.model_dump(mode="json") for w in workloads if w.dataset is not None]
    found = [Source(w["dataset"], w["split"]["seed"]) for w in dumped]
    return list({source.label: source for source in found}.values())
