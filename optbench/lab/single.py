"""A single trial from names: what `optbench train` makes of its options."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from optbench.contract import arguments
from optbench.contract.errors import OptbenchError, near
from optbench.lab.adjust import changed
from optbench.registry.guests import named
from optbench.registry.registry import Registry
from optbench.suite import Suite, load, validate
from optbench.trials.trial import Trial
from optbench.tuning import study


def trial(
    registry: Registry,
    workload: str,
    suite: str | None = None,
    *,
    optimizer: str = "adam",
    schedule: str | None = None,
    initializer: str | None = None,
    normalizers: Sequence[str] | None = None,
    regularizers: Sequence[str] | None = None,
    settings: Mapping[str, Any] | None = None,
    seed: int = 1,
) -> Trial:
    """The trial of these components, with defaults but for `settings` (by path; `lr` is the optimizer's).

    workload   its name in `suite` (a name or a file), or in whichever registered suite has it first
    """
    seed = arguments.seed("seed", seed)
    found = find(registry, workload, suite).workload(workload)
    optimizer = named(registry, "optimizers", optimizer)
    schedule = named(registry, "schedules", schedule) if schedule else schedule
    initializer = named(registry, "initializers", initializer) if initializer else initializer
    normalizers = [named(registry, "normalizers", name) for name in normalizers or ()]
    regularizers = [named(registry, "regularizers", name) for name in regularizers or ()]
    candidate = {
        "name": "this",
        "optimizer": {"name": optimizer, **_needed(registry, optimizer, settings or {}), "search": []},
        "schedule": schedule,
        "initializer": initializer,
        "normalizers": normalizers or None,
        "regularizers": regularizers or None,
    }
    shown = found.model_dump(mode="json")
    if not found.bare:  # somebody looks at it, and it is one: each evaluation reads both splits
        shown["validate_every"] = 1
    table = {
        "title": found.title,
        "seeds": 1,
        "tuning": {"method": "none"},
        "workloads": [shown],
        "candidates": [candidate],
    }
    checked = validate(table, "optbench train", registry)
    batch = next(study(checked, checked.workloads[0], checked.candidates[0], 0, registry))
    return changed(replace(batch.assignments[0].trial, seed=seed), settings or {})


def _needed(registry: Registry, optimizer: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that have no default: it cannot be made without them. An unknown name is told of later."""
    try:
        parameters = inspect.signature(registry.entry("optimizers", optimizer).component).parameters
    except OptbenchError:
        return {}
    without = [name for name, p in parameters.items() if p.default is inspect.Parameter.empty]
    given = {name: settings.get(name, settings.get(f"optimizer.{name}")) for name in without}
    return {name: value for name, value in given.items() if value is not None}


def find(registry: Registry, workload: str, suite: str | None) -> Suite:
    """The suite that has this workload."""
    if suite is not None:
        home = load(suite, registry)
        there = [w.name for w in home.workloads]
        if workload not in there:
            raise OptbenchError(f"workload {workload}: suite {suite} does not have it; {near(workload, there)}")
        return home
    names: list[str] = []
    # Registered suites may be broken, or many: a broken one hides no other.
    for name in sorted(registry.suites, key=lambda n: (n != "quick", n)):
        try:
            candidate = load(name, registry)
        except OptbenchError:
            continue
        names += [w.name for w in candidate.workloads]
        if workload in names:
            return candidate
    raise OptbenchError(f"workload {workload}: no registered suite has it; {near(workload, names)}")
