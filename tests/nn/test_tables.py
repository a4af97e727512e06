"""Layers for tables of categories: what is looked up, multiplied and given back."""

import numpy as np
import pytest

from optbench.contract.architecture import Inputs
from optbench.contract.errors import OptbenchError
from optbench.nn.activations import Relu, Tanh
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.category_embedding import CategoryEmbedding
from optbench.nn.dense import Dense
from optbench.nn.dropout import Dropout
from optbench.nn.factorization import Factorization
from optbench.nn.losses import MeanSquaredError, SoftmaxCrossEntropy
from optbench.nn.network import Network
from optbench.nn.one_hot import OneHot
from optbench.nn.pairwise_products import PairwiseProducts
from optbench.testing.gradcheck import THRESHOLD, check_network

CATEGORIES = (4, 3)
#: rows of two categories and two values; the category 3 of the first column, 1 of the second do not occur
X = np.array([[2, 0, 0.5, -1], [0, 2, 0.25, 3], [2, 2, 1, 1], [1, 0, -2, 0], [2, 2, 0, 4]])


def bound(layers, x, loss=MeanSquaredError, dtype="float64"):
    network = Network(layers, x.shape[1:], loss)
    params = np.random.default_rng(0).normal(size=(1, network.layout.size)).astype(dtype)
    graph = network.bind(params, np.zeros_like(params), network.initial_state(1, params.dtype), len(x))
    graph.x[0] = x
    graph.forward()
    graph.backward()
    return graph, *({k: v[0] for k, v in network.layout.views(a).items()} for a in (params, graph.grads))


@pytest.mark.parametrize("body", [(), (Dense(3), Tanh()), (Dense(5), BatchNorm(), Relu(), Dropout(0.5), Dense(3))])
def test_gradient_of_an_embedding_with_what_becomes_of_values(body):
    layers = [CategoryEmbedding(CATEGORIES, 4, body), Dense(6), Tanh(), Dense(3)]
    network = Network(layers, (5,), SoftmaxCrossEntropy)
    assert check_network(network, inputs=Inputs((5,), categories=CATEGORIES)) < THRESHOLD


def test_vectors_lie_beside_the_values():
    graph, params, _ = bound([CategoryEmbedding(CATEGORIES, 2)], X)
    first, second = (params[f"0.categoryembedding.table{k}"] for k in (0, 1))
    wanted = np.concatenate([first[X[:, 0].astype(int)], second[X[:, 1].astype(int)], X[:, 2:]], axis=1)
    assert np.array_equal(graph.logits[0], wanted)


def test_indicators_lie_beside_the_values():
    graph, params, grads = bound([OneHot(CATEGORIES), Dense(3)], X)
    first, second = (np.eye(n)[X[:, k].astype(int)] for k, n in enumerate(CATEGORIES))
    dummies = np.concatenate([first, second, X[:, 2:]], axis=1)
    assert np.allclose(graph.logits[0], dummies @ params["1.dense.weight"] + params["1.dense.bias"], atol=1e-14)
    assert np.allclose(grads["1.dense.weight"], dummies.T @ graph.loss.dlogits[0], atol=1e-15)
    network = Network([OneHot(CATEGORIES), Dense(6), Tanh(), Dense(3)], (5,), SoftmaxCrossEntropy)
    assert check_network(network, inputs=Inputs((5,), categories=CATEGORIES)) < THRESHOLD


def test_values_go_through_their_layers():
    graph, params, grads = bound([CategoryEmbedding(CATEGORIES, 2, [Dense(3), Tanh()])], X)
    weight, bias = (params[f"0.categoryembedding.body.0.dense.{name}"] for name in ("weight", "bias"))
    hidden = np.tanh(X[:, 2:] @ weight + bias)
    assert np.allclose(graph.logits[0, :, 4:], hidden, atol=1e-15)
    wanted = X[:, 2:].T @ (graph.loss.dlogits[0, :, 4:] * (1 - hidden**2))
    assert np.allclose(grads["0.categoryembedding.body.0.dense.weight"], wanted, atol=1e-15)


def test_each_table_gets_the_sum_of_what_comes_back_and_nothing_for_categories_that_did_not_occur():
    graph, _, grads = bound([CategoryEmbedding(CATEGORIES, 2)], X)
    dy = graph.loss.dlogits[0]
    for column, n in enumerate(CATEGORIES):
        wanted = np.zeros((n, 2))
        np.add.at(wanted, X[:, column].astype(int), dy[:, 2 * column : 2 * column + 2])
        found = grads[f"0.categoryembedding.table{column}"]
        assert np.allclose(found, wanted, atol=1e-15)
        absent = sorted(set(range(n)) - set(X[:, column].astype(int)))
        assert absent == [[3], [1]][column]
        assert not found[absent].any()


def test_factorization_is_a_product_and_three_biases():
    x = X[:, :2]
    graph, params, grads = bound([Factorization(CATEGORIES, 3, outputs=2)], x)
    p, q, b, c, m = params.values()
    i, j = x.astype(int).T
    wanted = (p[i] * q[j]).reshape(-1, 2, 3).sum(axis=2) + b[i] + c[j] + m
    assert np.allclose(graph.logits[0], wanted, atol=1e-14)
    dz = graph.loss.dlogits[0]
    assert np.allclose(grads["0.factorization.bias"], dz.sum(axis=0), atol=1e-15)
    wanted = np.zeros_like(p)
    np.add.at(wanted, i, dz.repeat(3, axis=1) * q[j])
    assert np.allclose(grads["0.factorization.row_vectors"], wanted, atol=1e-15)
    wanted = np.zeros_like(c)
    np.add.at(wanted, j, dz)
    assert np.allclose(grads["0.factorization.column_biases"], wanted, atol=1e-15)
    network = Network([Factorization(CATEGORIES, 3, 3)], (2,), SoftmaxCrossEntropy)
    assert check_network(network, inputs=Inputs((2,), categories=CATEGORIES)) < THRESHOLD


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("vectors", [2, 5])
def test_products_are_those_of_all_pairs(vectors, keep):
    network = Network([Dense(3 * vectors), PairwiseProducts(3, keep)], (4,), MeanSquaredError)
    params = np.random.default_rng(0).normal(size=(1, network.layout.size))
    graph = network.bind(params, None, network.initial_state(1, params.dtype), 6)
    graph.x[0, :, :-1] = np.random.default_rng(1).normal(size=(6, 4))
    graph.forward()
    a = graph.outputs[0][0].reshape(6, vectors, 3)
    pairs = [(a[:, i] * a[:, j]).sum(axis=1) for i in range(vectors) for j in range(i + 1, vectors)]
    wanted = np.stack(pairs, axis=1)
    if keep:
        wanted = np.concatenate([wanted, a[:, -1]], axis=1)
    assert np.allclose(graph.logits[0], wanted, atol=1e-14)
    assert check_network(network) < THRESHOLD


def test_layout_says_what_is_looked_up():
    layers = [CategoryEmbedding(CATEGORIES, 2, [Dense(2)]), Dense(1)]
    parts = {t.name: (t.shape, t.role, t.part, t.fan_in) for t in Network(layers, (4,), MeanSquaredError).layout}
    assert parts == {
        "0.categoryembedding.table0": ((4, 2), "weight", "embedding", 2),
        "0.categoryembedding.table1": ((3, 2), "weight", "embedding", 2),
        "0.categoryembedding.body.0.dense.weight": ((2, 2), "weight", "", 2),
        "0.categoryembedding.body.0.dense.bias": ((2,), "bias", "", 2),
        "1.dense.weight": ((6, 1), "weight", "head", 6),
        "1.dense.bias": ((1,), "bias", "", 6),
    }
    tensors = Network([Factorization((4, 3), 5)], (2,), MeanSquaredError).layout
    assert [(t.role, t.part) for t in tensors] == 2 * [("weight", "embedding")] + 3 * [("bias", "")]


@pytest.mark.parametrize("layer", [CategoryEmbedding(CATEGORIES, 2), Factorization(CATEGORIES, 2), OneHot(CATEGORIES)])
def test_float32_stays(layer):
    graph, _, _ = bound([layer, Dense(3)], X[:, :2], dtype="float32")
    assert graph.logits.dtype == graph.loss.dlogits.dtype == np.float32
    assert graph.grads.any()


def test_many_categories_are_added_without_rounding():
    """Numbers that float32 does not hold, of the joint table: 2^24 and one more."""
    layers = [CategoryEmbedding((2**24, 2), 1)]
    network = Network(layers, (2,), MeanSquaredError)
    params = np.zeros((1, network.layout.size), "f4")
    params[0, -2:] = 3, 5
    graph = network.bind(params, None, network.initial_state(1, params.dtype), 2)
    graph.x[0] = [[0, 0], [0, 1]]
    graph.forward()
    assert graph.logits[0, :, 1].tolist() == [3, 5]


@pytest.mark.parametrize(
    ("layers", "shape", "message"),
    [
        ([CategoryEmbedding((), 2)], (3,), "needs at least one column of them"),
        ([CategoryEmbedding((4, 3), 2)], (1,), r"2 columns of categories.*shape \(1,\).*flat features, categories"),
        ([CategoryEmbedding((4, 3), 2)], (3, 2), r"2 columns of categories.*shape \(3, 2\)"),
        ([CategoryEmbedding((4, 3), 2, [Dense(2)])], (2,), "layers for values, but all 2 columns are categories"),
        ([OneHot((4, 3))], (1,), r"2 columns of categories.*shape \(1,\).*flat features, categories"),
        ([Factorization((4, 3), 2)], (3,), "reads pairs of categories, got 3 columns"),
        ([PairwiseProducts(3)], (3,), r"products of vectors of 3 units need at least two, got inputs of shape \(3,\)"),
        ([PairwiseProducts(3)], (7,), r"shape \(7,\)"),
        ([PairwiseProducts(3)], (3, 2), r"shape \(3, 2\)"),
    ],
)
def test_inputs_that_do_not_fit(layers, shape, message):
    with pytest.raises(OptbenchError, match=message):
        Network([*layers, Dense(1)], shape, MeanSquaredError)


@pytest.mark.parametrize("layer", [CategoryEmbedding((4, 3), 2), Factorization((4, 3), 2)])
def test_categories_come_first(layer):
    with pytest.raises(OptbenchError, match="must be the first layer: its categories have no gradient"):
        check_network(Network([Dense(2), layer, Dense(1)], (3,), MeanSquaredError))
