"""The root of a function of one number between two ends, by Brent's method.

`scipy.optimize.brentq` is the same to the bit; importing that package takes as long as a whole table.
"""

import math
from collections.abc import Callable

import numpy as np

#: the relative error of the root, four times the spacing of floats at 1
RELATIVE = 4 * float(np.finfo(float).eps)
#: steps at most
MOST = 100


def root(function: Callable[[float], float], low: float, high: float, error: float = 2e-12) -> float:
    """Where `function` is 0 between `low` and `high`, at which its signs differ, to within `error`.

    Inverse quadratic interpolation or a secant where that closes in quickly, else bisection. ValueError where both
    ends have one sign, or no root is found. (Brent 1973, Algorithms for Minimization Without Derivatives, chapter 4.)
    """
    before, at = float(low), float(high)
    f_before, f_at = float(function(before)), float(function(at))
    if f_before == 0:
        return before
    if f_at == 0:
        return at
    if not ((f_before < 0 < f_at) or (f_at < 0 < f_before)):
        raise ValueError(f"the function has one sign at {low:g} and {high:g}")
    other, f_other, last, step = before, f_before, 0.0, 0.0
    for _ in range(MOST):
        if f_before != 0 and f_at != 0 and (f_before < 0) != (f_at < 0):
            other, f_other = before, f_before
            last = step = at - before
        if abs(f_other) < abs(f_at):
            before, at, other = at, other, at
            f_before, f_at, f_other = f_at, f_other, f_at
        least = (error + RELATIVE * abs(at)) / 2
        half = (other - at) / 2
        if f_at == 0 or abs(half) < least:
            return at
        if abs(last) > least and abs(f_at) < abs(f_before):
            tried = _nearer((before, f_before), (at, f_at), (other, f_other))
            if 2 * abs(tried) < min(abs(last), 3 * abs(half) - least):
                last, step = step, tried
            else:
                last = step = half
        else:
            last = step = half
        before, f_before = at, f_at
        at += step if abs(step) > least else (least if half > 0 else -least)
        f_at = float(function(at))
    raise ValueError(f"no root between {low:g} and {high:g} after {MOST} steps")


def _nearer(before: tuple[float, float], at: tuple[float, float], other: tuple[float, float]) -> float:
    """The way from `at` to where the function seems to be 0, from three (place, value); infinite where that is flat."""
    (a, f_a), (b, f_b), (c, f_c) = before, at, other
    try:
        if a == c:  # a secant
            return -f_b * (b - a) / (f_b - f_a)
        slope, steep = (f_a - f_b) / (a - b), (f_c - f_b) / (c - b)
        return -f_b * (f_c * steep - f_a * slope) / (steep * slope * (f_c - f_a))  # inverse quadratic
    except ZeroDivisionError:
        return math.inf
