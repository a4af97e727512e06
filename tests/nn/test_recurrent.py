"""Recurrent layers against loops of plain arithmetic, and what they refuse."""

import itertools

import numpy as np
import pytest

from optbench.builtin.initializers.orthogonal import Orthogonal
from optbench.builtin.networks.recurrent import RNN, GRUNetwork, LSTMNetwork
from optbench.builtin.normalizers.layer_norm import LayerNormalization
from optbench.builtin.regularizers.dropout import DropoutRegularizer
from optbench.contract.architecture import Extras, Inputs
from optbench.contract.hyperparameters import ComponentError
from optbench.nn.dense import Dense
from optbench.nn.dropout import Dropout
from optbench.nn.gru import GRU
from optbench.nn.layer_norm import LayerNorm
from optbench.nn.losses import SoftmaxCrossEntropy
from optbench.nn.lstm import LSTM
from optbench.nn.network import Network
from optbench.nn.tanh_recurrence import TanhRecurrence
from optbench.testing.gradcheck import THRESHOLD, check_layer
from optbench.training.initialization import initialize

LAYERS = [TanhRecurrence, GRU, LSTM]


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def last_state(layer, sequence, p):
    """The last hidden state of one sequence (time, features), a time after the other."""
    h, c = np.zeros(layer.units), np.zeros(layer.units)
    for x in sequence:
        given, kept = x @ p["input"] + p["bias"], h @ p["hidden"]
        match layer:
            case TanhRecurrence():
                h = np.tanh(given + kept)
            case LSTM():
                o, i, f, g = np.split(given + kept, 4)
                c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
                h = sigmoid(o) * np.tanh(c)
            case GRU():
                (r, z, n), (hr, hz, hn) = np.split(given, 3), np.split(kept, 3)
                r, z = sigmoid(r + hr), sigmoid(z + hz)
                h = (1 - z) * np.tanh(n + r * (hn + p["inner_bias"])) + z * h
    return h


@pytest.mark.parametrize("shape", [(1, 4), (6, 4), (5, 3, 2)])
@pytest.mark.parametrize("kind", LAYERS)
def test_values_and_gradient(layer_output, kind, shape):
    layer, rng = kind(3), np.random.default_rng(0)
    params = {p.name: rng.normal(size=p.shape) for p in layer.parameters(shape)}
    x = rng.normal(size=(7, *shape))
    found = layer_output(layer, x, params=params)
    # Of an image's row, the channels come first, as they lie in memory.
    sequences = x if len(shape) == 2 else np.moveaxis(x, -1, 2).reshape(7, shape[0], -1)
    assert np.allclose(found, [last_state(layer, s, params) for s in sequences], rtol=1e-12, atol=1e-13)
    assert check_layer(layer, shape) < THRESHOLD


@pytest.mark.parametrize("kind", LAYERS)
def test_gates_are_as_wide_as_the_initializer_thinks(kind):
    weights = {p.name: p for p in kind(5).parameters((4, 3))}
    assert weights["input"].shape == (3, 5 * kind.gates)
    assert (weights["input"].fan_in, weights["input"].fan_out) == (3, 5), "of one gate"
    assert (weights["hidden"].fan_in, weights["hidden"].fan_out) == (5, 5)
    assert all(p.role == "bias" for name, p in weights.items() if "bias" in name)


@pytest.mark.parametrize("kind", LAYERS)
def test_saturated_gates_stay_finite(layer_output, kind):
    rng = np.random.default_rng(0)
    params = {p.name: 1e4 * rng.normal(size=p.shape) for p in kind(3).parameters((4, 2))}
    with np.errstate(over="ignore"):
        found = layer_output(kind(3), rng.normal(size=(5, 4, 2)), params=params, dtype="float32")
    assert np.isfinite(found).all()


@pytest.mark.parametrize(("kind", "layer"), list(zip([RNN, GRUNetwork, LSTMNetwork], LAYERS, strict=True)))
def test_kinds(kind, layer):
    extras = Extras([LayerNormalization(), DropoutRegularizer(0.5)])
    assert kind(8).layers(Inputs((5, 4, 1)), 3, extras) == [layer(8), LayerNorm(), Dropout(0.5), Dense(3)]
    with pytest.raises(ComponentError, match=rf"network {kind.name} needs sequences.*shape \(64,\).*mlp or linear"):
        kind().layers(Inputs((64,)), 3, Extras())
    with pytest.raises(ComponentError, match=rf"network {kind.name}: units"):
        kind(0)
    with pytest.raises(ComponentError, match=r"a recurrent layer needs sequences.* got 64 flat features"):
        check_layer(layer(3), (64,))


def first(layers, shape, initializer, seed=0):
    """The first tensors of a network, by name."""
    network = Network(layers, shape, SoftmaxCrossEntropy)
    params = np.full(network.layout.size, np.nan)
    initialize(params, network.layout, initializer, np.random.default_rng(seed))
    return network.layout.views(params)


def test_the_forget_gate_starts_open():
    (cell, _) = LSTMNetwork(units=3, forget_bias=1.0).layers(Inputs((5, 4)), 2, Extras())
    found = first([cell, Dense(2)], (5, 4), Orthogonal())
    # columns hold o, i, f, g
    np.testing.assert_array_equal(found["0.lstm.bias"], np.repeat([0, 0, 1, 0], 3))
    np.testing.assert_array_equal(found["1.dense.bias"], 0)
    (plain, _) = LSTMNetwork(units=3).layers(Inputs((5, 4)), 2, Extras())
    assert not first([plain, Dense(2)], (5, 4), Orthogonal())["0.lstm.bias"].any()
    with pytest.raises(ComponentError, match="network lstm: forget_bias"):
        LSTMNetwork(forget_bias=float("inf"))


@pytest.mark.parametrize("kind", LAYERS)
def test_each_gate_gets_an_orthogonal_matrix_of_its_own(kind):
    found = first([kind(6), Dense(2)], (5, 8), Orthogonal(gain=0.7))
    name = kind.__name__.lower()
    matrices = np.split(found[f"0.{name}.hidden"], kind.gates, axis=1)
    for matrix in matrices:
        np.testing.assert_allclose(matrix.T @ matrix, 0.49 * np.eye(6), atol=1e-12)
    for matrix in np.split(found[f"0.{name}.input"], kind.gates, axis=1):
        np.testing.assert_allclose(matrix.T @ matrix, 0.49 * np.eye(6), atol=1e-12)
    assert all(np.abs(a - b).max() > 0.1 for a, b in itertools.pairwise(matrices))
