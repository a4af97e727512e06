"""Every optimizer in a real trial: a small network with batch normalization, alone, in a stack, with a constraint."""

import numpy as np
import pytest

from optbench.builtin import optimizers
from optbench.builtin.initializers import HeNormal
from optbench.builtin.regularizers import L2, MaxNorm
from optbench.builtin.schedules import Cosine
from optbench.nn.activations import Relu
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.dense import Dense
from optbench.nn.losses import SoftmaxCrossEntropy
from optbench.nn.network import Network
from optbench.training import checkpoint
from optbench.training.network_problem import NetworkProblem
from optbench.training.preparation import Prepared
from optbench.training.trainer import Budget, Recipe, Training, collect

every = pytest.mark.parametrize("optimizer", optimizers.ALL, ids=lambda c: c.name)
SEED = 3


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 6)).astype("f4")
    y = np.eye(3, dtype="f4")[x[:, :3].argmax(axis=1)]
    none = np.zeros(1)
    return Prepared(x[:80], y[:80], x[80:100], y[80:100], x[100:], y[100:], "classification", 3, none, none)


def training(data, chosen, penalties=(), constraints=()):
    network = Network([Dense(8), BatchNorm(), Relu(), Dense(3)], (6,), SoftmaxCrossEntropy)
    recipes = [Recipe(one, Cosine(), SEED, penalties, constraints) for one in chosen]
    problem = NetworkProblem(network, data, 16, [SEED] * len(chosen), [HeNormal()] * len(chosen))
    return Training(problem, recipes, Budget(25, 5))


def facts(run):
    return run.outcome, [m.train_loss for m in run.measurements], run.test_loss


@pytest.fixture(scope="module")
def stacked(data):
    """All in one stack."""
    runs = collect(training(data, [c() for c in optimizers.ALL], [L2(strength=1e-3)]))
    return dict(zip([c.name for c in optimizers.ALL], runs, strict=True))


@every
def test_a_trial_ends_well_and_has_the_same_bits_in_a_stack(data, stacked, optimizer):
    (alone,) = collect(training(data, [optimizer()], [L2(strength=1e-3)]))
    assert alone.outcome == "done", alone.traceback
    assert facts(alone) == facts(stacked[optimizer.name])
    losses = [m.train_loss for m in alone.measurements]
    # 25 steps at the default rate: those that estimate it have hardly begun
    assert losses[-1] < losses[0] + 1e-6
    assert np.isfinite(alone.test_loss)


def test_extra_gradients_are_reported(stacked):
    extra = {name: run.measurements[-1].gradients - 25 for name, run in stacked.items()}
    assert extra.pop("sam") == 25
    assert extra.pop("sophia") == 2 * 3
    assert extra.pop("lbfgs") >= 24
    assert set(extra.values()) == {0}


@every
def test_a_saved_trial_goes_on_with_the_same_bits(data, tmp_path, optimizer):
    first, second = (training(data, [optimizer()]) for _ in range(2))
    for _ in range(11):
        first.step()
    checkpoint.save(tmp_path / "trial", first.save(first.rows[0]))
    second.load(second.rows[0], checkpoint.load(tmp_path / "trial"))
    for _ in range(6):
        first.step()
        second.step()
    for one in (first, second):
        assert one.rows[0].outcome is None, one.rows[0].traceback
    np.testing.assert_array_equal(first.rows[0].params, second.rows[0].params)


@every
def test_a_constraint_holds_what_is_evaluated(data, optimizer):
    """All iterates are declared: else max-norm would hold what is trained and not what is kept."""
    one = training(data, [optimizer()], constraints=[MaxNorm(0.5)])
    (row,) = one.rows
    for _ in range(20):
        one.step()
        kept = row.recipe.optimizer.evaluation_params(row.params, row.state)
        for tensor in one.problem.layout:
            if tensor.role == "weight":
                columns = kept[tensor.slice].reshape(tensor.shape)
                assert np.linalg.norm(columns, axis=0).max() <= 0.5 + 1e-5
    assert row.outcome is None, row.traceback
