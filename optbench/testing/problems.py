"""What a problem of one's own owes; and so does an analytic function, which is one."""

import copy
from typing import Any

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.function import Function
from optbench.contract.metric import Metric
from optbench.testing.base import CheckFailed, Normal, expect, leaves, made, same
from optbench.testing.checkpoints import checkpointed
from optbench.training.own_problem import OwnProblem

__all__ = [
    "check_problem_evaluates",
    "check_problem_gradient",
    "check_problem_reads_only",
    "check_problem_saves_and_loads",
    "check_problem_starts",
    "check_problem_stays_float32",
    "check_problem_step_is_one_function",
    "check_problem_survives_far_away",
]

#: above so many parameters the gradient is compared along as many random directions
MOST = 40
#: of central differences: half their width, and how far they may lie off as a share
WIDTH, SHARE = 1e-5, 1e-5
#: draws of a gradient that is an estimate, and the standard errors that their mean may lie off
DRAWS, ERRORS = 2000, 6.0


def at_work(one: Any, seed: int = 0, dtype: Any = np.float64) -> OwnProblem:
    """The problem as the trainer has it, before a first step; `CheckFailed` where that refuses it."""
    try:
        return OwnProblem(one, [seed], [Normal()], np.dtype(dtype))
    except OptbenchError as error:
        raise CheckFailed(str(error)) from error


def walk(bench: OwnProblem, steps: range) -> list[Any]:
    """Losses and gradients of some steps, at points that move a little from one to the next."""
    found: list[Any] = []
    for step in steps:
        bench.next_batch(step)
        bench.gradient()
        found += [bench.values[0], bench.grads[0].copy()]
        bench.params += 0.01
    return found


def check_problem_starts(component: Any) -> None:
    """A layout without gaps, first parameters that fit it, a metric that there is, and a first step that is finite."""
    one = made(component)
    try:
        one.metric and Metric.of(one.metric)
    except OptbenchError as error:
        raise CheckFailed(str(error)) from error
    for seed in (0, 1):
        at_work(one, seed)


def check_problem_gradient(component: Any) -> None:
    """The gradient is the derivative of the loss, by central differences with the same numbers drawn.

    Where it is `estimated`, the mean of many is the derivative of the training loss that `evaluate` gives.
    """
    one = made(component)
    bench, points = at_work(one), np.random.default_rng(1)
    if one.estimated:
        _check_estimate(bench, points)
        return
    size, worst = bench.layout.size, 0.0
    for step in range(4):
        w = points.uniform(-0.9, 0.9, size)
        if not isinstance(one, Function):
            w = bench.params[0] + 0.1 * w
        directions = np.eye(size) if size <= MOST else points.normal(size=(MOST, size)) / size**0.5
        central = (_losses(one, w, step, directions * WIDTH) - _losses(one, w, step, -directions * WIDTH)) / (2 * WIDTH)
        exact = directions @ _at(one, w, step, 5)[1]
        total = float(np.linalg.norm(central) + np.linalg.norm(exact))
        worst = max(worst, float(np.linalg.norm(central - exact)) / total) if total > 0 else worst
    expect(
        worst < SHARE,
        f"the gradient differs from central differences of the loss by {worst:.1e} (relative): correct one of them, "
        "draw from rng alike for both, or say why it is no derivative in `estimated`",
    )


def _at(one: Any, w: np.ndarray, step: int, seed: int) -> tuple[float, np.ndarray]:
    found: tuple[float, np.ndarray] = one.loss_and_gradient(
        w.copy(), step, np.random.default_rng(seed), one.begin(np.random.default_rng(4))
    )
    return found


def _losses(one: Any, w: np.ndarray, step: int, moves: np.ndarray) -> np.ndarray:
    return np.array([_at(one, w + move, step, 5)[0] for move in moves])


def _check_estimate(bench: OwnProblem, points: np.random.Generator) -> None:
    one, size = bench.problem, bench.layout.size
    w = bench.params[0] + 0.1 * points.uniform(-0.9, 0.9, size)
    directions = points.normal(size=(3, size)) / size**0.5
    drawn = np.array([directions @ _at(one, w, 0, seed)[1] for seed in range(DRAWS)])
    state = one.begin(np.random.default_rng(4))
    ahead, behind = (
        np.array([one.evaluate(w + sign * WIDTH * d, state)[0] for d in directions]) for sign in (1.0, -1.0)
    )
    central, mean = (ahead - behind) / (2 * WIDTH), drawn.mean(axis=0)
    allowed = ERRORS * drawn.std(axis=0) / DRAWS**0.5 + SHARE * np.abs(central)
    off = float(np.max(np.abs(mean - central) / allowed)) * ERRORS
    expect(
        off <= ERRORS,
        f"the mean of {DRAWS} gradients lies {off:.1f} standard errors off the derivative of the training loss that "
        "evaluate gives: correct one of them",
    )


def check_problem_reads_only(component: Any) -> None:
    """`w` is only read, the loss is a number, and the gradient is an array of the caller's."""
    one = made(component)
    w = at_work(one).params[0] + 0.1
    before = w.copy()
    state = one.begin(np.random.default_rng(4))
    known = copy.deepcopy(state)
    loss, gradient = one.loss_and_gradient(w, 3, np.random.default_rng(9), copy.deepcopy(state))
    expect(isinstance(loss, float), f"the loss is of type {type(loss).__name__}: return float(...)")
    kept = np.array(gradient)
    one.evaluate(w, state)
    one.test(w, state)
    expect(same(w, before), "loss_and_gradient, evaluate or test changed w: it is only to be read")
    expect(
        all(same(a, b) for (_, a), (_, b) in zip(leaves(state), leaves(known), strict=True)),
        "evaluate or test changed the state: it is only to be read there",
    )
    gradient[...] = 7
    again = one.loss_and_gradient(w, 3, np.random.default_rng(9), state)[1]
    expect(same(again, kept), "the caller's gradient is the problem's own array: return another one each time")


def check_problem_step_is_one_function(component: Any) -> None:
    """A second gradient within a step sees the same numbers drawn and the same memory, and changes neither."""
    one = made(component)
    alone, probed = at_work(one, seed=3), at_work(one, seed=3)
    out = np.zeros(alone.layout.size)
    for step in range(3):
        first = walk(alone, range(step, step + 1))
        at = probed.params[0].copy()
        again = walk(probed, range(step, step + 1))
        expect(
            same(first[0], again[0]) and same(first[1], again[1]),
            "a gradient at a second point within a step changed the next step: draw from the rng that is passed, and "
            "remember in `state` only",
        )
        loss = probed.probe(0, at, out)
        expect(
            same(loss, first[0]) and same(out, first[1]),
            "at the same point of the same step it gives another loss or gradient: draw from the rng that is passed, "
            "and remember in `state` only",
        )
        probed.probe(0, at + 1, out)


def check_problem_saves_and_loads(component: Any) -> None:
    """What `begin` gives survives a checkpoint's file, and training goes on from there with the same bits."""
    one = made(component)
    whole = walk(at_work(one, seed=2), range(6))
    bench = at_work(one, seed=2)
    walk(bench, range(3))
    resumed = at_work(one, seed=2)
    try:
        resumed.load(0, checkpointed(bench.save(0)))
    except OptbenchError as error:
        raise CheckFailed(f"{error}: begin must give such a state") from error
    resumed.params[...] = bench.params
    expect(
        all(same(a, b) for a, b in zip(whole[6:], walk(resumed, range(3, 6)), strict=True)),
        "it goes on with other numbers after a checkpoint: whatever it remembers must be in the state that begin gives",
    )


def check_problem_evaluates(component: Any) -> None:
    """Evaluation and test give numbers, the same each time, and a metric if and only if there is one."""
    one = made(component)
    bench = at_work(one)
    w = bench.params[0]
    try:
        found = [*bench.evaluate(0, w), *bench.test(0, w)]
        again = [*bench.evaluate(0, w), *bench.test(0, w)]
    except OptbenchError as error:
        raise CheckFailed(str(error)) from error
    expect(np.isfinite(found[0]), f"evaluate gives a training loss of {found[0]:g} at the start")
    expect(same(found, again), f"evaluated twice it gives {found} and {again}: draw no chance there")
    known = not np.isnan(found[1::2]).all()
    expect(
        known == bool(one.metric),
        f"metric = {one.metric!r}, but evaluate and test give {found[1::2]}: say which metric it is, or give NaN",
    )


def check_problem_stays_float32(component: Any) -> None:
    """Of parameters in float32 it gives a gradient in float32."""
    one = made(component)
    w = at_work(one, dtype=np.float32).params[0]
    gradient = one.loss_and_gradient(w, 0, np.random.default_rng(0), one.begin(np.random.default_rng(4)))[1]
    got = getattr(gradient, "dtype", type(gradient).__name__)
    expect(
        got == np.float32,
        f"the gradient of float32 parameters is {got}: make its constants Python floats, and cast its own arrays to "
        "w.dtype",
    )


def check_problem_survives_far_away(component: Any) -> None:
    """At 1e30, -1e200, infinity and NaN it gives numbers: a run that diverges is a result."""
    one = made(component)
    size = at_work(one).layout.size
    for far in (1e30, -1e200, np.inf, np.nan):
        w = np.full(size, far)
        try:
            with np.errstate(all="ignore"):
                gradient = _at(one, w, 0, 0)[1]
                one.evaluate(w, one.begin(np.random.default_rng(4)))
        except Exception as error:
            raise CheckFailed(
                f"it raises {type(error).__name__} at w = {far:g} ({error}): use NumPy's functions, which give "
                "infinity, in place of math's"
            ) from error
        expect(np.shape(gradient) == w.shape, f"the gradient has shape {np.shape(gradient)} at w = {far:g}")
