"""The adding problem: two numbers of a long sequence are marked, and their sum is asked for at its end."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Adding(Drawn):
    """Numbers that come one after the other, each with a mark; the target is the sum of the two that are marked.

    x   (examples, length, 2): numbers uniform in [0, 1], and beside them 1 at one place of the first half and at one
        of the second, 0 elsewhere
    y   the sum of the two numbers, (examples,)

    Whoever ignores the marks has R^2 near 0. A recurrent network must keep a number through the places between the
    marks: the longer the sequence, the longer its loss stays where it is.
    """

    name = "adding"
    task = "regression"
    reference = "Hochreiter and Schmidhuber 1997, section 5.4; as in Le, Jaitly and Hinton 2015, arXiv:1504.00941"
    samples: int = hyper(2000, valid="[2, inf)", help="number of examples")
    length: int = hyper(30, valid="[2, inf)", help="numbers in a sequence")

    def draw(self, rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
        half, rows = self.length // 2, np.arange(samples)
        x = np.zeros((samples, self.length, 2))
        x[:, :, 0] = rng.uniform(size=(samples, self.length))
        first, second = rng.integers(half, size=samples), rng.integers(half, self.length, size=samples)
        x[rows, first, 1] = x[rows, second, 1] = 1
        return x, x[rows, first, 0] + x[rows, second, 0]
