"""What strangers give to the public functions of the conformance kit, checked by the names of the arguments."""

import inspect
from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from numbers import Number
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np

from optbench.contract.architecture import Architecture
from optbench.contract.arguments import all_made, flag, listed, made, seed, text, texts, whole, wrong
from optbench.contract.components import (
    BatchTransform,
    Constraint,
    Initializer,
    InputNormalizer,
    LayerFactory,
    Optimizer,
    Penalty,
    Schedule,
    Stopping,
)
from optbench.contract.dataset import Dataset
from optbench.contract.guarding import Rule, guarded
from optbench.contract.problem import Problem
from optbench.registry.registry import Registry
from optbench.training.trainer import Training
from optbench.trials.trial import Trial

P = ParamSpec("P")
R = TypeVar("R")
#: all that can be checked
ANY = (
    Optimizer, Penalty, Constraint, BatchTransform, Stopping, LayerFactory, InputNormalizer, Schedule, Initializer,
    Dataset, Problem, Architecture,
)  # fmt: skip


def component(kinds: tuple[type, ...]) -> Rule:
    """A component of one of these kinds, its class or an instance."""
    kind = " or ".join(base.__name__ for base in kinds)
    if len(kinds) == len(ANY):
        kind = "component (a subclass of Optimizer, Penalty, …)"

    def rule(name: str, value: Any) -> Any:
        if not issubclass(value if isinstance(value, type) else type(value), kinds):
            article = "an" if kind[0] in "AIO" else "a"
            raise wrong(name, f"{article} {kind}, a class or an instance", value)
        return value

    return rule


def components(name: str, value: Any) -> list[Any]:
    rule = component(ANY)
    return [rule(f"{name}[{k}]", one) for k, one in enumerate(listed(name, value, "a list of components"))]


def module(name: str, value: Any) -> Any:
    """A plugin's module, or an object that has its hooks."""
    if value is None or isinstance(value, (Number, Sequence, Mapping, Set, np.ndarray)):
        raise wrong(name, "a plugin's module", value)
    return value


def modules(name: str, value: Any) -> tuple[Any, ...]:
    return tuple(module(f"{name}[{k}]", one) for k, one in enumerate(value))


def settings(name: str, value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise wrong(name, "a table", value)
    for key in value:
        text(f"a key of {name}", key)
    return value


def check(name: str, value: Any) -> Any:
    if not callable(value) or isinstance(value, type):
        raise wrong(name, "a check, one of ALL_CHECKS", value)
    return value


def suite(name: str, value: Any) -> Any:
    """A name, a path, or a file as `importlib.resources` gives it."""
    file = hasattr(value, "read_text") and hasattr(value, "name") and not isinstance(value, type)
    if not file and not isinstance(value, (str, Path)):
        raise wrong(name, "a suite's name or file", value)
    return value


def trials(name: str, value: Any) -> tuple[Trial, ...]:
    found = all_made(name, value, Trial, "a Trial, such as trial_of('digits-mlp')")
    if not found:
        raise wrong(name, "a list of one Trial or more", value)
    return found


def checkable(name: str, value: Any) -> Any:
    """A component, or a suite for `check_suite_is_valid`."""
    return suite(name, value) if isinstance(value, Path) or hasattr(value, "read_text") else component(ANY)(name, value)


OPTIMIZER: Rule = partial(made, kind=Optimizer, expected="an optimizer such as Adam(lr=0.001)")
#: by the argument's name
RULES: dict[str, Rule] = {
    **dict.fromkeys(("workload", "schedule", "initializer"), text),
    **dict.fromkeys(("normalizers", "regularizers"), partial(texts, expected="names of components")),
    **dict.fromkeys(("optimizer", "ours", "theirs"), OPTIMIZER),
    **dict.fromkeys(("settings", "expected_failures", "saved"), settings),
    "built_ins": flag,
    "check": check,
    "component": component(ANY),
    "components": components,
    "module": module,
    "modules": modules,
    "plugins": partial(made, kind=Registry, expected="a Registry, such as registry_of(my_module)"),
    "seed": seed,
    "steps": partial(whole, low=1),
    "suite": suite,
    "training": partial(made, kind=Training, expected="a Training, such as training_of(trials)"),
    "trials": trials,
}
#: where a function means something else by a name
OWN: dict[tuple[str, str], Rule] = {
    ("run_check", "component"): checkable,
    ("trajectory_gap", "schedule"): settings,
    ("trial_of", "optimizer"): text,
}


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """The function, which raises one `OptbenchError` that names the argument where one cannot be."""
    return guarded(function, rule_of)


def rule_of(function: str, parameter: inspect.Parameter) -> Rule | None:
    return OWN.get((function, parameter.name)) or RULES.get(parameter.name)
