"""For a plugin's own tests: a registry of given modules, a trial, and its training step by step, without a store."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

from optbench.contract.components import Optimizer
from optbench.registry.registry import Registry, built_in, registry
from optbench.training.assembly import assemble
from optbench.training.trainer import Training, collect
from optbench.trials.trial import Run, Trial

__all__ = ["Registry", "Training", "offered", "registry_of", "runs_of", "training_of", "trial_of"]


def registry_of(*modules: Any, built_ins: bool = True) -> Registry:
    """A registry of these plugin modules, beside the built-ins or (`built_ins=False`) alone.

    The modules need not be installed, and nothing else that is installed has a part in it. Each is registered as
    its own distribution, named as the module is ("optbench-lion" for `optbench_lion`), of version 0.

    The result makes components of settings, `create("optimizers", {"name": "lion", "lr": 0.01})`, and gives by name
    what is offered, `entry("optimizers", "lion").component`.

    Raises what is wrong with a module: a misspelt hook, a name that is taken, a class that is no component.
    """
    found = built_in() if built_ins else Registry()
    for module in modules:
        name = _distribution(module)
        found.register(module, f"{name}:{name}", name, "0", strict=True)
    return found


def offered(module: Any) -> dict[str, list[str]]:
    """What a plugin's module offers, {"optimizers": ["lion"]}, registered beside the built-ins as optbench would.

    Raises what is wrong with it: a misspelt hook, a name that is taken, a component that is none.
    """
    name = _distribution(module)
    return registry_of(module).plugins[f"{name}:{name}"].offers


def trial_of(
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
    plugins: Registry | None = None,
) -> Trial:
    """A trial of components, by their names, on a workload, by its: what `optbench train` makes of its options.

    workload   its name in `suite` (a name or a file), or in whichever suite has it first
    settings   what differs from the defaults, by path: {"lr": 0.1} is the optimizer's, {"epochs": 3} the workload's
    plugins    where the names are looked up, such as `registry_of(my_module)`; by default all that is installed
    """
    from optbench.lab import single  # and with it pydantic

    return single.trial(
        plugins or registry(), workload, suite, optimizer=optimizer, schedule=schedule, initializer=initializer,
        normalizers=normalizers, regularizers=regularizers, settings=settings, seed=seed,
    )  # fmt: skip


def training_of(
    trials: Sequence[Trial], plugins: Registry | None = None, *, optimizer: Optimizer | None = None
) -> Training:
    """A training of these trials in one stack, before its first step.

    trials      of one workload, with the same normalizers and regularizers
    plugins     as for `trial_of`
    optimizer   takes the place of the trials' own: an instance need not be registered

    `training.step()` makes a step of each trial that is active. `training.rows` has one row a trial, with its `params`
    (size,), `state`, `factor` (the schedule's, of the last step), `outcome` (None while it is trained) and, where it
    failed, `traceback`; `training.problem.layout` says which tensor lies where. `runs_of` trains to the end.
    """
    made = assemble(trials, plugins or registry(), alone=True)
    if optimizer is not None:
        for row in made.rows:
            row.recipe = replace(row.recipe, optimizer=optimizer)
            row.state = optimizer.init(row.params, made.problem.layout)
    return made


def runs_of(training: Training) -> list[Run]:
    """Train to the end of the budget: a run each trial, with outcome, measurements and test metrics."""
    return collect(training)


def _distribution(module: Any) -> str:
    name = module.__name__ if isinstance(module, ModuleType) else type(module).__name__
    return str(name).rpartition(".")[2].replace("_", "-")
