"""Parity: whether an odd number of bits was 1."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.contract.dataset import UNCOUNTED
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Parity(Drawn):
    """Random bits, and the parity of all of them at the end; with `every`, that of all so far at each position.

    x   tokens 0 and 1, (examples, length)
    y   0 or 1, (examples, length): sum of the bits so far, modulo 2; without `every` at the last position alone

    Both ask for the same two states. With a target at each position the first ones are learned at once and the
    others follow; with the last alone, any part of the bits says nothing, gradients hardly depend on which parity is
    asked for, and the loss stays at log(2) for longer the longer the sequence.
    """

    name = "parity"
    task = "sequence"
    reference = "Shalev-Shwartz, Shamir and Shammah 2017, Failures of Gradient-Based Deep Learning, arXiv:1703.07950"
    samples: int = hyper(2000, valid="[2, inf)", help="number of examples")
    length: int = hyper(8, valid="[2, inf)", help="bits in a sequence")
    every: bool = hyper(True, help="whether each position has a target, and not the last alone")

    @property
    def tokens(self) -> int:
        return 2

    def draw(self, rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
        bits = rng.integers(2, size=(samples, self.length))
        y = bits.cumsum(axis=1) % 2
        if not self.every:
            y[:, :-1] = UNCOUNTED
        return bits.astype(np.float64), y
