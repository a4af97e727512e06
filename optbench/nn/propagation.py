"""What the nodes of a graph get from their neighbours: products with a symmetric matrix of the graph.

Of one graph that all examples are on, or of each example's own.
"""

from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np

from optbench.contract.edges import Edges
from optbench.contract.errors import OptbenchError
from optbench.contract.layer import Calls, Shape, Wires
from optbench.nn.positions import opened

if TYPE_CHECKING:
    from scipy.sparse import csr_array

#: A product with a sparse matrix pays where at most one of so many entries is not 0: measured at 16 columns, 100 nodes
#: take 4 us dense and 6 us sparse, 200 take 13 and 9, 500 take 88 and 19 (8 edges a node).
SPARSE = 16


class Propagation:
    """Products with A + I, the adjacency matrix with a loop at each node, or with D^-1/2 (A + I) D^-1/2.

    normalized   the latter, with the degrees D of A + I: the weight of an edge is 1 / sqrt(d_i d_j)
    """

    def __init__(self, edges: Edges, normalized: bool, dtype: np.dtype):
        self.nodes = edges.nodes
        self.ready: Calls = []
        self.dense, self.sparse = _matrices(edges, normalized, np.dtype(dtype).str)

    def calls(self, x: np.ndarray, y: np.ndarray) -> Calls:
        """y = x M for views (stack, examples, features, nodes)."""
        if self.sparse is None:
            return [partial(np.matmul, x, self.dense, y)]
        # It is M x' for each example's features x' as columns: SciPy makes the result, and copies x' unless it lies so.
        places = np.ndindex(*x.shape[:2])
        return [partial(_product, self.sparse, x[place].T, y[place].T) for place in places]


def by_node(rows: np.ndarray, nodes: int) -> np.ndarray:
    """(stack, examples x nodes, features), with rows as the fastest axis, as (stack, examples, features, nodes)."""
    return opened(rows, nodes).swapaxes(1, 2)


class OwnPropagation:
    """The same with the matrix of each example's own graph: A lies in the network's inputs, behind the features.

    ready   calls to be made first on new inputs
    """

    sparse = None

    def __init__(self, given: np.ndarray, normalized: bool):
        stack, batch, self.nodes = given.shape[:3]
        self.adjacency = given[..., -self.nodes :]
        self.ready: Calls = []
        self.scale: np.ndarray | None = None
        if normalized:
            scale = self.scale = np.zeros((stack, batch, 1, self.nodes), given.dtype)
            ones, one = np.ones((1, self.nodes), given.dtype), np.array(1, given.dtype)
            self.ready = [
                partial(np.matmul, ones, self.adjacency, scale),
                partial(np.add, scale, one, scale),
                partial(np.sqrt, scale, scale),
                partial(np.divide, one, scale, scale),
            ]

    def calls(self, x: np.ndarray, y: np.ndarray) -> Calls:
        """y = x M for views (stack, examples, features, nodes)."""
        if self.scale is None:
            return [partial(np.matmul, x, self.adjacency, y), partial(np.add, y, x, y)]
        scaled = np.zeros(x.shape, x.dtype)
        return [
            partial(np.multiply, x, self.scale, scaled),
            partial(np.matmul, scaled, self.adjacency, y),
            partial(np.add, y, scaled, y),
            partial(np.multiply, y, self.scale, y),
        ]


def propagation(edges: Edges | None, normalized: bool, wires: Wires) -> Propagation | OwnPropagation:
    """Of these edges, or of those in the network's inputs, which have no gradient."""
    if edges is not None:
        return Propagation(edges, normalized, wires.x.dtype)
    if wires.x.ndim == 4 and wires.dx is not None:
        raise OptbenchError("what reads graphs must be the first layer: edges have no gradient")
    assert wires.given is not None
    return OwnPropagation(wires.given, normalized)


def features_of(edges: Edges | None, shape: Shape) -> int:
    """How many features a node has in (features,), (nodes, features), or (nodes, features + nodes)."""
    return shape[-1] - (shape[0] if edges is None and len(shape) == 2 else 0)


def rows_of_nodes(what: str, edges: Edges | None, shape: Shape, positions: int) -> int:
    """How many rows there are behind a layer that opens (nodes, features), or reads nodes as rows."""
    found = shape[0] if len(shape) == 2 else positions
    given = f"inputs of shape {shape}" if len(shape) > 1 else f"{positions} positions an example"
    if edges is None and (len(shape) > 2 or features_of(edges, shape) < 1):
        raise OptbenchError(f"{what} reads graphs (nodes, features + nodes), got {given}")
    if edges is not None and (len(shape) > 2 or found != edges.nodes):
        raise OptbenchError(f"{what} reads the features of {edges.nodes} nodes, got {given}")
    return positions * found if len(shape) == 2 else positions


def _product(matrix: "csr_array", x: np.ndarray, y: np.ndarray) -> None:
    y[...] = matrix @ x


@lru_cache(maxsize=8)
def _matrices(edges: Edges, normalized: bool, dtype: str) -> "tuple[np.ndarray | None, csr_array | None]":
    """The matrix, dense or sparse; the same for all layers and all trials of a process."""
    nodes, loops = edges.nodes, np.arange(edges.nodes)
    a, b = edges.pairs.T
    rows, columns = np.concatenate([a, b, loops]), np.concatenate([b, a, loops])
    degrees = edges.degrees + 1.0
    weights = (degrees[rows] * degrees[columns]) ** -0.5 if normalized else np.ones(len(rows))
    if len(rows) * SPARSE > nodes**2:
        dense = np.zeros((nodes, nodes), dtype)
        dense[rows, columns] = weights
        dense.flags.writeable = False
        return dense, None
    from scipy.sparse import csr_array

    return None, csr_array((weights.astype(dtype), (rows, columns)), (nodes, nodes))
