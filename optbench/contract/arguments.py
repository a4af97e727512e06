"""Arguments of public functions, checked by the rules of a suite's fields: NumPy's scalars welcome, nothing converted.

Each takes the argument's name and value and returns the plain value, or raises an `OptbenchError` that says what was
expected: "seeds must be a whole number in [1, 9999], got '2'".
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from optbench.contract.errors import OptbenchError, near

#: seconds: thirty years
LONGEST = 1e9


def short(value: Any) -> str:
    """A value for a message, on one line."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, int) and value.bit_length() > 64:
        return f"a number of {value.bit_length()} bits"  # Python refuses to write very long ones
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "…"


def wrong(name: str, expected: str, value: Any) -> OptbenchError:
    return OptbenchError(f"{name} must be {expected}, got {short(plain(value))}")


def plain(value: Any) -> Any:
    """Python's scalar for NumPy's."""
    scalar = isinstance(value, np.generic) or (isinstance(value, np.ndarray) and not value.ndim)
    return value.item() if scalar else value


def whole(name: str, value: Any, low: int = 0, high: int | None = None) -> int:
    """A whole number in [low, high]; without `high` there is no end."""
    found = plain(value)
    whole = isinstance(found, int) and not isinstance(found, bool)
    if not whole or found < low or (high is not None and found > high):
        raise wrong(name, f"a whole number in [{low}, {'inf)' if high is None else f'{high}]'}", value)
    return found


def seconds(name: str, value: Any, unit: str = "seconds") -> float:
    """A time that clocks and waits can hold."""
    found = plain(value)
    number = isinstance(found, (int, float)) and not isinstance(found, bool)
    if not number or not 0 < found <= LONGEST:
        raise wrong(name, f"a number of {unit} in (0, {LONGEST:g}]", value)
    return float(found)


def seed(name: str, value: Any) -> int:
    """What chance starts from, as a suite's `seed`."""
    return whole(name, value, 0, 2**63 - 1)


def flag(name: str, value: Any) -> bool:
    found = plain(value)
    if not isinstance(found, bool):
        raise wrong(name, "true or false", value)
    return found


def text(name: str, value: Any, expected: str = "a text") -> str:
    if not isinstance(value, str):
        raise wrong(name, expected, value)
    return str(value)


def listed(name: str, value: Any, expected: str = "a list") -> list[Any]:
    """What a list, a tuple, an array or another row of things holds; a text and a table are none."""
    found = plain(value)
    if isinstance(found, (str, bytes, Mapping, type)) or not isinstance(found, Iterable):
        raise wrong(name, expected, value)
    return list(found)


def texts(name: str, value: Any, expected: str) -> tuple[str, ...]:
    """A list of texts; `expected` says of what: "names of candidates"."""
    rows = enumerate(listed(name, value, f"a list of {expected}"))
    return tuple(text(f"{name}[{k}]", one, f"one of the {expected}") for k, one in rows)


def choice(name: str, value: Any, names: Sequence[str]) -> str:
    """One of a few texts."""
    if not isinstance(value, str) or value not in names:
        hint = near(value, names) if isinstance(value, str) else ""
        raise OptbenchError(
            f"{name} must be {' or '.join(map(repr, names))}, got {short(value)}"
            + (f"; {hint}" if hint.startswith("did") else "")
        )
    return str(value)


def path(name: str, value: Any, expected: str = "a path") -> Path:
    if not isinstance(value, (str, os.PathLike)) or not str(value) or "\0" in str(value):
        raise wrong(name, expected, value)
    return Path(value)


def made(name: str, value: Any, kind: type, expected: str) -> Any:
    """An object of a kind, "an optimizer such as Adam(lr=0.001)"; its class is a near miss."""
    if isinstance(value, type) and issubclass(value, kind):
        raise OptbenchError(f"{name} must be {expected}, got the class: write {value.__name__}()")
    if not isinstance(value, kind):
        raise wrong(name, expected, value)
    return value


def all_made(name: str, values: Any, kind: type, expected: str) -> tuple[Any, ...]:
    """A list of objects of a kind."""
    rows = enumerate(listed(name, values, f"a list, each {expected}"))
    return tuple(made(f"{name}[{k}]", one, kind, expected) for k, one in rows)


def numbers(name: str, value: Any, dtype: Any = None) -> np.ndarray:
    """An array of numbers, whole ones and booleans included."""
    try:
        found = np.asarray(value)
    except ValueError as error:  # rows of different lengths
        raise OptbenchError(f"{name} must be an array of numbers: {error}") from None
    if found.dtype.kind not in "biuf":
        raise OptbenchError(f"{name} must be an array of numbers, got {described(found)}")
    if not found.ndim:
        raise wrong(name, "an array of numbers", value)
    return found if dtype is None else found.astype(dtype, copy=False)


def described(found: np.ndarray) -> str:
    words = {"U": "texts", "S": "texts", "O": "objects", "M": "dates", "c": "complex numbers"}
    example = f" such as {short(plain(found.flat[0]))}" if found.size else ""
    return f"{words.get(found.dtype.kind, str(found.dtype))}{example}"
