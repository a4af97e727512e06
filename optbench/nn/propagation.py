"""What the nodes of a graph get from their neighbours: products with a symmetric matrix of the graph."""

from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np

from optbench.contract.edges import Edges
from optbench.contract.layer import Calls
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
