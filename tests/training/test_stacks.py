"""A trial gives the same bits in a stack, whoever else is in it, and whoever leaves it on the way."""

from dataclasses import dataclass

import numpy as np
import pytest

from optbench.builtin.initializers import GlorotUniform, HeNormal, Orthogonal
from optbench.builtin.optimizers import ASGD, SGD, Adam, AdamW, Momentum, Nesterov, RMSprop
from optbench.builtin.regularizers import L2, GaussianNoise, LabelSmoothing
from optbench.builtin.schedules import Constant, Cosine, Exponential
from optbench.contract.components import Optimizer, Stopping
from optbench.contract.hyperparameters import hyper
from optbench.nn.activations import Relu, Tanh
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.dropout import Dropout
from optbench.nn.losses import SoftmaxCrossEntropy
from optbench.nn.network import Network
from optbench.nn.pooling import MaxPooling
from optbench.training.network_problem import NetworkProblem
from optbench.training.preparation import Prepared
from optbench.training.trainer import Budget, Recipe, Training, collect


@dataclass(frozen=True)
class Ascent(Optimizer):
    """Looks at the gradient a little further on, as SAM does."""

    name = "ascent"
    lr: float = hyper(0.05)

    def step(self, params, grads, state, context):
        _, further = context.gradient(params + np.float32(0.01) * grads)
        params -= (self.lr * context.factor) * further


@dataclass(frozen=True)
class Raises(Optimizer):
    name = "raises"

    def step(self, params, grads, state, context):
        if context.step == 9:
            raise RuntimeError("at step 9")


@dataclass(frozen=True)
class After(Stopping):
    name = "after"
    evaluations: int = hyper(3)

    def stop(self, history):
        return len(history) > self.evaluations

    def keep(self, history):
        return len(history) // 2


HEALTHY = [
    Adam(lr=0.01), SGD(lr=0.1), Momentum(lr=0.1), Ascent(),
    AdamW(lr=0.005), RMSprop(lr=0.003), Nesterov(lr=0.02), ASGD(lr=0.1),
]  # fmt: skip
SCHEDULES = [Constant(), Cosine(), Exponential()]
INITIALIZERS = [HeNormal(), GlorotUniform(), Orthogonal()]

NETWORKS = {
    "mlp": [Dense(9), Relu(), Dense(7), Tanh(), Dense(3)],
    "normalized": [Dense(9), BatchNorm(), Relu(), Dropout(0.7), Dense(3)],
    "cnn": [Convolution(3), BatchNorm(), Relu(), MaxPooling(), Dense(3)],
}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(90, 4, 4, 2)).astype("f4")
    y = np.eye(3, dtype="f4")[(x[:, 0, 0, 0] > 0).astype(int) + (x[:, 1, 1, 1] > 0)]
    none = np.zeros(1)
    return Prepared(x[:60], y[:60], x[60:75], y[60:75], x[75:], y[75:], "classification", 3, none, none)


def recipes(count):
    """A mixture; every eighth trial or so diverges, stops early or raises."""
    made = []
    for k in range(count):
        optimizer, stopping = HEALTHY[k % len(HEALTHY)], ()
        if k % 8 == 2:
            optimizer = SGD(lr=1e300)
        if k % 8 == 4:
            stopping = (After(evaluations=2 + k % 3),)
        if k % 8 == 6:
            optimizer = Raises()
        penalties = [L2(strength=0.01)] if k % 3 == 1 else []
        made.append(Recipe(optimizer, SCHEDULES[k % 3], 1 + k, penalties, (), stopping))
    return made


def run(data, kind, chosen):
    places = [r.seed - 1 for r in chosen]
    network = Network(NETWORKS[kind], (4, 4, 2), SoftmaxCrossEntropy)
    transforms = [[LabelSmoothing(), GaussianNoise()] if k % 5 == 3 else [] for k in places]
    initializers = [INITIALIZERS[k % 3] for k in places]
    problem = NetworkProblem(network, data, 16, [r.seed for r in chosen], initializers, transforms)
    return collect(Training(problem, chosen, Budget(24, 4)))


def facts(run):
    without_time = [tuple(v for k, v in vars(m).items() if k != "seconds") for m in run.measurements]
    return run.outcome, run.kept, without_time, run.test_loss, run.test_metric, dict(run.metrics)


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("count", [1, 3, 8, 32])
def test_each_row_has_the_bits_of_its_solo_run(data, kind, count):
    mixture = recipes(count)
    stacked = run(data, kind, mixture)
    # Of a large stack, a spread of rows: each outcome and each optimizer is among them.
    for k in range(0, count, 1 if count < 32 else 3):
        (alone,) = run(data, kind, [mixture[k]])
        np.testing.assert_equal(facts(stacked[k]), facts(alone))
    if count >= 8:
        assert {r.outcome for r in stacked} == {"done", "diverged", "stopped", "error"}


@pytest.mark.parametrize("batch", [16, 7, None])
def test_rows_of_one_seed_share_their_batches_and_have_the_bits_of_solo_runs(data, batch):
    tried = [Recipe(SGD(lr=0.03 * (k + 1)), Constant(), seed) for k, seed in enumerate([5, 2, 5, 5, 2, 9])]

    def trained(chosen):
        network = Network(NETWORKS["normalized"], (4, 4, 2), SoftmaxCrossEntropy)
        problem = NetworkProblem(network, data, batch, [r.seed for r in chosen], [HeNormal()] * len(chosen))
        return problem, collect(Training(problem, chosen, Budget(13, 4)))

    problem, runs = trained(tried)
    assert np.array_equal(problem.graph.x[0], problem.graph.x[2])
    assert np.array_equal(problem.graph.x[0], problem.graph.x[1]) == (batch is None)
    for recipe, run in zip(tried, runs, strict=True):
        np.testing.assert_equal(facts(run), facts(trained([recipe])[1][0]))


def test_a_stack_shrinks_when_half_of_its_rows_have_ended(data):
    mixture = [Recipe(SGD(lr=1e300), Constant(), 1 + k) for k in range(3)] + [Recipe(Adam(), Constant(), 9)]
    network = Network(NETWORKS["mlp"], (4, 4, 2), SoftmaxCrossEntropy)
    problem = NetworkProblem(network, data, 16, [r.seed for r in mixture], [HeNormal()] * 4)
    training = Training(problem, mixture, Budget(24, 4))
    runs = collect(training)
    assert training.problem.stack == 1
    assert [r.outcome for r in runs] == ["diverged"] * 3 + ["done"]
