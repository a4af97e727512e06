"""A policy gradient where all else is known: a bandit with many arms."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.components import State
from optbench.contract.hyperparameters import hyper
from optbench.contract.problem import Problem


@dataclass(frozen=True)
class Bandit(Problem):
    """REINFORCE on a bandit: a softmax policy over arms whose mean rewards the run's seed draws.

        p = softmax(w),   a ~ p,   r ~ N(q_a, noise^2),   q_a ~ N(0, 1)
        gradient = (r - b) (p - e_a)        b: the mean of all rewards before, or 0

    The gradient is an estimate, of which the mean is that of the regret, max q - p q, and whose noise depends on where
    the policy is: one that commits itself too early is never told of better arms. The score is minus the regret.
    """

    name = "bandit"
    reference = "Williams 1992, REINFORCE; the testbed of Sutton and Barto 2018, section 2.8"
    metric = "score"
    estimated = "the score function times a reward"
    arms: int = hyper(10, valid="[2, inf)", help="how many")
    noise: float = hyper(1.0, valid="[0, inf)", help="standard deviation of an arm's rewards")
    baseline: bool = hyper(True, help="subtract the mean of the rewards so far")

    def initial(self, rng: np.random.Generator) -> np.ndarray:
        return np.zeros(self.arms)

    def begin(self, rng: np.random.Generator) -> State:
        return {"q": rng.normal(size=self.arms), "mean": 0.0, "pulls": 0}

    def loss_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator, state: State
    ) -> tuple[float, np.ndarray]:
        p = policy(w)
        # Where w is not finite, the last arm: NaN compares as false.
        arm = min(int(np.sum(np.cumsum(p) < rng.random())), self.arms - 1)
        reward = float(state["q"][arm]) + self.noise * rng.normal()
        advantage = reward - state["mean"] if self.baseline else reward
        state["pulls"] += 1
        state["mean"] += (reward - state["mean"]) / state["pulls"]
        gradient = advantage * p
        gradient[arm] -= advantage
        return float(state["q"].max()) - reward, gradient

    def evaluate(self, w: np.ndarray, state: State) -> tuple[float, float, float, float]:
        regret = float(state["q"].max() - policy(w) @ state["q"])
        return regret, -regret, regret, -regret


def policy(w: np.ndarray) -> np.ndarray:
    """softmax(w), (arms,)."""
    e = np.exp(w - w.max())
    return np.asarray(e / e.sum())
