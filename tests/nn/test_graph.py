"""Layers on graphs against dense arithmetic, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench.builtin.networks.graph import GCN, GIN
from optbench.contract.architecture import Extras, Inputs
from optbench.contract.edges import Edges
from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import ComponentError
from optbench.nn.activations import Tanh
from optbench.nn.dense import Dense
from optbench.nn.graph_convolution import GraphConvolution
from optbench.nn.losses import SequenceCrossEntropy, SoftmaxCrossEntropy
from optbench.nn.neighbour_sum import NeighbourSum
from optbench.nn.network import Network
from optbench.nn.positions import MeanOverPositions
from optbench.nn.propagation import Propagation
from optbench.testing.gradcheck import THRESHOLD, check_layer

PATH = Edges(5, np.array([[0, 1], [1, 2], [2, 3], [3, 4]]))
LONG = Edges(60, np.stack([np.arange(59), np.arange(1, 60)], axis=1))


def dense(edges):
    a = np.eye(edges.nodes)
    for first, second in edges.pairs:
        a[first, second] = a[second, first] = 1
    return a


@pytest.mark.parametrize("normalized", [True, False])
@pytest.mark.parametrize("edges", [PATH, LONG])
def test_products_with_the_matrix_of_a_graph(edges, normalized):
    matrix = Propagation(edges, normalized, np.dtype("f8"))
    assert (matrix.sparse is None) == (edges is PATH), "a matrix of few entries is held sparse"
    x = np.random.default_rng(0).normal(size=(2, 3, 4, edges.nodes))
    y = np.full_like(x, np.nan)
    for call in matrix.calls(x, y):
        call()
    a = dense(edges)
    m = a / np.sqrt(np.outer(a.sum(0), a.sum(0))) if normalized else a
    assert np.allclose(y, x @ m, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("edges", [PATH, LONG])
@pytest.mark.parametrize("features", [2, 6])
@pytest.mark.parametrize("batch", [1, 3])
def test_graph_convolution(edges, features, batch):
    """Whichever product comes first, of examples that open and of rows, one and several on the graph."""
    rng = np.random.default_rng(0)
    network = Network(
        [GraphConvolution(4, edges), Tanh(), GraphConvolution(3, edges)], (edges.nodes, features), SequenceCrossEntropy
    )
    params = rng.normal(size=(1, network.layout.size))
    for grads in (None, np.zeros_like(params)):
        graph = network.bind(params, grads, network.initial_state(1, params.dtype), batch)
        x = rng.normal(size=(batch, edges.nodes, features))
        graph.x[0] = x
        graph.forward()
        a = dense(edges)
        m = a / np.sqrt(np.outer(a.sum(0), a.sum(0)))
        w0, b0, w1, b1 = network.layout.views(params[0]).values()
        expected = m @ np.tanh(m @ x @ w0 + b0) @ w1 + b1
        assert np.allclose(graph.logits[0], expected.reshape(-1, 3), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("edges", [PATH, LONG])
@pytest.mark.parametrize("stack", [1, 2])
def test_a_pass_on_the_same_inputs_and_targets_is_that_on_new_ones(edges, stack):
    """The targets of some nodes are none, of the first and the last one too, which counts from another row's end."""
    rng = np.random.default_rng(0)
    layers = [GraphConvolution(4, edges), Tanh(), GraphConvolution(3, edges)]
    network = Network(layers, (edges.nodes, 6), SequenceCrossEntropy)

    def bound(params, grads, rows=slice(None)):
        graph = network.bind(params[rows], grads[rows], network.initial_state(len(params[rows]), params.dtype), 1)
        graph.x[...], graph.targets[...] = x[rows], y[rows]
        return graph

    x, y = rng.normal(size=(stack, 1, edges.nodes, 6)), rng.integers(-1, 3, (stack, 1, edges.nodes))
    y[..., [0, -1]] = -1
    params = rng.normal(size=(stack, network.layout.size))
    kept, grads = bound(params, np.zeros_like(params)), np.zeros_like(params)
    kept.forward()
    kept.backward()
    for _ in range(2):
        params += rng.normal(size=params.shape)
        kept.forward(new=False)
        kept.backward(new=False)
        anew = bound(params, grads)
        anew.forward()
        anew.backward()
        assert np.array_equal(kept.logits, anew.logits)
        assert np.array_equal(kept.grads, grads)
    alone = np.zeros_like(params)
    for row in range(stack):
        graph = bound(params, alone, slice(row, row + 1))
        graph.forward()
        graph.backward()
    assert np.array_equal(alone, grads)



@pytest.mark.parametrize(
    "layer",
    [
        GraphConvolution(2, PATH), GraphConvolution(7, PATH), GraphConvolution(2, LONG), NeighbourSum(PATH),
        MeanOverPositions(),
    ],
    ids=str,
)
def test_gradients_of_rows(layer):
    nodes = 60 if layer == GraphConvolution(2, LONG) else 5
    assert check_layer(layer, (4,), batch=2, positions=nodes) < THRESHOLD


@pytest.mark.parametrize("layer", [GraphConvolution(2, PATH), NeighbourSum(PATH)])
def test_another_number_of_nodes(layer):
    for layers, shape, found in (
        ([layer], (6, 3), r"inputs of shape \(6, 3\)"),
        ([layer], (3,), "1 positions an example"),
        ([NeighbourSum(), layer], (6, 9), "6 positions an example"),
    ):
        with pytest.raises(OptbenchError, match=f"reads the features of 5 nodes, got {found}"):
            Network([*layers, Dense(2)], shape, SequenceCrossEntropy)


def test_sums_over_neighbours_want_a_row_of_edges_for_each_node():
    for shape in ((5, 5), (5, 4, 3)):
        with pytest.raises(OptbenchError, match=r"reads graphs \(nodes, features \+ nodes\), got inputs of shape"):
            Network([NeighbourSum(), Dense(2)], shape, SequenceCrossEntropy)
    with pytest.raises(OptbenchError, match="what reads graphs must be the first layer: edges have no gradient"):
        check_layer(NeighbourSum(), (4, 6))


@given(st.integers(2, 9), st.integers(0, 2**32))
def test_names_of_nodes_do_not_matter(nodes, seed):
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.random((nodes, nodes)) < 0.5, 1)
    upper[0, 1] = True
    order = rng.permutation(nodes)
    x, a = rng.normal(size=(nodes, 3)), upper | upper.T
    for kind in (GCN(4, 2, "tanh"), GIN(4, 1, "tanh")):
        found = []
        for features, adjacency in ((x, a), (x[order], a[order][:, order])):
            edges = Edges(nodes, np.argwhere(adjacency))
            one = Inputs((nodes, 3), nodes, edges=edges), features, SequenceCrossEntropy
            both = np.concatenate([features, adjacency], axis=1)
            many = Inputs((nodes, 3 + nodes), graphs=True), both, SoftmaxCrossEntropy
            for inputs, given_x, loss in (one, many):
                network = Network(kind.layers(inputs, 2, Extras()), inputs.shape, loss)
                params = np.random.default_rng(1).normal(size=(1, network.layout.size))
                graph = network.bind(params, None, network.initial_state(1, params.dtype), 1)
                graph.x[0, 0] = given_x
                graph.forward(False, False)
                found.append(np.array(graph.logits[0]))
        assert np.allclose(found[2], found[0][order], rtol=1e-9, atol=1e-11), "of nodes: in their new order"
        assert np.allclose(found[3], found[1], rtol=1e-9, atol=1e-11), "of graphs: the same"


def test_layers_of_kinds():
    layers = GCN(8, 3, "tanh").layers(Inputs((5, 4), 5, edges=PATH), 2, Extras())
    hidden = [GraphConvolution(8, PATH), Tanh()]
    assert layers == [*hidden, *hidden, GraphConvolution(2, PATH)]
    mlp = [Dense(8), Tanh()] * 2
    one = GIN(8, 2, "tanh").layers(Inputs((5, 4), 5, edges=PATH), 2, Extras())
    assert one == [NeighbourSum(PATH), *mlp, NeighbourSum(PATH), *mlp, Dense(2)]
    pooled = GCN(8, 1, "tanh").layers(Inputs((5, 7), graphs=True), 2, Extras())
    assert pooled == [GraphConvolution(8), Tanh(), MeanOverPositions(), Dense(2)]
    many = GIN(8, 1, "tanh").layers(Inputs((5, 7), graphs=True), 2, Extras())
    assert many == [NeighbourSum(), *mlp, MeanOverPositions(), Dense(2)]
    assert [t.part for t in Network(layers, (5, 4), SequenceCrossEntropy).layout] == ["", "", "", "", "head", ""]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (lambda: GCN().layers(Inputs((8, 8, 1)), 3, Extras()), r"gcn needs graphs.*values of shape \(8, 8, 1\)"),
        (lambda: GIN().layers(Inputs((5,), vocabulary=3), 3, Extras()), r"needs graphs.*tokens of shape \(5,\)"),
        (lambda: GCN(activation="rellu"), "network gcn: activation.*'rellu'; did you mean 'relu'"),
        (lambda: GIN(activation="rellu"), "network gin: activation.*'rellu'; did you mean 'relu'"),
        (lambda: GCN(depth=0), "network gcn: depth"),
        (lambda: GIN(width=0), "network gin: width"),
    ],
)
def test_what_kinds_refuse(kind, message):
    with pytest.raises(ComponentError, match=message):
        kind()


def test_a_mean_leaves_one_row_an_example():
    network = Network([NeighbourSum(), MeanOverPositions(), Dense(3)], (5, 7), SoftmaxCrossEntropy)
    assert network.chain.positions == [1, 5, 1, 1]
    assert network.positions == 1
