"""What all checks share: how one fails, and small tools on components and on trees of state."""

import dataclasses
from collections.abc import Iterator
from typing import Any
from unittest import SkipTest

import numpy as np

from optbench.contract.components import Component, Initializer
from optbench.contract.dataset import Dataset
from optbench.contract.errors import OptbenchError

__all__ = ["CheckFailed", "SkipTest", "expect", "label", "leaves", "made", "same", "tree_map", "with_setting"]


class CheckFailed(AssertionError):
    """A component breaks the contract; the message says what to change."""


def expect(condition: Any, message: str) -> None:
    """Raise `CheckFailed` unless the condition holds (an `assert` that `python -O` keeps)."""
    if not condition:
        raise CheckFailed(message)


def made(component: Any) -> Any:
    """The component: an instance as it is, a class with its defaults.

    A dataset that must be told which file or set it is has none: its class is skipped, an instance is not.
    """
    if not isinstance(component, type):
        return component
    if issubclass(component, Dataset) and dataclasses.is_dataclass(component):
        missing = (dataclasses.MISSING, dataclasses.MISSING)
        needed = [f.name for f in dataclasses.fields(component) if (f.default, f.default_factory) == missing]
        if needed:
            raise SkipTest(f"it must be told its {' and '.join(needed)}")
    try:
        return component()
    except (TypeError, OptbenchError) as error:
        raise CheckFailed(
            f"{component.__name__}() fails: {error}; give every field a default that is valid"
        ) from error


@dataclasses.dataclass(frozen=True)
class Normal(Initializer):
    """What draws first values where a check needs some."""

    name = "normal-of-the-kit"

    def draw(self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
        return rng.normal(scale=fan_in**-0.5, size=shape)


def label(component: Any) -> str:
    """A component as test ids have it: its name, and the settings that are not its defaults."""
    cls = component if isinstance(component, type) else type(component)
    words = [str(getattr(cls, "name", "") or cls.__name__)]
    if not isinstance(component, type) and dataclasses.is_dataclass(component):
        for field in dataclasses.fields(component):
            value = getattr(component, field.name)
            if value != field.default:
                words += [field.name, label(value) if isinstance(value, Component) else str(value)]
    return "-".join(words)


def with_setting(component: Any, path: tuple[str, ...], value: Any) -> Any:
    """A copy with another value at a path: ("inner", "lr") is the rate of the component within."""
    head, *rest = path
    if rest:
        value = with_setting(getattr(component, head), tuple(rest), value)
    return dataclasses.replace(component, **{head: value})


def settings_of(component: Any, prefix: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """(path, hyperparameter or None, value) of a component's settings, and of those of a component within."""
    declared = component.hyperparameters()
    for field in dataclasses.fields(component):
        value = getattr(component, field.name)
        if isinstance(value, Component):
            yield from settings_of(value, (*prefix, field.name))
        else:
            yield (*prefix, field.name), declared.get(field.name), value


def leaves(tree: Any, path: str = "state") -> Iterator[tuple[str, Any]]:
    """("state['m']", value) for everything in nested dicts, lists and tuples."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, f"{path}[{key!r}]")
    elif isinstance(tree, (list, tuple)):
        for number, value in enumerate(tree):
            yield from leaves(value, f"{path}[{number}]")
    else:
        yield path, tree


def tree_map(function: Any, tree: Any) -> Any:
    """The same tree with `function` applied to its arrays."""
    if isinstance(tree, dict):
        return {key: tree_map(function, value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)(tree_map(function, value) for value in tree)
    return function(tree) if isinstance(tree, np.ndarray) else tree


def same(a: Any, b: Any) -> bool:
    """The same bits; NaN equals NaN."""
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()
