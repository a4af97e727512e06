"""The stochastic block model: a graph whose nodes are joined by their classes."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from optbench.contract.dataset import Data, Dataset
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class StochasticBlockModel(Dataset):
    """Blocks of nodes, joined within more often than between, each with features about its block's centre.

        P(edge i j) = degree inside / (n / blocks)              in one block
                      degree (1 - inside) / (n - n / blocks)    in two
        centre_c ~ N(0, signal^2 I)    x_i ~ N(centre_c, I)

    Edges and features each say something of a node's class, and both together more. `inside = 1 / blocks` makes
    edges say nothing.
    """

    name = "stochastic-block-model"
    task = "nodes"
    reference = (
        "Holland, Laskey and Leinhardt 1983, Stochastic blockmodels; with features: Deshpande, Sen, Montanari and "
        "Mossel 2018, Contextual stochastic block models"
    )
    source: ClassVar[str] = "drawn from its formula; no licence needed"

    nodes: int = hyper(500, valid="[2, inf)", help="number of nodes")
    blocks: int = hyper(4, valid="[2, inf)", help="number of classes, of equal size up to one node")
    degree: float = hyper(8.0, valid="(0, inf)", help="expected edges of a node")
    inside: float = hyper(0.7, valid="[0, 1]", help="share of them that stay in the node's block")
    features: int = hyper(16, valid="[1, inf)", help="number of features")
    signal: float = hyper(0.3, valid="[0, inf)", help="spread of the centres, in units of a node's own")

    def load(self, rng: np.random.Generator) -> Data:
        n = self.nodes
        y = np.arange(n) % self.blocks
        size = n / self.blocks
        within, between = self.degree * self.inside / size, self.degree * (1 - self.inside) / (n - size)
        first, second = np.triu_indices(n, 1)
        joined = rng.random(len(first)) < np.where(y[first] == y[second], within, between)
        centres = self.signal * rng.standard_normal((self.blocks, self.features))
        x = centres[y] + rng.standard_normal((n, self.features))
        return Data(x, y, {"source": self.source}, edges=np.stack([first[joined], second[joined]], axis=1))
