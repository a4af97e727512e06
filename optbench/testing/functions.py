"""What an analytic function owes, besides what every problem does."""

from typing import Any

import numpy as np

from optbench.testing.base import expect, made

__all__ = ["check_start_minima_and_window_fit"]


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
