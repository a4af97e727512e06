"""A graph: which of an example's positions are joined."""

from functools import cached_property

import numpy as np


class Edges:
    """An undirected graph on the nodes 0, …, nodes - 1, as layers hold it. Equal ones are interchangeable.

    pairs   (edges, 2) numbers of different nodes; a pair that comes twice, or both ways round, is one edge
    """

    def __init__(self, nodes: int, pairs: np.ndarray):
        self.nodes = nodes
        found = np.unique(np.sort(np.asarray(pairs, dtype=np.int64).reshape(-1, 2), axis=1), axis=0)
        found.flags.writeable = False
        self.pairs = found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Edges) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __repr__(self) -> str:
        return f"<{len(self.pairs)} edges of {self.nodes} nodes>"

    @cached_property
    def _identity(self) -> tuple[int, bytes]:
        return self.nodes, self.pairs.tobytes()

    @cached_property
    def degrees(self) -> np.ndarray:
        """(nodes,) how many edges each node has."""
        return np.bincount(self.pairs.reshape(-1), minlength=self.nodes)
