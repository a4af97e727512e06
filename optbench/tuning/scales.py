"""The unit interval and a hyperparameter's values, there and back, in its declared scale."""

import math
from typing import Any

from optbench.contract.hyperparameters import Hyper


def from_unit(hyper: Hyper, u: float) -> Any:
    """The value at u in [0, 1]: 0 is the low end (the first choice), 1 the high end (the last one).

    linear   low + u (high - low)
    log      low (high / low)^u
    log1m    1 - (1 - low) ((1 - high) / (1 - low))^u: log-uniform in 1 - value
    integer  low, …, high, each on an equal part of the interval
    choice   likewise

    Whole-number hyperparameters are rounded in every scale.
    """
    if not 0 <= u <= 1:
        raise ValueError(f"u must be in [0, 1], got {u!r}")
    if hyper.scale == "choice":
        return hyper.choices[min(int(u * len(hyper.choices)), len(hyper.choices) - 1)]
    low, high = _ends(hyper)
    if hyper.scale == "integer":
        return int(min(low + math.floor(u * (high - low + 1)), high))
    if hyper.scale == "log":
        value = math.exp(math.log(low) + u * (math.log(high) - math.log(low)))
    elif hyper.scale == "log1m":
        value = 1 - math.exp(math.log1p(-low) + u * (math.log1p(-high) - math.log1p(-low)))
    else:
        value = low + u * (high - low)
    # Rounding errors must not leave a range that may end where values stop to be valid.
    value = float(min(max(value, low), high))
    return round(value) if whole(hyper) else value


def to_unit(hyper: Hyper, value: Any) -> float:
    """Where in [0, 1] a value lies; outside its range it lies at the end. Inverse of `from_unit`.

    A whole number or a choice lies in the middle of its part of the interval. Raises ValueError for a value
    that is no choice.
    """
    if hyper.scale == "choice":
        return (hyper.choices.index(value) + 0.5) / len(hyper.choices)
    low, high = _ends(hyper)
    value = min(max(value, low), high)
    if hyper.scale == "integer":
        return (value - low + 0.5) / (high - low + 1)
    if hyper.scale == "log":
        return (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
    if hyper.scale == "log1m":
        return (math.log1p(-value) - math.log1p(-low)) / (math.log1p(-high) - math.log1p(-low))
    return (value - low) / (high - low)


def values(hyper: Hyper) -> float:
    """How many values there are: infinitely many of a real number."""
    if hyper.scale == "choice":
        return len(hyper.choices)
    low, high = _ends(hyper)
    return high - low + 1 if whole(hyper) or hyper.scale == "integer" else math.inf


def whole(hyper: Hyper) -> bool:
    """Whether only whole numbers make sense, as its default says."""
    return isinstance(hyper.default, int) and not isinstance(hyper.default, bool)


def _ends(hyper: Hyper) -> tuple[float, float]:
    assert hyper.low is not None
    assert hyper.high is not None
    return hyper.low, hyper.high
