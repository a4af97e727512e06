"""Networks of coordinates: sines, fixed waves, and what initializers are told of them."""

import numpy as np
import pytest

from optbench.builtin.initializers.glorot import GlorotUniform
from optbench.builtin.initializers.he import HeUniform
from optbench.builtin.networks.fourier_mlp import FourierMLP
from optbench.builtin.networks.siren import Siren
from optbench.builtin.regularizers.dropout import DropoutRegularizer
from optbench.contract.architecture import Extras, Inputs
from optbench.contract.components import HiddenNormalizer
from optbench.contract.hyperparameters import ComponentError
from optbench.nn.activations import Relu
from optbench.nn.dense import Dense
from optbench.nn.dropout import Dropout
from optbench.nn.flatten import Flatten
from optbench.nn.fourier import FourierFeatures
from optbench.nn.layer_norm import LayerNorm
from optbench.nn.losses import MeanSquaredError
from optbench.nn.network import Network
from optbench.nn.sine import Sine, SineProduct
from optbench.registry.registry import registry
from optbench.testing.gradcheck import THRESHOLD, check_layer, check_network
from optbench.training.initialization import initialize

NORMALIZERS = [n for n, e in registry().components["normalizers"].items() if issubclass(e.component, HiddenNormalizer)]


def test_layers():
    extras = Extras([registry().create("normalizers", {"name": "layer-norm"}), DropoutRegularizer(0.5)])
    assert Siren((8, 6), 20.0).layers(Inputs((2,)), 3, extras) == [
        *[SineProduct(8, 20.0, True), LayerNorm(), Sine(20.0), Dropout(0.5)],
        *[SineProduct(6, 20.0), LayerNorm(), Sine(20.0), Dropout(0.5)],
        SineProduct(3, 20.0),
    ]
    assert FourierMLP(5, 2.0, 7, (8,)).layers(Inputs((4, 3, 1)), 3, Extras()) == [
        *[Flatten(), FourierFeatures(5, 2.0, 7), Dense(8), Relu(), Dense(3)]
    ]


@pytest.mark.parametrize("normalizer", NORMALIZERS)
@pytest.mark.parametrize("kind", [Siren((8, 8), 2.0), FourierMLP(6, 0.5, 0, (8,), "sine")], ids=lambda kind: kind.name)
def test_gradient(kind, normalizer):
    extras = Extras([registry().create("normalizers", {"name": normalizer}), DropoutRegularizer(0.7)])
    assert check_network(Network(kind.layers(Inputs((2,)), 3, extras), (2,), MeanSquaredError)) < THRESHOLD


@pytest.mark.parametrize("layer", [Sine(), Sine(30.0), FourierFeatures(5, 1.0), SineProduct(4, 30.0)])
def test_gradient_by_its_inputs(layer):
    assert check_layer(layer, (3,)) < THRESHOLD


def test_waves_are_those_of_the_formula_and_of_their_seed(bound):
    layer = FourierFeatures(5, 2.0, 3)
    graph, *_ = bound([layer, Dense(2)], (2,), loss=MeanSquaredError)
    graph.forward()
    angle = 2 * np.pi * graph.x[0] @ layer.frequencies(2)
    np.testing.assert_allclose(graph.outputs[0][0], np.c_[np.cos(angle), np.sin(angle)], atol=1e-12)
    np.testing.assert_array_equal(layer.frequencies(2), FourierFeatures(5, 2.0, 3).frequencies(2))
    assert (layer.frequencies(2) != FourierFeatures(5, 2.0, 4).frequencies(2)).all()
    assert FourierFeatures(4000, 2.0).frequencies(2).std() == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize(("initializer", "factor"), [(GlorotUniform(), 1.0), (HeUniform(), 2**0.5)])
def test_initial_weights_lie_within_those_of_the_paper(initializer, factor):
    network = Network(Siren((256, 256), 30.0).layers(Inputs((2,)), 3, Extras()), (2,), MeanSquaredError)
    params = np.zeros(network.layout.size)
    initialize(params, network.layout, initializer, np.random.default_rng(0))
    views = network.layout.views(params)
    first, middle, last = (views[f"{number}.sineproduct.weight"] for number in (0, 2, 4))
    for weights, limit in ((first, 1 / 2), (middle, (6 / 256) ** 0.5 / 30), (last, (6 / 256) ** 0.5 / 30)):
        assert np.abs(weights).max() == pytest.approx(factor * limit, rel=0.02)
        assert np.abs(weights).max() <= factor * limit * 1.0001


def test_angles_of_every_layer_have_variance_one():
    """What the paper's weights are for: sin of an angle of variance 1 at any depth."""
    network = Network(Siren((512,) * 5, 30.0).layers(Inputs((2,)), 1, Extras()), (2,), MeanSquaredError)
    params = np.zeros((1, network.layout.size))
    initialize(params[0], network.layout, GlorotUniform(), np.random.default_rng(1))
    graph = network.bind(params, None, network.initial_state(1, params.dtype), 400)
    graph.x[..., :-1] = np.random.default_rng(2).uniform(-1, 1, (1, 400, 2))
    graph.forward(False, False)
    for sines in graph.outputs[3:-1:2]:
        # of a normal angle of variance 1: (1 - exp(-2)) / 2
        assert np.asarray(sines).var() == pytest.approx(0.43, abs=0.04)


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        (Siren, {"omega": 0.0}, "network siren: omega must be"),
        (Siren, {"hidden": [0]}, "network siren: hidden must be a list of whole numbers above 0"),
        (FourierMLP, {"waves": 0}, "network fourier-mlp: waves must be"),
        (FourierMLP, {"features_seed": -1}, "network fourier-mlp: features_seed must be"),
        (FourierMLP, {"activation": "sin"}, r"network fourier-mlp: activation: .*did you mean 'sine'"),
    ],
)
def test_impossible_settings_name_the_field(kind, settings, message):
    with pytest.raises(ComponentError, match=message):
        kind(**settings)
