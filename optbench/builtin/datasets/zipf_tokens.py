"""Tokens as frequent as the words of a language, each depending on the one before it; and their balanced twin."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.contract.dataset import Data, Draw
from optbench.contract.hyperparameters import hyper

#: how exactly the chain keeps its frequencies, and after how many rounds that has to do
EXACT, ROUNDS = 1e-10, 300


@dataclass(frozen=True)
class ZipfTokens(Drawn):
    """A chain of tokens whose frequencies follow a power law: a language model's task that needs no text.

        p(i) ~ 1 / (i + 1)^exponent,   p(i then j) = a_i b_j p(i) p(j) exp(strength u_i . v_j / sqrt(rank))

    with vectors u, v ~ N(0, I) of `rank` numbers that are drawn once, and a, b such that i and j have the
    frequencies p (Sinkhorn's iteration): p is that of tokens at every position. What follows i is a softmax of a
    bias and a product of two vectors, so that a model with an embedding of `rank` units can be right.

    x   tokens (examples, length), the most frequent is 0
    y   at each position the token that comes next

    Exponent 1 is Zipf's law: half of all gradients are of a few tokens, and most tokens are rare. Exponent 0 is the
    balanced twin, with as much to be learned of each token. The provenance says the entropy of the next token, which
    is the least loss.
    """

    name = "zipf-tokens"
    task = "sequence"
    reference = "Kunstner et al. 2024, Heavy-Tailed Class Imbalance, arXiv:2402.19449; Mnih and Hinton 2007"
    samples: int = hyper(2000, valid="[2, inf)", help="number of examples")
    length: int = hyper(16, valid="[1, inf)", help="tokens in an example")
    vocabulary: int = hyper(500, valid="[2, 2000]", help="different tokens")
    exponent: float = hyper(1.0, valid="[0, 3]", help="of the frequencies: 1 is Zipf's law, 0 all the same")
    rank: int = hyper(8, valid="[1, inf)", help="numbers in the vectors that decide what follows what")
    strength: float = hyper(1.5, valid="[0, 3]", help="standard deviation of the logarithms; 0: all independent")

    @property
    def tokens(self) -> int:
        return self.vocabulary

    def load(self, rng: np.random.Generator) -> Data:
        chain = Chain(self, rng)
        said = {"source": self.source, "entropy": f"{chain.entropy:.6f} nats a token"}
        return Data(*chain.draw(rng, self.samples), said, vocabulary=self.vocabulary)

    def law(self, rng: np.random.Generator) -> Draw:
        return Chain(self, rng).draw


class Chain:
    """The tokens' frequencies (vocabulary,), and of each what follows it (vocabulary, vocabulary)."""

    def __init__(self, of: ZipfTokens, rng: np.random.Generator):
        self.length, self.vocabulary = of.length, of.vocabulary
        often = np.arange(1, of.vocabulary + 1, dtype=np.float64) ** -of.exponent
        self.often = often / often.sum()
        u, v = rng.standard_normal((2, of.vocabulary, of.rank))
        joint = np.outer(self.often, self.often) * np.exp(of.strength * (u @ v.T) / np.sqrt(of.rank))
        for _ in range(ROUNDS):
            joint *= (self.often / joint.sum(axis=0))[None, :]
            rows = joint.sum(axis=1)
            joint *= (self.often / rows)[:, None]
            if np.abs(rows / self.often - 1).max() < EXACT:
                break
        self.following = joint / joint.sum(axis=1, keepdims=True)
        #: of the next token, where the one before is known: nats
        self.entropy = -float(np.sum(joint * np.log(self.following)))
        self.first = self.often.cumsum()
        # All rows of cumulative shares as one sorted array: row i lies in [i, i + 1].
        steps = self.following.cumsum(axis=1)
        self.steps = (np.minimum(steps, 1) + np.arange(of.vocabulary)[:, None]).ravel()

    def draw(self, rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
        uniform = rng.random((self.length + 1, samples))
        tokens = np.empty((self.length + 1, samples), np.int64)
        last = self.vocabulary - 1
        tokens[0] = np.minimum(self.first.searchsorted(uniform[0], "right"), last)
        for before, u, after in zip(tokens, uniform[1:], tokens[1:], strict=False):
            found = self.steps.searchsorted(before + u, "right") - before * self.vocabulary
            np.clip(found, 0, last, out=after)
        return tokens[:-1].T.astype(np.float64), np.ascontiguousarray(tokens[1:].T)
