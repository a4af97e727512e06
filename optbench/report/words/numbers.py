"""Numbers and names as text."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from optbench.contract.metric import labelled
from optbench.contract.text import visible
from optbench.statistics import numerals


def plain(text: Any) -> str:
    """Text without control characters, which could drive the terminal."""
    return visible(text)


def number(value: float) -> str:
    """A number in three figures (four between 0.1 and 1, where accuracies are told apart), whatever its size."""
    if not math.isfinite(value):
        return {True: "∞", False: "−∞"}[value > 0] if not math.isnan(value) else "–"
    return f"{value:.4g}" if 0.1 <= abs(value) < 1 else f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def interval(row: Mapping[str, Any], name: str, low: str = "", high: str = "") -> str:
    """0.81 [0.70, 0.90], in as many figures as tell the ends apart; the value alone where it has no interval.

    low, high   the columns of its ends, default NAME_low and NAME_high
    """
    found = (row.get(column, np.nan) for column in (name, low or f"{name}_low", high or f"{name}_high"))
    value, first, last = (np.nan if pd.isna(v) else float(v) for v in found)
    return numerals.with_interval(value, first, last)


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
    return f" {labelled(text) if ':' in text else text}" if isinstance(text, str) and text else ""
