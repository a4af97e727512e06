"""Every optimizer descends on the standard problems at some rate of its own tuning range."""

import numpy as np
import pytest

from optbench import optimizers
from optbench.components import Context, Progress
from optbench.nn.layout import Layout


def quadratic(w):
    """(w1^2 + 10 w2^2) / 2 from (5, 1): condition number 10."""
    scale = np.array([1.0, 10.0])
    return 0.5 * float(scale @ w**2), scale * w


def rosenbrock(w):
    """(1 - x)^2 + 100 (y - x^2)^2 from (-1.2, 1); Rosenbrock 1960."""
    x, y = w
    valley = y - x * x
    return (1 - x) ** 2 + 100 * valley**2, np.array([-2 * (1 - x) - 400 * x * valley, 200 * valley])


# function, start, and the share of the start's value that 500 steps must get below
PROBLEMS = [(quadratic, (5.0, 1.0), 1e-3), (rosenbrock, (-1.2, 1.0), 0.15)]


def least(optimizer, function, start, steps=500):
    layout = Layout.of({"w": (2,)})
    params = np.array(start)
    context = Context(layout, Progress(total_steps=steps))
    state = optimizer.init(params, layout)
    for step in range(steps):
        context.progress.step = step
        optimizer.step(params, function(params)[1], state, context)
        if not np.abs(params).max() < 1e3:
            return np.inf
    return function(optimizer.evaluation_params(params, state))[0]


@pytest.mark.parametrize(("function", "start", "share"), PROBLEMS, ids=lambda p: getattr(p, "__name__", ""))
@pytest.mark.parametrize("optimizer", optimizers.ALL, ids=lambda c: c.name)
def test_descends(optimizer, function, start, share):
    spec = optimizer.hyperparameters()["lr"]
    rates = np.geomspace(spec.low, spec.high, 7)
    best = min(least(optimizer(lr=rate), function, start) for rate in rates)
    assert best < share * function(np.array(start))[0]
