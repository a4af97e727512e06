"""Hyperparameters: default, valid range, and the range and scale in which they are searched.

A component's fields say all that by `hyper(...)`; `optbench.contract.components` shows how. NumPy only.
"""

import dataclasses
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from optbench.contract.errors import OptbenchError, near

Scale = Literal["linear", "log", "log1m", "integer", "choice"]
SCALES: tuple[str, ...] = ("linear", "log", "log1m", "integer", "choice")


class ComponentError(OptbenchError, ValueError):
    """A setting that is not possible: names the component, the field and what is valid."""


@dataclass(frozen=True)
class Interval:
    """An interval such as "(0, 1]" or "[0, inf)": round brackets leave the end out."""

    text: str

    def __post_init__(self) -> None:
        number = r"[-+]?(?:inf|[\d.]+(?:e[-+]?\d+)?)"
        match = re.fullmatch(rf"([\[(])\s*({number})\s*,\s*({number})\s*([\])])", self.text)
        if match is None or float(match[2]) > float(match[3]):
            raise ComponentError(f"{self.text!r} is not an interval such as '[0, 1)'")
        object.__setattr__(self, "_ends", (float(match[2]), float(match[3])))

    def __contains__(self, value: float) -> bool:
        low, high = self._ends  # type: ignore[attr-defined]
        above = low <= value if self.text[0] == "[" else low < value
        below = value <= high if self.text[-1] == "]" else value < high
        return above and below

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Hyper:
    """What one hyperparameter says of itself.

    default     its value where nothing else is said
    low, high   the range in which it is searched (None: never, unless a suite gives one)
    scale       linear; log; log1m (log-uniform in 1 - value, for averages' betas); integer; choice
    choices     the values to choose from, for scale "choice"
    valid       every value that makes sense, as an interval: outside it a component refuses to be made
    priority    1 is tuned first (a learning rate), 2 next (momentum, batch size), 3 last (epsilons, decays)
    help        one line
    """

    default: Any
    low: float | None = None
    high: float | None = None
    scale: Scale = "linear"
    choices: tuple[Any, ...] = ()
    valid: Interval | None = None
    priority: int = 2
    help: str = ""

    @property
    def searchable(self) -> bool:
        return bool(self.choices) or (self.low is not None and self.high is not None)

    def check_range(self, where: str) -> None:
        """Raise `ComponentError` where range and scale make no sense; `where` names the field."""
        if self.scale not in SCALES:
            raise ComponentError(f"{where}: unknown scale {self.scale!r}; {near(self.scale, SCALES)}")
        if self.scale == "choice":
            if not self.choices:
                raise ComponentError(f"{where}: scale 'choice' needs choices")
            return
        if self.choices:
            raise ComponentError(f"{where}: choices need scale 'choice', got {self.scale!r}")
        low, high = self.low, self.high
        if low is None and high is None:
            return
        if low is None or high is None:
            raise ComponentError(f"{where}: low and high belong together, got low = {low}, high = {high}")
        if not (math.isfinite(low) and math.isfinite(high)) or low >= high:
            raise ComponentError(f"{where}: low must be below high, got low = {low:g}, high = {high:g}")
        if self.scale == "log" and low <= 0:
            raise ComponentError(f"{where}: a log scale needs low above 0, got {low:g}")
        if self.scale == "log1m" and high >= 1:
            raise ComponentError(f"{where}: scale log1m needs high below 1, got {high:g}")
        if self.valid is not None:
            for end in (low, high):
                if end not in self.valid:
                    raise ComponentError(f"{where}: {end:g} is outside its valid range {self.valid}")


def hyper(
    default: Any,
    *,
    low: float | None = None,
    high: float | None = None,
    scale: Scale = "linear",
    choices: Sequence[Any] = (),
    valid: str | None = None,
    priority: int | None = None,
    help: str = "",
) -> Any:
    """A dataclass field that is a hyperparameter; see `Hyper` for the arguments.

    Without a `priority`, a log scale gets 1 (rates), everything else 2.
    """
    if priority is None:
        priority = 1 if scale == "log" else 2
    spec = Hyper(
        default, low, high, scale, tuple(choices), Interval(valid) if valid else None, priority, help
    )
    return dataclasses.field(default=default, metadata={"hyper": spec})


def check_value(where: str, value: Any, spec: Hyper) -> None:
    """Raise `ComponentError` unless `value` is of the default's type and in the valid range."""
    if spec.scale == "choice":
        if value not in spec.choices:
            valid = ", ".join(repr(c) for c in spec.choices)
            raise ComponentError(f"{where} must be one of {valid}, got {value!r}")
        return
    if isinstance(spec.default, bool):
        if not isinstance(value, bool):
            raise ComponentError(f"{where} must be true or false, got {value!r}")
        return
    if isinstance(spec.default, (int, float)):
        whole = isinstance(spec.default, int)
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or (whole and not (math.isfinite(value) and value == int(value))):
            raise ComponentError(f"{where} must be a {'whole ' if whole else ''}number, got {value!r}")
        if math.isnan(value) or (spec.valid is not None and value not in spec.valid):
            raise ComponentError(f"{where} must be in {spec.valid or 'the real numbers'}, got {value:g}")
        return
    if isinstance(spec.default, str) and not isinstance(value, str):
        raise ComponentError(f"{where} must be a text, got {value!r}")


def plain_value(value: Any, annotation: Any) -> Any:
    """Python numbers for NumPy's: an np.float64 that meets a float32 array makes it float64 in silence."""
    if isinstance(value, np.generic):
        value = value.item()
    if annotation in (float, "float") and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if annotation in (int, "int") and isinstance(value, float) and value.is_integer():
        return int(value)
    return tuple(plain_value(v, None) for v in value) if isinstance(value, (list, tuple)) else value


def walk(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Settings by path: {"inner": {"lr": 1}} gives ("inner.lr", 1)."""
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from walk(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
