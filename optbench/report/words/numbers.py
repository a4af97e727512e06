"""Numbers and names as text."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from optbench.contract.metric import labelled
from optbench.contract.text import visible
from optbench.language import gettext as _
from optbench.statistics import numerals


def plain(text: Any) -> str:
    """Text without control characters, which could drive the terminal."""
    return visible(text)


def number(value: float) -> str:
    """A number in three figures (four between 0.1 and 1, where accuracies are told apart), whatever its size."""
    if not math.isfinite(value):
        return {True: "∞", False: "−∞"}[value > 0] if not math.isnan(value) else "–"
    if 0.1 <= abs(value) < 1:
        return f"{value:.4g}"
    return f"{value:.0f}" if 1000 <= abs(value) < 1e7 else f"{value:.3g}"


def interval(row: Mapping[str, Any], name: str, low: str = "", high: str = "") -> str:
    """0.81 [0.70, 0.90], in as many figures as tell the ends apart; the value alone where it has no interval.

    low, high   the columns of its ends, default NAME_low and NAME_high
    """
    found = (row.get(column, np.nan) for column in (name, low or f"{name}_low", high or f"{name}_high"))
    value, first, last = (np.nan if pd.isna(v) else float(v) for v in found)
    return numerals.with_interval(value, first, last)


def decimals(low: float, high: float, largest: float, least: int | None = None) -> int:
    """Places behind the point for numbers that are told together: so many that the ends of their interval are told
    apart, at least `least`, and no number has more than three figures.

    largest   the largest of the numbers in size
    least     default: two of numbers below 10, one below 100
    """
    before = math.floor(math.log10(largest)) + 1 if 0 < largest < math.inf else 1
    if least is None:
        least = min(max(3 - max(before, 1), 0), 2)
    half = (high - low) / 2
    apart = math.floor(-math.log10(half / 3.5)) + 1 if 0 < half < math.inf else least
    return max(min(max(apart, least), 3 - before), 0)


def fixed(value: float, digits: int) -> str:
    """A number with so many places behind the point; -0.00 is 0.00, and the minus sign a minus."""
    if not math.isfinite(value) or abs(value) >= 1e6 or digits > 6:
        return number(value)
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")


def effect(claim: Mapping[str, Any]) -> str:
    """0.84 [0.31, 1.36] loss: the effect of a claim, its interval and its unit."""
    values = [float(claim[name]) for name in ("effect", "low", "high")]
    sizes = [abs(v) for v in values if math.isfinite(v)]
    digits = decimals(values[1], values[2], max(sizes, default=0.0))
    value, low, high = (fixed(v, digits) for v in values)
    return f"{value} [{low}, {high}]{unit(claim)}"


def share(value: Any) -> str:
    """A share as a percentage."""
    return "-" if value is None or pd.isna(value) else f"{100 * float(value):.0f} %"


def ratio(value: Any) -> str:
    """A factor in three figures; - where there is none, inf where the target was never reached."""
    return "-" if value is None or pd.isna(value) else numerals.factor(float(value))


def count(value: Any) -> str:
    """A whole number, or a share such as 5/6 as it comes."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return "-"
    return plain(value) if isinstance(value, str) else f"{float(value):g}"


def unit(claim: Mapping[str, Any]) -> str:
    """The unit of a claim's effect with a blank before it, where it has one."""
    text = claim.get("unit")
    return f" {_(labelled(text) if ':' in text else text)}" if isinstance(text, str) and text else ""
