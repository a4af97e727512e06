"""What is trained: a stack of rows of parameters, with the gradient of each row's next mini-batch.

The trainer sees this interface only, so that it trains a network on data and descends an analytic function by
the same lines. All rows share the shape; each has its own seed, batches and noise.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from optbench.contract.layout import Layout

Scores = tuple[float, float, float, float]


class Problem(Protocol):
    """Rows of parameters and gradients, (stack, size), that the trainer steps."""

    layout: Layout
    params: np.ndarray
    grads: np.ndarray
    steps_per_epoch: int
    #: whether `project` does anything
    bounded: bool

    def next_batch(self, step: int) -> None:
        """Choose every row's mini-batch for this step (0-based), and what is random in it."""

    def gradient(self) -> None:
        """Fill `grads` at `params` for the chosen mini-batches."""

    def loss(self, row: int) -> float:
        """The mini-batch loss that the last `gradient` of this row belongs to."""

    def probe(self, row: int, at: np.ndarray, out: np.ndarray) -> float:
        """Loss and gradient of the row's same mini-batch at another point; changes nothing else."""

    def evaluate(self, row: int, params: np.ndarray, validated: bool = True) -> Scores:
        """Training loss and metric, validation loss and metric; NaN for the latter where they are not `validated`."""

    def test(self, row: int, params: np.ndarray) -> tuple[float, float]:
        """Test loss and metric: to be read once, at the end."""

    def project(self, row: int, vector: np.ndarray) -> None:
        """Keep a vector in the problem's own domain."""

    @property
    def stack(self) -> int:
        """How many rows there are."""

    def select(self, rows: Sequence[int]) -> "Problem":
        """A problem of these rows alone, with their parameters; everything else of theirs goes by save and load."""

    def save(self, row: int) -> dict[str, Any]:
        """What the row needs to go on with the same bits, besides its parameters."""

    def load(self, row: int, saved: dict[str, Any]) -> None: ...


def generator_state(rng: np.random.Generator) -> dict[str, Any]:
    return dict(rng.bit_generator.state)
