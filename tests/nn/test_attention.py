"""Self-attention: gradients, masks, logits of any size, and what it refuses."""

import numpy as np
import pytest

from optbench.contract.architecture import Inputs
from optbench.contract.errors import OptbenchError
from optbench.nn import attention
from optbench.nn.attention import SelfAttention
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.dense import Dense
from optbench.nn.dropout import Dropout
from optbench.nn.embedding import Embedding
from optbench.nn.losses import SequenceCrossEntropy
from optbench.nn.network import Network
from optbench.testing.gradcheck import THRESHOLD, check_layer, check_network

TIMES, UNITS = 6, 8
TOKENS = Inputs((TIMES,), TIMES, 9)


def network(layer, vocabulary=9):
    return Network([Embedding(vocabulary, UNITS), layer, Dense(3)], (TIMES,), SequenceCrossEntropy)


def bound(layer, dtype="float32", factor=1.0, stack=1, batch=5, seed=0):
    """A graph on random tokens; queries and keys are `factor` times as large, one a row."""
    net, rng = network(layer), np.random.default_rng(seed)
    params = rng.normal(size=(stack, net.layout.size)).astype(dtype)
    views = net.layout.views(params)
    for row, by in enumerate(np.broadcast_to(factor, stack)):
        views["1.selfattention.qkv"][row, :, : 2 * UNITS] *= by
    rngs = [np.random.default_rng(row) for row in range(stack)]
    graph = net.bind(params, np.zeros_like(params), net.initial_state(stack, params.dtype), batch, rngs)
    graph.x[...] = rng.integers(9, size=graph.x.shape[1:])
    graph.targets[...] = rng.integers(-1, 3, graph.targets.shape[1:])
    return graph


def trained(graph):
    # Where exponentials overflow they are made again: training ignores what NumPy says of the first ones.
    with np.errstate(all="ignore"):
        graph.forward()
        graph.backward()
    return np.array(graph.outputs[1]), graph.grads.copy()


def expected(graph, causal, row=0):
    """The layer's outputs by the formula, in float64, with the largest score of each query subtracted."""
    p = {name: value[row].astype(float) for name, value in graph.ops[1].wires.params.items()}
    layer = graph.network.layers[1]
    x = graph.outputs[0][row].astype(float).reshape(graph.batch, TIMES, UNITS)
    q, k, v = np.moveaxis(
        (x @ p["qkv"] + p["qkv_bias"]).reshape(graph.batch, TIMES, 3, layer.heads, -1), 2, 0
    ).swapaxes(2, 3)
    scores = q @ k.swapaxes(2, 3) / np.sqrt(UNITS // layer.heads)
    if causal:
        scores = np.where(np.tril(np.ones((TIMES, TIMES))) > 0, scores, -np.inf)
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = (e / e.sum(axis=-1, keepdims=True) @ v).swapaxes(1, 2).reshape(-1, UNITS)
    return mixed @ p["weight"] + p["bias"]


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("heads", [1, 4])
@pytest.mark.parametrize("dropout", [(), (Dropout(0.6),), (Dropout(0.9), Dropout(0.8))])
def test_gradient(heads, causal, dropout):
    assert check_layer(SelfAttention(heads, causal, dropout), (UNITS,), positions=TIMES) < THRESHOLD
    assert check_network(network(SelfAttention(heads, causal, dropout)), inputs=TOKENS) < THRESHOLD


@pytest.mark.parametrize("causal", [False, True])
def test_parts_of_a_batch_are_the_whole(causal, monkeypatch):
    layer = SelfAttention(2, causal)
    whole = trained(bound(layer))
    monkeypatch.setattr(attention, "CACHED", 2 * 2 * TIMES * TIMES * 4)
    graph = bound(layer)
    assert [p.stop for p in graph.ops[1].parts] == [2, 4, 6], "the last part is smaller"
    for a, b in zip(whole, trained(graph), strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("dropout", [(), (Dropout(1.0),)], ids=["", "dropout"])
@pytest.mark.parametrize("factor", [0.0, 0.1, 1.0, 3.0, 10.0, 100.0, 1e6, 1e9])
def test_logits_of_any_size(causal, dropout, factor):
    layer = SelfAttention(2, causal, dropout)
    graph = bound(layer, "float64", factor)
    exact, exact_grads = trained(graph)
    wanted = expected(graph, causal)
    scale = np.abs(wanted).max()
    assert np.abs(exact[0] - wanted).max() < 1e-12 * scale
    given, grads = trained(bound(layer, factor=factor))
    assert given.dtype == grads.dtype == np.float32
    assert np.isfinite(grads).all()
    # A score's rounding is an error of its exponential; among scores that are far apart it changes nothing.
    assert np.abs(given[0] - wanted).max() < 1e-3 * scale
    if factor <= 1:
        assert np.abs(grads - exact_grads).max() < 1e-3 * np.abs(exact_grads).max()


@pytest.mark.parametrize("sign", [-1, 1])
def test_scores_far_from_zero_alike_are_right_in_float32(sign):
    # Every query sees scores near sign x 1e4, exact in float32: all of its exponentials are 0, or infinite.
    layer, net = SelfAttention(1), network(SelfAttention(1))
    rng = np.random.default_rng(3)
    params = np.zeros((1, net.layout.size), "f4")
    views = net.layout.views(params[0])
    views["0.embedding.table"][...] = rng.integers(-4, 5, views["0.embedding.table"].shape)
    views["0.embedding.table"][:, 0] = 1
    qkv = views["1.selfattention.qkv"]
    qkv[0, 0], qkv[0, UNITS] = 1e4 * np.sqrt(UNITS), sign
    qkv[1, UNITS] = 1e-4  # what tells keys apart: multiples of 1
    qkv[:, 2 * UNITS :] = views["1.selfattention.weight"][...] = np.eye(UNITS)
    graph = net.bind(params, np.zeros_like(params), net.initial_state(1, params.dtype), 3)
    graph.x[...] = rng.integers(9, size=graph.x.shape)
    given, grads = trained(graph)
    assert np.allclose(given[0], expected(graph, layer.causal), rtol=1e-2, atol=1e-2)
    assert np.isfinite(grads).all()
    assert grads.any()


def test_usual_scores_are_not_done_again(monkeypatch):
    done = []
    monkeypatch.setattr(attention.SelfAttentionOp, "_again", lambda op, row: done.append(row))
    trained(bound(SelfAttention(2), stack=3, factor=0.3))
    assert done == []
    trained(bound(SelfAttention(2), stack=3, factor=[0.3, 100.0, 0.3]))
    assert done == [1]


@pytest.mark.parametrize("dropout", [(), (Dropout(0.7),)])
def test_a_row_that_is_done_again_changes_no_other(dropout):
    factors = [1.0, 50.0, 0.5]
    together = bound(SelfAttention(2, True, dropout), factor=factors, stack=3)
    outputs, grads = trained(together)
    for row in range(3):
        alone = network(SelfAttention(2, True, dropout))
        mine = together.params[row : row + 1].copy()
        graph = alone.bind(mine, np.zeros_like(mine), [{}, {}, {}], 5, [np.random.default_rng(row)])
        graph.x[...], graph.targets[...] = together.x[row], together.targets[row]
        for a, b in zip((outputs, grads), trained(graph), strict=True):
            assert np.array_equal(a[row], b[0])


def test_what_comes_later_is_not_seen():
    graph = bound(SelfAttention(2, causal=True), "float64")
    graph.forward()
    before = np.array(graph.logits).reshape(5, TIMES, 3)
    graph.x[0, :, 4] = (graph.x[0, :, 4] + 1) % 9
    graph.forward()
    after = np.array(graph.logits).reshape(5, TIMES, 3)
    assert np.array_equal(before[:, :4], after[:, :4])
    assert (before[:, 4:] != after[:, 4:]).any(axis=-1).all()


def test_dropped_weights_hold_within_a_step_and_are_none_in_evaluation():
    layer = SelfAttention(2, False, (Dropout(0.5),))
    graph, plain = bound(layer, "float64"), bound(SelfAttention(2), "float64")
    first, _ = trained(graph)
    graph.forward(True, False)
    assert np.array_equal(first, graph.outputs[1])
    other, _ = trained(graph)
    assert not np.array_equal(first, other)
    graph.forward(False, False)
    assert np.allclose(graph.outputs[1], trained(plain)[0], rtol=1e-12, atol=1e-13)


def test_what_it_refuses():
    with pytest.raises(OptbenchError, match=r"self-attention: 3 heads do not divide features of shape \(8,\)"):
        network(SelfAttention(3))
    with pytest.raises(OptbenchError, match="layers on attention weights cannot have parameters or statistics"):
        bound(SelfAttention(2, dropout=(BatchNorm(),)))
