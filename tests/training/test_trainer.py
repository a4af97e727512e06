"""The trainer, with small networks and made-up data: no registry, no suite."""

import copy
from dataclasses import dataclass

import numpy as np
import pytest

from optbench.builtin.functions import ALL as FUNCTIONS
from optbench.builtin.initializers import GlorotUniform, HeNormal, Zeros
from optbench.builtin.optimizers import SGD, Adam, Momentum
from optbench.builtin.regularizers import L2
from optbench.builtin.schedules import Constant, Cosine, Warmup
from optbench.contract.components import Constraint, Optimizer, Schedule, Stopping
from optbench.contract.function import Function
from optbench.contract.hyperparameters import hyper
from optbench.nn.activations import Relu
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.dense import Dense
from optbench.nn.dropout import Dropout
from optbench.nn.losses import SoftmaxCrossEntropy
from optbench.nn.network import Network
from optbench.training.network_problem import NetworkProblem
from optbench.training.own_problem import OwnProblem
from optbench.training.preparation import Prepared
from optbench.training.trainer import Budget, Recipe, Training, collect, train


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 6)).astype("f4")
    y = np.eye(3, dtype="f4")[(x[:, :3]).argmax(axis=1)]
    none = np.zeros(1)
    return Prepared(x[:80], y[:80], x[80:100], y[80:100], x[100:], y[100:], "classification", 3, none, none)


def network(*extra):
    return Network([Dense(8), *extra, Relu(), Dense(3)], (6,), SoftmaxCrossEntropy)


def training(data, recipes, *, layers=(), batch=16, steps=20, every=5, transforms=()):
    problem = NetworkProblem(
        network(*layers), data, batch, [r.seed for r in recipes], [HeNormal()] * len(recipes), transforms
    )
    return Training(problem, recipes, Budget(steps, every))


def recipe(optimizer=None, seed=1, **more):
    return Recipe(optimizer or Adam(lr=0.01), more.pop("schedule", Constant()), seed, **more)


def test_a_run_measures_at_the_start_and_at_each_evaluation(data):
    (run,) = collect(training(data, [recipe()], steps=20, every=6))
    assert run.outcome == "done"
    assert [m.step for m in run.measurements] == [0, 6, 12, 18, 20]
    assert run.measurements[-1].gradients == 20
    assert run.measurements[-1].epoch == 4.0
    assert run.measurements[-1].train_loss < run.measurements[0].train_loss
    assert 0 <= run.test_metric <= 1
    assert run.kept == 4


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(data):
    first, again, other = (collect(training(data, [recipe(seed=s)]))[0] for s in (1, 1, 2))
    assert [m.train_loss for m in first.measurements] == [m.train_loss for m in again.measurements]
    assert first.measurements[0].train_loss != other.measurements[0].train_loss


def test_the_rate_at_step_0_is_that_of_the_first_step(data):
    (run,) = collect(training(data, [recipe(schedule=Warmup(steps=4))], steps=20, every=5))
    # (step + 1) / (warm + 1) of the last step; at step 0 of the one to come.
    assert [m.rate for m in run.measurements] == pytest.approx([0.002, 0.01, 0.01, 0.01, 0.01])


def test_the_norm_of_a_gradient_whose_squares_float32_cannot_hold():
    class Cliff(Function):
        name, minimum = "cliff", 0.0

        def initial(self, rng):
            return np.zeros(8)

        def value_and_gradient(self, w, step, rng):
            return 0.0, np.full(8, 1e20)

        def value(self, w):
            return 0.0

    problem = OwnProblem(Cliff(), [1], [Zeros()], np.dtype("float32"))
    (run,) = collect(Training(problem, [recipe(SGD(lr=1e-20))], Budget(2, 1)))
    assert run.measurements[-1].gradient_norm == pytest.approx(np.sqrt(8) * 1e20, rel=1e-6)


def test_candidates_with_one_seed_start_alike_and_see_the_same_batches(data):
    seen = {}

    @dataclass(frozen=True)
    class Spy(Optimizer):
        name = "spy"
        tag: str = hyper("a", scale="choice", choices=("a", "b"))

        def step(self, params, grads, state, context):
            seen.setdefault(self.tag, []).append(grads.copy())

    collect(training(data, [recipe(Spy(tag="a"))]))
    collect(training(data, [recipe(Spy(tag="b"))]))
    assert all((a == b).all() for a, b in zip(seen["a"], seen["b"], strict=True))
    assert not (seen["a"][0] == seen["a"][1]).all()


@pytest.mark.parametrize("layers", [(), (BatchNorm(),), (Dropout(0.8),)])
def test_rows_of_a_stack_have_the_bits_of_solo_runs(data, layers):
    recipes = [
        recipe(Adam(lr=0.01), 1),
        recipe(SGD(lr=0.3), 2, schedule=Cosine()),
        recipe(Momentum(lr=0.1), 3, penalties=[L2(strength=0.01)]),
    ]
    stacked = collect(training(data, recipes, layers=layers))
    for row, alone in zip(stacked, (collect(training(data, [r], layers=layers))[0] for r in recipes), strict=True):
        assert [(m.train_loss, m.gradient_norm) for m in row.measurements][1:] == [
            (m.train_loss, m.gradient_norm) for m in alone.measurements
        ][1:]
        assert row.test_loss == alone.test_loss


def test_a_component_that_raises_ends_its_own_row_only(data):
    @dataclass(frozen=True)
    class Breaks(Optimizer):
        name = "breaks"

        def step(self, params, grads, state, context):
            if context.step == 7:
                raise RuntimeError("at step 7")

    broken, healthy = collect(training(data, [recipe(Breaks()), recipe(seed=2)]))
    assert broken.outcome == "error"
    assert broken.message == "optimizer breaks, step 7: RuntimeError: at step 7"
    assert "raise RuntimeError" in broken.traceback
    assert [m.step for m in broken.measurements] == [0, 5]
    assert healthy.outcome == "done"
    assert healthy.test_loss == collect(training(data, [recipe(seed=2)]))[0].test_loss


def test_infinity_is_divergence_and_no_mistake(data):
    (run,) = collect(training(data, [recipe(SGD(lr=1e30))]))
    assert run.outcome == "diverged"
    assert "not finite" in run.message
    assert np.isnan(run.test_loss)


def test_float32_stays_float32(data):
    t = training(data, [recipe(Adam(), schedule=Cosine(), penalties=[L2(strength=0.1)])])
    collect(t)
    assert t.problem.params.dtype == t.problem.grads.dtype == np.float32
    assert all(a.dtype == np.float32 for a in t.rows[0].state.values() if isinstance(a, np.ndarray))


def test_the_schedule_is_asked_at_the_start_and_before_every_step(data):
    asked = []

    @dataclass(frozen=True)
    class Ask(Schedule):
        name = "ask"

        def factor(self, progress):
            asked.append((progress.step, progress.epoch, progress.total_steps))
            return 0.5

    (run,) = collect(training(data, [recipe(Adam(lr=0.02), schedule=Ask())], steps=7))
    assert asked == [(0, 0, 7), *((i, i // 5, 7) for i in range(7))]
    assert [m.rate for m in run.measurements] == [0.01] * 3


def test_extra_gradients_are_counted_and_repeat_the_step_s_own(data):
    @dataclass(frozen=True)
    class Twice(Optimizer):
        name = "twice"

        def step(self, params, grads, state, context):
            loss, again = context.gradient(params)
            np.testing.assert_array_equal(again, grads)
            assert loss == context.loss
            params -= 0.1 * grads

    t = training(data, [recipe(Twice(), penalties=[L2(strength=0.1)])], layers=(BatchNorm(), Dropout(0.5)))
    before = copy.deepcopy(t.problem.state)
    t.step()
    after = copy.deepcopy(t.problem.state)
    assert any((before[1][k] != after[1][k]).any() for k in before[1])
    (run,) = collect(training(data, [recipe(Twice())], layers=(BatchNorm(), Dropout(0.5))))
    assert run.outcome == "done", run.traceback
    assert run.measurements[-1].gradients == 40


def test_a_constraint_projects_every_iterate(data):
    @dataclass(frozen=True)
    class Averages(Optimizer):
        name = "averages"

        def init(self, params, layout):
            return {"mean": params.copy()}

        def step(self, params, grads, state, context):
            params -= grads
            state["mean"] += 0.5 * (params - state["mean"])

        def evaluation_params(self, params, state):
            return state["mean"]

        def iterates(self, params, state):
            return [params, state["mean"]]

    @dataclass(frozen=True)
    class Box(Constraint):
        name = "box"

        def project(self, params, layout):
            np.clip(params, -0.1, 0.1, out=params)

    t = training(data, [recipe(Averages(), constraints=[Box()])])
    (run,) = collect(t)
    assert run.outcome == "done", run.traceback
    assert np.abs(t.rows[0].state["mean"]).max() <= np.float32(0.1)


def test_statistics_of_averaged_parameters_are_estimated_again(data):
    @dataclass(frozen=True)
    class Elsewhere(Optimizer):
        name = "elsewhere"

        def step(self, params, grads, state, context):
            params -= 0.05 * grads

        def evaluation_params(self, params, state):
            return params * np.float32(3)

    t = training(data, [recipe(Elsewhere())], layers=(BatchNorm(),))
    collect(t)
    own, row = t.problem.statistics(0, t.rows[0].params)
    assert own is t.problem.state
    assert row == 0
    again, _ = t.problem.statistics(0, t.rows[0].params * np.float32(3))
    # Pre-activations scale with the weights, so their mean and variance must.
    np.testing.assert_allclose(again[1]["mean"][0], 3 * own[1]["mean"][0], rtol=0.35, atol=0.3)


def test_stopping_ends_early_and_keeps_the_parameters_it_names(data):
    @dataclass(frozen=True)
    class SecondThenStop(Stopping):
        name = "second"

        def stop(self, history):
            return len(history) == 4

        def keep(self, history):
            return min(len(history) - 1, 1)

    (run,) = collect(training(data, [recipe(stopping=[SecondThenStop()])], steps=50))
    assert run.outcome == "stopped"
    assert run.kept == 1
    assert run.measurements[-1].step == 15
    (short,) = collect(training(data, [recipe()], steps=5))
    assert run.test_loss == short.test_loss


def test_a_deadline_ends_training_as_a_timeout(data):
    t = training(data, [recipe()])
    t.budget = Budget(20, 5, deadline=0.0)
    (run,) = collect(t)
    assert run.outcome == "timeout"
    assert run.measurements[-1].step == 5


@pytest.mark.parametrize("layers", [(), (BatchNorm(), Dropout(0.7))])
@pytest.mark.parametrize("stop_at", [5, 8, 15])
def test_a_saved_row_goes_on_with_the_same_bits(data, layers, stop_at):
    whole = training(data, [recipe(Adam(lr=0.01), schedule=Cosine())], layers=layers)
    expected = collect(whole)[0]
    first = training(data, [recipe(Adam(lr=0.01), schedule=Cosine())], layers=layers)
    generator = train(first)
    while first.number < stop_at:
        next(generator)
    saved = copy.deepcopy(first.save(first.rows[0]))
    second = training(data, [recipe(Adam(lr=0.01), schedule=Cosine())], layers=layers)
    second.load(second.rows[0], saved)
    run = collect(second)[0]
    assert (second.rows[0].params == whole.rows[0].params).all()
    assert [m.train_loss for m in run.measurements] == [m.train_loss for m in expected.measurements]
    assert run.test_loss == expected.test_loss


def test_full_batches_use_every_example_in_every_step(data):
    t = training(data, [recipe(SGD(lr=0.1))], batch=None)
    assert t.problem.steps_per_epoch == 1
    t.step()
    losses = [t.problem.loss(0)]
    t.step()
    losses.append(t.problem.loss(0))
    assert losses[1] < losses[0]


def test_each_epoch_sees_each_example_once(data):
    problem = NetworkProblem(network(), data, 20, [1], [GlorotUniform()])
    for _ in range(2):
        seen = []
        for step in range(4):
            problem.next_batch(step)
            seen.append(problem.graph.x[0, :, :6].copy())
        assert sorted(map(tuple, np.concatenate(seen))) == sorted(map(tuple, data.x_train))


def test_an_analytic_function_is_descended_by_the_same_lines():
    rosenbrock = next(f for f in FUNCTIONS if f.name == "rosenbrock")()
    problem = OwnProblem(rosenbrock, [1, 2], [Zeros()] * 2, np.dtype("f8"))
    t = Training(problem, [recipe(Adam(lr=0.02)), recipe(SGD(lr=1e-3), 2)], Budget(3000, 100))
    runs = collect(t)
    assert [r.outcome for r in runs] == ["done", "done"]
    assert runs[0].measurements[-1].train_loss < 1e-2 < runs[0].measurements[0].train_loss
    assert runs[0].arrays["path"].shape == (31, 2)
    assert np.isnan(runs[0].test_loss)


def test_diagnostics_measure_each_hidden_layer(data):
    t = NetworkProblem(network(), data, 16, [1], [HeNormal()])
    run = collect(Training(t, [recipe()], Budget(5, 5, diagnostics=True)))[0]
    assert run.arrays["activation_std"].shape == (1,)
    assert run.metrics["weight_norm"] == pytest.approx(
        np.sqrt(sum(np.square(t.params[0][s], dtype="f8").sum() for s in t.layout.weights))
    )
    assert 0 < run.metrics["unit_spread"] < 2
