"""A constructor's arguments as hyperparameters: those with plain defaults, and those that one has to give."""

import inspect
import math
from collections.abc import Collection
from typing import Any

#: arguments that are no hyperparameters: how the arithmetic is done, or for whom
TECHNICAL = {
    *("maximize", "foreach", "fused", "capturable", "differentiable", "check_numerics", "compress_state_dict"),
    *("bf16_sr", "quantize", "decouple_lr", "projection_fn", "lora_l_dim", "lora_r_dim"),
}
MANY = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def hyperparameters(
    function: Any, skipped: Collection[str] = TECHNICAL, first: int = 1
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """({argument: plain default}, arguments without a default) of a class or function, from argument `first` on.

    Tuples of numbers become lists. Arguments whose default is a function, None or infinite are left to the constructor.
    """
    found: dict[str, Any] = {}
    required = []
    for parameter in list(inspect.signature(function).parameters.values())[first:]:
        name, default = parameter.name, parameter.default
        if name in skipped or parameter.kind in MANY:
            continue
        if default is inspect.Parameter.empty:
            required.append(name)
        elif isinstance(default, tuple) and default and all(v is None or plain(v) for v in default):
            found[name] = [as_declared(v, parameter) for v in default]
        elif plain(default):
            found[name] = as_declared(default, parameter)
    return found, tuple(required)


def field_of(argument: str, base: type) -> str:
    """What a component calls an argument: `factor_`, where components have something else of that name."""
    return f"{argument}_" if hasattr(base, argument) else argument


def plain(value: Any) -> bool:
    return type(value) in (bool, int, str) or (type(value) is float and math.isfinite(value))


def as_declared(value: Any, parameter: inspect.Parameter) -> Any:
    """0 as 0.0 where the annotation says float."""
    return float(value) if type(value) is int and "float" in str(parameter.annotation) else value
