"""Network kinds: what layers they give, and what they refuse."""

import numpy as np
import pytest

from optbench.builtin.networks import ALL
from optbench.builtin.networks.autoencoder import Autoencoder
from optbench.builtin.networks.cnn import CNN
from optbench.builtin.networks.dlrm import DLRM
from optbench.builtin.networks.linear import Linear
from optbench.builtin.networks.matrix_factorization import MatrixFactorization
from optbench.builtin.networks.mlp import MLP
from optbench.builtin.networks.recurrent import LSTMNetwork
from optbench.builtin.networks.residual_mlp import ResidualMLP
from optbench.builtin.networks.resnet import ResNet
from optbench.builtin.networks.siren import Siren
from optbench.builtin.normalizers.batch_norm import BatchNormalization
from optbench.builtin.normalizers.layer_norm import LayerNormalization
from optbench.builtin.regularizers.dropout import DropoutRegularizer
from optbench.contract.architecture import Extras, Inputs
from optbench.contract.hyperparameters import ComponentError
from optbench.contract.layer import unfolded
from optbench.nn.activations import Relu, Tanh
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.category_embedding import CategoryEmbedding
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.dropout import Dropout
from optbench.nn.factorization import Factorization
from optbench.nn.flatten import Flatten
from optbench.nn.layer_norm import LayerNorm
from optbench.nn.losses import SoftmaxCrossEntropy
from optbench.nn.network import Network
from optbench.nn.pairwise_products import PairwiseProducts
from optbench.nn.pooling import AveragePooling, MaxPooling
from optbench.nn.residual import Residual
from optbench.nn.strided import GlobalAveragePooling, Projection, StridedConvolution

EXTRAS = [BatchNormalization(), DropoutRegularizer(0.5, keep_each=[0.9])]


def test_linear_is_one_dense_layer_and_asks_for_nothing_hidden():
    assert Linear().layers(Inputs((4, 4, 1)), 3, Extras(EXTRAS)) == [Dense(3)]


def test_mlp():
    layers = MLP([8, 4], "tanh").layers(Inputs((5,)), 3, Extras())
    assert layers == [Dense(8), Tanh(), Dense(4), Tanh(), Dense(3)]
    assert MLP([]).layers(Inputs((5,)), 3, Extras()) == [Dense(3)]


def test_mlp_normalizes_before_and_drops_after_each_activation():
    layers = MLP([8, 4]).layers(Inputs((5,)), 3, Extras(EXTRAS))
    expected = [Dense(8), BatchNorm(), Relu(), Dropout(0.9), Dense(4), BatchNorm(), Relu(), Dropout(0.5), Dense(3)]
    assert layers == expected, "the second hidden layer has no probability of its own"


def test_cnn():
    layers = CNN([4, 6], [10], pooling="average").layers(Inputs((8, 9, 1)), 3, Extras(EXTRAS))
    assert layers == [
        *[Convolution(4), BatchNorm(), Relu(), Dropout(0.9), AveragePooling()],
        *[Convolution(6), BatchNorm(), Relu(), Dropout(0.5), AveragePooling()],
        Flatten(),
        *[Dense(10), BatchNorm(), Relu(), Dropout(0.5)],
        Dense(3),
    ]
    assert MaxPooling() in CNN().layers(Inputs((8, 8, 1)), 3, Extras())
    assert Network(layers, (8, 9, 1), SoftmaxCrossEntropy).shapes[-4:] == [(10,), (10,), (10,), (3,)]


@pytest.mark.parametrize(("activation", "first"), [("relu", True), ("tanh", True), ("gelu", False)])
def test_cnn_pools_before_a_monotone_activation(activation, first):
    kind = CNN([3], activation=activation)
    layers = kind.layers(Inputs((6, 5, 2)), 3, Extras())
    convolution, one, other, *rest = layers
    assert isinstance(one, MaxPooling) == first
    dropped = kind.layers(Inputs((6, 5, 2)), 3, Extras(EXTRAS))
    assert dropped[-3:-1] == [MaxPooling(), Flatten()], "dropout stands between"
    behind = [convolution, *sorted([one, other], key=lambda layer: isinstance(layer, MaxPooling)), *rest]
    found = []
    for order in (layers, behind):
        network = Network(order, (6, 5, 2), SoftmaxCrossEntropy)
        rng = np.random.default_rng(3)
        params = rng.normal(size=(1, network.layout.size))
        grads = np.zeros_like(params)
        graph = network.bind(params, grads, network.initial_state(1, params.dtype), 4)
        graph.x[...] = rng.normal(size=graph.x.shape)
        graph.targets[...] = np.eye(3)[[0, 1, 2, 0]] / 4
        graph.forward()
        graph.backward()
        found.append((np.array(graph.logits), grads))
    for a, b in zip(*found, strict=True):
        assert np.allclose(a, b, rtol=1e-12, atol=1e-15)


def test_autoencoder():
    layers = Autoencoder([8, 6], 2, "tanh").layers(Inputs((5, 1, 1)), 5, Extras([DropoutRegularizer(0.5)]))
    hidden = [[Dense(units), Tanh(), Dropout(0.5)] for units in (8, 6)]
    assert layers == [*hidden[0], *hidden[1], Dense(2), *hidden[1], *hidden[0], Dense(5)]


def test_resnet():
    layers = ResNet([4, 6], 2).layers(Inputs((5, 6, 1)), 3, Extras([DropoutRegularizer(0.5)]))
    head, drop = [Relu(), Dropout(0.5)], (Relu(), Dropout(0.5))
    narrow = (Projection(6, 2), BatchNorm())
    assert layers == [
        *[Convolution(4), BatchNorm(), *head],
        *[Residual((Convolution(4), BatchNorm(), *drop, Convolution(4), BatchNorm())), *head] * 2,
        *[Residual((StridedConvolution(6), BatchNorm(), *drop, Convolution(6), BatchNorm()), narrow), *head],
        *[Residual((Convolution(6), BatchNorm(), *drop, Convolution(6), BatchNorm())), *head],
        *[GlobalAveragePooling(), Dense(3)],
    ]
    normalized = ResNet([4]).layers(Inputs((5, 6, 1)), 3, Extras([LayerNormalization()]))
    assert not any(isinstance(layer, BatchNorm) for layer in unfolded(normalized)), "the candidate's takes its place"
    assert sum(isinstance(layer, LayerNorm) for layer in unfolded(normalized)) == 3


def test_resnet_wants_images_and_a_stage():
    with pytest.raises(ComponentError, match=r"network resnet needs images.*shape \(64,\).*residual-mlp"):
        ResNet().layers(Inputs((64,)), 3, Extras())
    with pytest.raises(ComponentError, match="network resnet: channels must name at least one stage"):
        ResNet([])
    with pytest.raises(ComponentError, match="network resnet: blocks"):
        ResNet(blocks=0)
    with pytest.raises(ComponentError, match="a projection: stride must be 1 or 2, got 3"):
        Projection(2, 3)


def test_residual_mlp():
    layers = ResidualMLP(8, 2, "tanh").layers(Inputs((5,)), 3, Extras(EXTRAS))
    first, second = (Residual((Dense(8), BatchNorm(), Tanh(), Dropout(keep))) for keep in (0.9, 0.5))
    assert layers == [Dense(8), first, second, Dense(3)]
    assert ResidualMLP(8, 0).layers(Inputs((5,)), 3, Extras(EXTRAS)) == [Dense(8), Dense(3)]


@pytest.mark.parametrize("kind", [kind for kind in ALL if "values" in kind.reads])
def test_every_kind_learns_to_fit_a_few_images(kind):
    rng = np.random.default_rng(0)
    network = Network(kind().layers(Inputs((8, 8, 1)), 3, Extras()), (8, 8, 1), SoftmaxCrossEntropy)
    params = np.zeros((1, network.layout.size))
    for tensor in network.layout:
        if tensor.role == "weight":
            params[0, tensor.slice] = rng.normal(size=tensor.size) * np.sqrt(2 / tensor.fan_in)
        if tensor.role == "scale":
            params[0, tensor.slice] = 1
    grads = np.zeros_like(params)
    graph = network.bind(params, grads, network.initial_state(1, params.dtype), 12, [rng])
    place = graph.x[..., :-1] if network.wide else graph.x
    place[...] = rng.normal(size=place.shape)
    graph.targets[...] = np.eye(3)[np.arange(12) % 3] / 12
    graph.forward()
    before = graph.value()[0]
    # Each of eight residual blocks without a normalizer doubles the gradient's variance; closed gates shrink it.
    # A sine of frequency 30 makes its gradients as large.
    rate = {ResidualMLP: 0.001, LSTMNetwork: 0.5, Siren: 0.003}.get(kind, 0.05)
    for _ in range(30):
        graph.forward()
        graph.backward()
        params -= rate * grads
    graph.forward()
    assert graph.value()[0] < 0.5 * before


TABLE = Inputs((5,), categories=(30, 4, 7))


def test_mlp_embeds_categories():
    layers = MLP([8]).layers(TABLE, 3, Extras())
    # round(1.6 * 30^0.56) of fast.ai's rule
    assert layers == [CategoryEmbedding((30, 4, 7), 11), Dense(8), Relu(), Dense(3)]


def test_dlrm():
    extras = Extras([BatchNormalization(), DropoutRegularizer(0.5, keep_each=[0.9])])
    layers = DLRM(4, [6], [8]).layers(TABLE, 3, extras)
    one, two = [BatchNorm(), Relu(), Dropout(0.9)], [BatchNorm(), Relu(), Dropout(0.5)]
    bottom = (Dense(6), *one, Dense(4), *two)
    top = [Dense(8), *two, Dense(3)]
    assert layers == [CategoryEmbedding((30, 4, 7), 4, bottom), PairwiseProducts(4, True), *top]
    assert Network(layers, (5,), SoftmaxCrossEntropy).shapes == [(5,), (16,), (10,), *[(8,)] * 4, (3,)]
    plain = DLRM(4, [6], [8], "cat").layers(TABLE, 3, Extras())
    assert not any(isinstance(layer, PairwiseProducts) for layer in plain)
    without = DLRM(4, top=[]).layers(Inputs((3,), categories=(30, 4, 7)), 3, Extras())
    assert without == [CategoryEmbedding((30, 4, 7), 4), PairwiseProducts(4), Dense(3)]


def test_dlrm_refuses():
    with pytest.raises(ComponentError, match=r"network dlrm: interaction = 'dot' needs two vectors.*take 'cat', or"):
        DLRM().layers(Inputs((1,), categories=(30,)), 3, Extras())
    with pytest.raises(ComponentError, match="network dlrm: interaction must be one of 'dot', 'cat'"):
        DLRM(interaction="sum")
    with pytest.raises(ComponentError, match="network dlrm: bottom must be a list of whole numbers above 0"):
        DLRM(bottom=[0])
    with pytest.raises(ComponentError, match="network dlrm: top must be a list of whole numbers above 0"):
        DLRM(top=8)


def test_matrix_factorization():
    layers = MatrixFactorization(4).layers(Inputs((2,), categories=(30, 4)), 1, Extras(EXTRAS))
    assert layers == [Factorization((30, 4), 4)]
    for inputs, what in ((TABLE, "3 and 2 of values"), (Inputs((3,), categories=(2, 2)), "2 and 1 of values")):
        with pytest.raises(ComponentError, match=f"needs two columns of categories.*{what}; take network dlrm or mlp"):
            MatrixFactorization().layers(inputs, 1, Extras())


def test_hidden_lists_are_plain_settings():
    assert MLP([8, 4]).hidden == (8, 4)
    assert MLP([8, 4]).settings() == {"hidden": [8, 4], "activation": "relu"}
    assert hash(MLP([8, 4])) == hash(MLP((8, 4)))


@pytest.mark.parametrize("hidden", [[0], [8, -1], [2.5], [True], "64", 64])
def test_sizes_that_are_none(hidden):
    with pytest.raises(ComponentError, match="network mlp: hidden must be a list of whole numbers above 0"):
        MLP(hidden)


def test_unknown_activation_and_pooling():
    with pytest.raises(ComponentError, match=r"network mlp: activation.*'rellu'; did you mean 'relu'"):
        MLP(activation="rellu")
    with pytest.raises(ComponentError, match=r"network cnn: pooling must be one of 'max', 'average'"):
        CNN(pooling="min")


def test_cnn_wants_images_that_are_large_enough():
    with pytest.raises(ComponentError, match=r"network cnn needs images.*shape \(64,\).*mlp or linear"):
        CNN().layers(Inputs((64,)), 3, Extras())
    with pytest.raises(ComponentError, match=r"pools 3 times.*at least 8x8, got 8x7"):
        CNN([2, 2, 2]).layers(Inputs((8, 7, 1)), 3, Extras())
