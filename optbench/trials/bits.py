"""Whether two runs of a trial are the same to the bit, and where they differ first.

Seconds are no result: they differ on every run. NaNs are equal where their places are.
"""

import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from optbench.trials.trial import FIELDS, Run

#: measured fields that are results
RESULTS = tuple(name for name in FIELDS if name != "seconds")


@dataclass(frozen=True)
class Difference:
    """`field` is the first that differs: in measurement `at`, or at the end where that is None. `relative` is the
    largest relative difference of two finite numbers in any field; infinite where one of them is not finite."""

    field: str
    at: int | None
    one: object
    other: object
    relative: float

    def __str__(self) -> str:
        where = "" if self.at is None else f" of measurement {self.at}"
        size = "" if math.isinf(self.relative) else f", largest relative difference {self.relative:.1e}"
        return f"{self.field}{where}: {self.one!r} and {self.other!r}{size}"


def difference(one: Run, other: Run, thinned: bool = False) -> Difference | None:
    """None where both have the same bits. With `thinned`, one of them may have lost measurements, low bits and
    numbers: what both have is compared, measurements by step, a number that was rounded with the other one rounded."""
    pairs = list(zip(one.measurements, other.measurements, strict=False))
    if thinned:
        steps = {m.step: m for m in other.measurements}
        pairs = [(m, steps[m.step]) for m in one.measurements if m.step in steps]
    curves = [np.array([[getattr(p[k], n) for n in RESULTS] for p in pairs], dtype=float) for k in (0, 1)]
    largest = relative(curves[0], curves[1])
    ends: list[tuple[str, Any, Any]] = [
        ("outcome", one.outcome, other.outcome),
        ("number of measurements", len(one.measurements), len(other.measurements)),
        ("kept measurement", one.kept, other.kept),
        ("test_loss", one.test_loss, other.test_loss),
        ("test_metric", one.test_metric, other.test_metric),
    ]
    names = list(dict.fromkeys([*one.metrics, *other.metrics]))
    ends += [(f"metric.{n}", one.metrics.get(n, math.nan), other.metrics.get(n, math.nan)) for n in names]
    last = [np.array([end[k] for end in ends[3:]], dtype=float) for k in (1, 2)]
    largest = max(largest, relative(last[0], last[1]))
    for i, (ours, theirs) in enumerate(pairs):
        for name in RESULTS:
            first, second = getattr(ours, name), getattr(theirs, name)
            if bits(first) == bits(second) or (thinned and alike(first, second)):
                continue
            return Difference(name, i, first, second, largest)
    for name, first, second in ends:
        if thinned and name in ("number of measurements", "kept measurement"):
            continue
        equal = bits(first) == bits(second) if isinstance(first, float) else first == second
        if not equal:
            return Difference(name, None, first, second, largest)
    for name in () if thinned else dict.fromkeys([*one.arrays, *other.arrays]):
        a, b = one.arrays.get(name), other.arrays.get(name)
        if a is None or b is None or a.shape != b.shape or a.tobytes() != b.tobytes():
            return Difference(f"array {name!r}", None, "one", "another", largest)
    return None


def bits(value: object) -> bytes:
    number = float(value)  # type: ignore[arg-type]
    return b"nan" if math.isnan(number) else struct.pack("<d", number)


def alike(one: float, other: float) -> bool:
    """Whether two numbers may be the same one, of which a lean archive has kept the high bits, or nothing."""
    if math.isnan(one) or math.isnan(other):
        return True
    for kept in (24, 16):
        short = [float(number) for number in shortened(np.array([one, other], dtype=float), kept)]
        if bits(short[0]) == bits(short[1]) and (bits(short[0]) == bits(one) or bits(short[1]) == bits(other)):
            return True
    return False


def shortened(values: np.ndarray, kept: int) -> np.ndarray:
    """float64 values of any shape, rounded to so many significant bits, half to even; what is not finite stays.

    24 of them are those of float32, without its range.
    """
    low = 53 - kept
    whole = np.ascontiguousarray(values, dtype=np.float64)
    number = whole.view(np.int64)
    # half of the last bit that is kept, less one where that bit is even: a carry into the exponent is the next power
    rounded = number + ((1 << (low - 1)) - 1 + ((number >> low) & 1))
    rounded &= ~np.int64((1 << low) - 1)
    return np.where(np.isfinite(whole), rounded.view(np.float64), whole).reshape(np.shape(values))


def relative(one: np.ndarray, other: np.ndarray) -> float:
    """The largest |a - b| / max(|a|, |b|); infinite where only one of two is finite."""
    if not one.size:
        return 0.0
    finite = np.isfinite(one) & np.isfinite(other)
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    if (~finite & ~same).any():
        return math.inf
    a, b = one[finite], other[finite]
    scale = np.maximum(np.abs(a), np.abs(b))
    return float(np.max(np.abs(a - b) / np.where(scale > 0, scale, 1.0), initial=0.0))
