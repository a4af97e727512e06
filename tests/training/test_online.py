"""Online data: every mini-batch is new, what is evaluated is fixed, and all of it is to the bit what it is alone."""

from dataclasses import dataclass

import numpy as np
import pytest

from optbench.builtin.datasets.digits import Digits
from optbench.builtin.datasets.drawn import Drawn
from optbench.builtin.datasets.linear import LinearRegression
from optbench.builtin.datasets.online import Online
from optbench.builtin.datasets.pooled import Pooled
from optbench.builtin.datasets.reconstruction import Reconstruction
from optbench.builtin.datasets.xor import Xor
from optbench.builtin.normalizers.standardize import Standardize
from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import ComponentError
from optbench.registry.registry import registry
from optbench.running.contents import contents
from optbench.suite import validate
from optbench.training import checkpoint
from optbench.training.assembly import assemble
from optbench.training.preparation import prepare
from optbench.training.split import Split
from optbench.training.trainer import collect
from optbench.trials.bits import difference
from optbench.trials.trial import Trial
from optbench.tuning.making import first_trials

TEACHER = {"name": "teacher-student", "samples": 100}
CHAIN = {"name": "zipf-tokens", "samples": 100, "vocabulary": 20, "length": 4}
#: name -> (dataset, network): 60 examples are drawn at a time, three mini-batches of 20
DATA = {
    "values": (TEACHER, "mlp"),
    "classes": ({"name": "mixed-table", "samples": 100}, "mlp"),
    "labels": ({"name": "two-moons", "samples": 100}, "mlp"),
    "tokens": (CHAIN, "lstm"),
    "graphs": ({"name": "random-graphs", "samples": 100, "nodes": 7}, "gin"),
    "sequences": ({"name": "adding", "samples": 100, "length": 5}, "rnn"),
}
every = pytest.mark.parametrize("kind", DATA)


def trial(kind="values", seed=1, optimizer="adam", online=True, lr=None, **workload):
    inner, network = DATA[kind]
    workload = {
        "dataset": {"name": "online", "inner": inner} if online else inner,
        "network": {"name": network},
        "split": {"validation": 0.2, "test": 0.2, "seed": 0},
        "batch_size": 20,
        "dtype": "float32",
        "steps": 8,
        "evaluate_every": 4,
        **workload,
    }
    components = {
        "optimizer": {"name": optimizer} | ({} if lr is None else {"lr": lr}),
        "schedule": {"name": "constant"},
        "initializer": {"name": "he"},
        "normalizers": [] if kind in ("tokens", "graphs") else [{"name": "standardize"}],
        "regularizers": [{"name": "dropout", "keep": 0.8}],
    }
    return Trial(workload, components, seed, providers={})


def problem(*trials):
    return assemble(trials, registry()).problem


def batches(one, steps, row=0):
    """The inputs of so many steps, (steps x batch, features)."""
    found = []
    for step in range(steps):
        one.next_batch(step)
        found.append(one.graph.x[row].reshape(one.batch, -1).copy())
    return np.concatenate(found)


def test_no_example_is_seen_twice_and_none_is_evaluated():
    one = problem(trial())
    seen = batches(one, 30)
    assert len(np.unique(seen, axis=0)) == len(seen) == 600
    for split in ("train", "validation", "test"):
        x, _ = one.data.examples(split)
        both = np.concatenate([seen[:, : x.shape[1]], x])
        assert len(np.unique(both, axis=0)) == len(both)


def test_the_examples_are_the_seed_s_not_the_optimizer_s():
    first, other = batches(problem(trial(optimizer="sgd")), 7), batches(problem(trial(optimizer="adam")), 7)
    np.testing.assert_array_equal(first, other)
    assert not np.isin(batches(problem(trial(seed=2)), 7), first).all(axis=1).any()


def test_evaluation_is_on_the_examples_that_are_loaded():
    online, fixed = problem(trial()), problem(trial(online=False))
    for split in ("train", "validation", "test"):
        for mine, theirs in zip(online.data.examples(split), fixed.data.examples(split), strict=True):
            np.testing.assert_array_equal(mine, theirs)
    params = online.params[0]
    online.next_batch(0)
    assert online.evaluate(0, params) == fixed.evaluate(0, params)
    assert online.test(0, params) == fixed.test(0, params)
    # Training on other examples, of as many steps an epoch.
    fixed.next_batch(0)
    assert not np.array_equal(online.graph.x, fixed.graph.x)
    assert online.steps_per_epoch == fixed.steps_per_epoch == 3


def test_what_examples_share_is_that_of_the_loaded_ones():
    """Without noise, one plane goes through all examples, loaded and drawn."""
    plane = LinearRegression(samples=100, features=3, noise=0.0)
    data = prepare(Online(plane), Split(), [Standardize()], np.float64)
    x, y = data.fresh(np.random.default_rng(5), 400)
    ones = np.ones((len(x), 1))
    w, *_ = np.linalg.lstsq(np.concatenate([data.x_train, ones[:60]], axis=1), data.y_train, rcond=None)
    np.testing.assert_allclose(np.concatenate([x, ones], axis=1) @ w, y, atol=1e-10)
    other = prepare(Online(plane), Split(seed=1), [Standardize()], np.float64)
    x, y = other.fresh(np.random.default_rng(5), 400)
    assert np.abs(np.concatenate([x, ones], axis=1) @ w - y).max() > 0.1


def test_new_examples_are_scaled_as_the_training_split():
    data = prepare(Online(LinearRegression(samples=100)), Split(), [Standardize()], np.float64)
    raw = LinearRegression(samples=100)
    rng = np.random.default_rng(np.random.SeedSequence(0, spawn_key=(1,)))
    loaded = raw.load(rng)
    rng = np.random.default_rng(np.random.SeedSequence(0, spawn_key=(1,)))
    x, y = raw.law(rng)(np.random.default_rng(5), 50)
    scaled, targets = data.fresh(np.random.default_rng(5), 50)
    np.testing.assert_allclose(targets[:, 0] * data.target_std + data.target_mean, y)
    # the training split, whose mean is 0 and variance 1 after scaling, is found among the loaded examples
    mean, spread = [], []
    for column in range(x.shape[1]):
        slope, shift = np.polyfit(x[:, column], scaled[:, column], 1)
        mean.append(-shift / slope)
        spread.append(1 / slope)
    values = set(np.round(loaded.x.ravel(), 9))
    assert all(v in values for v in np.round((data.x_train * spread + mean).ravel(), 9))


def test_images_of_a_law_are_pooled_as_those_loaded():
    @dataclass(frozen=True)
    class Grey(Drawn):
        name = "grey"

        def draw(self, rng, samples):
            return rng.uniform(size=(samples, 4, 4, 1)), np.arange(samples) % 2

    assert not Pooled(Grey()).online
    for wrapped in (Online(Pooled(Grey(samples=30))), Pooled(Online(Grey(samples=30)))):
        assert wrapped.online
        data = prepare(wrapped, Split(), dtype=np.float64)
        x, _ = data.fresh(np.random.default_rng(5), 6)
        whole, _ = Grey().draw(np.random.default_rng(5), 6)
        np.testing.assert_allclose(x[..., 0], whole.reshape(6, 2, 2, 2, 2).mean(axis=(2, 4)))


def test_the_target_of_a_reconstruction_is_the_new_example_itself():
    for wrapped in (Online(Reconstruction(Xor(samples=100))), Reconstruction(Online(Xor(samples=100)))):
        data = prepare(wrapped, Split(), [Standardize()], np.float64)
        x, y = data.fresh(np.random.default_rng(5), 10)
        expected, _ = Xor().draw(np.random.default_rng(5), 10)
        np.testing.assert_array_equal(y, expected)
        assert not np.allclose(x, y)


@every
def test_rows_of_a_stack_are_solo_trainings(kind):
    together = assemble([trial(kind, seed) for seed in (1, 2)], registry())
    for _ in range(5):
        together.step()
    for row, seed in enumerate((1, 2)):
        alone = assemble([trial(kind, seed)], registry())
        for _ in range(5):
            alone.step()
        assert np.array_equal(together.problem.params[row], alone.problem.params[0])


def test_a_row_goes_on_with_its_examples_where_another_diverges():
    """Two of three rows end at the first evaluation, in the middle of what is drawn at a time: the stack shrinks."""
    trials = [trial(seed=1), trial(seed=2, lr=1e30), trial(seed=3, lr=1e30)]
    together = assemble(trials, registry())
    runs = collect(together)
    assert [run.outcome for run in runs] == ["done", "diverged", "diverged"]
    assert together.problem.stack == 1
    (alone,) = collect(assemble(trials[:1], registry()))
    assert difference(runs[0], alone) is None


@every
def test_a_gradient_asked_for_within_a_step_is_the_step_s_own(kind):
    one = problem(trial(kind, 1), trial(kind, 2))
    for step in range(2):
        one.next_batch(step)
    one.gradient()
    own = one.grads.copy()
    for row in (1, 0):
        found = np.zeros_like(own[row])
        assert one.probe(row, one.params[row], found) == one.loss(row)
        assert np.array_equal(found, own[row])
    one.next_batch(2)
    one.gradient()
    assert not np.array_equal(one.grads, own)


@every
@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4])
def test_what_is_saved_goes_on_with_the_same_bits(kind, steps, tmp_path):
    """Wherever within what is drawn at a time; and no example lies in the checkpoint."""
    first, second = (assemble([trial(kind)], registry()) for _ in range(2))
    for _ in range(steps):
        first.step()
    checkpoint.save(tmp_path / "saved.npz", first.save(first.rows[0]))
    second.load(second.rows[0], checkpoint.load(tmp_path / "saved.npz"))
    for _ in range(4):
        first.step()
        second.step()
        np.testing.assert_array_equal(first.problem.graph.x, second.problem.graph.x)
    np.testing.assert_array_equal(first.problem.params, second.problem.params)
    saved = first.problem.save(0)
    assert all(not isinstance(value, np.ndarray) or value.size <= 60 for value in saved.values())


def test_transforms_of_mini_batches_act_on_new_examples():
    table = trial("classes")
    noisy = {"name": "gaussian-noise", "deviation": 0.5}
    components = {**table.components, "regularizers": [{"name": "label-smoothing", "amount": 0.3}, noisy]}
    plain = problem(Trial(table.workload, {**components, "regularizers": []}, 1, providers={}))
    changed = problem(Trial(table.workload, components, 1, providers={}))
    for one in (plain, changed):
        one.next_batch(0)
    targets = [one.graph.targets[0] * one.batch for one in (plain, changed)]
    np.testing.assert_allclose(targets[1], 0.7 * targets[0] + 0.1, rtol=1e-5)
    difference = changed.graph.x[0][:, :-1] - plain.graph.x[0][:, :-1]
    assert 0.3 < difference.std() < 0.7


@pytest.mark.parametrize(
    ("workload", "message"),
    [
        ({"steps": None, "epochs": 3}, "dataset online: online data have no epochs: give steps"),
        ({"batch_size": "full"}, "dataset online: online data have no full batch: give a number of examples"),
        ({"batch_size": 61}, "dataset online: batch_size = 61, but 60 new examples are drawn at a time"),
    ],
)
def test_budgets_that_make_no_sense_are_refused(workload, message):
    with pytest.raises(OptbenchError, match=message):
        assemble([trial(**workload)], registry())


def suite(**workload):
    table = {"name": "w", "dataset": {"name": "online", "inner": TEACHER}, "network": "mlp", "steps": 5, **workload}
    return {"title": "T", "workloads": [table], "candidates": [{"name": "sgd", "optimizer": "sgd"}]}


@pytest.mark.parametrize(
    ("workload", "message"),
    [
        ({"steps": None, "epochs": 3}, r'workloads\[0\] "w": steps: online data have no epochs: give steps'),
        ({"batch_size": "full"}, r'workloads\[0\] "w": batch_size: online data have no full batch'),
        ({"dataset": {"name": "online", "inner": "iris"}}, "online: inner: iris has so many examples and no law"),
    ],
)
def test_a_suite_with_them_is_refused_before_it_runs(workload, message):
    with pytest.raises(OptbenchError, match=message):
        validate(suite(**workload), "suite.toml", registry())


def test_a_candidate_s_full_batch_is_refused_there():
    table = suite()
    table["candidates"].append({"name": "all", "optimizer": "sgd", "batch_size": "full"})
    with pytest.raises(OptbenchError, match=r'candidates\[1\] "all": batch_size: online data, of .*, have no'):
        validate(table, "suite.toml", registry())
    table["candidates"][1]["batch_size"] = 10
    validate(table, "suite.toml", registry())


def test_a_key_knows_of_the_law_s_code_and_of_what_is_loaded():
    checked = validate(suite(), "suite.toml", registry())
    ((_, _, online),) = first_trials(checked, registry(), contents(checked, registry()))
    assert {"data:online", "dataset:online", "dataset:teacher-student"} <= set(online.sources)
    plain = validate(suite(dataset=TEACHER), "suite.toml", registry())
    ((_, _, fixed),) = first_trials(plain, registry(), contents(plain, registry()))
    assert online.key != fixed.key
    assert online.sources["data:online"] == fixed.sources["data:teacher-student"]


def test_what_has_no_law_is_refused_with_what_has():
    with pytest.raises(ComponentError, match=r"digits has so many examples and no law .* such as two-moons"):
        Online(Digits())
    with pytest.raises(ComponentError, match="reconstruction has so many examples"):
        Online(Reconstruction(Digits()))
    assert Online(Xor()).task == "binary"
