"""Networks of any layers by hand: images, sequences, given masks."""

import numpy as np
import pytest

from optbench import (
    Convolution,
    Dense,
    Dropout,
    Flatten,
    MaxPooling,
    OptbenchError,
    Relu,
    Tanh,
    fit,
    get,
    network,
    sequential,
    workload_data,
)
from optbench.builtin.optimizers import SGD, Adam
from optbench.testing.gradcheck import central_differences

RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.normal(size=(6, 4, 4, 2)), RNG.integers(0, 3, 6)
CNN = sequential([Convolution(3), Relu(), MaxPooling(), Dense(3)], (4, 4, 2), dtype="float64")
TOKENS = RNG.integers(0, 5, (6, 4))
CLASSES = np.where(RNG.random((6, 4)) < 0.3, -1, TOKENS)
LANGUAGE = sequential(
    get("gru", units=4, embedding=3), (4,), outputs=5, positions=4, vocabulary=5, loss="sequence_cross_entropy",
    dtype="float64",
)  # fmt: skip


LINE = [[0, 1], [1, 2], [3, 2]]
GRAPH = sequential(
    get("gcn", width=4, activation="tanh"), (4, 3), outputs=3, positions=4, edges=LINE, loss="sequence_cross_entropy",
    dtype="float64",
)  # fmt: skip
GRAPHS = sequential(get("gin", width=4, activation="tanh"), (4, 1 + 4), outputs=3, graphs=True, dtype="float64")
NODES, NODE_CLASSES = RNG.normal(size=(1, 4, 3)), np.array([[0, 2, -1, 1]])
ADJACENT = np.zeros((6, 4, 4))
ADJACENT[:, [0, 1, 1, 2], [1, 0, 2, 1]] = 1
ADJACENT[3:, 2:, 2:] = 1 - np.eye(2)
MANY = np.concatenate([RNG.normal(size=(6, 4, 1)), ADJACENT], axis=2)


@pytest.mark.parametrize(
    ("net", "x", "y"),
    [
        (CNN, IMAGES, LABELS), (LANGUAGE, TOKENS, CLASSES), (GRAPH, NODES, NODE_CLASSES), (GRAPHS, MANY, LABELS),
    ],
)
def test_the_gradient_is_that_of_the_cost(net, x, y):
    params = net.draw(get("he"), seed=1)
    _, grads = net.cost_and_gradient(params, x, y)
    differences = central_differences(lambda: net.cost_and_gradient(params, x, y)[0], params)
    assert np.allclose(grads, differences, atol=1e-8)
    trained = fit(net, x, y, SGD(), steps=0, params=params)
    assert trained.cost(x, y) == pytest.approx(net.cost_and_gradient(params, x, y)[0], rel=1e-12)


def test_a_kind_is_its_layers():
    images = sequential(get("cnn", channels=[3], hidden=[4]), (4, 4, 2), outputs=3)
    by_layers = sequential(
        [Convolution(3), MaxPooling(), Relu(), Flatten(), Dense(4), Relu(), Dense(3)], (4, 4, 2)
    )
    assert images.layout == by_layers.layout
    with_extras = sequential(get("mlp", hidden=[4]), (4, 4, 2), outputs=3, extras=[get("batch-norm")])
    assert [t.role for t in with_extras.layout] == ["weight", "bias", "scale", "shift", "weight", "bias"]


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([], r"edges: expected the two nodes of each, shape \(edges, 2\), got \(0,\)"),
        ([0, 1], r"edges: expected the two nodes of each, shape \(edges, 2\), got \(2,\)"),
        ([[0, 4]], "edges: expected two different nodes each, whole numbers from 0 to 3"),
        ([[0, 0.5]], "edges: expected two different nodes each, whole numbers from 0 to 3"),
        ([[2, 2]], "edges: expected two different nodes each, whole numbers from 0 to 3"),
        ("edges", "edges must be an array of numbers"),
    ],
)
def test_edges_that_are_none(edges, message):
    with pytest.raises(OptbenchError, match=message):
        sequential(get("gcn"), (4, 3), outputs=2, positions=4, edges=edges, loss="sequence_cross_entropy")


def test_answers_of_sequences_have_positions():
    params = LANGUAGE.draw(get("glorot-uniform"), seed=1)
    trained = fit(LANGUAGE, TOKENS, CLASSES, Adam(lr=0.05), steps=200, params=params)
    probabilities = trained.predict(TOKENS)
    assert probabilities.shape == (6, 4, 5)
    assert np.allclose(probabilities.sum(axis=-1), 1)
    counted = CLASSES >= 0
    right = probabilities.argmax(axis=-1) == CLASSES
    assert trained.accuracy(TOKENS, CLASSES) == right[counted].mean() > 0.8
    chosen = np.take_along_axis(probabilities, np.maximum(CLASSES, 0)[..., None], axis=-1)[..., 0]
    assert trained.cost(TOKENS, CLASSES) == pytest.approx(-np.log(chosen[counted]).mean(), rel=1e-9)
    assert np.array_equal(trained.classes(TOKENS), probabilities.argmax(axis=-1))


def test_given_masks_are_what_dropout_keeps():
    net = sequential([Dense(4), Tanh(), Dropout(0.5), Dense(3), Tanh(), Dropout(0.8), Dense(1)], (2,), dtype="float64",
                     loss="mean_squared_error")  # fmt: skip
    x, y = RNG.normal(size=(5, 2)), RNG.normal(size=(5, 1))
    params = net.draw(get("he"), seed=2)
    masks = [RNG.integers(0, 2, (5, 4)), RNG.integers(0, 2, (5, 3))]
    w1, b1, w2, b2, w3, b3 = net.views(params).values()
    a = np.tanh(x @ w1 + b1) * masks[0] / 0.5
    a = np.tanh(a @ w2 + b2) * masks[1] / 0.8
    cost, grads = net.cost_and_gradient(params, x, y, masks=masks)
    assert cost == pytest.approx(float(((a @ w3 + b3 - y) ** 2).mean()), rel=1e-12)
    assert np.allclose(
        grads,
        central_differences(lambda: net.cost_and_gradient(params, x, y, masks=masks)[0], params),
        atol=1e-7,
    )
    trained = fit(net, x, y, SGD(lr=0.1), steps=1, params=params, masks=[masks])
    assert np.allclose(trained.params, params - 0.1 * grads, rtol=1e-12)
    assert trained.costs == [pytest.approx(cost, rel=1e-12)]


def test_masks_of_images_lie_as_the_images_do():
    net = sequential([Convolution(2), Dropout(0.5), Flatten(), Dense(3)], (4, 4, 2), dtype="float64")
    params = net.draw(get("he"), seed=2)
    mask = np.zeros((6, 4, 4, 2))
    mask[:, 1, 2, 0] = 1
    _, grads = net.cost_and_gradient(params, IMAGES, LABELS, masks=[mask])
    weight = net.views(grads)["3.dense.weight"]
    assert (np.abs(weight).sum(axis=1) > 0).sum() == 1, "one input of the last layer is kept"


def test_the_data_of_a_workload_are_those_of_its_trials():
    data = workload_data("digits-mlp", "quick")
    assert (data.x_train.shape, data.loss) == ((1079, 8, 8, 1), "softmax_cross_entropy")
    assert data.x_train.mean() == pytest.approx(0, abs=1e-6), "standardized on the training split, as quick says"
    with pytest.raises(OptbenchError, match=r"workload: .* has no data"):
        workload_data("plateau", "fundamentals")


NET = network([2, 3, 1], ["relu", "sigmoid"], extras=[get("dropout")])
X, Y, P = np.zeros((6, 2)), np.zeros(6), NET.draw(get("he"))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sequential(get("cnn"), (4, 4, 1)), "outputs: network cnn has to know how many logits"),
        (lambda: sequential(get("mlp"), (4,), outputs=2, vocabulary=3), "network mlp does not read tokens"),
        (lambda: sequential(get("mlp"), (4,), outputs=2, positions=3), "does not read values at 3 positions"),
        (lambda: sequential([Dense(3)], (4,), outputs=3), "a list of layers has them in it"),
        (lambda: sequential([Dense(3), "relu"], (4,)), r"layers\[1\] must be a layer such as Dense\(10\)"),
        (lambda: sequential([Dense(3)], (4, 0)), r"shape\[1\] must be a whole number in \[1, inf\), got 0"),
        (lambda: sequential([Dense(3)], (4,), loss="hinge"), "loss: there is none called 'hinge'"),
        (lambda: sequential([Dense(3)], (4,), dtype="int8"), "dtype must be 'float32' or 'float64'"),
        (lambda: sequential([Convolution(3)], (4, 4, 1)), "a network must end in flat features"),
        (lambda: CNN.examples(IMAGES[:, :3], LABELS), r"x: expected shape \(examples, 4, 4, 2\)"),
        (lambda: LANGUAGE.inputs(TOKENS + 0.5), "x: expected tokens, whole numbers from 0 to 4"),
        (lambda: LANGUAGE.examples(TOKENS, TOKENS[:, :2]), r"y: expected class numbers of shape \(examples, 4\)"),
        (lambda: LANGUAGE.examples(TOKENS, TOKENS + 1), "y: expected class numbers 0 … 4, or -1 where"),
        (lambda: LANGUAGE.examples(TOKENS, 0 * TOKENS - 1), "y: expected class numbers 0 … 4, or -1 where"),
        (lambda: NET.cost_and_gradient(P, X, Y, masks=[]), "masks: expected one a dropout layer, 1, got 0"),
        (lambda: NET.cost_and_gradient(P, X, Y, masks=[X]), r"masks\[0\]: expected shape \(6, 3\), got \(6, 2\)"),
        (lambda: NET.cost_and_gradient(P, X, Y, masks=[np.full((6, 3), 0.5)]), r"0 \(dropped\) and 1 \(kept\)"),
        (lambda: fit(NET, X, Y, SGD(), steps=2, params=P, masks=[[np.ones((6, 3))]]), "masks ended after 1 of 2 steps"),
        (lambda: fit(NET, X, Y, SGD(), steps=2, params=P, masks=3), "masks must be for each step one array"),
        (lambda: workload_data(3), "workload must be a text"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(call, message):
    with pytest.raises(OptbenchError, match=message):
        call()
