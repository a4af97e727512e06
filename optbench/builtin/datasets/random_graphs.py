"""Many small graphs, to be told apart by how they were drawn."""

from dataclasses import dataclass, replace

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.contract.dataset import Data
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class RandomGraphs(Drawn):
    """Graphs of n nodes and 2 n - 3 edges, of three classes that only differ in who is joined.

        0  Erdős and Rényi: all sets of so many edges are as likely
        1  Barabási and Albert: from a triangle on, each new node joins two others, chosen by their degrees
        2  Watts and Strogatz: a ring, each node joined to its two next on either side; a share `rewired` of the edges
           then ends anywhere else, and three edges are left out

    x   (examples, n, 1 + n): the feature of each node is 1, then comes its row of the adjacency matrix. Nodes are in
        random order. Normalizers that make 0 of a constant feature (standardize) leave nothing to be summed.

    Networks that pass messages see the degrees of nodes, and of their neighbours, not triangles: of the three, a node's
    degrees spread most in 1 and least in 2.
    """

    name = "random-graphs"
    reference = "Erdős and Rényi 1959; Barabási and Albert 1999; Watts and Strogatz 1998"

    samples: int = hyper(1000, valid="[3, inf)", help="number of graphs")
    nodes: int = hyper(16, valid="[6, inf)", help="nodes of each")
    rewired: float = hyper(0.3, valid="[0, 1]", help="share of the edges of the third class that end anywhere")

    def load(self, rng: np.random.Generator) -> Data:
        return replace(super().load(rng), graphs=True)

    def draw(self, rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
        y = np.arange(samples) % 3
        counts = np.bincount(y, minlength=3)
        adjacency = np.zeros((samples, self.nodes, self.nodes))
        for label, draw in enumerate((uniform, by_degree, small_world)):
            adjacency[y == label] = draw(int(counts[label]), self.nodes, self.rewired, rng)
        order = rng.permuted(np.tile(np.arange(self.nodes), (samples, 1)), axis=1)
        graphs = np.arange(samples)[:, None, None]
        adjacency = adjacency[graphs, order[:, :, None], order[:, None, :]]
        ones = np.ones((samples, self.nodes, 1))
        return np.concatenate([ones, adjacency], axis=2), y


def uniform(count: int, n: int, rewired: float, rng: np.random.Generator) -> np.ndarray:
    """(count, n, n) adjacency matrices of graphs with 2 n - 3 edges, all as likely."""
    first, second = np.triu_indices(n, 1)
    chosen = rng.random((count, len(first))).argsort(axis=1)[:, : 2 * n - 3]
    found = np.zeros((count, n, n))
    join(found, np.arange(count)[:, None], first[chosen], second[chosen])
    return found


def by_degree(count: int, n: int, rewired: float, rng: np.random.Generator) -> np.ndarray:
    """The same of graphs that grew by preferential attachment."""
    found, graphs = np.zeros((count, n, n)), np.arange(count)
    found[:, :3, :3] = 1 - np.eye(3)
    for new in range(3, n):
        # The two least of E / degree, E exponential: two draws by degree without replacement.
        waits = rng.exponential(size=(count, new)) / found[:, :new].sum(axis=2)
        for place in np.argpartition(waits, 1, axis=1)[:, :2].T:
            join(found, graphs, np.full(count, new), place)
    return found


def small_world(count: int, n: int, rewired: float, rng: np.random.Generator) -> np.ndarray:
    """The same of rings with a share of rewired edges, less three."""
    found, graphs = np.zeros((count, n, n)), np.arange(count)
    ring = np.array([(i, (i + step) % n) for step in (1, 2) for i in range(n)])
    ends = np.tile(ring, (count, 1, 1))
    join(found, graphs[:, None], ends[..., 0], ends[..., 1])
    for edge, (start, end) in enumerate(ring):
        moved = np.flatnonzero(rng.random(count) < rewired)
        # Any node but itself that it is not joined to yet.
        free = found[moved, start] == 0
        free[:, start] = False
        moved, free = moved[free.any(axis=1)], free[free.any(axis=1)]
        new = np.where(free, rng.random(free.shape), -1).argmax(axis=1)
        join(found, moved, np.full(len(moved), start), np.full(len(moved), end), 0)
        join(found, moved, np.full(len(moved), start), new)
        ends[moved, edge, 1] = new
    for edge in rng.random((count, len(ring))).argsort(axis=1)[:, :3].T:
        join(found, graphs, ends[graphs, edge, 0], ends[graphs, edge, 1], 0)
    return found


def join(adjacency: np.ndarray, graphs: np.ndarray, first: np.ndarray, second: np.ndarray, value: float = 1) -> None:
    adjacency[graphs, first, second] = adjacency[graphs, second, first] = value
