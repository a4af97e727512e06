"""References to components in a suite: a name, or a table with a name, settings and ranges to search.

Both forms become one: {"name": …, **every setting, "search": {path: range}}. So a suite as stored says all
that it used, and reading it again gives the same suite.
"""

import dataclasses
import difflib
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from optbench.contract.arguments import short
from optbench.contract.components import KINDS, Component
from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import Hyper, walk
from optbench.registry.registry import Registry
from optbench.suite.paths import put
from optbench.suite.ranges import check_plain, dump_range, searched_ranges

#: what a component within is annotated with: the field's type may be a text
BASES = {base.__name__ for base in KINDS.values()}


def fixed(kind: str, value: Any, registry: Registry, label: str = "name") -> dict[str, Any]:
    """A component of this kind (plural) without a search: {"name": …, **every setting}.

    `label` is what a suite calls the name ("kind" for networks). Raises `OptbenchError`.
    """
    table = _table(kind, value, label)
    if "search" in table:
        raise OptbenchError("search: only a candidate's components are searched, write it in [[candidates]]")
    return _settings(_create(kind, _complete(kind, table, registry), registry), table["name"])


def searched(kind: str, value: Any, registry: Registry, everything: bool) -> dict[str, Any]:
    """A candidate's component: {"name": …, **every setting, "search": {path: range}}.

    Without a `search` of its own, and with `everything`, each hyperparameter is searched that declares a
    range and that the table does not fix. Raises `OptbenchError`.
    """
    table = _table(kind, value, "name")
    search = table.pop("search", None)
    table = _complete(kind, table, registry)
    component = _create(kind, table, registry)
    settings = _settings(component, table["name"])
    declared = dict(hyperparameters(component))
    ranges = searched_ranges(search, declared, settings, set(dict(walk(table))), everything)
    for path, hyper in ranges.items():
        ends = hyper.choices or (hyper.low, hyper.high)
        for end in ends:
            # What the component itself refuses must fail now, not in the middle of a run.
            _create(kind, put(settings, path, end), registry)
    settings["search"] = {path: dump_range(hyper) for path, hyper in ranges.items()}
    return settings


def hyperparameters(component: Component, prefix: str = "") -> Iterator[tuple[str, Hyper]]:
    """The declared hyperparameters by path, those of components within included ("inner.lr")."""
    for name, hyper in component.hyperparameters().items():
        yield prefix + name, hyper
    for field in dataclasses.fields(component):  # type: ignore[arg-type]
        value = getattr(component, field.name)
        if isinstance(value, Component):
            yield from hyperparameters(value, f"{prefix}{field.name}.")


def _table(kind: str, value: Any, label: str) -> dict[str, Any]:
    singular = kind.removesuffix("s")
    if isinstance(value, str):
        return {"name": value}
    if not isinstance(value, Mapping):
        raise OptbenchError(f"must be the name of a {singular} or a table with a {label}, got {short(value)}")
    table = dict(value)
    if label in table and label != "name":
        table["name"] = table.pop(label)
    if "name" not in table:
        close = difflib.get_close_matches(label, table, n=1)
        hint = f"; did you write {close[0]!r} for it?" if close else ""
        raise OptbenchError(f"{label} is missing: which {singular} it is{hint}")
    if not isinstance(table["name"], str):
        raise OptbenchError(f"{label} must be a text, got {table['name']!r}")
    return table


def _complete(kind: str, table: dict[str, Any], registry: Registry) -> dict[str, Any]:
    """The table with components within as tables: inner = "adam" is short for { name = "adam" }."""
    component = registry.entry(kind, table["name"]).component
    fields: tuple[dataclasses.Field[Any], ...] = dataclasses.fields(component)  # type: ignore[arg-type]
    for field in fields:
        if field.name in table and _holds_component(field):
            try:
                inner = _table(kind, table[field.name], "name")
                table[field.name] = _complete(kind, inner, registry)
            except OptbenchError as error:
                raise OptbenchError(f"{field.name}: {error}") from None
    return table


def _holds_component(field: "dataclasses.Field[Any]") -> bool:
    if isinstance(field.type, type):
        return issubclass(field.type, Component)
    return str(field.type).strip("'\"").rpartition(".")[2] in BASES


def _create(kind: str, table: Mapping[str, Any], registry: Registry) -> Component:
    for path, value in walk(table):
        check_plain(path, value)
        if path.endswith(".name") and not isinstance(value, str):
            raise OptbenchError(f"{path} must be a text, got {short(value)}")
    return registry.create(kind, table)


def _settings(component: Component, name: str) -> dict[str, Any]:
    settings = {"name": name, **component.settings()}
    for path, value in walk(settings):
        if isinstance(value, float) and not math.isfinite(value):
            raise OptbenchError(
                f"{component.kind} {name}: {path} is {value}, but settings are kept as finite numbers; give one, "
                "such as 1e30 for a limit that nothing reaches"
            )
    try:
        return json.loads(json.dumps(settings, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise OptbenchError(
            f"{component.kind} {name}: its settings are not plain finite data, as a store needs them: {error}"
        ) from None
