"""A user's functions as jax is given them: which arguments they ask for, and whether they are pure."""

import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from optbench import ComponentError

#: arguments that a function is given where it has them by name
EXTRAS = {
    "key": "a random key of this step; None in evaluation",
    "state": "the tree of what a step changes beside the parameters",
    "training": "True in a step, False in evaluation",
}


def asks(function: Callable[..., Any]) -> frozenset[str]:
    """Which of `EXTRAS` a function has among its arguments."""
    try:
        return frozenset(inspect.signature(function).parameters) & EXTRAS.keys()
    except (TypeError, ValueError):  # of a function that is written in C
        return frozenset()


def takes(function: Callable[..., Any]) -> int:
    """How many arguments have to be given."""
    parameters = inspect.signature(function).parameters.values()
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in by_place and p.default is inspect.Parameter.empty for p in parameters)


def called(function: Callable[..., Any], first: Sequence[Any], state: Any, seed: Any, training: bool) -> Any:
    """What a user's function gives, with the extras that it asks for.

    state   a tree, or None where there is none
    seed    of this step's key
    """
    import jax

    extras = {"key": jax.random.key(seed) if training else None, "state": state, "training": training}
    wanted = asks(function)
    return function(*first, **{name: value for name, value in extras.items() if name in wanted})


def stepped(
    what: str, function: Callable[..., Any], first: Sequence[Any], state: Any, seed: Any, training: bool
) -> tuple[Any, Any]:
    """(its result, the new state) of a user's function that gives both where it asks for state."""
    given = called(function, first, state, seed, training)
    if "state" not in asks(function):
        return given, state
    if not isinstance(given, tuple) or len(given) != 2:
        raise ComponentError(f"{what} asks for state, so it must give a pair: its result, and the new state")
    return given


def check_pure(where: str, make: Callable[[], Callable[..., Any]], arguments: Sequence[Any]) -> None:
    """Refuse a function that is not the same each time it is traced: jax would keep what it was the first time.

    make   gives it anew, so that jax remembers no trace of it
    """
    import jax

    one, other = (jax.make_jaxpr(make())(*arguments) for _ in range(2))
    # Functions within are told by their place in memory.
    texts = [re.sub(r"0x[0-9a-f]+", "", str(traced)) for traced in (one, other)]
    same = texts[0] == texts[1] and all(map(_equal, one.consts, other.consts))
    if not same:
        raise ComponentError(
            f"{where} is not pure: traced twice it is two functions, and jax would keep the first; draw from key, "
            "remember in state, and hand over what changes with the batch"
        )


def _equal(one: Any, other: Any) -> bool:
    return one is other or np.array_equal(np.asarray(one), np.asarray(other), equal_nan=True)
