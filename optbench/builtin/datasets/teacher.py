"""A network that teaches another."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.contract.dataset import Draw
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class TeacherStudent(Drawn):
    """Regression on the outputs of a random network with one hidden layer of tanh units.

        x ~ N(0, I)    y = sum_k v_k tanh(w_k . x) / sqrt(hidden) + noise e, e ~ N(0, 1)

    with w_k ~ N(0, 4/features I), so that most units bend, and v_k = +-1. A student with as many units can
    be right but for the noise.
    """

    name = "teacher-student"
    task = "regression"
    reference = "Saad and Solla 1995 (soft committee machine)"
    samples: int = hyper(2000, valid="[2, inf)", help="number of examples")
    features: int = hyper(10, valid="[1, inf)", help="number of features")
    hidden: int = hyper(5, valid="[1, inf)", help="hidden units of the teacher")
    noise: float = hyper(0.1, valid="[0, inf)", help="standard deviation of the noise; the signal's: 0.7")

    def law(self, rng: np.random.Generator) -> Draw:
        w = rng.standard_normal((self.features, self.hidden)) * 2 / np.sqrt(self.features)
        v = rng.choice([-1.0, 1.0], self.hidden) / np.sqrt(self.hidden)

        def draw(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
            x = rng.standard_normal((samples, self.features))
            return x, np.tanh(x @ w) @ v + self.noise * rng.standard_normal(samples)

        return draw
