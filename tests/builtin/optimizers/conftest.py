"""A noisy problem that is not quadratic, and the path of an optimizer on it."""

import numpy as np
import pytest

from optbench.contract.context import Context, Progress
from optbench.contract.layout import Layout, Tensor

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

    def loss(self, w, step):
        away = self.matrix @ w - self.target
        return float((np.logaddexp(away, -away) - np.log(2)).sum() + self.noise[step] @ w)

    def hessian(self, w):
        slopes = 1 / np.cosh(self.matrix @ w - self.target) ** 2
        return self.matrix.T @ (slopes[:, None] * self.matrix)


@pytest.fixture(scope="session")
def problem():
    return NoisyProblem()


#: the vector as two matrices and a bias; 24 = 4 4 + 2 3 + 2
MIXED = Layout(
    [
        Tensor("first", (4, 4), "weight", 4, 4, 0, 0),
        Tensor("second", (2, 3), "weight", 2, 3, 1, 16),
        Tensor("bias", (2,), "bias", 2, 2, 1, 22),
    ]
)


@pytest.fixture(scope="session")
def mixed():
    return MIXED


@pytest.fixture(scope="session")
def path(problem):
    """path(optimizer, …) -> (steps, size): the parameters after each step, or the evaluated ones.

    factor       of the schedule, by step
    full_batch   the same noise in every step
    """

    def run(
        optimizer, factor=lambda step: 1.0, evaluated=False, layout=None, full_batch=False, steps=problem.steps
    ):
        layout = layout or Layout.of({"w": (problem.size,)})
        params = problem.start.copy()
        state = optimizer.init(params, layout)
        rows = []

        def probe(at, out=None):
            found = problem.gradient(at, batch)
            if out is not None:
                out[...] = found
            return problem.loss(at, batch), found if out is None else out

        progress = Progress(total_steps=problem.steps, steps_per_epoch=10)
        loss = lambda: problem.loss(params, batch)  # noqa: E731
        context = Context(layout, progress, loss=loss, gradient=probe)
        for step in range(steps):
            batch = 0 if full_batch else step
            context.progress.step, context.factor = step, factor(step)
            optimizer.step(params, problem.gradient(params, batch), state, context)
            rows.append((optimizer.evaluation_params(params, state) if evaluated else params).copy())
        return np.array(rows)

    return run
