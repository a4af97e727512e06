"""Numbers as text, the same in sentences, in the terminal and on the page: one number a quantity."""

import math
from collections.abc import Sequence


def factor(value: float) -> str:
    """A factor in three figures; - where there is none, inf where the target was never reached."""
    if math.isnan(value):
        return "-"
    if not math.isfinite(value):
        return "inf"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.3g}"


def with_interval(value: float, low: float, high: float) -> str:
    """0.81 [0.70, 0.90], in as many figures as tell the ends apart; the value alone where it has no interval."""
    if math.isnan(value):
        return "-"
    if math.isnan(low) or math.isnan(high):
        return factor(value)
    digits = 3 if 0 < high - low < 0.02 else 2
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def ratio_with_interval(value: float, low: float, high: float) -> str:
    """The same of a ratio: an end that rounding would set to 1, which it is not, has another figure."""
    for digits in (2, 3, 4):
        near = [round(end, digits) == 1 and abs(end - 1) > 1e-9 for end in (low, high)]
        if not any(near) or math.isnan(low):
            break
    if digits == 2 or math.isnan(value):
        return with_interval(value, low, high)
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def points(value: float, low: float, high: float) -> str:
    """A difference of shares in percent, with its sign: +0.8 % [+0.3, +1.3]."""
    if math.isnan(value):
        return "-"
    digits = 2 if 0 < high - low < 0.002 else 1
    ends = "" if math.isnan(low) or math.isnan(high) else f" [{100 * low:+.{digits}f}, {100 * high:+.{digits}f}]"
    return f"{100 * value:+.{digits}f} %{ends}"


def percent(value: float) -> str:
    """A share in percent, in two figures at most: 5 %, 0.5 %, 12 %."""
    return f"{100 * value:.2g} %" if value < 1 else f"{100 * value:.0f} %"


def listing(names: Sequence[str], most: int = 4) -> str:
    """a; a and b; a, b and c; beyond `most` the rest as a number."""
    shown = list(names)
    if len(shown) > most:
        shown = [*shown[: most - 1], f"{len(shown) - most + 1} more"]
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
