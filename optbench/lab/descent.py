"""An optimizer by hand, without a network: over gradients that are given, or down a function."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

import numpy as np

from optbench.contract import arguments
from optbench.contract.components import Optimizer, Schedule, State
from optbench.contract.context import Context, Progress
from optbench.contract.errors import OptbenchError
from optbench.contract.layout import Layout
from optbench.contract.problem import Problem
from optbench.trials.seeds import stream

#: a point (size,) -> its gradient (size,), or (value, gradient)
Gradients = Callable[[np.ndarray], Any]


def descend(
    optimizer: Optimizer,
    start: np.ndarray,
    gradients: np.ndarray | Iterable[np.ndarray] | Gradients | Problem,
    *,
    steps: int | None = None,
    schedule: Schedule | None = None,
    layout: Layout | None = None,
    seed: int = 0,
) -> np.ndarray:
    """The points that an optimizer passes, (steps + 1, *shape), the start first: those that would be evaluated.

    start      parameters of any shape, in float32 or float64 (whole numbers count as float64); they are copied
    gradients  one a step, whatever the point; or a function of the point that gives the gradient there, or the value
               and the gradient; or an analytic function such as get("rosenbrock"), or a problem
    steps      how many; default: as many as there are gradients
    layout     which tensor lies where, for methods that treat matrices apart; default: `start` is one weight
    seed       of what the optimizer or the function draws

    A method that asks for further gradients (SAM, L-BFGS) needs a function. A descent that diverges goes on to
    infinity or NaN.

    >>> descend(SGD(lr=0.5), [1.0, 2.0], [[1, 0], [0, 1]]).tolist()
    [[1.0, 2.0], [0.5, 2.0], [0.5, 1.5]]
    """
    arguments.made("optimizer", optimizer, Optimizer, "an optimizer such as Adam(lr=0.001)")
    if schedule is not None:
        arguments.made("schedule", schedule, Schedule, "a schedule such as Cosine()")
    point = arguments.numbers("start", start)
    point = np.array(point, point.dtype if point.dtype.kind == "f" and point.dtype.itemsize >= 4 else np.float64)
    shape, w = point.shape, point.reshape(-1)
    places = Layout.of({"start": shape}) if layout is None else arguments.made("layout", layout, Layout, "a Layout")
    if places.size != w.size:
        raise OptbenchError(f"layout: expected one of {w.size} parameters, as start has, got {places.size}")
    seed = arguments.seed("seed", seed)
    given = Given(gradients, shape, seed)
    count = given.count(steps)
    context = Context(
        places, Progress(0, count), stream(seed, "optimizer"), lambda: given.value, given.again if given.free else None
    )
    state, grads, path = optimizer.init(w, places), np.zeros_like(w), [w.copy()]
    with np.errstate(all="ignore"):
        for step in range(count):
            context.progress.step = step
            context.factor = 1.0 if schedule is None else float(schedule.factor(context.progress))
            grads[...] = given.at(step, w)
            optimizer.step(w, grads, state, context)
            path.append(np.array(optimizer.evaluation_params(w, state)))
    return np.array(path).reshape(count + 1, *shape)


class Given:
    """Gradients from whatever they are given as.

    free    they can be had at any point
    value   the loss at the point of the step, NaN where none is given
    """

    def __init__(self, gradients: Any, shape: tuple[int, ...], seed: int):
        self.shape, self.value, self.step = shape, float("nan"), 0
        self.rng = stream(seed, "noise")
        self.free = callable(gradients) or isinstance(gradients, Problem)
        self.function = gradients
        self.state = gradients.begin(stream(seed, "noise", 1)) if isinstance(gradients, Problem) else {}
        self.rows: list[np.ndarray] = []
        if not self.free:
            rows = arguments.listed("gradients", gradients, "gradients, one a step, or a function that gives them")
            self.rows = [self.checked(f"gradients[{k}]", row) for k, row in enumerate(rows)]

    def count(self, steps: int | None) -> int:
        """How many steps to make; `OptbenchError` where there are fewer gradients."""
        if steps is None and self.free:
            raise OptbenchError("steps: a function gives gradients without end, so say how many steps to make")
        if steps is None:
            return len(self.rows)
        count = arguments.whole("steps", steps, 0)
        if not self.free and count > len(self.rows):
            raise OptbenchError(f"steps: {count} steps, but only {len(self.rows)} gradients are given")
        return count

    def at(self, step: int, w: np.ndarray) -> np.ndarray:
        """The gradient (size,) of a step at its point."""
        self.step = step
        if not self.free:
            return self.rows[step]
        self.before = (self.rng.bit_generator.state, deepcopy(self.state))
        self.value, found = self.evaluate(w, self.state)
        return found

    def again(self, at: np.ndarray, out: np.ndarray | None = None) -> tuple[float, np.ndarray]:
        """The same step's value and gradient at another point, with the same noise."""
        self.rng.bit_generator.state, state = self.before
        value, found = self.evaluate(np.asarray(at), deepcopy(state))
        out = np.empty_like(found) if out is None else out
        out[...] = found
        return value, out

    def evaluate(self, w: np.ndarray, state: State) -> tuple[float, np.ndarray]:
        if isinstance(self.function, Problem):
            return self.function.loss_and_gradient(w, self.step, self.rng, state)
        result = self.function(w.reshape(self.shape).copy())
        value, found = result if isinstance(result, tuple) and len(result) == 2 else (float("nan"), result)
        return float(value), self.checked("the gradient that the function gives", found)

    def checked(self, name: str, gradient: Any) -> np.ndarray:
        found = arguments.numbers(name, gradient)
        if found.shape != self.shape:
            raise OptbenchError(f"{name}: expected shape {self.shape}, as start has, got {found.shape}")
        return found.reshape(-1)
