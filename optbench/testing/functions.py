"""What an analytic function owes."""

from typing import Any

import numpy as np

from optbench.testing.base import CheckFailed, expect, made, same

__all__ = [
    "check_function_gradient",
    "check_function_is_pure",
    "check_function_survives_far_away",
    "check_start_minima_and_window_fit",
]


def check_function_gradient(component: Any) -> None:
    """The gradient is the derivative of the value, by central differences with the same noise."""
    one, h = made(component), 1e-6
    points = np.random.default_rng(1)
    size = len(one.initial(np.random.default_rng(0)))
    worst = 0.0
    for step in range(4):
        w = points.uniform(-0.9, 0.9, size)

        def at(v: np.ndarray, step: int = step) -> tuple[float, np.ndarray]:
            return one.value_and_gradient(v, step, np.random.default_rng(5))

        central = np.array([(at(w + h * e)[0] - at(w - h * e)[0]) / (2 * h) for e in np.eye(size)])
        exact = at(w)[1]
        total = float(np.linalg.norm(central) + np.linalg.norm(exact))
        worst = max(worst, float(np.linalg.norm(central - exact)) / total if total > 0 else 0.0)
    expect(
        worst < 1e-6,
        f"the gradient differs from central differences of the value by {worst:.1e} (relative): correct one of them, "
        "and draw noise from rng alike for both",
    )


def check_start_minima_and_window_fit(component: Any) -> None:
    """One number of variables throughout; declared minima have the least value, and are seen in the window."""
    one = made(component)
    first = np.asarray(one.initial(np.random.default_rng(0)))
    expect(
        first.ndim == 1 and first.size > 0 and first.dtype == np.float64,
        f"initial gives {first.dtype} of shape {first.shape}: give `start`, one float a variable",
    )
    size = len(first)
    for minimum in one.minima:
        expect(len(minimum) == size, f"the minimum {minimum} has {len(minimum)} variables, the start {size}")
        value = one.value(np.array(minimum, np.float64))
        expect(
            abs(value - one.minimum) <= 1e-9 * max(1.0, abs(one.minimum)),
            f"at its minimum {minimum} it is {value:g}, not `minimum` = {one.minimum:g}: correct minima or minimum",
        )
        for nearby in np.random.default_rng(0).normal(scale=0.05, size=(50, size)) + minimum:
            one.project(nearby)
            expect(
                one.value(nearby) >= one.minimum - 1e-12,
                f"it is less than `minimum` = {one.minimum:g} at {nearby.tolist()}: correct minimum",
            )
    for axis, (low, high) in enumerate(one.window):
        for point in (first, *one.minima):
            expect(low <= point[axis] <= high, f"the window's axis {axis} leaves {point[axis]:g} out: widen it")
    expect(len(one.window) in (0, 2), f"a window has two axes, or is empty, got {len(one.window)}")


def check_function_is_pure(component: Any) -> None:
    """`w` is only read, and the gradient is an array of the caller's."""
    one = made(component)
    w = np.asarray(one.initial(np.random.default_rng(0))) + 0.1
    before = w.copy()
    value, gradient = one.value_and_gradient(w, 3, np.random.default_rng(9))
    expect(isinstance(value, float), f"the value is of type {type(value).__name__}: return float(...)")
    kept = gradient.copy()
    expect(same(w, before), "value_and_gradient changed w: it is only to be read")
    gradient[...] = 7
    again = one.value_and_gradient(w, 3, np.random.default_rng(9))[1]
    expect(same(again, kept), "the caller's gradient is the function's own array: return another one each time")


def check_function_survives_far_away(component: Any) -> None:
    """At 1e30, -1e200, infinity and NaN it gives numbers: a run that diverges is a result."""
    one = made(component)
    size = len(one.initial(np.random.default_rng(0)))
    for far in (1e30, -1e200, np.inf, np.nan):
        w = np.full(size, far)
        try:
            with np.errstate(all="ignore"):
                gradient = one.value_and_gradient(w, 0, np.random.default_rng(0))[1]
        except Exception as error:
            raise CheckFailed(
                f"it raises {type(error).__name__} at w = {far:g} ({error}): use NumPy's functions, which give "
                "infinity, in place of math's"
            ) from error
        expect(gradient.shape == w.shape, f"the gradient has shape {gradient.shape} at w = {far:g}")
