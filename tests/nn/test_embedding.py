"""Embeddings: what is looked up, what comes back, and where positions open and close."""

import numpy as np
import pytest

from optbench.contract.architecture import Inputs
from optbench.contract.errors import OptbenchError
from optbench.nn.dense import Dense
from optbench.nn.embedding import Embedding
from optbench.nn.evaluator import Evaluator
from optbench.nn.losses import LOSSES, SequenceCrossEntropy, SoftmaxCrossEntropy
from optbench.nn.lstm import LSTM
from optbench.nn.network import Network
from optbench.testing.gradcheck import THRESHOLD, check_network

LOSS = SequenceCrossEntropy


def bound(layers, x, y, loss=LOSS, dtype="float64"):
    network = Network(layers, x.shape[2:], loss)
    rng = np.random.default_rng(0)
    params = rng.normal(size=(len(x), network.layout.size)).astype(dtype)
    graph = network.bind(params, np.zeros_like(params), network.initial_state(len(x), params.dtype), x.shape[1])
    graph.x[...], graph.targets[...] = x, y
    graph.forward()
    graph.backward()
    return graph


def test_each_position_is_the_vector_of_its_token_and_its_place():
    x = np.array([[[2, 0, 2], [1, 1, 2]]])
    graph = bound([Embedding(3, 2, places=True)], x, np.zeros((1, 2, 3)))
    tensors = graph.network.layout.views(graph.params[0])
    table, places = tensors["0.embedding.table"], tensors["0.embedding.places"]
    wanted = table[x[0]] + places
    assert np.array_equal(graph.logits[0], wanted.reshape(6, 2)), "row b times + t is position t of example b"


def test_what_comes_back_is_added_up_for_each_token():
    x = np.array([[[2, 0, 2], [1, 2, 2]]])
    graph = bound([Embedding(5, 4)], x, np.array([[[0, 1, 2], [3, -1, 0]]]))
    dlogits = graph.loss.dlogits[0]
    wanted = np.zeros((5, 4))
    np.add.at(wanted, x.reshape(-1), dlogits)
    assert np.allclose(graph.network.layout.views(graph.grads[0])["0.embedding.table"], wanted, atol=1e-15)
    assert not wanted[3:].any()


@pytest.mark.parametrize("places", [False, True])
def test_gradient(places):
    network = Network([Embedding(6, 4, places), Dense(5), LSTM(3, every=True), Dense(4)], (7,), LOSS)
    assert network.positions == 7
    assert check_network(network, inputs=Inputs((7,), 7, 6)) < THRESHOLD
    closed = Network([Embedding(6, 4, places), Dense(5), LSTM(3), Dense(4)], (7,), SoftmaxCrossEntropy)
    assert closed.positions == 1
    assert check_network(closed, inputs=Inputs((7,), 1, 6)) < THRESHOLD


def test_the_layout_says_what_is_a_table_a_gate_and_the_head():
    network = Network([Embedding(6, 4, True), LSTM(3), Dense(4)], (7,), SoftmaxCrossEntropy)
    parts = {t.name: t.part for t in network.layout}
    assert parts == {
        "0.embedding.table": "embedding", "0.embedding.places": "embedding", "1.lstm.input": "gates",
        "1.lstm.bias": "", "1.lstm.hidden": "gates", "2.dense.weight": "head", "2.dense.bias": "",
    }  # fmt: skip


def test_float32_stays():
    graph = bound([Embedding(3, 2), Dense(3)], np.zeros((1, 4, 5)), np.ones((1, 4, 5)), dtype="float32")
    assert graph.logits.dtype == graph.loss.dlogits.dtype == np.float32
    assert graph.grads.any()


@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_evaluation_counts_positions_that_have_a_target(chunk):
    rng = np.random.default_rng(1)
    x, y = rng.integers(4, size=(8, 3)).astype(float), rng.integers(-1, 4, (8, 3))
    y[2] = -1  # a chunk of one example without any target
    network = Network([Embedding(4, 5), Dense(4)], (3,), LOSS)
    params = rng.normal(size=network.layout.size)
    state = network.initial_state(1, x.dtype)
    ((loss, accuracy),) = Evaluator(network, [(x, y.astype(float))], "accuracy", state, chunk)(params, state)
    tensors = network.layout.views(params)
    z = tensors["0.embedding.table"][x.astype(int)] @ tensors["1.dense.weight"] + tensors["1.dense.bias"]
    log = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    counted = y >= 0
    each = np.take_along_axis(log, np.maximum(y, 0)[..., None], axis=-1)[..., 0]
    assert loss == pytest.approx(-each[counted].mean(), rel=1e-12)
    assert accuracy == (z.argmax(axis=-1) == y)[counted].mean()


@pytest.mark.parametrize("name", [name for name, loss in LOSSES.items() if not loss.numbers])
def test_other_losses_are_over_all_positions(name):
    network = Network([Embedding(6, 4), LSTM(3, every=True), Dense(4)], (7,), LOSSES[name])
    assert check_network(network, inputs=Inputs((7,), 7, 6)) < THRESHOLD


def test_tokens_are_flat_and_come_first():
    with pytest.raises(OptbenchError, match=r"an embedding reads tokens \(times,\), got inputs of shape \(3, 2\)"):
        Network([Embedding(6, 4), LSTM(3), Dense(4)], (3, 2), LOSS)
    network = Network([Dense(3), Embedding(6, 4), LSTM(3), Dense(4)], (3,), SoftmaxCrossEntropy)
    with pytest.raises(OptbenchError, match="an embedding must be the first layer"):
        check_network(network)
