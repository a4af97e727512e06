"""The graph convolution of Kipf and Welling."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from optbench.contract.edges import Edges
from optbench.contract.layer import Calls, FixedOp, Layer, Op, Parameter, Shape, Wires, memory
from optbench.nn.propagation import features_of, propagation, rows_of_nodes


@dataclass(frozen=True)
class GraphConvolution(Layer):
    """Y = M X W + b, with M = D^-1/2 (A + I) D^-1/2 of the graph, X (nodes, inputs), W (inputs, units), b (units,).

    A is the adjacency matrix, D has the degrees of A + I.

    edges   of the one graph that all examples (nodes, inputs) are on; None: each example is a graph of its own, and
            the network's inputs are (nodes, features + nodes), the last its A

    Examples open into their nodes; behind, each node is a row. M X or X W comes first, whichever leaves fewer columns
    for the products with M, there and back; of the only example on a graph M X comes first, once for all steps. (Kipf
    and Welling 2017, Semi-supervised classification with graph convolutional networks, equation 2.)
    """

    units: int
    edges: Edges | None = None
    any_order = True
    reads_output = False

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        inputs = features_of(self.edges, shape)
        return (
            Parameter("weight", (inputs, self.units), "weight", inputs, self.units),
            Parameter("bias", (self.units,), "bias", inputs, self.units),
        )

    def output(self, shape: Shape) -> Shape:
        return (self.units,)

    def positions(self, shape: Shape, positions: int) -> int:
        return rows_of_nodes("a graph convolution", self.edges, shape, positions)

    def op(self, wires: Wires) -> Op:
        return GraphConvolutionOp(wires, self.edges)


class GraphConvolutionOp(FixedOp):
    def __init__(self, wires: Wires, edges: Edges | None):
        super().__init__(wires)
        self.matrix = propagation(edges, True, wires)
        self.nodes = self.matrix.nodes
        stack, _, units = wires.y.shape
        inputs = features_of(edges, wires.x.shape[2:])
        self.joint = wires.flat.reshape(stack, inputs + 1, units)
        #: (stack, inputs, rows), and the gradient by it
        self.x, laid, _ = self._rows(wires.x[..., :inputs])
        self.first = wires.x is wires.given
        self.ahead = [*self.matrix.ready, *laid]
        self.dx: np.ndarray | None = None
        leave: Calls = []
        if wires.dx is not None:
            self.dx, _, leave = self._rows(wires.dx)
        there, back = inputs * (1 + (wires.dx is not None)), units * (1 + (wires.dy is not None))
        alone = self.first and edges is not None and wires.x.shape[1] == 1
        if there <= back or alone:
            self._spread_first(inputs)
        else:
            self._product_first(inputs)
        if wires.dx is not None:
            self.back += leave

    def _rows(self, array: np.ndarray) -> tuple[np.ndarray, Calls, Calls]:
        """(stack, features, rows), and what fills it from examples (stack, batch, nodes, features), or fills these.

        One example is a view, several are copied.
        """
        if array.ndim == 3:
            return memory(array), [], []
        stack, batch, nodes, features = array.shape
        if batch == 1:
            return array[:, 0].swapaxes(1, 2), [], []
        block = np.zeros((stack, features, batch, nodes), array.dtype)
        examples = block.transpose(0, 2, 3, 1)
        rows = block.reshape(stack, features, -1, copy=False)
        return rows, [partial(np.copyto, examples, array)], [partial(np.copyto, array, examples)]

    def _buffer(self, features: int) -> np.ndarray:
        """(stack, features, rows) for what is spread, or was: node by node where M is sparse, as SciPy wants it."""
        stack, _, rows = self.x.shape
        if self.matrix.sparse is None:
            return np.zeros((stack, features, rows), self.x.dtype)
        return np.zeros((stack, rows, features), self.x.dtype).swapaxes(1, 2)

    def _spread(self, block: np.ndarray, out: np.ndarray) -> Calls:
        """out = block M, both (stack, features, rows)."""
        return self.matrix.calls(*(self._by_node(b) for b in (block, out)))

    def _by_node(self, block: np.ndarray) -> np.ndarray:
        """(stack, features, rows) as (stack, examples, features, nodes)."""
        stack, features, rows = block.shape
        return block.reshape(stack, features, rows // self.nodes, self.nodes, copy=False).swapaxes(1, 2)

    def _spread_first(self, inputs: int) -> None:
        """(M X) W + b, with a row of ones in M X for the bias."""
        wires = self.wires
        spread = self._buffer(inputs + 1)
        spread[:, inputs] = 1
        self.ahead += self._spread(self.x, spread[:, :inputs])
        if self.first:
            self.once, self.ahead = self.ahead, []
        self.ahead.append(partial(np.matmul, self.joint.swapaxes(1, 2), spread, memory(wires.y)))
        if wires.dy is None or wires.flat_grads is None:
            return
        gradient = wires.flat_grads.reshape(self.joint.shape)
        self.back = [partial(np.matmul, spread, wires.dy, gradient)]
        if self.dx is not None:
            dspread = self._buffer(inputs)
            self.back.append(partial(np.matmul, self.joint[:, :inputs], memory(wires.dy), dspread))
            self.back += self._spread(dspread, self.dx)

    def _product_first(self, inputs: int) -> None:
        """M (X W) + b."""
        wires = self.wires
        weight, bias = self.joint[:, :inputs], self.joint[:, inputs]
        y = memory(wires.y)
        product = self._buffer(y.shape[1])
        self.ahead.append(partial(np.matmul, weight.swapaxes(1, 2), self.x, product))
        self.ahead += self._spread(product, y)
        self.ahead.append(partial(np.add, y, bias[..., None], y))
        if wires.dy is None or wires.flat_grads is None:
            return
        dy, gradient = memory(wires.dy), wires.flat_grads.reshape(self.joint.shape)
        ones = np.ones((y.shape[2], 1), y.dtype)
        self.back = [partial(np.matmul, dy, ones, gradient[:, inputs, :, None]), *self._spread(dy, product)]
        self.back.append(partial(np.matmul, self.x, product.swapaxes(1, 2), gradient[:, :inputs]))
        if self.dx is not None:
            self.back.append(partial(np.matmul, weight, product, self.dx))
