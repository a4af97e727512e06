"""Layers that open examples into positions, mix them and close them; a tied head; a table's columns as positions."""

import numpy as np
import pytest

from optbench.contract.architecture import Inputs
from optbench.contract.errors import OptbenchError
from optbench.nn.attention import SelfAttention
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.dropout import Dropout
from optbench.nn.embedding import Embedding
from optbench.nn.feature_tokenizer import FeatureTokenizer
from optbench.nn.losses import SequenceCrossEntropy, SoftmaxCrossEntropy
from optbench.nn.network import Network
from optbench.nn.positions import MeanOverPositions, Patches, Places, SwapPositions
from optbench.nn.tied import Tied
from optbench.testing.gradcheck import THRESHOLD, check_network


def bound(layers, x, dtype="float64"):
    """A graph after a forward pass, with random parameters."""
    network, rng = Network(layers, x.shape[1:], SequenceCrossEntropy), np.random.default_rng(0)
    params = rng.normal(size=(1, network.layout.size)).astype(dtype)
    graph = network.bind(params, np.zeros_like(params), network.initial_state(1, params.dtype), len(x), [rng])
    graph.x[0] = x
    graph.forward()
    return graph, {t.name.split(".", 1)[1]: v for t, v in zip(network.layout, views(graph), strict=True)}


def views(graph):
    return graph.network.layout.views(graph.params[0]).values()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_patches_are_squares_row_by_row_with_channels_first(dtype):
    x = np.random.default_rng(0).normal(size=(3, 4, 6, 2)).astype(dtype)
    graph, _ = bound([Patches(2)], x, dtype)
    wanted = [
        x[b, i : i + 2, j : j + 2].transpose(2, 0, 1).reshape(-1) for b in range(3) for i in (0, 2) for j in (0, 2, 4)
    ]
    assert np.array_equal(graph.logits[0], wanted)
    assert graph.logits.dtype == dtype


def test_patches_behind_other_layers():
    network = Network([Convolution(3), Patches(2), Dense(4), MeanOverPositions()], (4, 6, 1), SoftmaxCrossEntropy)
    assert check_network(network) < THRESHOLD
    assert network.chain.positions == [1, 1, 6, 6, 1]


def test_places_swaps_and_means():
    x = np.random.default_rng(1).normal(size=(3, 4, 4, 1))
    graph, own = bound([Patches(2), Places(4), SwapPositions(4), Dense(5), MeanOverPositions()], x)
    patches = np.array(graph.outputs[0][0]).reshape(3, 4, 4)
    placed = patches + own["places.places"]
    mixed = placed.swapaxes(1, 2) @ own["dense.weight"] + own["dense.bias"]
    assert np.allclose(graph.logits[0], mixed.mean(axis=1), rtol=1e-13, atol=1e-14)


def test_columns_become_vectors():
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.integers(3, size=(6, 1)), rng.integers(2, size=(6, 1)), rng.normal(size=(6, 2))], axis=1)
    graph, own = bound([FeatureTokenizer(5, (3, 2))], x)
    table, w, bias = (own[f"featuretokenizer.{n}"] for n in ("table", "weight", "bias"))
    wanted = [table[x[:, 0].astype(int)], table[3 + x[:, 1].astype(int)], *(x[:, 2 + j, None] * w[j] for j in (0, 1))]
    assert np.allclose(graph.logits[0], (np.stack(wanted, axis=1) + bias).reshape(-1, 5), rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("categories", [(), (3,), (3, 2, 4)])
def test_gradient_of_columns(categories):
    layers = [FeatureTokenizer(4, categories), SelfAttention(2), MeanOverPositions(), Dense(3)]
    network = Network(layers, (3,), SoftmaxCrossEntropy)
    assert check_network(network, inputs=Inputs((3,), categories=categories)) < THRESHOLD


def test_a_tied_head_multiplies_by_the_table():
    tokens = np.random.default_rng(3).integers(6, size=(4, 5))
    graph, own = bound([Tied(Embedding(6, 4), [Dense(4)], 5)], tokens)
    table, w, b = own["tied.tied.0.embedding.table"], own["tied.tied.1.dense.weight"], own["tied.tied.1.dense.bias"]
    assert np.allclose(graph.logits[0], (table[tokens.reshape(-1)] @ w + b) @ table[:5].T, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("body", [[Dense(4)], [SelfAttention(2, causal=True), BatchNorm(), Dropout(0.6)]])
@pytest.mark.parametrize("outputs", [4, 6])
def test_gradient_of_a_tied_head(body, outputs):
    network = Network([Tied(Embedding(6, 4, True), body, outputs)], (5,), SequenceCrossEntropy)
    assert check_network(network, inputs=Inputs((5,), 5, 6)) < THRESHOLD


def test_what_is_refused():
    with pytest.raises(OptbenchError, match="patches of 3x3 do not tile images of 4x6"):
        Network([Patches(3), Dense(2)], (4, 6, 1), SequenceCrossEntropy)
    with pytest.raises(OptbenchError, match=r"patches needs images.*got features of shape \(4,\)"):
        Network([Patches(2), Dense(2)], (4,), SequenceCrossEntropy)
    image = np.zeros((2, 4, 4, 1))
    with pytest.raises(OptbenchError, match="5 places are learned, but an example has 4 positions"):
        bound([Patches(2), Places(5)], image)
    with pytest.raises(OptbenchError, match="5 positions are to be swapped, but an example has 4"):
        bound([Patches(2), SwapPositions(5)], image)
    with pytest.raises(OptbenchError, match=r"flat features, 3 of categories first, got inputs of shape \(2,\)"):
        Network([FeatureTokenizer(4, (2, 2, 2))], (2,), SequenceCrossEntropy)
    with pytest.raises(OptbenchError, match="a feature tokenizer must be the first layer"):
        bound([Dense(3), FeatureTokenizer(4)], np.zeros((2, 3)))
    with pytest.raises(OptbenchError, match="a class for each token: at most 6, got 7"):
        Tied(Embedding(6, 4), [Dense(4)], 7)
    with pytest.raises(OptbenchError, match=r"reads the 4 units of its embedding.*ends in features of shape \(3,\)"):
        Network([Tied(Embedding(6, 4), [Dense(3)], 6)], (5,), SequenceCrossEntropy)
