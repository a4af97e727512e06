"""Kinds of blocks over positions: what layers they give, and what they refuse."""

import numpy as np
import pytest

from optbench.builtin.networks.ft_transformer import FTTransformer
from optbench.builtin.networks.mlp_mixer import MLPMixer
from optbench.builtin.networks.transformer import Transformer
from optbench.builtin.networks.vit import VisionTransformer
from optbench.builtin.normalizers.rms_norm import RMSNormalization
from optbench.builtin.regularizers.dropout import DropoutRegularizer
from optbench.contract.architecture import Extras, Inputs
from optbench.contract.hyperparameters import ComponentError
from optbench.contract.layer import unfolded
from optbench.nn.activations import Gelu, GeluTanh, Relu
from optbench.nn.attention import SelfAttention
from optbench.nn.dense import Dense
from optbench.nn.dropout import Dropout
from optbench.nn.embedding import Embedding
from optbench.nn.feature_tokenizer import FeatureTokenizer
from optbench.nn.flatten import Flatten
from optbench.nn.layer_norm import LayerNorm
from optbench.nn.losses import SequenceCrossEntropy, SoftmaxCrossEntropy
from optbench.nn.network import Network
from optbench.nn.positions import MeanOverPositions, Patches, Places, SwapPositions
from optbench.nn.residual import Residual
from optbench.nn.rms_norm import RMSNorm
from optbench.nn.tied import Tied

LANGUAGE = Inputs((5,), 5, vocabulary=9)
SEQUENCES = Inputs((5,), vocabulary=9)


def block(units, heads, hidden, causal=False, activation=Relu):
    return [
        Residual((LayerNorm(), SelfAttention(heads, causal))),
        Residual((LayerNorm(), Dense(hidden), activation(), Dense(units))),
    ]


def test_a_language_model_is_causal_and_normalized_before_each_part():
    layers = Transformer(2, 8, 4, 3, "relu").layers(LANGUAGE, 9, Extras())
    assert layers == [Embedding(9, 8, places=True), *block(8, 4, 24, True) * 2, LayerNorm(), Dense(9)]


def test_a_classifier_of_sequences_looks_both_ways():
    layers = Transformer(1, 8, 4, 3, "gelu").layers(SEQUENCES, 3, Extras())
    front = [Embedding(9, 8, places=True)]
    assert layers == [*front, *block(8, 4, 24, activation=Gelu), LayerNorm(), MeanOverPositions(), Dense(3)]


def test_the_first_transformers_normalize_behind_the_sum():
    layers = Transformer(1, 8, 4, 3, norm="post").layers(LANGUAGE, 9, Extras())
    parts = [Residual((SelfAttention(4, True),)), LayerNorm(), Residual((Dense(24), GeluTanh(), Dense(8))), LayerNorm()]
    assert layers == [Embedding(9, 8, places=True), *parts, Dense(9)]


def test_a_tied_head_is_the_table():
    layers = Transformer(1, 8, 4, 3, "relu", tied=True).layers(LANGUAGE, 9, Extras())
    assert layers == [Tied(Embedding(9, 8, places=True), (*block(8, 4, 24, True), LayerNorm()), 9)]
    network = Network(layers, (5,), SequenceCrossEntropy)
    parts = {t.name.rpartition(".")[2]: t.part for t in network.layout if t.part}
    assert parts == {"table": "embedding", "places": "embedding", "qkv": "gates"}, "no matrix of the body is a head"
    plain = Network(Transformer(1, 8, 4, 3, "relu").layers(LANGUAGE, 9, Extras()), (5,), SequenceCrossEntropy)
    assert plain.layout.size - network.layout.size == 9 * 8 + 9
    assert [t.name for t in plain.layout if t.part == "head"] == ["4.dense.weight"]
    classifier = Transformer(1, 8, 4, tied=True).layers(SEQUENCES, 3, Extras())
    assert classifier[-1] == Dense(3), "a class of a sequence is no token"


def test_dropout_is_where_gpt2_has_it():
    layers = Transformer(1, 8, 4).layers(LANGUAGE, 9, Extras([DropoutRegularizer(0.5, keep_each=[0.9, 0.8, 0.7, 0.6])]))
    attention = Residual((LayerNorm(), SelfAttention(4, True, (Dropout(0.8),)), Dropout(0.7)))
    feed_forward = Residual((LayerNorm(), Dense(32), GeluTanh(), Dense(8), Dropout(0.6)))
    assert layers[1:4] == [Dropout(0.9), attention, feed_forward]


@pytest.mark.parametrize("kind", [Transformer(2), VisionTransformer(2), MLPMixer(depth=2), FTTransformer(2)])
def test_a_candidate_s_normalizer_takes_the_place_of_layer_norm(kind):
    inputs = LANGUAGE if kind.name == "transformer" else Inputs((4, 4, 1))
    layers = list(unfolded(kind.layers(inputs, 3, Extras([RMSNormalization()]))))
    assert not any(isinstance(layer, LayerNorm) for layer in layers)
    assert sum(isinstance(layer, RMSNorm) for layer in layers) == 5


def test_vit():
    layers = VisionTransformer(1, 8, 2, 3, "relu", patch=4).layers(Inputs((8, 12, 2)), 3, Extras())
    front = [Patches(4), Dense(8), Places(6)]
    assert layers == [*front, *block(8, 2, 24), LayerNorm(), MeanOverPositions(), Dense(3)]
    network = Network(layers, (8, 12, 2), SoftmaxCrossEntropy)
    assert network.shapes[:4] == [(8, 12, 2), (32,), (8,), (8,)]
    assert network.chain.positions == [1, 6, 6, 6, 6, 6, 6, 1, 1]


def test_mlp_mixer():
    layers = MLPMixer(4, 1, 8, 5, 12, "relu").layers(Inputs((8, 12, 2)), 3, Extras([DropoutRegularizer(0.5)]))
    mixing = [SwapPositions(6), Dense(5), Relu(), Dense(6), Dropout(0.5), SwapPositions(8)]
    blocks = [
        Residual((LayerNorm(), *mixing)),
        Residual((LayerNorm(), Dense(12), Relu(), Dense(8), Dropout(0.5))),
    ]
    assert layers == [Patches(4), Dense(8), *blocks, LayerNorm(), MeanOverPositions(), Dense(3)]


def test_ft_transformer():
    kind = FTTransformer(1, 8, 2, 3, "relu")
    behind = [*block(8, 2, 24), LayerNorm(), MeanOverPositions(), Dense(3)]
    assert kind.layers(Inputs((5,), categories=(4, 3)), 3, Extras()) == [FeatureTokenizer(8, (4, 3)), *behind]
    assert kind.layers(Inputs((2, 3)), 3, Extras()) == [Flatten(), FeatureTokenizer(8), *behind]


def test_a_decoder_learns_to_give_back_what_it_has_read():
    rng = np.random.default_rng(0)
    network = Network(Transformer(1, 16, 2).layers(Inputs((6,), 6, 5), 5, Extras()), (6,), SequenceCrossEntropy)
    params = rng.normal(size=(1, network.layout.size)) * 0.2
    grads = np.zeros_like(params)
    graph = network.bind(params, grads, network.initial_state(1, params.dtype), 32)
    graph.x[...] = rng.integers(5, size=graph.x.shape)
    # The token before, at every position but the first.
    graph.targets[...] = -1
    graph.targets[..., 1:] = graph.x[..., :-1]
    for _ in range(300):
        graph.forward()
        graph.backward()
        params -= 0.5 * grads
    graph.forward()
    assert graph.value()[0] < 0.05, "chance has log 5"


@pytest.mark.parametrize("kind", [Transformer, VisionTransformer, FTTransformer])
def test_heads_divide_the_width(kind):
    with pytest.raises(
        ComponentError, match=rf"network {kind.name}: heads = 3 does not divide width = 8; take one of 1, 2, 4, 8"
    ):
        kind(width=8, heads=3)
    with pytest.raises(ComponentError, match=f"network {kind.name}: activation.*did you mean 'gelu'"):
        kind(activation="gellu")
    with pytest.raises(ComponentError, match=f"network {kind.name}: norm must be one of 'pre', 'post'"):
        kind(norm="both")
    with pytest.raises(ComponentError, match=f"network {kind.name}: depth"):
        kind(depth=0)


@pytest.mark.parametrize(("kind", "other"), [(VisionTransformer, "ft-transformer"), (MLPMixer, "mlp")])
def test_patches_tile_images(kind, other):
    with pytest.raises(ComponentError, match=rf"{kind.name} needs images.*shape \(64,\);.*take network {other}"):
        kind().layers(Inputs((64,)), 3, Extras())
    with pytest.raises(
        ComponentError, match=rf"network {kind.name}: patch = 5 does not tile images of 8x12; take one of 1, 2, 4"
    ):
        kind(patch=5).layers(Inputs((8, 12, 1)), 3, Extras())


def test_a_tied_head_needs_a_token_for_each_class():
    with pytest.raises(
        ComponentError,
        match=r"network transformer: tied = true needs a token for each class.*12 classes and a vocabulary of 9",
    ):
        Transformer(tied=True).layers(LANGUAGE, 12, Extras())
