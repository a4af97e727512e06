"""The arguments of a user's function as hyperparameters: those with plain defaults, and those that one has to give."""

import dataclasses
import inspect
import math
from typing import Any

from optbench import OptbenchError, hyper

MANY = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def settings_of(function: Any) -> list[tuple[str, type, Any]]:
    """(argument, type, field) of each argument that is a setting; of one without a default the field has none.

    Arguments whose default is a function, None or infinite are left to the function.
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError) as error:
        raise OptbenchError(f"{function!r} does not say which arguments it has") from error
    found: list[tuple[str, type, Any]] = []
    for parameter in parameters:
        name, default = parameter.name, parameter.default
        if parameter.kind in MANY:
            continue
        if default is inspect.Parameter.empty:
            found.append((name, object, dataclasses.field()))
        elif plain(default) or (isinstance(default, tuple) and all(map(plain, default))):
            floats = type(default) is int and "float" in str(parameter.annotation)
            value = float(default) if floats else default
            found.append((name, type(value), hyper(value)))
    return found


def field_of(argument: str, base: type) -> str:
    """What a component calls an argument: `layout_`, where components have something else of that name."""
    return f"{argument}_" if hasattr(base, argument) else argument


def plain(value: Any) -> bool:
    return type(value) in (bool, int, str) or (type(value) is float and math.isfinite(value))
