"""What every component owes, whatever its kind."""

import dataclasses
import inspect
import json
from typing import Any

import numpy as np

from optbench.contract.components import Component
from optbench.contract.errors import OptbenchError
from optbench.testing.base import expect, made, same
from optbench.testing.exercise import exercise

__all__ = [
    "check_constructs_with_defaults",
    "check_declares_its_source",
    "check_is_a_component",
    "check_leaves_the_world_alone",
    "check_ranges_contain_the_default",
    "check_same_seed_same_bits",
    "check_settings_are_plain_data",
]


def check_is_a_component(component: Any) -> None:
    """A frozen dataclass of one of the kinds, with a name and hyperparameters that make sense."""
    from optbench.registry.accepted import check_component

    cls = _class(component)
    try:
        check_component(f"{getattr(cls, 'kind', '')}s", cls)
    except KeyError:
        expect(False, f"{cls.__name__} is of no kind: subclass optbench.Optimizer, optbench.Schedule, ...")
    except OptbenchError as error:
        expect(False, str(error))


def check_constructs_with_defaults(component: Any) -> None:
    """It is made without arguments, and of its own settings: that is what a suite does."""
    cls = _class(component)
    one = made(cls)
    for field in dataclasses.fields(one):
        # One that makes a component is as good: that is frozen, and a plugin can get none while it is loaded.
        expect(
            field.default is not dataclasses.MISSING or isinstance(getattr(one, field.name), Component),
            f"{field.name} has a default_factory: give a plain default (a tuple instead of a list)",
        )
    settings = {field.name: getattr(one, field.name) for field in dataclasses.fields(one)}
    expect(cls(**settings) == one, "it changes its settings when it is made: the same settings must give an equal one")
    try:
        hash(one)
    except TypeError as error:
        expect(False, f"it cannot be hashed ({error}): use numbers, texts and tuples as settings")


def check_settings_are_plain_data(component: Any) -> None:
    """Its settings are numbers, texts, lists and tables: they go into TOML, JSON and a store."""
    settings = made(component).settings()
    try:
        again = json.loads(json.dumps(settings, allow_nan=False))
    except (TypeError, ValueError) as error:
        expect(False, f"its settings are no plain finite data ({error}): use numbers, texts and tuples of them")
    expect(again == settings, f"its settings {settings} come back from JSON as {again}")


def check_declares_its_source(component: Any) -> None:
    """A docstring with the formula, and a `reference` to the paper or the book."""
    cls = _class(component)
    own = inspect.cleandoc(cls.__doc__ or "")
    generated = own.startswith(f"{cls.__name__}(")
    expect(own and not generated, f'{cls.__name__} has no docstring: give the formula, such as "w <- w - lr g"')
    expect(
        isinstance(cls.reference, str) and cls.reference,
        'it has no reference: say where the formula is from, reference = "Author Year, Title"',
    )


def check_ranges_contain_the_default(component: Any) -> None:
    """Each default lies in the range that is searched, so that tuning never starts beside it."""
    for name, spec in _class(component).hyperparameters().items():
        low, high, value = spec.low, spec.high, spec.default
        if low is None or high is None or isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        expect(
            low <= value <= high,
            f"{name}: the default {value:g} is outside of the searched range {low:g} to {high:g}: widen the "
            f"range or change the default",
        )
        if spec.scale == "log":
            expect(value > 0, f"{name}: a default of {value:g} has no logarithm")


def check_same_seed_same_bits(component: Any) -> None:
    """Chance comes from the generator that is passed, and nothing depends on what was done before."""
    one = made(component)
    state = np.random.get_state()  # noqa: NPY002 - the global generator must not matter
    try:
        np.random.seed(1)  # noqa: NPY002
        first = exercise(one, seed=3)
        np.random.seed(2)  # noqa: NPY002
        exercise(made(component), seed=4)
        again = exercise(one, seed=3)
    finally:
        np.random.set_state(state)  # noqa: NPY002
    expect(
        len(first) == len(again) and all(same(a, b) for a, b in zip(first, again, strict=True)),
        "the same seed gives other numbers the second time: draw from the generator that is passed only (an "
        "optimizer from context.rng), and keep nothing on the component, its class or the module",
    )


def check_leaves_the_world_alone(component: Any) -> None:
    """Its settings stay, and so do NumPy's global generator, error state and print options."""
    one = made(component)
    settings = one.settings()
    before = _world()
    exercise(one)
    after = _world()
    for what, value in before.items():
        expect(
            value == after[what],
            f"it changes {what} for everybody: draw from the generator that is passed, and use context managers",
        )
    expect(one.settings() == settings, f"its settings change in use, from {settings} to {one.settings()}")


def _world() -> dict[str, str]:
    return {
        "NumPy's global generator": str(np.random.get_state()),  # noqa: NPY002
        "NumPy's error state": str(np.geterr()),
        "NumPy's print options": str(np.get_printoptions()),
    }


def _class(component: Any) -> Any:
    return component if isinstance(component, type) else type(component)
