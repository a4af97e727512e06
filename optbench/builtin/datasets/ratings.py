"""Ratings of items by users, from a matrix of low rank."""

from dataclasses import dataclass, replace

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.builtin.datasets.frequencies import drawn_by_rank
from optbench.contract.dataset import Data, Draw
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Ratings(Drawn):
    """Entries of a matrix of low rank, with noise, for pairs of a user and an item.

        y = (b_u + c_i) / 2 + <p_u, q_i> / sqrt(2 rank) + noise e,   b, c, p, q, e ~ N(0, 1)

    Both are drawn by Zipf's law, user u with a share of 1 / (1 + u)^exponent and items alike: a few rate most, and are
    rated most. The part without noise has variance 1 over all matrices; what of it belongs to users and items that are
    seen once or never cannot be learned. Both columns are categories.
    """

    name = "ratings"
    task = "regression"
    reference = "Mnih and Salakhutdinov 2007, Probabilistic matrix factorization; Koren, Bell and Volinsky 2009"
    samples: int = hyper(10_000, valid="[2, inf)", help="number of ratings")
    users: int = hyper(300, valid="[1, inf)", help="number of users")
    items: int = hyper(200, valid="[1, inf)", help="number of items")
    rank: int = hyper(4, valid="[1, inf)", help="of the matrix, without its users' and items' own shares")
    exponent: float = hyper(1.0, valid="[0, 3]", help="of the frequencies: 1 is Zipf's law, 0 all the same")
    noise: float = hyper(0.3, valid="[0, inf)", help="standard deviation of the noise; the signal's is 1")

    def load(self, rng: np.random.Generator) -> Data:
        return replace(super().load(rng), categories=(self.users, self.items))

    def law(self, rng: np.random.Generator) -> Draw:
        b, c = rng.standard_normal(self.users), rng.standard_normal(self.items)
        p, q = rng.standard_normal((self.users, self.rank)), rng.standard_normal((self.items, self.rank))

        def draw(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
            u = drawn_by_rank(rng, self.users, samples, self.exponent)
            i = drawn_by_rank(rng, self.items, samples, self.exponent)
            signal = (b[u] + c[i]) / 2 + (p[u] * q[i]).sum(axis=1) / np.sqrt(2 * self.rank)
            return np.stack([u, i], axis=1).astype(np.float64), signal + self.noise * rng.standard_normal(samples)

        return draw
