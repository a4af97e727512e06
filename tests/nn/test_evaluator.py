"""Evaluation in chunks is evaluation of all examples."""

import numpy as np
import pytest

from optbench.nn.activations import Tanh
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.evaluator import Evaluator
from optbench.nn.losses import (
    BinaryCrossEntropy,
    MeanSquaredError,
    ReconstructionCrossEntropy,
    SoftmaxCrossEntropy,
)
from optbench.nn.network import Network


@pytest.mark.parametrize("chunk", [3, 5, 10, 100])
@pytest.mark.parametrize(
    ("loss", "outputs", "metric"),
    [(SoftmaxCrossEntropy, 3, "accuracy"), (BinaryCrossEntropy, 1, "accuracy"), (MeanSquaredError, 2, "r2")]
    + [(ReconstructionCrossEntropy, 2, "r2")],
)
@pytest.mark.parametrize("first", [Dense(5), Convolution(2)], ids=["flat", "images"])
def test_chunks(first, loss, outputs, metric, chunk):
    rng = np.random.default_rng(0)
    network = Network([first, BatchNorm(), Tanh(), Dense(outputs)], (4, 3, 1), loss)
    x = rng.normal(size=(10, 4, 3, 1))
    y = np.eye(3)[rng.integers(0, 3, 10)][:, :outputs] if metric == "accuracy" else rng.normal(size=(10, 2))
    state = [
        {name: rng.uniform(1, 2, (2, *a.shape)) for name, a in layer.items()}
        for layer in [{n: a[0] for n, a in layer.items()} for layer in network.initial_state(1, x.dtype)]
    ]
    evaluate = Evaluator(network, x, y, metric, state, chunk)
    for row in (0, 1, 0):
        params = rng.normal(size=network.layout.size)
        own = [{name: a[row : row + 1] for name, a in layer.items()} for layer in state]
        graph = network.bind(params[None], None, own, 10)
        place = graph.x[0, :, :-1] if network.wide else graph.x[0]
        place[...] = x.reshape(place.shape)
        graph.targets[0] = y / 10
        graph.forward(False, False)
        logits = graph.logits[0]
        if metric == "r2":
            if loss is ReconstructionCrossEntropy:
                logits = 1 / (1 + np.exp(-logits))
            quality = 1 - ((logits - y) ** 2).sum() / ((y - y.mean(axis=0)) ** 2).sum()
        elif outputs == 1:  # the logit of one half
            quality = ((logits[:, 0] > 0) == (y[:, 0] == 1)).mean()
        else:
            quality = (logits.argmax(axis=1) == y.argmax(axis=1)).mean()
        expected = (graph.loss.value()[0], quality)
        assert evaluate(params, state, row) == pytest.approx(expected, rel=1e-12)
    assert len(evaluate.graphs) <= 2


def test_a_squared_error_decides_between_the_targets_0_and_1():
    network = Network([Dense(1)], (1,), MeanSquaredError)
    state = network.initial_state(1, np.dtype("f8"))
    x, y = np.array([[0.2], [0.4], [0.6], [0.8]]), np.array([[0.0], [0.0], [1.0], [1.0]])
    _, accuracy = Evaluator(network, x, y, "accuracy", state)(np.array([1.0, 0.0]), state)
    assert accuracy == 1
