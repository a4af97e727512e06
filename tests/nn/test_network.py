"""The network as a whole: shapes, shared buffers, graphs on the same parameters."""

import tracemalloc

import numpy as np
import pytest

from optbench.contract.errors import OptbenchError
from optbench.contract.layer import memory
from optbench.nn.activations import Gelu, Identity, Relu, Tanh
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.chain import shared
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.dropout import Dropout
from optbench.nn.flatten import Flatten
from optbench.nn.layer_norm import LayerNorm
from optbench.nn.losses import MeanSquaredError, SoftmaxCrossEntropy
from optbench.nn.network import Network
from optbench.nn.pooling import AveragePooling, MaxPooling
from optbench.testing.gradcheck import THRESHOLD, check_network


def test_dense_by_hand(bound):
    graph, params, grads = bound([Dense(3)], (4,), loss=MeanSquaredError)
    views = graph.network.layout.views(params[0])
    x, y = graph.x[0, :, :-1].copy(), graph.targets[0] * graph.batch
    graph.forward()
    graph.backward()
    logits = x @ views["0.dense.weight"] + views["0.dense.bias"]
    assert np.allclose(graph.logits[0], logits, rtol=1e-13)
    error = 2 * (logits - y) / (graph.batch * 3)
    found = graph.network.layout.views(grads[0])
    assert np.allclose(found["0.dense.weight"], x.T @ error, rtol=1e-12)
    assert np.allclose(found["0.dense.bias"], error.sum(axis=0), rtol=1e-12)


def test_images_are_flattened_for_a_dense_layer():
    network = Network([Dense(3)], (4, 5, 2), SoftmaxCrossEntropy)
    assert network.shapes == [(40,), (3,)], "at the beginning it is left to whoever feeds the network"
    assert network.wide
    network = Network([Convolution(2), Dense(3)], (4, 5, 2), SoftmaxCrossEntropy)
    assert [type(layer) for layer in network.layers] == [Convolution, Flatten, Dense]
    assert network.shapes == [(4, 5, 2), (4, 5, 2), (40,), (3,)]


def test_flatten_puts_channels_first_and_costs_nothing(bound):
    graph, _, _ = bound([Convolution(2), Flatten(), Dense(3)], (3, 4, 1))
    graph.forward()
    image, flat = graph.outputs[0], graph.outputs[1]
    assert np.shares_memory(image, flat)
    assert np.array_equal(flat, image.transpose(0, 1, 4, 2, 3).reshape(*flat.shape))


def test_ones_stay_ones_through_layers_in_place(bound):
    graph, _, _ = bound([Convolution(2), Tanh(), Flatten(), Dense(3)], (3, 4, 1), stack=2)
    for _ in range(2):
        graph.forward()
        graph.backward()
    assert np.array_equal(graph.ops[-1].wires.x[..., -1], np.ones((2, 6)))


def test_what_is_written_over():
    assert shared([Relu(), Dense(2)]) == [False, False], "never the inputs"
    assert shared([Dense(2), Relu(), Tanh()]) == [False, True, False], "never what a backward pass reads"
    assert shared([Dense(2), Relu(), Identity(), Tanh()]) == [False, True, True, False], "not through a view"
    assert shared([Dense(2), Gelu(), Tanh()]) == [False, False, True]
    assert shared([Identity(), Tanh()]) == [True, False]


def test_inputs_are_never_changed(bound):
    for layers in ([Tanh(), Dense(3)], [Identity(), Tanh(), Dense(3)], [Flatten(), Tanh(), Dense(3)]):
        graph, _, _ = bound(layers, (4, 3, 2))
        before = graph.x.copy()
        graph.forward()
        graph.backward()
        assert np.array_equal(graph.x, before)


@pytest.mark.parametrize("first", [BatchNorm(), Tanh(), MaxPooling(), Gelu()], ids=lambda a: type(a).__name__)
def test_any_layer_may_be_the_first(first):
    network = Network([first, Dense(3)], (4, 6, 2), SoftmaxCrossEntropy)
    assert check_network(network) < THRESHOLD


def test_a_network_ends_in_flat_features():
    with pytest.raises(OptbenchError, match=r"must end in flat features.*\(4, 5, 3\)"):
        Network([Convolution(3)], (4, 5, 2), SoftmaxCrossEntropy)
    with pytest.raises(OptbenchError, match="must end in flat features"):
        Network([], (4, 5, 2), SoftmaxCrossEntropy)


def test_graphs_of_other_batch_sizes_see_the_same_parameters(bound):
    layers = [Convolution(3), BatchNorm(), Relu(), MaxPooling(), Dense(3)]
    graph, params, _ = bound(layers, (4, 4, 2), batch=6)
    network = graph.network
    state = network.initial_state(1, params.dtype)
    single = network.bind(params, None, state, 1)
    graph.forward(False, False)
    for i in range(6):
        single.x[0] = graph.x[0, i : i + 1]
        single.forward(False, False)
        assert np.allclose(single.logits[0, 0], graph.logits[0, i], rtol=1e-12)


def test_a_step_allocates_nothing_large(bound):
    layers = [Convolution(8), BatchNorm(), Relu(), MaxPooling(), Convolution(8), LayerNorm(), Tanh()]
    layers += [Dropout(), AveragePooling(), Dense(32), Relu(), Dense(3)]
    graph, _, _ = bound(layers, (24, 24, 1), batch=64, dtype="float32")
    graph.forward()
    graph.backward()
    assert graph.outputs[0].nbytes > 10**6
    tracemalloc.start()
    graph.forward()
    graph.backward()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # NumPy's own loops keep buffers of 8192 elements where they convert or step over gaps.
    assert peak < 4 * 8192 * 4


def test_memory_is_the_block_itself(bound):
    graph, _, _ = bound([Convolution(2), Dense(3)], (3, 4, 1), stack=1)
    assert memory(graph.outputs[0]).flags.c_contiguous
    assert memory(graph.outputs[0]).shape == (1, 2, 3, 4, 6)
    assert memory(graph.logits).flags.c_contiguous


def test_a_graph_on_other_inputs_has_the_bits_of_one_that_they_were_copied_to():
    network = Network([Dense(4), Relu(), Dense(3)], (5,), SoftmaxCrossEntropy)
    rng = np.random.default_rng(0)
    params = rng.normal(size=(2, network.layout.size)).astype("f4")
    copied, first = (network.bind(params, np.zeros_like(params), [{}] * 3, 6) for _ in range(2))
    x = np.ones((2, 20, 6), "f4")
    x[..., :-1] = rng.normal(size=(2, 20, 5))
    targets = np.eye(3, dtype="f4")[rng.integers(0, 3, (2, 6))] / 6
    second = first.on(x[:, 7:13])
    for graph, place in ((second, slice(7, 13)), (first, slice(14, 20))):
        copied.x[...] = x[:, place]
        first.x[...] = x[:, 14:]
        for one in (copied, graph):
            one.targets[...] = targets
            one.forward()
            one.backward()
        np.testing.assert_array_equal(graph.logits, copied.logits)
        np.testing.assert_array_equal(graph.grads, copied.grads)
        assert graph.value().tolist() == copied.value().tolist()
