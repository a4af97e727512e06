"""An optimizer at work without a network: as the trainer drives it, on problems that are known.

Problems give the loss and gradient of a step's mini-batch at any point, so that methods that ask for further
gradients (L-BFGS, SAM) work too.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from optbench.contract.components import Optimizer
from optbench.contract.context import Context, Progress
from optbench.contract.layout import Layout, Tensor

#: (step, point) -> (loss, gradient), in float64
Problem = Callable[[int, np.ndarray], tuple[float, np.ndarray]]


def mixed_layout() -> Layout:
    """A convolution's and a dense layer's weights, a bias, a normalizer's scale and shift."""
    shapes = [
        ("0.convolution.weights", (3, 3, 2, 4), "weight", 18, 36),
        ("1.batchnorm.scale", (4,), "scale", 1, 1),
        ("1.batchnorm.shift", (4,), "shift", 1, 1),
        ("2.dense.weights", (6, 3), "weight", 6, 3),
        ("2.dense.bias", (3,), "bias", 6, 3),
    ]
    tensors, offset = [], 0
    for name, shape, role, fan_in, fan_out in shapes:
        tensors.append(Tensor(name, shape, role, fan_in, fan_out, int(name[0]), offset))
        offset += tensors[-1].size
    return Layout(tensors)


MIXED = mixed_layout()


def start(layout: Layout, dtype: Any = np.float64, seed: int = 5) -> np.ndarray:
    """First parameters (size,) of the size that training meets: none is 0."""
    rng = np.random.default_rng(seed)
    return (rng.uniform(0.2, 1.0, layout.size) * rng.choice([-1.0, 1.0], layout.size)).astype(dtype)


def noisy(layout: Layout, seed: int = 1, batches: int = 64) -> Problem:
    """f(w) = sum log cosh(s (w - t)) for scales s over two decades; t differs from mini-batch to mini-batch."""
    rng = np.random.default_rng(seed)
    scales = np.geomspace(0.3, 3, layout.size) if layout.size else np.zeros(0)
    targets = rng.normal(size=layout.size) + 0.3 * rng.normal(size=(batches, layout.size))

    def problem(step: int, w: np.ndarray) -> tuple[float, np.ndarray]:
        z = scales * (w - targets[step % batches])
        return float(np.sum(np.logaddexp(z, -z) - np.log(2))), scales * np.tanh(z)

    return problem


def straight(gradient: np.ndarray) -> Problem:
    """f(w) = g w: the same gradient at every point."""

    def problem(step: int, w: np.ndarray) -> tuple[float, np.ndarray]:
        return float(gradient @ w), gradient

    return problem


class Drive:
    """One training: `go` makes steps; `params`, `state` and `context` are what the optimizer sees.

    As in the trainer, the gradients lie in buffers that are used again, and `params` may be a row of a matrix.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        params: np.ndarray | None = None,
        layout: Layout = MIXED,
        problem: Problem | None = None,
        *,
        seed: int = 0,
        total: int = 20,
        factor: float = 1.0,
        dtype: Any = np.float64,
    ):
        self.optimizer, self.layout = optimizer, layout
        self.params = start(layout, dtype) if params is None else params
        self.problem = problem or noisy(layout)
        self.grads = np.zeros_like(self.params)
        self.buffer = np.zeros_like(self.params)
        self.evaluations = 0
        self.loss = 0.0
        self.context = Context(
            layout,
            Progress(0, total, 5),
            np.random.default_rng(seed),
            loss=lambda: self.loss,
            gradient=self.gradient,
        )
        self.context.factor = factor
        with np.errstate(all="ignore"):
            self.state = optimizer.init(self.params, layout)

    def gradient(self, at: np.ndarray, out: np.ndarray | None = None) -> tuple[float, np.ndarray]:
        self.evaluations += 1
        out = self.buffer if out is None else out
        loss, out[...] = self.problem(self.context.progress.step, np.asarray(at, np.float64))
        return loss, out

    def go(self, steps: int, first: int | None = None) -> "Drive":
        begin = self.context.progress.step if first is None else first
        # Overflow is an outcome in training, not a mistake.
        with np.errstate(all="ignore"):
            for step in range(begin, begin + steps):
                self.step(step)
        return self

    def step(self, step: int) -> Any:
        self.context.progress.step = step
        self.loss, self.grads[...] = self.problem(step, np.asarray(self.params, np.float64))
        result = self.optimizer.step(self.params, self.grads, self.state, self.context)  # type: ignore[func-returns-value]
        self.context.progress.step = step + 1
        return result

    @property
    def evaluated(self) -> np.ndarray:
        return np.array(self.optimizer.evaluation_params(self.params, self.state))
