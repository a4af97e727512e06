"""What components get to see in training: where it stands, the step at hand, and what was measured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.layout import Layout


class Progress:
    """Where training stands. One object a trial, updated in place before each step.

    step             steps finished: 0 before the first
    total_steps      steps of the whole budget
    steps_per_epoch  steps of one pass over the training data
    """

    __slots__ = ("step", "steps_per_epoch", "total_steps")

    def __init__(self, step: int = 0, total_steps: int = 1, steps_per_epoch: int = 1):
        self.step = step
        self.total_steps = total_steps
        self.steps_per_epoch = steps_per_epoch

    @property
    def epoch(self) -> int:
        """Epochs finished: 0 during the first."""
        return self.step // self.steps_per_epoch

    @property
    def fraction(self) -> float:
        """The share of the budget that is spent: 0 before the first step."""
        return self.step / self.total_steps


class GradientFunction(Protocol):
    """(loss, gradient) at a point; see `Context.gradient`, which calls it."""

    def __call__(self, at: np.ndarray, out: np.ndarray | None = None) -> tuple[float, np.ndarray]: ...


class Context:
    """What an optimizer sees besides parameters, gradient and state. One object a trial, updated in place.

    progress   see `Progress`; `step` is short for progress.step
    factor     the schedule's factor for this step: multiply every learning rate by it
    layout     which tensor lies where
    rng        the optimizer's own generator
    """

    __slots__ = ("_gradient", "_loss", "extra_gradients", "factor", "layout", "progress", "rng")

    def __init__(
        self,
        layout: Layout,
        progress: Progress | None = None,
        rng: np.random.Generator | None = None,
        loss: Callable[[], float] | None = None,
        gradient: GradientFunction | None = None,
    ):
        self.layout = layout
        self.progress = progress or Progress()
        self.rng = rng or np.random.default_rng(0)
        self.factor = 1.0
        self.extra_gradients = 0
        self._loss = loss
        self._gradient = gradient

    @property
    def step(self) -> int:
        return self.progress.step

    @property
    def loss(self) -> float:
        """The mini-batch's loss with its penalties, at the parameters that the gradient was taken at.

        Computed only when asked for. It holds until the first `gradient` call or change of the parameters.
        """
        if self._loss is None:
            raise OptbenchError("this context has no loss")
        return self._loss()

    def gradient(self, at: np.ndarray, out: np.ndarray | None = None) -> tuple[float, np.ndarray]:
        """(loss, gradient) of the same mini-batch at another point, penalties included; counted and reported.

        A fixed function within a step: dropout masks stay, batch statistics are used, running ones untouched.
        The result is written to `out`, or to a buffer that the next call overwrites.
        """
        if self._gradient is None:
            raise OptbenchError("this context cannot evaluate other gradients")
        self.extra_gradients += 1
        return self._gradient(at, out)


@dataclass(frozen=True)
class Measurement:
    """One evaluation of a model in training. Metrics that do not apply are NaN.

    step, epoch        steps and passes over the training data made so far
    gradients          gradients evaluated so far, the optimizer's extra ones included
    seconds            of training so far, evaluation off the clock
    rate               the optimizer's `lr`, or 1, times the schedule's factor of the last step; at step 0 of the first
    train_loss, validation_loss        mean loss, penalties not included; train_…: over all training examples, or a
                       fixed, random, stratified sample of as many as the workload says; validation_…: NaN where this
                       evaluation did not read that split
    train_metric, validation_metric    accuracy for classes, R^2 for regression
    gradient_norm      Euclidean norm of the last mini-batch's gradient
    """

    step: int
    epoch: float
    gradients: int
    seconds: float
    rate: float
    train_loss: float
    train_metric: float
    validation_loss: float
    validation_metric: float
    gradient_norm: float
