"""A softmax bigram model on its exact expected loss, with words as frequent as those of a language."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.function import Function
from optbench.contract.hyperparameters import hyper

#: how far the favourite followers of neighbouring words lie apart
SHIFT = 7


@dataclass(frozen=True)
class Bigram(Function):
    """The cross-entropy of a bigram model, over all pairs of words and not a sample of them.

        f(W) = sum_i p(i) sum_j p(j|i) (-log softmax(W_i)_j),   W (V, V), V the vocabulary
        p(i) ~ 1 / i^exponent,   p(j|i) = 1/2 p(j) + 1/2 z((j - 7 i) mod V),   z(r) ~ 1 / (1 + r)

    The exponent 1 is Zipf's law: most words are rare, each by itself, and all together they weigh as much as the
    frequent ones. A row's gradient is in proportion to its word's frequency, so that plain descent learns row after
    row, while a rate for each coordinate (Adam, or signs) learns all of them at once. With exponent 0 all words are as
    frequent, and that reason is gone: the balanced twin. The start is at 0 (all followers equally likely), or drawn
    from N(0, spread^2).

    The gradient is exact: nothing is left to chance. The minimum is the conditional entropy, which a run's loss is
    measured above; W = log p(j|i) is a point of it, and so is that with a constant added to any row.
    """

    name = "bigram"
    reference = "Kunstner et al. 2024, Heavy-Tailed Class Imbalance, arXiv:2402.19449"
    vocabulary: int = hyper(30, valid="[2, 1000]", help="number of words V; there are V * V weights")
    exponent: float = hyper(1.0, valid="[0, 3]", help="of the words' frequencies: 1 is Zipf's law, 0 all the same")
    spread: float = hyper(0.0, valid="[0, 10]", help="standard deviation of the weights that each run starts from")

    def __post_init__(self) -> None:
        super().__post_init__()
        words = np.arange(self.vocabulary)
        often = power_law(self.vocabulary, self.exponent)
        own = power_law(self.vocabulary, 1.0)[(words - SHIFT * words[:, None]) % self.vocabulary]
        follow = 0.5 * often + 0.5 * own
        logs = np.log(follow)
        fixed = {
            "often": often[:, None],
            "joint": often[:, None] * follow,
            "minimum": -float(np.sum(often[:, None] * follow * logs)),
            "start": (0.0,) * self.vocabulary**2,
            "minima": (tuple(logs.ravel().tolist()),),
        }
        for name, value in fixed.items():
            object.__setattr__(self, name, value)

    def initial(self, rng: np.random.Generator) -> np.ndarray:
        if not self.spread:
            return super().initial(rng)
        return self.spread * rng.standard_normal(self.vocabulary**2)

    def value_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator
    ) -> tuple[float, np.ndarray]:
        joint, often = self.joint, self.often  # type: ignore[attr-defined]
        with np.errstate(all="ignore"):
            scores = w.reshape(joint.shape) - w.reshape(joint.shape).max(axis=1, keepdims=True)
            powers = np.exp(scores)
            sums = powers.sum(axis=1, keepdims=True)
            value = float(often.ravel() @ np.log(sums).ravel() - joint.ravel() @ scores.ravel())
            powers *= often / sums
            powers -= joint
        return value, powers.ravel()


def power_law(number: int, exponent: float) -> np.ndarray:
    """Shares (number,) in proportion to 1 / rank^exponent."""
    weights = np.arange(1, number + 1, dtype=np.float64) ** -exponent
    return weights / weights.sum()
