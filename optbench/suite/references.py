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

from optbench.contract.components import KINDS, Component
from optbench.contract.errors import OptbenchError, near
from optbench.contract.hyperparameters import SCALES, Hyper, check_value, walk
from optbench.registry.registry import Registry
from optbench.suite.base import short

RANGE_FIELDS = ("low", "high", "scale", "choices", "priority")
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
    ranges = _ranges(search, declared, settings, set(dict(walk(table))), everything)
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


def put(settings: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The settings with the one at `path` changed; the given ones stay as they are."""
    head, _, rest = path.partition(".")
    return {**settings, head: put(settings[head], rest, value) if rest else value}


def get(settings: Mapping[str, Any], path: str) -> Any:
    """The setting at `path`; raises KeyError."""
    head, _, rest = path.partition(".")
    if rest and not isinstance(settings[head], Mapping):
        raise KeyError(path)
    return get(settings[head], rest) if rest else settings[head]


# ------------------------------------------------------------------------------------------------- ranges


def dump_range(hyper: Hyper) -> dict[str, Any]:
    """A range as a suite writes it."""
    if hyper.scale == "choice":
        return {"choices": list(hyper.choices), "scale": "choice", "priority": hyper.priority}
    return {"low": hyper.low, "high": hyper.high, "scale": hyper.scale, "priority": hyper.priority}


def load_range(where: str, value: Any, declared: Hyper) -> Hyper:
    """A range from a suite's table, on top of the declared one. `where` begins the message of an error."""
    if not isinstance(value, Mapping):
        raise OptbenchError(
            f"{where}: a range is a table such as {{ low = 1e-4, high = 1 }}, got {short(value)}"
        )
    for name in value:
        if name not in RANGE_FIELDS:
            raise OptbenchError(f"{where}: there is no field {name!r}; {near(name, RANGE_FIELDS)}")
    for name in ("low", "high"):
        if name in value and not _number(value[name]):
            raise OptbenchError(f"{where}: {name} must be a number, got {short(value[name])}")
    scale: Any = value.get("scale", "choice" if "choices" in value else None)
    if scale is not None and (not isinstance(scale, str) or scale not in SCALES):
        raise OptbenchError(f"{where}: unknown scale {scale!r}; {near(str(scale), SCALES)}")
    priority = value.get("priority", declared.priority)
    if not isinstance(priority, int) or isinstance(priority, bool) or priority < 1:
        raise OptbenchError(f"{where}: priority must be a whole number from 1 on, got {short(priority)}")
    if scale == "choice":
        return _choices(where, value, declared, priority)
    if scale is None:
        numeric = declared.scale != "choice"
        scale = declared.scale if numeric else "linear"
    if isinstance(declared.default, bool) or not _number(declared.default):
        raise OptbenchError(f"{where}: its values are no numbers; give choices = [...]")
    low, high = value.get("low", declared.low), value.get("high", declared.high)
    for name, end in (("low", low), ("high", high)):
        if end is None:
            raise OptbenchError(f"{where}: {name} is missing, and {where} declares no range")
        if (scale == "integer" or isinstance(declared.default, int)) and end != int(end):
            raise OptbenchError(f"{where}: {name} must be a whole number, got {end!r}")
    hyper = dataclasses.replace(declared, low=low, high=high, scale=scale, choices=(), priority=priority)
    hyper.check_range(where)
    return hyper


def _choices(where: str, value: Mapping[str, Any], declared: Hyper, priority: int) -> Hyper:
    choices = value.get("choices", list(declared.choices))
    for name in ("low", "high"):
        if name in value:
            raise OptbenchError(f"{where}: give either choices or low and high")
    if not isinstance(choices, list) or not choices:
        raise OptbenchError(f"{where}: choices must be a list with at least one value, got {choices!r}")
    for choice in choices:
        _check_plain(where, choice)
        check_value(where, choice, declared)
    if any(choice in choices[:number] for number, choice in enumerate(choices)):
        raise OptbenchError(f"{where}: choices has a value twice: {choices!r}")
    return dataclasses.replace(
        declared, low=None, high=None, scale="choice", choices=tuple(choices), priority=priority
    )


def _ranges(
    search: Any, declared: Mapping[str, Hyper], settings: Mapping[str, Any], given: set[str], everything: bool
) -> dict[str, Hyper]:
    searchable = {path: hyper for path, hyper in declared.items() if hyper.searchable}
    if search is None:
        return {p: h for p, h in searchable.items() if p not in given} if everything else {}
    if isinstance(search, list):
        for path in search:
            _check_path(path, declared, settings)
            if path not in searchable:
                table = f"{{ {_quoted(path)} = {{ low = …, high = … }} }}"
                raise OptbenchError(f"search: {path} declares no range; write search = {table}")
        if len(set(search)) < len(search):
            raise OptbenchError(f"search: a name is there twice: {search!r}")
        return {path: searchable[path] for path in search}
    if not isinstance(search, Mapping):
        raise OptbenchError(f"search must be a list of names or a table of ranges, got {search!r}")
    ranges = {}
    for path, value in _flat(search, settings):
        _check_path(path, declared, settings)
        spec = declared.get(path, Hyper(get(settings, path)))
        ranges[path] = load_range(f"search.{path}", value, spec)
    return ranges


def _flat(
    search: Mapping[str, Any], settings: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    # TOML reads the bare key inner.lr as a table within a table.
    for name, value in search.items():
        inner = settings.get(name)
        if isinstance(inner, Mapping) and isinstance(value, Mapping):
            yield from _flat(value, inner, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _check_path(path: Any, declared: Mapping[str, Hyper], settings: Mapping[str, Any]) -> None:
    names = [p for p, _ in walk(settings) if p.rpartition(".")[2] != "name"]
    if not isinstance(path, str) or path not in names:
        valid = near(str(path), sorted({*names, *declared}))
        raise OptbenchError(f"search: {settings['name']} has no setting {path!r}; {valid}")


def _quoted(path: str) -> str:
    return f'"{path}"' if "." in path else path


# ------------------------------------------------------------------------------------------------- tables


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
        _check_plain(path, value)
        if path.endswith(".name") and not isinstance(value, str):
            raise OptbenchError(f"{path} must be a text, got {short(value)}")
    return registry.create(kind, table)


def _settings(component: Component, name: str) -> dict[str, Any]:
    settings = {"name": name, **component.settings()}
    try:
        return json.loads(json.dumps(settings, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise OptbenchError(
            f"{component.kind} {name}: its settings are not plain finite data, as a store needs them: {error}"
        ) from None


def _check_plain(path: str, value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _check_plain(path, item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _check_plain(f"{path}.{key}", item)
    elif value is not None and not isinstance(value, (bool, int, float, str)):
        raise OptbenchError(f"{path} must be a number, text, list or table, got {value}")
    elif isinstance(value, float) and not math.isfinite(value):
        raise OptbenchError(f"{path} must be finite, got {value}")
    elif isinstance(value, int) and abs(value) >= 2**63:
        raise OptbenchError(f"{path} must fit into 64 bits, got {short(value)}")


def _number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) < 2**63 if isinstance(value, int) else math.isfinite(value)
