"""Associative recall: which value stood behind this key."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.contract.dataset import UNCOUNTED
from optbench.contract.hyperparameters import ComponentError, hyper


@dataclass(frozen=True)
class AssociativeRecall(Drawn):
    """Pairs of a key and a value, drawn anew for each example, and then keys again, whose values are asked for.

    x   tokens (examples, 2 pairs + queries): key, value, key, value, …, then `queries` of the keys; keys are 0, …,
        keys - 1, all different within an example, values are the `values` numbers behind them
    y   at the positions of the queries the value that stood behind that key, nowhere else any target

    Chance has the loss log(values). Nothing about a key is the same in the next example: it has to be looked up in
    what was read. Attention learns to do so, after a while without progress; a recurrent network must have kept all
    pairs in its state.
    """

    name = "associative-recall"
    task = "sequence"
    reference = "Graves, Wayne and Danihelka 2014, arXiv:1410.5401; Arora et al. 2023, arXiv:2312.04927"
    samples: int = hyper(2000, valid="[2, inf)", help="number of examples")
    pairs: int = hyper(4, valid="[1, inf)", help="pairs of a key and a value")
    queries: int = hyper(2, valid="[1, inf)", help="keys whose values are asked for, at most as many as pairs")
    keys: int = hyper(8, valid="[1, inf)", help="different keys, at least as many as pairs")
    values: int = hyper(8, valid="[2, inf)", help="different values")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.pairs > self.keys:
            raise ComponentError(
                f"dataset {self.name}: pairs must be at most keys, which are different, got {self.pairs} of {self.keys}"
            )
        if self.queries > self.pairs:
            raise ComponentError(
                f"dataset {self.name}: queries must be at most pairs, each asks for another, got {self.queries} of "
                f"{self.pairs}"
            )

    @property
    def tokens(self) -> int:
        return self.keys + self.values

    def draw(self, rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
        keys = different(rng, samples, self.keys, self.pairs)
        values = self.keys + rng.integers(self.values, size=keys.shape)
        asked = different(rng, samples, self.pairs, self.queries)
        pairs = np.stack([keys, values], axis=2).reshape(samples, -1)
        x = np.concatenate([pairs, np.take_along_axis(keys, asked, axis=1)], axis=1)
        y = np.full(x.shape, UNCOUNTED)
        y[:, pairs.shape[1] :] = np.take_along_axis(values, asked, axis=1)
        return x.astype(np.float64), y


def different(rng: np.random.Generator, rows: int, numbers: int, count: int) -> np.ndarray:
    """(rows, count): in each row different ones of 0, …, numbers - 1, in random order."""
    return rng.random((rows, numbers)).argsort(axis=1)[:, :count]
