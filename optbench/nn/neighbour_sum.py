"""The sum over a node and its neighbours."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.edges import Edges
from optbench.contract.layer import FixedOp, Layer, Op, Shape, Wires
from optbench.nn.propagation import by_node, features_of, propagation, rows_of_nodes


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
        return (features_of(self.edges, shape),)

    def positions(self, shape: Shape, positions: int) -> int:
        return rows_of_nodes("a sum over neighbours", self.edges, shape, positions)

    def op(self, wires: Wires) -> Op:
        return NeighbourSumOp(wires, self.edges)


class NeighbourSumOp(FixedOp):
    def __init__(self, wires: Wires, edges: Edges | None):
        super().__init__(wires)
        matrix, features = propagation(edges, False, wires), wires.y.shape[-1]

        def view(array: np.ndarray) -> np.ndarray:
            """(stack, examples, features, nodes)"""
            return by_node(array, matrix.nodes) if array.ndim == 3 else array[..., :features].swapaxes(2, 3)

        self.ahead = matrix.calls(view(wires.x), view(wires.y))
        if wires.dx is not None and wires.dy is not None:
            self.back = matrix.calls(view(wires.dy), view(wires.dx))
