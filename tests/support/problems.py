"""Problems of one's own, as their authors write them."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.problems import Bandit
from optbench.contract.components import State
from optbench.contract.hyperparameters import hyper
from optbench.contract.layout import Layout
from optbench.contract.problem import Problem


@dataclass(frozen=True)
class Decay(Problem):
    """u' = -u with u(0) = 1, by a network of tanh at random points: the mean square of what is left."""

    name = "decay-residual"
    reference = "Lagaris et al. 1998"
    units: int = hyper(6, valid="[1, inf)")
    points: int = hyper(16, valid="[1, inf)")

    def layout(self):
        return Layout.of({"A": (1, self.units), "b": (self.units,), "c": (self.units, 1)}, {"b": "bias"})

    def loss_and_gradient(self, w, step, rng, state):
        return self.at(w, rng.random(self.points).astype(w.dtype))

    def evaluate(self, w, state):
        x, nan = np.linspace(0, 1, 50).astype(w.dtype), float("nan")
        a, b, c = (np.ravel(t) for t in self.layout().views(w).values())
        off = 1 + x * (np.tanh(np.outer(x, a) + b) @ c) - np.exp(-x)
        return self.at(w, x)[0], nan, float(np.mean(off * off)), nan

    def at(self, w, x):
        # u = 1 + x h(x), h = c . tanh(a x + b); residual r = u' + u = 1 + h + x h' + x h
        a, b, c = (np.ravel(t) for t in self.layout().views(w).values())
        t = np.tanh(np.outer(x, a) + b)
        s = 1 - t * t
        r = 1 + (1 + x) * (t @ c) + x * (s @ (a * c))
        by_t = np.outer(r * (1 + x), c) - 2 * t * np.outer(r * x, a * c)
        by_z = s * by_t
        by_a = x @ by_z + c * (s.T @ (r * x))
        by_c = t.T @ (r * (1 + x)) + a * (s.T @ (r * x))
        share = 2.0 / len(x)
        return float(np.mean(r * r)), share * np.concatenate([by_a, by_z.sum(axis=0), by_c])


@dataclass(frozen=True)
class Tracker(Problem):
    """A target that wanders: half the squared distance to where the walk, which is remembered, has come."""

    name = "tracker"
    reference = "made up"

    def initial(self, rng):
        return rng.normal(size=4)

    def begin(self, rng: np.random.Generator) -> State:
        return {"target": rng.normal(size=4), "count": 0}

    def loss_and_gradient(self, w, step, rng, state):
        state["target"] = state["target"] + 0.1 * rng.normal(size=4)
        state["count"] += 1
        off = w - state["target"].astype(w.dtype)
        return 0.5 * float(off @ off), off

    def test(self, w, state):
        return float(w @ w), float("nan")


ALL = [Decay, Bandit, Tracker]
