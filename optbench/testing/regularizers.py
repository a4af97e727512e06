"""What penalties, constraints, batch transforms and stopping rules owe."""

from typing import Any

import numpy as np

from optbench.contract.layout import Layout
from optbench.testing.base import expect, made, same
from optbench.testing.drive import MIXED, start
from optbench.testing.exercise import batch, history
from optbench.testing.gradcheck import THRESHOLD, check_penalty
from optbench.testing.watched import watch

__all__ = [
    "check_penalty_adds_to_the_gradient",
    "check_penalty_gradient",
    "check_penalty_survives_extremes",
    "check_projection_is_idempotent",
    "check_projection_survives_extremes",
    "check_stopping_answers_any_history",
    "check_stopping_is_pure",
    "check_transform_keeps_shapes",
    "check_transform_stays_float32",
    "check_transform_survives_extremes",
    "check_vectors_stay_float32",
]

# ------------------------------------------------------------------------------------------------------ penalties


def check_penalty_gradient(component: Any) -> None:
    """What `apply` adds to `grads` is the derivative of what it returns, by central differences."""
    gap = check_penalty(made(component))
    expect(
        gap < THRESHOLD,
        f"the gradient that apply adds differs from the derivative of the value that it returns by {gap:.1e} "
        "(relative): correct one of them, a factor of 2 perhaps",
    )


def check_penalty_adds_to_the_gradient(component: Any) -> None:
    """`apply` adds to `grads`, leaves `params`, and returns a Python float."""
    one, params = made(component), start(MIXED)
    before, pure = params.copy(), np.zeros(MIXED.size)
    value = one.apply(params, pure, MIXED)
    expect(isinstance(value, float), f"apply returned {type(value).__name__}: return the value as a float(...)")
    expect(same(params, before), "apply changed params: it only reads them")
    grads = np.linspace(-1, 1, MIXED.size)
    expected = grads + pure
    one.apply(params, grads, MIXED)
    expect(
        np.allclose(grads, expected, rtol=1e-12, atol=1e-15),
        "apply overwrites the gradient of the loss: add to it, `grads += ...`",
    )


def check_penalty_survives_extremes(component: Any) -> None:
    """No parameter, zeros, 1e15 and 1e-40 give finite gradients in float32."""
    one = made(component)
    one.apply(np.zeros(0), np.zeros(0), Layout([]))
    for size in (0.0, 1e15, 1e-40):
        params = (size * start(MIXED)).astype(np.float32)
        grads = np.zeros_like(params)
        with np.errstate(all="ignore"):
            one.apply(params, grads, MIXED)
        expect(
            np.isfinite(grads).all(),
            f"weights of the size {size:g} give a gradient that is not finite: keep from dividing by 0",
        )


# ---------------------------------------------------------------------------------------------------- constraints


def check_projection_is_idempotent(component: Any) -> None:
    """`project` moves params in place to a point of the set, where it leaves them."""
    one = made(component)
    for size in (100.0, 1.0, 1e-3):
        params = size * start(MIXED)
        result = one.project(params, MIXED)
        expect(result is None, "project returned something: change params in place, and return nothing")
        once = params.copy()
        one.project(params, MIXED)
        expect(
            np.allclose(params, once, rtol=1e-9, atol=1e-12),
            "a second projection moves params again: the first must reach the set",
        )
    inside = one.project(huge := 1e6 * start(MIXED), MIXED)
    expect(
        inside is None and not same(huge, 1e6 * start(MIXED)),
        "params of a million stay as they are: write `params[...] = ...` or `params *= ...`; `params = ...` only makes "
        "another array, which nobody sees",
    )


def check_projection_survives_extremes(component: Any) -> None:
    """No parameter, zeros, 1e15 and 1e-40 give finite parameters in float32."""
    one = made(component)
    one.project(np.zeros(0), Layout([]))
    for size in (0.0, 1e15, 1e-40):
        params = (size * start(MIXED)).astype(np.float32)
        with np.errstate(all="ignore"):
            one.project(params, MIXED)
        expect(
            np.isfinite(params).all(),
            f"params of the size {size:g} become NaN or infinite: a norm may be 0 (np.maximum(norm, ...))",
        )


def check_vectors_stay_float32(component: Any) -> None:
    """No arithmetic of `apply` or `project` turns to float64 where the parameters are float32."""
    one, log = made(component), []  # type: ignore[var-annotated]
    params, grads = (watch(start(MIXED, np.float32, seed), log) for seed in (1, 2))
    if hasattr(one, "apply"):
        one.apply(params, grads, MIXED)
    else:
        one.project(params, MIXED)
    expect(not log, f"computes in float64: {log and log[0]}; make the scalar a Python float, float(...)")


# ----------------------------------------------------------------------------------------------- batch transforms


def check_transform_keeps_shapes(component: Any) -> None:
    """Inputs and targets keep their shapes and their dtype, also for one example."""
    one = made(component)
    for examples in (12, 1):
        for dtype in (np.float32, np.float64):
            x, y = batch(examples, dtype)
            shapes = (x.shape, y.shape)
            result = one.transform(x, y, np.random.default_rng(0))
            expect(
                isinstance(result, tuple) and len(result) == 2, "transform must return two arrays: `return x, y`"
            )
            found = tuple(a.shape for a in result)
            expect(found == shapes, f"a batch of shapes {shapes} came back with {found}: keep the shapes")
            kinds = [str(a.dtype) for a in result]
            expect(
                all(a.dtype == dtype for a in result),
                f"a batch of {np.dtype(dtype)} came back as {' and '.join(kinds)}: work in place, or astype(x.dtype)",
            )
            expect(all(np.isfinite(a).all() for a in result), "the batch is not finite any more")


def check_transform_stays_float32(component: Any) -> None:
    """No arithmetic turns to float64 where the batch is float32."""
    log: list[str] = []
    x, y = (watch(a, log) for a in batch(dtype=np.float32))
    made(component).transform(x, y, np.random.default_rng(0))
    expect(
        not log,
        f"computes in float64: {log and log[0]}; draw with dtype=x.dtype, and make scalars Python floats, float(...)",
    )


def check_transform_survives_extremes(component: Any) -> None:
    """Inputs of 0, 1e15 and 1e-40 stay finite."""
    for size in (0.0, 1e15, 1e-40):
        x, y = batch(dtype=np.float32)
        with np.errstate(all="ignore"):
            x, y = made(component).transform(x * np.float32(size), y, np.random.default_rng(0))
        expect(
            np.isfinite(x).all() and np.isfinite(y).all(),
            f"inputs of the size {size:g} become NaN or infinite: add an epsilon to what you divide by",
        )


# -------------------------------------------------------------------------------------------------- stopping rules


def check_stopping_is_pure(component: Any) -> None:
    """`stop` and `keep` read the history only: asked again, in any order, they say the same."""
    one = made(component)
    measured = history([*np.geomspace(1, 0.1, 8), *np.linspace(0.1, 1, 30)])
    lengths = list(range(1, len(measured) + 1))
    answers: dict[int, tuple[bool, int]] = {}
    for n in [*lengths, *reversed(lengths)]:
        part = measured[:n]
        answer = (one.stop(part), one.keep(part))
        expect(part == measured[:n], "stop or keep changed the history: it is only to be read")
        expect(
            answers.setdefault(n, answer) == answer,
            "the same history gets another answer the second time: compute it from the history alone",
        )


def check_stopping_answers_any_history(component: Any) -> None:
    """One evaluation, NaN, infinity and equal losses get a truth value and an index of the history."""
    one, nan = made(component), float("nan")
    for losses in ([1.0], [nan], [nan] * 30, [float("inf")] * 3, [1.0] * 30, [1.0, nan, 0.5]):
        measured = history(losses)
        stop, keep = one.stop(measured), one.keep(measured)
        expect(
            isinstance(stop, (bool, np.bool_)),
            f"stop returned {stop!r} for the losses {losses[:3]}: return True or False",
        )
        whole = isinstance(keep, (int, np.integer)) and not isinstance(keep, bool)
        expect(
            whole and 0 <= keep < len(measured),
            f"keep returned {keep!r} for a history of {len(measured)}: return an index from 0 to {len(measured) - 1}",
        )
