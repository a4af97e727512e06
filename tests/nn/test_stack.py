"""Row k of a stack has the bits of a solo run."""

import numpy as np
import pytest

from optbench.contract.edges import Edges
from optbench.nn.activations import Gelu, GeluTanh, LeakyRelu, Relu, Sigmoid, Tanh
from optbench.nn.attention import SelfAttention
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.category_embedding import CategoryEmbedding
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.dropout import Dropout
from optbench.nn.embedding import Embedding
from optbench.nn.factorization import Factorization
from optbench.nn.feature_tokenizer import FeatureTokenizer
from optbench.nn.flatten import Flatten
from optbench.nn.graph_convolution import GraphConvolution
from optbench.nn.group_norm import GroupNorm
from optbench.nn.gru import GRU
from optbench.nn.layer_norm import LayerNorm
from optbench.nn.losses import LOSSES, SequenceCrossEntropy
from optbench.nn.lstm import LSTM
from optbench.nn.neighbour_sum import NeighbourSum
from optbench.nn.network import Network
from optbench.nn.pairwise_products import PairwiseProducts
from optbench.nn.pooling import AveragePooling, MaxPooling
from optbench.nn.positions import MeanOverPositions, Patches, Places, SwapPositions
from optbench.nn.residual import Residual
from optbench.nn.rms_norm import RMSNorm
from optbench.nn.strided import GlobalAveragePooling, Projection, StridedConvolution
from optbench.nn.tanh_recurrence import TanhRecurrence
from optbench.nn.tied import Tied

#: inputs of those whose names begin with "tokens" are class numbers below this; those of a "table" in its first columns
VOCABULARY = 6
RING, PATH = Edges(40, np.arange(80).reshape(40, 2) % 40), Edges(5, np.array([[0, 1], [1, 2], [2, 3]]))
NETWORKS = {
    "tokens": ([Embedding(VOCABULARY, 5), LayerNorm(), Tanh(), LSTM(4), Dropout(0.7), Dense(3)], (7,)),
    "tokens with places": ([Embedding(VOCABULARY, 5, places=True), GRU(4), Dense(3)], (7,)),
    "tokens with a class at each": ([Embedding(VOCABULARY, 5), GRU(4, every=True), Dropout(0.7), Dense(3)], (7,)),
    "table": (
        [CategoryEmbedding((4, 3, 6), 5, [Dense(5), BatchNorm(), Relu()]), Dense(7), Dropout(0.7), Dense(3)],
        (5,),
    ),
    "table without values": ([CategoryEmbedding((4, 3, 6), 5), PairwiseProducts(5, True), Dense(3)], (3,)),
    "table with plain values": ([CategoryEmbedding((4,), 5), PairwiseProducts(3), Dense(3)], (2,)),
    "table of pairs": ([Factorization((4, 3), 5, 3)], (2,)),
    "tokens with attention": (
        [Embedding(VOCABULARY, 8, places=True), Dropout(0.8)]
        + [Residual([LayerNorm(), SelfAttention(2, causal=True, dropout=[Dropout(0.6)]), Dropout(0.7)])]
        + [Residual([RMSNorm(), Dense(12), GeluTanh(), Dense(8)]), BatchNorm(), Dense(3)],
        (7,),
    ),
    "tokens with a tied head": (
        [Tied(Embedding(VOCABULARY, 8, places=True), [Residual([SelfAttention(4)]), BatchNorm(), Dropout(0.8)], 3)],
        (7,),
    ),
    "tokens of columns": ([FeatureTokenizer(6, (6, 6, 7)), SelfAttention(3), MeanOverPositions(), Dense(3)], (5,)),
    "patches": (
        [Patches(2), Dense(6), Places(6), Residual([SwapPositions(6), Dense(5), Relu(), Dense(6), SwapPositions(6)])]
        + [SelfAttention(2), MeanOverPositions(), Dense(3)],
        (6, 4, 2),
    ),
    "dense": ([Dense(17), Relu(), Dense(9), Tanh(), Dense(3)], (11,)),
    "norms": (
        [Dense(12), LayerNorm(), Gelu(), Dense(8), GroupNorm(2), Sigmoid(), Dense(6), RMSNorm(), Dense(3)],
        (7,),
    ),
    "batch norm": ([Dense(17), BatchNorm(), Relu(), Dense(9), BatchNorm(), LeakyRelu(), Dense(3)], (11,)),
    "dropout": ([Dense(17), Relu(), Dropout(0.7), Dense(9), Tanh(), Dropout(0.5), Dense(3)], (11,)),
    "convolution": (
        [Convolution(4), BatchNorm(), Relu(), MaxPooling(), Convolution(5), Relu(), Dropout(0.8)]
        + [AveragePooling(), Dense(3)],
        (8, 7, 2),
    ),
    "residual": (
        [Dense(12), Residual([Dense(12), BatchNorm(), Relu(), Dropout(0.7)])]
        + [Residual([Relu(), Dense(5), Tanh()], [Dense(5), BatchNorm()])]
        + [Residual([Residual([Dense(5), Tanh()])]), Dense(3)],
        (7,),
    ),
    "residual images": (
        [Residual([Convolution(4), BatchNorm(), Relu(), Convolution(4)], [Convolution(4), Dropout(0.6)]), Relu()]
        + [Residual([Convolution(4), LayerNorm()]), MaxPooling(), Residual([Flatten(), Dense(6)], [Dense(6)])]
        + [LayerNorm(), Dense(3)],
        (5, 4, 2),
    ),
    "strided": (
        [StridedConvolution(4), BatchNorm(), Relu()]
        + [Residual([StridedConvolution(5), LayerNorm()], [Projection(5, 2)]), GlobalAveragePooling(), Dense(3)],
        (9, 6, 2),
    ),
    "a graph": ([GraphConvolution(6, PATH), BatchNorm(), Relu(), Dropout(0.7), GraphConvolution(3, PATH)], (5, 4)),
    "a sparse graph": ([GraphConvolution(2, RING), LayerNorm(), Tanh(), GraphConvolution(3, RING)], (40, 4)),
    "sums on a sparse graph": ([NeighbourSum(RING), Dense(4), Relu(), NeighbourSum(RING), Dense(3)], (40, 4)),
    "convolved graphs": (
        [GraphConvolution(6), Relu(), Dropout(0.7), GraphConvolution(4), Tanh(), MeanOverPositions(), Dense(3)],
        (5, 2 + 5),
    ),
    "graphs": (
        [NeighbourSum(), Dense(6), BatchNorm(), Relu(), NeighbourSum(), Dense(4), Tanh()]
        + [MeanOverPositions(), Dense(3)],
        (5, 2 + 5),
    ),
    "rnn": ([TanhRecurrence(9), Dropout(0.7), Dense(3)], (5, 4)),
    "gru": ([GRU(9), LayerNorm(), Dense(3)], (5, 4)),
    "lstm": ([Convolution(2), Tanh(), LSTM(9), BatchNorm(), Dense(3)], (5, 4, 1)),
    "image norms": ([Convolution(4), LayerNorm(), Convolution(4), GroupNorm(2), RMSNorm(), Dense(3)], (5, 4, 1)),
}


@pytest.mark.parametrize("stack", [1, 3, 8])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", list(NETWORKS))
def test_rows_are_solo_runs(name, dtype, stack):
    layers, shape = NETWORKS[name]
    losses = list(LOSSES.values())
    network = Network(layers, shape, losses[stack % 3])
    if network.positions > 1:
        network = Network(layers, shape, SequenceCrossEntropy)
    rng = np.random.default_rng(0)
    params = (rng.normal(size=(stack, network.layout.size)) * 0.4).astype(dtype)
    x = rng.normal(size=(3, stack, 13, *shape)).astype(dtype)
    if name.startswith("tokens"):
        x = rng.integers(VOCABULARY, size=x.shape).astype(dtype)
    for column, categories in enumerate(getattr(layers[0], "categories", ())):
        x[..., column] = rng.integers(categories, size=x.shape[:-1])
    if name.endswith("graphs"):
        upper = np.triu(rng.random((3, stack, 13, 5, 5)) < 0.5, 1)
        x[..., -5:] = upper | upper.swapaxes(3, 4)
    y = np.eye(3)[rng.integers(0, 3, (3, stack, 13))] / 13
    if network.loss.numbers:
        y = rng.integers(-1, 3, (3, stack, 13, network.positions))

    def run(rows):
        mine = params[rows].copy()
        grads = np.zeros_like(mine)
        state = network.initial_state(len(mine), mine.dtype)
        rngs = [np.random.default_rng(100 + k) for k in range(rows.start, rows.stop)]
        graph = network.bind(mine, grads, state, 13, rngs)
        found = []
        for step in range(3):
            place = graph.x[..., :-1] if network.wide else graph.x
            place[...] = x[step, rows]
            graph.targets[...] = y[step, rows]
            graph.forward()
            graph.backward()
            found += [np.array(graph.logits), graph.loss.value(), grads.copy()]
            mine -= np.asarray(0.1, dtype) * grads
        graph.forward(training=False, fresh=False)
        return [*found, np.array(graph.logits), mine, *(a for s in state for a in s.values())]

    together = run(slice(0, stack))
    for k in range(stack):
        for a, b in zip(together, run(slice(k, k + 1)), strict=True):
            assert np.array_equal(a[k], b[0])
    assert np.isfinite(together[-1]).all()
