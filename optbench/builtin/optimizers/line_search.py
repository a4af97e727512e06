"""A step along a direction that satisfies the strong Wolfe conditions."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite, sqrt

import numpy as np

#: Sufficient decrease and curvature, as usual for quasi-Newton methods.
DECREASE, CURVATURE = 1e-4, 0.9
EVALUATIONS = 25
#: A bracket in which no coordinate moves more is not divided further.
NARROW = 1e-9


@dataclass
class Point:
    """The loss at t along the direction, its slope there, and the gradient (n,)."""

    t: float
    loss: float
    slope: float
    grads: np.ndarray

    @property
    def worth(self) -> float:
        """The loss; infinity where it is not finite, so that such a point is never the better one."""
        return self.loss if isfinite(self.loss) else inf


def strong_wolfe(at: Callable[[float], Point], start: Point, first: float, size: float) -> Point:
    """The point to go to: loss(t) <= loss(0) + 1e-4 t slope(0) and |slope(t)| <= 0.9 |slope(0)|.

    Nocedal and Wright 2006, Numerical Optimization, algorithms 3.5 and 3.6, with cubic interpolation; the
    safeguards are those of torch's LBFGS. After 25 evaluations it is the best point so far, perhaps the start.

    at      the point at t > 0
    start   the point at 0, with a negative slope
    first   the first t
    size    the direction's largest coordinate
    """
    before, point = start, at(first)
    for number in range(EVALUATIONS):
        if not lower(point, start) or (number > 1 and point.loss >= before.loss):
            return zoom(at, start, [before, point], EVALUATIONS - number, size)
        if flat(point, start):
            return point
        if point.slope >= 0:
            return zoom(at, start, [before, point], EVALUATIONS - number, size)
        t = cubic(before, point, point.t + 0.01 * (point.t - before.t), 10 * point.t)
        before, point = point, at(t)
    return min(start, point, key=lambda p: p.worth)


def zoom(
    at: Callable[[float], Point], start: Point, bracket: list[Point], evaluations: int, size: float
) -> Point:
    """Narrow a bracket that holds a point to go to."""
    low = 0 if bracket[0].worth <= bracket[1].worth else 1
    close = False
    for _ in range(evaluations):
        left, right = sorted(p.t for p in bracket)
        if (right - left) * size < NARROW:
            break
        t, tenth = cubic(bracket[0], bracket[1], left, right), 0.1 * (right - left)
        near_end = min(right - t, t - left) < tenth
        if near_end and (close or t >= right or t <= left):
            t = right - tenth if abs(t - right) < abs(t - left) else left + tenth
            near_end = False
        close = near_end
        point, high = at(t), 1 - low
        if not lower(point, start) or point.loss >= bracket[low].loss:
            bracket[high] = point
            low = 0 if bracket[0].worth <= bracket[1].worth else 1
            continue
        if flat(point, start):
            return point
        if point.slope * (bracket[high].t - bracket[low].t) >= 0:
            bracket[high] = bracket[low]
        bracket[low] = point
    return bracket[low]


def lower(point: Point, start: Point) -> bool:
    return point.loss <= start.loss + DECREASE * point.t * start.slope


def flat(point: Point, start: Point) -> bool:
    return abs(point.slope) <= -CURVATURE * start.slope


def cubic(one: Point, two: Point, left: float, right: float) -> float:
    """The minimum within [left, right] of the cubic through both points; the middle where there is none."""
    d1 = one.slope + two.slope - 3 * (one.loss - two.loss) / (one.t - two.t)
    square = d1 * d1 - one.slope * two.slope
    if not square >= 0 or not isfinite(square):
        return (left + right) / 2
    d2 = sqrt(square)
    a, b = (one, two) if one.t <= two.t else (two, one)
    divisor = b.slope - a.slope + 2 * d2
    t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / divisor) if divisor else inf
    return min(max(t, left), right)
