"""Another dataset made harder: wrong labels, noise on its inputs, classes of unequal size."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.digits import Digits
from optbench.contract.dataset import CLASSIFYING, Data, Dataset
from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Perturbed(Dataset):
    """The examples of another dataset, `inner`, fewer or noisier, in all splits; in this order:

        imbalance     of class c of C, the share imbalance^(c / (C - 1)) of the examples stays, at least two
        label_noise   so large a share of the labels becomes one of the other classes, each as likely
        input_noise   x + input_noise s_j z: s_j the standard deviation of feature j, z standard normal

    The first two are for classification; the last for examples that are numbers, not tokens, graphs or categories.
    """

    name = "perturbed"
    source = "Another dataset's examples, perturbed, under its licence"
    reference = "Zhang, Bengio, Hardt, Recht and Vinyals 2017 (wrong labels); Cui et al. 2019 (imbalance)"

    inner: Dataset = Digits()  # noqa: RUF009 - a frozen component is a value
    label_noise: float = hyper(0.1, valid="[0, 1)", help="share of labels that are wrong")
    input_noise: float = hyper(0.0, valid="[0, inf)", help="noise in standard deviations of a feature")
    imbalance: float = hyper(1.0, valid="(0, 1]", help="share of the last class that stays")

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "task", self.inner.task)

    def load(self, rng: np.random.Generator) -> Data:
        """Raises `OptbenchError` where `inner` has no classes, or no plain numbers, and these are to be perturbed."""
        data = self.inner.load(rng)
        if self.inner.online or data.edges is not None:
            raise OptbenchError(f"dataset perturbed: {self.inner.name} has no examples to be changed one by one")
        labelled = self.inner.task in CLASSIFYING
        if not labelled and (self.label_noise or self.imbalance < 1):
            raise OptbenchError(f"dataset perturbed: {self.inner.name} has no classes: label_noise = 0, imbalance = 1")
        if self.input_noise and (data.vocabulary or data.categories or data.graphs):
            raise OptbenchError(f"dataset perturbed: {self.inner.name} has no plain numbers: input_noise = 0")
        x, y = np.asarray(data.x), np.asarray(data.y)
        if self.imbalance < 1:
            kept = self._kept(y, rng)
            x, y = x[kept], y[kept]
        if self.label_noise:
            y = _mislabelled(y, self.label_noise, rng)
        if self.input_noise:
            x = x + self.input_noise * x.std(axis=0) * rng.standard_normal(x.shape)
        provenance = {**data.provenance, "source": self.source, "of": self.inner.source}
        return Data(x, y, provenance, data.vocabulary, data.categories, graphs=data.graphs)

    def _kept(self, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Numbers of the examples that stay, in their order."""
        classes = np.unique(y)
        shares = self.imbalance ** np.linspace(0, 1, len(classes))
        each = [np.flatnonzero(y == c) for c in classes]
        kept = [
            rng.permutation(of)[: max(round(share * len(of)), min(2, len(of)))]
            for of, share in zip(each, shares, strict=True)
        ]
        return np.sort(np.concatenate(kept))


def _mislabelled(y: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    classes = np.unique(y)
    if len(classes) < 2:
        return y
    place = np.searchsorted(classes, y)
    wrong = rng.permutation(len(y))[: round(share * len(y))]
    place[wrong] = (place[wrong] + rng.integers(1, len(classes), len(wrong))) % len(classes)
    return classes[place]
