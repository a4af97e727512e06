"""What an initializer owes."""

import math
from typing import Any

import numpy as np

from optbench.testing.base import expect, made, same

__all__ = ["check_declared_variance_holds", "check_draws_fit_any_tensor", "check_only_the_generator_matters"]

#: (shape, fan_in, fan_out)
ODD = (((), 1, 1), ((1,), 1, 1), ((5,), 1, 5), ((1, 1), 1, 1), ((0, 3), 1, 3), ((3, 3, 2, 4), 18, 36))
DENSE = (((400, 300), 400, 300), ((64, 900), 64, 900))


def check_draws_fit_any_tensor(component: Any) -> None:
    """Scalars, vectors, matrices, convolutions and empty tensors get finite float64 values of their shape."""
    one = made(component)
    for shape, fan_in, fan_out in ODD:
        w = one.draw(shape, fan_in, fan_out, np.random.default_rng(0))
        found = getattr(w, "shape", None)
        expect(found == shape, f"draw gives shape {found} where {shape} is asked for: draw `shape` values")
        expect(w.dtype == np.float64, f"draw gives {w.dtype}: draw in float64, the network rounds")
        expect(np.isfinite(w).all(), f"draw gives values that are not finite for shape {shape}")


def check_only_the_generator_matters(component: Any) -> None:
    """Two generators in one state give one draw, and the generator goes on: two layers do not start alike."""
    one = made(component)
    first, second = np.random.default_rng(7), np.random.default_rng(7)
    a, b = one.draw((20, 30), 20, 30, first), one.draw((20, 30), 20, 30, second)
    expect(
        same(a, b), "two generators in the same state give different draws: draw from `rng` only, and keep no state"
    )
    other = one.draw((20, 30), 20, 30, first)
    random = not np.all(a == a.flat[0])
    if random:
        expect(
            not same(a, other) or _fixed(one, a),
            "the second draw of a generator repeats the first: draw from `rng`, and seed none of your own",
        )


def _fixed(one: Any, drawn: np.ndarray) -> bool:
    """Whether the draw uses no chance at all: an identity, a pattern."""
    rng = np.random.default_rng(8)
    before = rng.bit_generator.state
    again = one.draw((20, 30), 20, 30, rng)
    return bool(same(drawn, again) and rng.bit_generator.state == before and getattr(one, "deterministic", False))


def check_declared_variance_holds(component: Any) -> None:
    """Draws have the variance that `variance(fan_in, fan_out)` declares, within five standard errors."""
    one = made(component)
    for shape, fan_in, fan_out in DENSE:
        w = one.draw(shape, fan_in, fan_out, np.random.default_rng(11)).astype(np.float64)
        declared, deviation = float(one.variance(fan_in, fan_out)), w - w.mean()
        found = float((deviation**2).mean())
        # The variance of a sample variance, from the sample's own fourth moment.
        error = math.sqrt(max(float((deviation**4).mean()) - found**2, 0.0) / w.size) + 2 * found / w.size
        expect(
            abs(found - declared) <= 5 * error + 1e-12 * declared + 1e-30,
            f"draws of a layer with fan_in {fan_in} and fan_out {fan_out} have the variance {found:.4g}, declared is "
            f"{declared:.4g}: correct draw or variance (which fan is which?)",
        )
