"""The sum over a node and its neighbours."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from optbench.contract.edges import Edges
from optbench.contract.errors import OptbenchError
from optbench.contract.layer import Calls, FixedOp, Layer, Op, Shape, Wires
from optbench.nn.graph_convolution import rows_of_nodes
from optbench.nn.propagation import Propagation, by_node


@dataclass(frozen=True)
class NeighbourSum(Layer):
    """y_v = x_v + the sum of x_u over the neighbours u of v: Y = (A + I) X.

    edges   of the one graph that all examples (nodes, features) are on; None: each example is a graph of its own, and
            the network's inputs are (nodes, features + nodes), the last its adjacency matrix A

    Examples open into their nodes; behind, each node is a row. (Xu, Hu, Leskovec and Jegelka 2019, How powerful are
    graph neural networks?, equation 4.1 with epsilon = 0.)
    """

    edges: Edges | None = None
    any_order = True
    reads_output = False

    def output(self, shape: Shape) -> Shape:
        return (shape[-1] - (shape[0] if self.edges is None and len(shape) == 2 else 0),)

    def positions(self, shape: Shape, positions: int) -> int:
        if self.edges is not None:
            return rows_of_nodes("a sum over neighbours", self.edges.nodes, shape, positions)
        if len(shape) > 2 or (len(shape) == 2 and shape[1] <= shape[0]):
            raise OptbenchError(
                f"a sum over neighbours reads graphs (nodes, features + nodes), got inputs of shape {shape}"
            )
        return positions * shape[0] if len(shape) == 2 else positions

    def op(self, wires: Wires) -> Op:
        return NeighbourSumOp(wires, self.edges)


class NeighbourSumOp(FixedOp):
    def __init__(self, wires: Wires, edges: Edges | None):
        super().__init__(wires)
        if edges is None:
            assert wires.given is not None
            if wires.x.ndim == 4 and wires.dx is not None:
                raise OptbenchError("the first sum over neighbours must be the first layer: edges have no gradient")
            nodes = wires.given.shape[2]
            self.adjacency = wires.given[..., -nodes:]
        else:
            nodes = edges.nodes
            self.matrix = Propagation(edges, False, wires.x.dtype)
        features = wires.y.shape[-1]

        def view(array: np.ndarray) -> np.ndarray:
            """(stack, examples, features, nodes)"""
            return by_node(array, nodes) if array.ndim == 3 else array[..., :features].swapaxes(2, 3)

        products = self._by_matrix if edges is not None else self._by_adjacency
        self.ahead = products(view(wires.x), view(wires.y))
        if wires.dx is not None and wires.dy is not None:
            self.back = products(view(wires.dy), view(wires.dx))

    def _by_matrix(self, x: np.ndarray, y: np.ndarray) -> Calls:
        return self.matrix.calls(x, y)

    def _by_adjacency(self, x: np.ndarray, y: np.ndarray) -> Calls:
        return [partial(np.matmul, x, self.adjacency, y), partial(np.add, y, x, y)]
