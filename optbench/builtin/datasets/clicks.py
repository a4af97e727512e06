"""Clicks on advertisements: categories with long tails, and a few values."""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.builtin.datasets.frequencies import drawn_by_rank
from optbench.contract.dataset import Data, Draw
from optbench.contract.hyperparameters import ComponentError, hyper


@dataclass(frozen=True)
class Clicks(Drawn):
    """Whether somebody clicked, from categories of the page, the user, the advertisement, and from values.

        P(y = 1) = sigmoid(intercept + strength (s + t) / sqrt(2))
        s = (sum_k w_k[x_k] + sum_j g_j v_j) / sqrt(K + values),   t = sum_(k < l) <a_k, a_l> / sqrt(rank K (K - 1) / 2)

    with a_k = A_k[x_k] of `rank` numbers, and w, g, v, A ~ N(0, 1): a factorization machine's score. Category x of each
    column is drawn with a share of 1 / (1 + x)^exponent, so that most are rare. The first K columns are categories.
    """

    name = "clicks"
    task = "binary"
    reference = "Rendle 2010, Factorization machines; the columns of Criteo's data set, as in Naumov et al. 2019"
    samples: int = hyper(10_000, valid="[2, inf)", help="number of examples")
    categories: tuple[int, ...] = hyper((500, 200, 50, 10), help="categories of each such column")
    values: int = hyper(4, valid="[0, inf)", help="columns of values")
    rank: int = hyper(4, valid="[1, inf)", help="of the products between categories")
    exponent: float = hyper(1.0, valid="[0, 3]", help="of the frequencies: 1 is Zipf's law, 0 all the same")
    strength: float = hyper(2.0, valid="[0, inf)", help="standard deviation of the score")
    intercept: float = hyper(-1.0, help="score on average: clicks are the rarer of the two")

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes = self.categories
        if len(sizes) < 2 or any(isinstance(n, bool) or not isinstance(n, int) or n < 1 for n in sizes):
            raise ComponentError(
                f"dataset clicks: categories must be a list of at least two whole numbers above 0, got {list(sizes)!r}"
            )

    def load(self, rng: np.random.Generator) -> Data:
        return replace(super().load(rng), categories=self.categories)

    def law(self, rng: np.random.Generator) -> Draw:
        g = rng.standard_normal(self.values)
        weights = [rng.standard_normal(n) for n in self.categories]
        tables = [rng.standard_normal((n, self.rank)) for n in self.categories]

        def draw(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
            columns = [drawn_by_rank(rng, n, samples, self.exponent) for n in self.categories]
            v = rng.standard_normal((samples, self.values))
            s = v @ g
            for w, x in zip(weights, columns, strict=True):
                s += w[x]
            pairs = list(combinations([table[x] for table, x in zip(tables, columns, strict=True)], 2))
            t = sum((a * b).sum(axis=1) for a, b in pairs) / np.sqrt(self.rank * len(pairs))
            score = self.intercept + self.strength * (s / np.sqrt(len(columns) + self.values) + t) / np.sqrt(2)
            y = (rng.random(samples) < 1 / (1 + np.exp(-score))).astype(np.int64)
            return np.concatenate([np.stack(columns, axis=1).astype(np.float64), v], axis=1), y

        return draw
