"""Settings and their changes, as words."""

from collections.abc import Sequence
from typing import Any

from optbench.contract.metric import labelled
from optbench.lab.adjust import short


def text(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:g}" if isinstance(value, float) else str(value)


def spoken(path: str, values: Sequence[Any]) -> str:
    """One change in words: "lr 0.01 → 0.003"."""
    return f"{short(path)!s} {text(values[0])} → {text(values[1])}"


def measure(metric: str) -> str:
    return labelled(metric)
