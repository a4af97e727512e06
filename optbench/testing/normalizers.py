"""What a normalizer of inputs owes; one of hidden activations is a layer, see `optbench.testing.layers`."""

from typing import Any

import numpy as np

from optbench.testing.base import expect, made, same
from optbench.testing.exercise import batch

__all__ = [
    "check_examples_are_transformed_one_by_one",
    "check_fit_leaves_the_inputs_alone",
    "check_inputs_survive_extremes",
    "check_whole_numbers_become_floats",
]


def tables() -> list[np.ndarray]:
    """Inputs as images and as flat features (examples, *features)."""
    x, _ = batch(30)
    return [x, x.reshape(len(x), -1)[:, :8].copy()]


def check_fit_leaves_the_inputs_alone(component: Any) -> None:
    """Neither `fit` nor what it returns writes to the examples."""
    for x in tables():
        before = x.copy()
        transform = made(component).fit(x)
        expect(callable(transform), f"fit returned {type(transform).__name__}: return a function of x")
        expect(same(x, before), "fit changed the examples: work on a copy")
        transform(x)
        expect(same(x, before), "the fitted function changed the examples: return another array")


def check_examples_are_transformed_one_by_one(component: Any) -> None:
    """A fitted function does the same to an example, whatever comes with it: it learns from the training split only."""
    for x in tables():
        transform = made(component).fit(x[:20].copy())
        whole = np.asarray(transform(x.copy()))
        expect(len(whole) == len(x), f"{len(x)} examples became {len(whole)}: the first axis is the examples")
        single = np.concatenate([np.asarray(transform(x[k : k + 1].copy())) for k in range(len(x))])
        expect(
            np.allclose(whole, single, rtol=1e-9, atol=1e-12),
            "an example comes out otherwise alone than among others: take all statistics in fit, and none in the "
            "function that it returns",
        )


def check_inputs_survive_extremes(component: Any) -> None:
    """Constant features, a single example, 0, 1e15 and 1e-40 give finite inputs."""
    (_, x), one = tables(), made(component)
    constant = x.copy()
    constant[:, 0] = 3.0
    cases = {
        "a constant feature": constant,
        "only zeros": 0 * x,
        "a single example": x[:1],
        "values of 1e15": 1e15 * x,
        "values of 1e-40": 1e-40 * x,
        "integers that are stored as floats": np.round(3 * x),
    }
    for words, values in cases.items():
        with np.errstate(all="ignore"):
            result = np.asarray(one.fit(values.copy())(values.copy()))
        expect(
            np.isfinite(result).all(),
            f"{words} become NaN or infinite: where a spread is 0, divide by 1 instead",
        )


def check_whole_numbers_become_floats(component: Any) -> None:
    """Inputs of uint8, int64 and bool, such as pixels, come out as the floats that they equal would."""
    (_, x), one = tables(), made(component)
    levels = np.clip(np.round(40 * x + 120), 0, 255)
    for values in (levels.astype(np.uint8), levels.astype(np.int64), levels > 120):
        with np.errstate(all="ignore"):
            result = np.asarray(one.fit(values.copy())(values.copy()))
            floats = np.asarray(one.fit(values.astype(np.float64))(values.astype(np.float64)))
        expect(
            result.dtype.kind == "f" and np.allclose(result, floats, rtol=1e-5, atol=1e-5),
            f"inputs of {values.dtype} come out as {result.dtype}, or otherwise than the same numbers as float64: make "
            "floats of them before the arithmetic, and do not cast back to x.dtype",
        )
