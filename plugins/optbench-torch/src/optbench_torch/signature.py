"""A constructor's arguments as hyperparameters: those with plain defaults, and those that one has to give."""

from collections.abc import Collection
from dataclasses import MISSING
from typing import Any

from optbench.bridging import settings_of

#: arguments that are no hyperparameters: how the arithmetic is done, or for whom
TECHNICAL = {
    *("maximize", "foreach", "fused", "capturable", "differentiable", "check_numerics", "compress_state_dict"),
    *("bf16_sr", "quantize", "decouple_lr", "projection_fn", "lora_l_dim", "lora_r_dim"),
}


def hyperparameters(
    function: Any, skipped: Collection[str] = TECHNICAL, first: int = 1
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """({argument: plain default}, arguments without a default) of a class or function, from argument `first` on.

    Tuples become lists; an empty one, and a default that is a function, None or infinite, is left to the constructor.
    """
    settings = [(name, field.default) for name, _, field in settings_of(function, skipped, first)]
    required = tuple(name for name, default in settings if default is MISSING)
    given = {name: default for name, default in settings if name not in required and default != ()}
    return {n: list(value) if isinstance(value, tuple) else value for n, value in given.items()}, required
