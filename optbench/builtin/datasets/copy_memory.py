"""The copy task: what was read at the beginning is asked for at the end."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.contract.dataset import UNCOUNTED
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class CopyMemory(Drawn):
    """`length` symbols drawn at random, `delay` blanks, a marker, and then the symbols are to be given again.

    x   tokens (examples, 2 length + delay): the symbols 0, …, symbols - 1, blanks (symbols), and the marker
        (symbols + 1) one place before the first answer is due
    y   at the last `length` positions the symbols in their order, nowhere else any target

    Chance has the loss log(symbols). Whoever solves it has kept the symbols through the delay: gates, and an
    initialization that keeps the gradient through time, are what it shows.
    """

    name = "copy-memory"
    task = "sequence"
    reference = "Hochreiter and Schmidhuber 1997; the form of Arjovsky, Shah and Bengio 2016, arXiv:1511.06464"

    samples: int = hyper(2000, valid="[2, inf)", help="number of examples")
    length: int = hyper(5, valid="[1, inf)", help="symbols to be kept")
    delay: int = hyper(10, valid="[1, inf)", help="positions between the last symbol and the first answer")
    symbols: int = hyper(8, valid="[2, inf)", help="different symbols")

    @property
    def tokens(self) -> int:
        return self.symbols + 2

    def draw(self, rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
        times = 2 * self.length + self.delay
        kept = rng.integers(self.symbols, size=(samples, self.length))
        x = np.full((samples, times), float(self.symbols))
        x[:, : self.length] = kept
        x[:, times - self.length - 1] = self.symbols + 1
        y = np.full((samples, times), UNCOUNTED)
        y[:, times - self.length :] = kept
        return x, y
