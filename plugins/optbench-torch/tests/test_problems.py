"""Modules with losses and batches of their own: held to torch's own loop, to the kit, and to the rules of a run."""

from copy import deepcopy

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import models  # noqa: E402
import optbench_torch  # noqa: E402
import recipes  # noqa: E402
from optbench_torch.batches import Batches  # noqa: E402
from torch import nn  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

from optbench import OptbenchError  # noqa: E402
from optbench.testing import parametrize_with_checks, registry_of, runs_of, training_of, trial_of  # noqa: E402

SUITE = """
title = "Problems"
seeds = 2
[tuning]
trials = 2
[[workloads]]
name = "one"
problem = PROBLEM
steps = 40
evaluate_every = 20
dtype = "DTYPE"
[[candidates]]
name = "sgd"
optimizer = "sgd"
"""
CLASSES = "{ name = 'torch:recipes:classes' }"
REGISTRY = registry_of(optbench_torch)
PAIRS = [(torch.ones(3, 4), torch.zeros(3).long())]


@pytest.fixture
def trial(tmp_path):
    def make(problem, dtype="float32", **more):
        path = tmp_path / "suite.toml"
        path.write_text(SUITE.replace("PROBLEM", problem).replace("DTYPE", dtype))
        return trial_of("one", str(path), plugins=REGISTRY, **more)

    return make


@parametrize_with_checks([REGISTRY.entry("problems", f"torch:recipes:{name}").component for name in ("classes", "gpt")])
def test_contract(component, check):
    check(component)


@pytest.mark.parametrize(("dtype", "most"), [("float32", 1e-6), ("float64", 1e-10)])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_gradients_are_those_of_torchs_own_loop(trial, optimizer, dtype, most):
    given = trial("{ name = 'torch:recipes:gpt', dropout = 0.0 }", dtype, optimizer=optimizer, settings={"lr": 1e-3})
    training = training_of([given], REGISTRY)
    model = models.TinyGPT(16, 16, 32, 2, 1).to(getattr(torch, dtype))
    places = training.problem.problem.task().places
    theirs = dict(model.named_parameters())
    for tensor, place in zip(training.problem.layout, places, strict=True):
        values = training.rows[0].params[tensor.slice].reshape(tensor.shape).transpose(place.axes)
        theirs[place.name].data = torch.from_numpy(values.copy()).contiguous()
    stepper = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer](model.parameters(), lr=1e-3)
    seen, gradient = [], training.problem.gradient
    training.problem.gradient = lambda: (gradient(), seen.append(training.problem.grads[0].copy()))
    batches = recipes.texts()
    for step in range(30):
        training.step()
        assert training.rows[0].outcome is None, training.rows[0].traceback
        stepper.zero_grad()
        loss = recipes.language(model, batches[step % 3])
        loss.backward()
        flat = np.concatenate([theirs[p.name].grad.numpy().transpose(p.inverse).reshape(-1) for p in places])
        assert np.linalg.norm(seen[-1] - flat) / np.linalg.norm(flat) < most, step
        assert training.problem.loss(0) == pytest.approx(float(loss.detach()), rel=1e-5)
        stepper.step()


@pytest.mark.parametrize("problem", ["classes", "gpt", "trained"])
def test_a_saved_run_goes_on_with_the_same_bits_in_the_middle_of_an_epoch(trial, problem):
    given = trial(f"{{ name = 'torch:recipes:{problem}' }}", optimizer="adam")
    whole, first = (training_of([given], REGISTRY) for _ in range(2))
    for _ in range(20):
        whole.step()
    for _ in range(10):
        first.step()
    saved = deepcopy(first.save(first.rows[0]))
    for _ in range(3):
        first.step()  # the loader, which is the same object, goes on
    second = training_of([given], registry_of(optbench_torch))
    second.load(second.rows[0], saved)
    for _ in range(10):
        second.step()
    assert whole.rows[0].params.tobytes() == second.rows[0].params.tobytes()
    a, b = (one.problem.evaluate(0, one.rows[0].params) for one in (whole, second))
    np.testing.assert_array_equal(a, b)


def test_trainings_that_take_turns_are_as_each_alone(trial):
    trials = [trial(CLASSES, optimizer=name, seed=seed) for name, seed in (("adam", 1), ("sam", 2))]
    turns = [training_of([one], REGISTRY) for one in trials]
    for _ in range(9):
        for training in turns:
            training.step()
    for given, training in zip(trials, turns, strict=True):
        assert training.rows[0].outcome is None, training.rows[0].traceback
        alone = training_of([given], REGISTRY)
        for _ in range(9):
            alone.step()
        assert alone.rows[0].params.tobytes() == training.rows[0].params.tobytes()


@pytest.mark.parametrize("optimizer", ["lamb", "muon", "lbfgs", "schedule-free-adamw", "torch/adamw", "torch/lbfgs"])
def test_optimizers_of_all_kinds_train_it(trial, optimizer):
    more = {"settings": {"line_search_fn": "strong_wolfe"}} if optimizer == "torch/lbfgs" else {}
    run = runs_of(training_of([trial(CLASSES, optimizer=optimizer, **more)], REGISTRY))[0]
    assert run.outcome == "done", run.traceback
    last = run.measurements[-1]
    assert all(np.isfinite([last.train_loss, last.train_metric, last.validation_loss, run.test_loss, run.test_metric]))


def test_running_statistics_are_kept_and_used(trial):
    training = training_of([trial(CLASSES, optimizer="sgd")], REGISTRY)
    for _ in range(5):
        training.step()
    problem = training.problem
    state, params = problem.states[0], training.rows[0].params
    assert state["statistics"]["body.0.1.num_batches_tracked"] == 5
    bound = problem.problem.task().bound(params.dtype, False)
    loss, share = problem.evaluate(0, params)[2:]
    module = bound.module.eval()
    x, y = recipes.points(60, 1).tensors
    with torch.no_grad():
        assert loss == pytest.approx(float(nn.functional.cross_entropy(module(x), y)), rel=1e-5)
        assert share == pytest.approx(float((module(x).argmax(1) == y).double().mean()))
    mean = dict(module.named_buffers())["body.0.1.running_mean"].numpy()
    np.testing.assert_array_equal(mean, state["statistics"]["body.0.1.running_mean"])
    # An average never saw a mini-batch: its statistics are estimated anew, and the run's stay.
    problem.evaluate(0, params.copy())
    assert problem.states[0]["statistics"]["body.0.1.num_batches_tracked"] == 5
    assert dict(module.named_buffers())["body.0.1.num_batches_tracked"] == 7  # 100 examples by 16


def test_first_values(trial):
    made = {seed: training_of([trial(CLASSES, seed=seed)], REGISTRY).rows[0].params for seed in (1, 2)}
    assert not np.array_equal(made[1], made[2])
    trained = [trial("{ name = 'torch:recipes:trained' }", seed=seed) for seed in (1, 2)]
    np.testing.assert_array_equal(*(training_of([one], REGISTRY).rows[0].params for one in trained))
    suites = trial("{ name = 'torch:recipes:classes', first_values = 'suite', hidden = 4 }", initializer="orthogonal")
    training = training_of([suites], REGISTRY)
    weight = training.problem.layout.views(training.rows[0].params)["body.0.0.weight"]
    np.testing.assert_allclose(weight.T @ weight, np.eye(4), atol=1e-5)
    assert [t.part for t in training.problem.layout if t.part] == ["head"]
    assert {t.role for t in training.problem.layout} == {"weight", "bias", "scale", "shift"}


# ------------------------------------------------------------------------------------------------------------ batches


def test_batches_are_the_same_for_the_same_seed_wherever_one_begins():
    data = TensorDataset(torch.arange(10))
    for loader in (
        DataLoader(data, 3, shuffle=True),
        DataLoader(data, 3, shuffle=True, generator=torch.Generator()),
        lambda: iter(torch.rand(4, 3)),
    ):
        one, other = Batches("it", loader), Batches("it", loader)
        whole = [one.at(5, place) for place in range(4)]
        assert one.at(5, 4) is None
        assert one.at(6, 0) is not None
        for place in (2, 0, 3, 1):
            for a, b in zip(other.at(5, place), whole[place], strict=True):
                assert torch.equal(a, b)
        assert any(not torch.equal(a[0], b[0]) for a, b in zip(whole, [one.at(6, p) for p in range(4)], strict=True))


def test_batches_draw_from_no_chance_but_their_own():
    before = torch.default_generator.get_state()
    list(Batches("it", DataLoader(TensorDataset(torch.arange(10)), 3, shuffle=True)).all())
    assert torch.equal(before, torch.default_generator.get_state())


# ------------------------------------------------------------------------------------------------------ what is wrong


@pytest.mark.parametrize(
    ("model", "loss", "loaders", "more", "expected"),
    [
        (models.Nothing, nn.CrossEntropyLoss(), PAIRS, {}, "has no parameters to train"),
        (lambda: models.Normed(4, 2), recipes.vector, PAIRS, {}, r"a loss is one number.*gives \(3,\)"),
        (lambda: models.Normed(4, 2), recipes.number, PAIRS, {}, "a loss is one number.*gives a float"),
        (lambda: models.Normed(4, 2), nn.CrossEntropyLoss(), [], {}, "the train loader gives no batch"),
        (lambda: models.Normed(4, 2), nn.CrossEntropyLoss(), {"train": PAIRS, "test": []}, {}, "the test loader"),
        (lambda: models.Normed(4, 2), nn.CrossEntropyLoss(), {"training": PAIRS}, {}, "got 'training'"),
        (lambda: models.Normed(4, 2), nn.CrossEntropyLoss(), iter(PAIRS), {}, "can be gone through once"),
        (lambda: models.Normed(4, 2), nn.CrossEntropyLoss(), 3, {}, "is a int: give a DataLoader"),
        (lambda: models.Normed(4, 2), nn.CrossEntropyLoss(), [PAIRS[0][0]], {}, "batches are no pairs"),
        (lambda: models.Normed(5, 2), nn.CrossEntropyLoss(), PAIRS, {}, "fails on the first batch: RuntimeError"),
        (lambda: models.Normed(4), nn.CrossEntropyLoss(), PAIRS, {}, "the model cannot be made: TypeError"),
        (lambda: 3, nn.CrossEntropyLoss(), PAIRS, {}, "the model is a int, not"),
        (lambda: models.Explodes(4, 2), nn.CrossEntropyLoss(), PAIRS, {}, "gradient of product.weight is not finite"),
        (lambda: models.Normed(4, 2), nn.CrossEntropyLoss(), PAIRS, {"metric": "r2"}, "needs measure"),
        (lambda: models.Normed(4, 2), nn.CrossEntropyLoss(), PAIRS, {"metric": "f1"}, "'f1': give one of accuracy"),
        (lambda: models.Normed(4, 2), nn.CrossEntropyLoss(), PAIRS, {"metric": "f1:higher"}, "needs measure"),
        (
            lambda: models.Sparse(4), recipes.language, [{"x": torch.zeros(2, 3).long(), "y": torch.ones(2, 3).long()}],
            {}, "gradient of table.weight is sparse",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_is_told(model, loss, loaders, more, expected):
    with pytest.raises(OptbenchError, match=expected):
        optbench_torch.workload(model, loss, loaders, **more)


@pytest.mark.parametrize(
    ("name", "expected"), [("nothing", "gave a int; let it return"), ("models", "no function that returns")]
)
def test_a_function_that_gives_no_workload_is_told_when_the_suite_is_read(trial, name, expected):
    with pytest.raises(OptbenchError, match=expected):
        trial(f"{{ name = 'torch:recipes:{name}' }}")
