"""Ranges that a suite has searched: read from its tables on top of what a component declares, and written again."""

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any

from optbench.contract.arguments import short
from optbench.contract.errors import OptbenchError, near
from optbench.contract.hyperparameters import SCALES, Hyper, check_value, walk
from optbench.suite.paths import get

RANGE_FIELDS = ("low", "high", "scale", "choices", "priority")


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
        check_plain(where, choice)
        check_value(where, choice, declared)
    if any(choice in choices[:number] for number, choice in enumerate(choices)):
        raise OptbenchError(f"{where}: choices has a value twice: {choices!r}")
    return dataclasses.replace(
        declared, low=None, high=None, scale="choice", choices=tuple(choices), priority=priority
    )


def searched_ranges(
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


def check_plain(path: str, value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            check_plain(path, item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            check_plain(f"{path}.{key}", item)
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
