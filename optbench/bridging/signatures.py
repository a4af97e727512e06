"""The arguments of somebody's function as hyperparameters: those with plain defaults, and those that one has to give.

For bridges, which make components of classes and functions that know nothing of them.
"""

import inspect
import math
from collections.abc import Collection
from dataclasses import MISSING, field
from typing import Any

from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import hyper

MANY = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def settings_of(function: Any, skipped: Collection[str] = (), first: int = 0) -> list[tuple[str, type, Any]]:
    """(argument, type, dataclass field) of each argument that is a setting, from argument `first` on but for `skipped`.

    One without a default has a field without. Numbers, truth values, texts, and tuples of these and None are plain;
    arguments whose default is anything else (a function, None, infinite) are left to the function. A whole number is a
    float where the annotation says so. `OptbenchError` where a function does not say which arguments it has.
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())[first:]
    except (TypeError, ValueError) as error:
        raise OptbenchError(f"{function!r} does not say which arguments it has") from error
    found: list[tuple[str, type, Any]] = []
    for parameter in parameters:
        default = parameter.default
        if parameter.name in skipped or parameter.kind in MANY:
            continue
        if default is inspect.Parameter.empty:
            found.append((parameter.name, object, field()))
        elif plain(default) or (isinstance(default, tuple) and all(v is None or plain(v) for v in default)):
            value = declared(default, parameter)
            found.append((parameter.name, type(value), hyper(value)))
    return found


def required_of(function: Any) -> tuple[str, ...]:
    """The arguments that one has to give."""
    return tuple(name for name, _, field in settings_of(function) if field.default is MISSING)


def field_of(argument: str, base: type) -> str:
    """What a component of this base calls an argument: `layout_`, where components have something else of that name."""
    return f"{argument}_" if hasattr(base, argument) else argument


def plain(value: Any) -> bool:
    return type(value) in (bool, int, str) or (type(value) is float and math.isfinite(value))


def declared(value: Any, parameter: inspect.Parameter) -> Any:
    """0 as 0.0, also within a tuple, where the annotation says float."""
    if isinstance(value, tuple):
        return tuple(declared(v, parameter) for v in value)
    return float(value) if type(value) is int and "float" in str(parameter.annotation) else value
