"""A noisy problem that is not quadratic, and the path of an optimizer on it."""

import numpy as np
import pytest

from optbench.components import Context, Progress
from optbench.nn.layout import Layout

SIZE, STEPS = 24, 300


class NoisyProblem:
    """f(w) = sum log cosh(A w - b), whose gradient A' tanh(A w - b) comes with noise, the same each time.

    The columns of A differ in scale by three decades, so that methods that rescale have work to do.
    """

    size, steps = SIZE, STEPS

    def __init__(self):
        rng = np.random.default_rng(7)
        self.matrix = rng.normal(size=(30, SIZE)) * np.logspace(-2, 1, SIZE) / 5
        self.target = rng.normal(size=30)
        self.start = rng.normal(size=SIZE)
        self.noise = 0.1 * rng.normal(size=(STEPS, SIZE))

    def gradient(self, w, step):
        return self.matrix.T @ np.tanh(self.matrix @ w - self.target) + self.noise[step]


@pytest.fixture(scope="session")
def problem():
    return NoisyProblem()


@pytest.fixture(scope="session")
def path(problem):
    """path(optimizer, factor=…) -> (steps, size): the parameters after each step, in `dtype`."""

    def run(optimizer, factor=lambda step: 1.0, evaluated=False):
        layout = Layout.of({"w": (problem.size,)})
        params = problem.start.copy()
        state = optimizer.init(params, layout)
        context = Context(layout, Progress(total_steps=problem.steps))
        rows = []
        for step in range(problem.steps):
            context.progress.step, context.factor = step, factor(step)
            optimizer.step(params, problem.gradient(params, step), state, context)
            rows.append((optimizer.evaluation_params(params, state) if evaluated else params).copy())
        return np.array(rows)

    return run
