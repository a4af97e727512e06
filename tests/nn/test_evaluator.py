"""Evaluation in chunks is evaluation of all examples."""

import numpy as np
import pytest

from optbench.nn import evaluator
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
from optbench.nn.scores import ClassScore


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
    evaluate = Evaluator(network, [(x, y)], metric, state, chunk)
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
        assert evaluate(params, state, row)[0] == pytest.approx(expected, rel=1e-12)
    assert len(evaluate.graphs) <= 2


def test_a_squared_error_decides_between_the_targets_0_and_1():
    network = Network([Dense(1)], (1,), MeanSquaredError)
    state = network.initial_state(1, np.dtype("f8"))
    x, y = np.array([[0.2], [0.4], [0.6], [0.8]]), np.array([[0.0], [0.0], [1.0], [1.0]])
    ((_, accuracy),) = Evaluator(network, [(x, y)], "accuracy", state)(np.array([1.0, 0.0]), state)
    assert accuracy == 1


SPLITS = [(700, 0), (1300, 700), (90, 2000)]


@pytest.mark.parametrize("outputs", [3, 100], ids=["few outputs", "many"])
def test_splits_together_have_the_bits_of_each_by_itself(outputs, monkeypatch):
    """Wherever their inputs lie: kept as the network reads them, or copied chunk by chunk."""
    rng = np.random.default_rng(0)
    network = Network([Dense(8), Tanh(), Dense(outputs)], (5,), SoftmaxCrossEntropy)
    x, y = rng.normal(size=(2090, 5)).astype("f4"), np.eye(outputs, dtype="f4")[rng.integers(0, outputs, 2090)]
    splits = [(x[start : start + count], y[start : start + count]) for count, start in SPLITS]
    state, params = network.initial_state(1, x.dtype), rng.normal(size=(2, network.layout.size)).astype("f4")
    together = evaluator.Evaluator(network, splits, "accuracy", state)
    alone = [evaluator.Evaluator(network, [split], "accuracy", state) for split in splits]
    monkeypatch.setattr(evaluator, "KEPT", 0)
    copied = evaluator.Evaluator(network, splits, "accuracy", state)
    assert together.kept
    assert not copied.kept
    for vector in params:
        found = together(vector, state)
        assert found == [one(vector, state)[0] for one in alone] == copied(vector, state)
    assert found != together(params[0], state)


def test_of_several_largest_logits_the_first_is_predicted():
    z = np.array([[1.0, 0, 2, np.nan, 0, 5], [1, 0, 3, 0, np.inf, 5], [0, 0, 3, 0, 0, 4]])
    labels = np.array([0, 1, 1, 0, 1, -1])
    score = ClassScore(z, labels.astype(float), "accuracy", 0.0)
    with np.errstate(invalid="ignore"):
        for call in score.calls:
            call()
    assert score.quality() == (z.argmax(axis=0) == labels).sum() == 4
    assert np.isnan(score.loss())
    # Without ties, and what is not counted may be anything.
    z[:, 5] = np.nan
    score = ClassScore(z[:, [2, 5]][[0, 1]], np.array([1.0, -1.0]), "accuracy", 0.0)
    with np.errstate(invalid="ignore"):
        for call in score.calls:
            call()
    assert (score.loss(), score.quality()) == (pytest.approx(np.log(1 + np.exp(-1))), 1)
