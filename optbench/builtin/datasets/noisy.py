"""A small set with wrong labels: easy to learn by heart."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.contract.dataset import Draw
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class NoisyLabels(Drawn):
    """Few examples of Gaussian classes in many dimensions, some with another class's label.

        centre_c ~ N(0, separation^2 / features I)    x | c ~ N(centre_c, I)

    Two centres are about separation sqrt(2) apart, whatever the number of features. A share `label_noise`
    of the labels, in all splits, is replaced by one of the other classes, each as likely. No rule can be
    right more often than 1 - label_noise on new examples; one that is better on the training split has
    learnt it by heart.
    """

    name = "noisy-labels"
    reference = "Zhang, Bengio, Hardt, Recht and Vinyals 2017 (corrupted labels)"
    samples: int = hyper(500, valid="[2, inf)", help="number of examples")
    classes: int = hyper(3, valid="[2, inf)", help="number of classes")
    features: int = hyper(20, valid="[1, inf)", help="number of features")
    separation: float = hyper(3.0, valid="[0, inf)", help="distance of the centres from their mean")
    label_noise: float = hyper(0.2, valid="[0, 1)", help="share of examples with a wrong label")

    def law(self, rng: np.random.Generator) -> Draw:
        spread = self.separation / np.sqrt(self.features)
        centres = spread * rng.standard_normal((self.classes, self.features))

        def draw(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
            y = np.arange(samples) % self.classes
            x = centres[y] + rng.standard_normal((samples, self.features))
            wrong = rng.permutation(samples)[: round(self.label_noise * samples)]
            y[wrong] = (y[wrong] + rng.integers(1, self.classes, len(wrong))) % self.classes
            return x, y

        return draw
