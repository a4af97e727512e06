"""Every optimizer descends on the standard problems at some rate of its own tuning range."""

import dataclasses

import numpy as np
import pytest

from optbench.builtin import optimizers
from optbench.contract.context import Context, Progress
from optbench.contract.layout import Layout


def quadratic(w):
    """(w1^2 + 10 w2^2) / 2 from (5, 1): condition number 10."""
    scale = np.array([1.0, 10.0])
    return 0.5 * float(scale @ w**2), scale * w


def rosenbrock(w):
    """(1 - x)^2 + 100 (y - x^2)^2 from (-1.2, 1); Rosenbrock 1960."""
    x, y = w
    valley = y - x * x
    return (1 - x) ** 2 + 100 * valley**2, np.array([-2 * (1 - x) - 400 * x * valley, 200 * valley])


A = np.array([[3.0, 1, 0], [1, 2, 1], [0, 1, 1], [1, 0, 1]])
B = np.array([[1.0, 0], [2, 1], [0, 3], [1, 1]])
LEAST = 0.5 * ((A @ np.linalg.lstsq(A, B)[0] - B) ** 2).sum()


def regression(w):
    """|A W - B|^2 / 2 over a 3 x 2 matrix W, less its minimum."""
    away = A @ w.reshape(3, 2) - B
    return 0.5 * (away**2).sum() - LEAST, (A.T @ away).reshape(-1)


# function, shape, start, and the share of the start's value that 500 steps must get below
PROBLEMS = [
    (quadratic, (2, 1), (5.0, 1.0), 1e-3),
    (rosenbrock, (2, 1), (-1.2, 1.0), 0.15),
    # not from 0: steps that are relative to the weights stay there
    (regression, (3, 2), (0.5, -0.5, 0.5, 0.5, -0.5, 0.5), 0.05),
]


def reached(optimizer, function, shape, start, goal, steps=500):
    """The value at the first of every 50 steps that is below the goal, or the last."""
    layout = Layout.of({"w": shape})
    params = np.array(start)
    context = Context(
        layout,
        Progress(total_steps=steps),
        loss=lambda: function(params)[0],
        gradient=lambda at, out=None: probe(function, at, out),
    )
    state = optimizer.init(params, layout)
    for step in range(steps):
        context.progress.step = step
        optimizer.step(params, function(params)[1], state, context)
        if not np.abs(params).max() < 1e3:
            return np.inf
        if step % 50 == 49:
            value = function(optimizer.evaluation_params(params, state))[0]
            if value < goal:
                break
    return value


def probe(function, at, out):
    value, gradient = function(at)
    if out is None:
        return value, gradient
    out[...] = gradient
    return value, out


def at_rates(optimizer):
    """The optimizer at seven rates over its own range, or its inner one's."""
    owner = optimizer().inner if hasattr(optimizer, "inner") else optimizer()
    spec = owner.hyperparameters()["lr"]
    # from the middle upwards, where most of these are solved
    for rate in np.geomspace(spec.low, spec.high, 7)[[3, 4, 5, 6, 2, 1, 0]]:
        one = dataclasses.replace(owner, lr=float(rate))
        yield one if owner.name == optimizer.name else optimizer(inner=one)


@pytest.mark.parametrize(
    ("function", "shape", "start", "share"), PROBLEMS, ids=lambda p: getattr(p, "__name__", "")
)
@pytest.mark.parametrize("optimizer", optimizers.ALL, ids=lambda c: c.name)
def test_descends(optimizer, function, shape, start, share):
    goal, found = share * function(np.array(start))[0], []
    for one in at_rates(optimizer):
        found.append(reached(one, function, shape, start, goal))
        if found[-1] < goal:
            return
    pytest.fail(f"needs {goal:.3g}, found {found}")
