"""Problems of one's own in training: what the trainer gets of them, and what it says of those that are wrong."""

from dataclasses import dataclass

import numpy as np
import pytest

from optbench.builtin.initializers import GlorotUniform, Zeros
from optbench.builtin.optimizers import LBFGS, SAM, SGD, Adam, Momentum, Muon
from optbench.builtin.regularizers import L2, MaxNorm
from optbench.builtin.schedules import Constant
from optbench.contract.errors import OptbenchError
from optbench.contract.layout import Layout, Tensor
from optbench.contract.problem import Problem
from optbench.testing.checkpoints import checkpointed
from optbench.training.own_problem import OwnProblem
from optbench.training.trainer import Budget, Recipe, Training, collect
from support.problems import ALL, Decay, Tracker
from support.wrong_layers import made

kinds = pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)


def training(problem, optimizer, seeds=(1,), steps=40, dtype="float64", **more):
    own = OwnProblem(problem, seeds, [GlorotUniform() for _ in seeds], np.dtype(dtype))
    recipes = [Recipe(optimizer, Constant(), seed, **more) for seed in seeds]
    return Training(own, recipes, Budget(steps, max(1, steps // 4)))


def test_the_suites_initializer_fills_the_weights_of_a_layout():
    own = OwnProblem(Decay(units=50), [3], [GlorotUniform()], np.dtype("f4"))
    parts = own.layout.views(own.params[0])
    assert own.params.dtype == np.float32
    assert 0.8 * np.sqrt(6 / 51) < np.abs(parts["A"]).max() <= np.sqrt(6 / 51)
    assert not parts["b"].any()
    other = OwnProblem(Decay(units=50), [4], [GlorotUniform()], np.dtype("f4"))
    assert (own.params != other.params).any()
    assert not OwnProblem(Decay(units=50), [3], [Zeros()], np.dtype("f4")).params.any()


def test_adam_solves_the_equation():
    run = collect(training(Decay(), Adam(lr=0.02), steps=1500))[0]
    assert run.outcome == "done"
    assert run.measurements[0].train_loss > 0.1
    # What is left of the equation, and how far the solution is from exp(-x), which training never sees.
    assert run.measurements[-1].train_loss < 1e-4
    assert run.measurements[-1].validation_loss < 1e-4
    assert np.isnan(run.test_loss)


def test_the_test_is_read_at_the_end():
    run = collect(training(Tracker(), SGD(lr=0.0)))[0]
    start = OwnProblem(Tracker(), [1], [Zeros()], np.dtype("f8")).params[0]
    assert run.test_loss == pytest.approx(float(start @ start))


@kinds
def test_a_stack_is_its_trials_alone(kind):
    together = collect(training(kind(), Momentum(lr=0.01), seeds=(1, 2, 3)))
    for seed, run in zip((1, 2, 3), together, strict=True):
        alone = collect(training(kind(), Momentum(lr=0.01), seeds=(seed,)))[0]
        assert [m.train_loss for m in alone.measurements] == [m.train_loss for m in run.measurements]


@kinds
@pytest.mark.parametrize("optimizer", [Adam(lr=0.01), SAM(inner=SGD(lr=0.01))], ids=["adam", "sam"])
def test_one_that_was_interrupted_goes_on_with_the_same_bits(kind, optimizer):
    whole = training(kind(), optimizer)
    for _ in range(20):
        whole.step()
    first = training(kind(), optimizer)
    for _ in range(9):
        first.step()
    again = training(kind(), optimizer)
    again.load(again.rows[0], checkpointed(first.save(first.rows[0])))
    for _ in range(11):
        again.step()
    assert again.rows[0].params.tobytes() == whole.rows[0].params.tobytes()


@kinds
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", [LBFGS(), Muon()], ids=["l-bfgs", "muon"])
def test_methods_that_need_more_than_a_gradient_work_too(kind, optimizer, dtype):
    one = training(kind(), optimizer, dtype=dtype)
    run = collect(one)[0]
    assert run.outcome == "done", run.traceback
    assert one.rows[0].params.dtype == np.dtype(dtype)


def test_a_second_gradient_sees_the_same_step():
    one = training(Tracker(), SGD(lr=0.1))
    one.step()
    own, out = one.problem, np.zeros(4)
    target, count = own.states[0]["target"].copy(), own.states[0]["count"]
    at = np.arange(4.0)
    assert own.probe(0, at, out) == pytest.approx(0.5 * np.sum((at - target) ** 2))
    assert out == pytest.approx(at - target)
    assert own.states[0]["count"] == count == 1


def test_penalties_and_constraints_see_weights_and_not_biases():
    one = training(Decay(), SGD(lr=0.0), penalties=[L2(strength=2.0)])
    one.step()
    parts = one.problem.layout.views(one.rows[0].params)
    assert one.rows[0].penalty == pytest.approx(float(sum((parts[n] ** 2).sum() for n in "Ac")))
    bounded = training(Decay(), SGD(lr=1.0), constraints=[MaxNorm(limit=0.1)])
    bounded.step()
    for name in "Ac":
        assert np.linalg.norm(bounded.problem.layout.views(bounded.rows[0].params)[name], axis=0).max() <= 0.1 + 1e-12


def test_divergence_is_an_outcome():
    run = collect(training(Decay(), SGD(lr=1e30)))[0]
    assert run.outcome == "diverged"


# ------------------------------------------------------------------------------------------------------ bad input


@dataclass(frozen=True)
class Late(Problem):
    """Gives a gradient of another shape in its fourth step."""

    name = "late"

    def initial(self, rng):
        return np.ones(3)

    def loss_and_gradient(self, w, step, rng, state):
        return float(w @ w), 2 * w[: 3 if step < 3 else 2]


def gap(self):
    return Layout([Tensor("a", (2,), "weight"), Tensor("b", (1,), "weight", offset=4)])


def bowl(self, w, step, rng, state):
    return float(w @ w), 2 * w


def bad(loss_and_gradient=bowl, **members):
    return made(Problem, loss_and_gradient=loss_and_gradient, **{"initial": lambda self, rng: np.ones(3), **members})


BAD = {
    "no parameters": (bad(initial=lambda self, rng: None), "which parameters it has: give layout or initial"),
    "empty": (bad(initial=lambda self, rng: np.ones(0)), "layout must give an optbench.Layout with at least one"),
    "a gap": (bad(layout=gap), "tensor b starts at 4, but those before it end at 2"),
    "no layout": (bad(layout=lambda self: [3]), "layout must give an optbench.Layout with .*, got list"),
    "another size": (bad(layout=lambda self: Layout.of({"w": (2,)})), r"initial must give \(2,\) real num"),
    "texts": (bad(initial=lambda self, rng: np.array(["a"] * 3)), r"initial must give \(3,\) real numbers, .* got <U1"),
    "start": (bad(initial=lambda self, rng: np.full(3, np.nan)), "initial gives parameters that are not finite"),
    "no pair": (bad(lambda *given: 1.0), r"loss_and_gradient must give a pair \(loss, gradient\), got float"),
    "a vector": (bad(lambda self, w, *more: (w, w)), r"must give a number as loss, got \(3,\)"),
    "a text": (bad(lambda self, w, *more: ("low", w)), "must give a number as loss, got str"),
    "complex": (bad(lambda self, w, *more: (1.0, w * 1j)), r"must give \(3,\) real numbers, .* got complex128"),
    "a list of lists": (bad(lambda self, w, *more: (1.0, [w, w])), r"got float64 of shape \(2, 3\)"),
    "NaN": (bad(lambda self, w, *more: (1.0, w * np.nan)), "loss or gradient is not finite at the start"),
    "infinite": (bad(lambda self, w, *more: (np.inf, w)), "loss or gradient is not finite at the start"),
    "a fourth step": (Late(), r"problem late: loss_and_gradient must give \(3,\) real numbers.* shape \(2,\)"),
    "scores": (bad(evaluate=lambda *given: (1.0, 2.0)), r"evaluate must give \(training loss, .*got tuple"),
    "a test": (bad(test=lambda *given: None), r"test must give \(test loss, test metric\), got NoneType"),
}  # fmt: skip


@pytest.mark.parametrize(("problem", "message"), BAD.values(), ids=BAD)
def test_one_message_names_the_problem_and_what_is_wrong(problem, message):
    one = problem() if isinstance(problem, type) else problem
    try:
        run = collect(training(one, SGD(lr=0.1)))[0]
        told = run.message
        assert run.outcome == "error"
    except OptbenchError as error:
        told = str(error)
    with pytest.raises(OptbenchError, match=message):
        raise OptbenchError(told)
    assert f"problem {one.name}" in told
    assert "\n" not in told


@dataclass(frozen=True)
class Remembers(Tracker):
    """Counts in its state what it was asked to settle."""

    name = "remembers"

    def begin(self, rng):
        return {**super().begin(rng), "settled": 0}

    def settled(self, w, state):
        state["settled"] += 1
        return state

    def evaluate(self, w, state):
        return float(state["settled"]), 0.0, 0.0, 0.0


def test_the_state_of_an_average_is_settled_and_forgotten():
    own = OwnProblem(Remembers(), [1], [Zeros()], np.dtype("f8"))
    assert own.evaluate(0, own.params[0])[0] == 0
    for _ in range(2):
        assert own.evaluate(0, own.params[0].copy())[0] == 1
    assert own.states[0]["settled"] == 0
