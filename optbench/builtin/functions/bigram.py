"""A softmax bigram model on its exact expected loss, with words as frequent as those of a language."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.function import Function
from optbench.contract.hyperparameters import hyper
from optbench.contract.layout import Layout

#: how far the favourite followers of neighbouring words lie apart
SHIFT = 7


@dataclass(frozen=True)
class Bigram(Function):
    """The cross-entropy of a bigram model, over all pairs of words and not a sample of them.

        f(W) = sum_i p(i) sum_j p(j|i) (-log softmax(scale W_i)_j),   W (V, V), V the vocabulary
        p(i) ~ 1 / i^exponent,   p(j|i) = 1/2 p(j) + 1/2 z((j - 7 i) mod V),   z(r) ~ 1 / (1 + r)

    The exponent 1 is Zipf's law: most words are rare, each by itself, and all together they weigh as much as the
    frequent ones. A row's gradient is in proportion to its word's frequency, so that plain descent learns row after
    row, while a rate for each coordinate (Adam, or signs) learns all of them at once. With exponent 0 all words are as
    frequent, and that reason is gone: the balanced twin. The start is at 0 (all followers equally likely), or drawn
    from logits of N(0, spread^2).

    The gradient is exact: nothing is left to chance. The minimum is the conditional entropy, which a run's loss is
    measured above; W = log p(j|i) / scale is a point of it, and so is that with a constant added to any row.

    A row's gradient is as small as its word is rare, and the logits have far to go: at scale 1 good rates are a hundred
    times those of networks. A larger scale brings them to where they are searched elsewhere, and changes nothing else:
    descent at a rate r is descent on scale 1 at scale^2 r, and a method that moves by a length of its own, as Adam, at
    scale r. The weights are one matrix, so that methods of matrices see it as one.
    """

    name = "bigram"
    reference = "Kunstner et al. 2024, Heavy-Tailed Class Imbalance, arXiv:2402.19449"
    vocabulary: int = hyper(30, valid="[2, 1000]", help="number of words V; there are V * V weights")
    exponent: float = hyper(1.0, valid="[0, 3]", help="of the words' frequencies: 1 is Zipf's law, 0 all the same")
    spread: float = hyper(0.0, valid="[0, 10]", help="standard deviation of the logits that each run starts from")
    scale: float = hyper(1.0, valid="[1e-3, 1e3]", help="of the logits: s, for logits s W")

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
            "minima": (tuple((logs / self.scale).ravel().tolist()),),
        }
        for name, value in fixed.items():
            object.__setattr__(self, name, value)

    def layout(self) -> Layout:
        return Layout.of({"W": (self.vocabulary, self.vocabulary)})

    def initial(self, rng: np.random.Generator) -> np.ndarray:
        if not self.spread:
            return super().initial(rng)
        return self.spread / self.scale * rng.standard_normal(self.vocabulary**2)

    def value_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator
    ) -> tuple[float, np.ndarray]:
        joint, often = self.joint, self.often  # type: ignore[attr-defined]
        with np.errstate(all="ignore"):
            scores = self.scale * w.reshape(joint.shape)
            scores -= scores.max(axis=1, keepdims=True)
            powers = np.exp(scores)
            sums = powers.sum(axis=1, keepdims=True)
            value = float(often.ravel() @ np.log(sums).ravel() - joint.ravel() @ scores.ravel())
            powers *= often / sums
            powers -= joint
            powers *= self.scale
        return value, powers.ravel()


def power_law(number: int, exponent: float) -> np.ndarray:
    """Shares (number,) in proportion to 1 / rank^exponent."""
    weights = np.arange(1, number + 1, dtype=np.float64) ** -exponent
    return weights / weights.sum()
