"""Trees with losses and batches of their own: held to a loop in JAX alone, to the kit, and to the rules of a run."""

from copy import deepcopy

import jax
import jax.numpy as jnp
import jax_models
import jax_recipes
import numpy as np
import optax
import optbench_optax
import pytest
from compiles import compilations
from optbench_optax.minibatches import Batches

import optbench
from optbench import OptbenchError
from optbench.testing import parametrize_with_checks, registry_of, runs_of, training_of, trial_of

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
CLASSES = "{ name = 'jax:jax_recipes:classes' }"
REGISTRY = registry_of(optbench_optax)
PAIRS = [{"x": np.ones((3, 4)), "y": np.zeros((3, 1))}]
TREE = {"w": np.ones((4, 1), np.float32)}


@pytest.fixture
def trial(tmp_path):
    def make(problem, dtype="float32", **more):
        path = tmp_path / "suite.toml"
        path.write_text(SUITE.replace("PROBLEM", problem).replace("DTYPE", dtype))
        return trial_of("one", str(path), plugins=REGISTRY, **more)

    return make


@parametrize_with_checks(
    [REGISTRY.entry("problems", f"jax:jax_recipes:{name}").component for name in ("classes", "gpt", "trained")]
)
def test_contract(component, check):
    check(component)


# In float32 our Adam's rounding, another one than optax's, drives the two apart.
@pytest.mark.parametrize(
    ("optimizer", "dtype", "most"),
    [("sgd", "float32", 1e-6), ("optax/adam", "float32", 1e-6), ("adam", "float64", 1e-10)],
)
def test_gradients_are_those_of_a_loop_in_jax_alone(trial, optimizer, dtype, most):
    given = trial("{ name = 'jax:jax_recipes:gpt' }", dtype, optimizer=optimizer, settings={"lr": 1e-3})
    training = training_of([given], REGISTRY)
    seen, gradient = [], training.problem.gradient
    training.problem.gradient = lambda: (gradient(), seen.append(training.problem.grads[0].copy()))
    init, apply = jax_models.gpt(16, 16, 16)
    with jax.enable_x64(dtype == "float64"):
        views = training.problem.layout.views(training.rows[0].params)
        structure = jax.tree.structure(init(jax.random.key(0)))
        params = jax.tree.unflatten(structure, [jnp.array(view.copy()) for view in views.values()])
        theirs = (optax.sgd if optimizer == "sgd" else optax.adam)(1e-3)
        memory = theirs.init(params)
        step_of = jax.jit(jax.value_and_grad(lambda p, b: jax_recipes.entropy(apply(p, b["x"]), b["y"])))
        for step in range(20):
            training.step()
            assert training.rows[0].outcome is None, training.rows[0].traceback
            loss, slopes = step_of(params, jax_recipes.texts()[step % 3])
            flat = np.concatenate([np.asarray(slope).reshape(-1) for slope in jax.tree.leaves(slopes)])
            assert np.linalg.norm(seen[-1] - flat) / np.linalg.norm(flat) < most, step
            assert training.problem.loss(0) == pytest.approx(float(loss), rel=1e-5)
            updates, memory = theirs.update(slopes, memory, params)
            params = optax.apply_updates(params, updates)


def test_it_is_compiled_once_for_all_steps_and_seeds(trial):
    def trained(seed):
        training = training_of([trial(CLASSES, optimizer="adam", seed=seed)], REGISTRY)
        for _ in range(2):
            training.step()
        training.problem.evaluate(0, training.rows[0].params)
        return training

    training = trained(1)
    with compilations() as events:
        for _ in range(15):  # an epoch has six batches
            training.step()
        trained(2)
    assert not events


@pytest.mark.parametrize("problem", ["classes", "gpt", "trained"])
def test_a_saved_run_goes_on_with_the_same_bits_in_the_middle_of_an_epoch(trial, problem):
    given = trial(f"{{ name = 'jax:jax_recipes:{problem}' }}", optimizer="adam")
    whole, first = (training_of([given], REGISTRY) for _ in range(2))
    for _ in range(20):
        whole.step()
    for _ in range(10):
        first.step()
    saved = deepcopy(first.save(first.rows[0]))
    for _ in range(3):
        first.step()  # the loader, which is the same object, goes on
    second = training_of([given], registry_of(optbench_optax))
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


@pytest.mark.parametrize(
    "optimizer", ["lamb", "muon", "lbfgs", "schedule-free-adamw", "optax/adamw", "optax/sam", "optax/lbfgs"]
)
def test_optimizers_of_all_kinds_train_it(trial, optimizer):
    run = runs_of(training_of([trial(CLASSES, optimizer=optimizer)], REGISTRY))[0]
    assert run.outcome == "done", run.traceback
    last = run.measurements[-1]
    assert all(np.isfinite([last.train_loss, last.train_metric, last.validation_loss, run.test_loss, run.test_metric]))


def test_a_search_along_lines_asks_from_within_compiled_code_for_compiled_gradients(trial):
    run = runs_of(training_of([trial("{ name = 'jax:jax_recipes:whole' }", optimizer="optax/lbfgs")], REGISTRY))[0]
    assert run.outcome == "done", run.traceback
    assert run.measurements[-1].gradients > 40
    assert run.measurements[-1].train_loss < 1e-6 < run.measurements[0].train_loss


def test_running_statistics_are_kept_and_used(trial):
    training = training_of([trial(CLASSES, optimizer="sgd")], REGISTRY)
    for _ in range(5):
        training.step()
    problem = training.problem
    state, params = problem.states[0], training.rows[0].params
    assert state["statistics"]["steps"] == 5
    loss, share = problem.evaluate(0, params)[2:]
    apply = jax_models.normed(4, 2)[1]
    x, y = jax_recipes.points(60, 1)
    tree = problem.problem.task().tree.grown([v.copy() for v in problem.layout.views(params).values()])
    logits = apply(tree, x, state["statistics"], None, False)[0]
    assert loss == pytest.approx(float(jax_recipes.entropy(logits, y)), rel=1e-5)
    assert share == pytest.approx(float((logits.argmax(1) == y).mean()))
    # An average never saw a mini-batch: its statistics are estimated anew, and the run's stay.
    assert problem.problem.settled(params, state)["statistics"]["steps"] == 6  # 100 examples by 16
    problem.evaluate(0, params.copy())
    assert problem.states[0]["statistics"]["steps"] == 5


def test_first_values(trial):
    made = {seed: training_of([trial(CLASSES, seed=seed)], REGISTRY).rows[0].params for seed in (1, 2)}
    assert not np.array_equal(made[1], made[2])
    same = [trial("{ name = 'jax:jax_recipes:trained' }", seed=seed) for seed in (1, 2)]
    for one in same:
        np.testing.assert_array_equal(training_of([one], REGISTRY).rows[0].params, np.ones(4))
    suites = trial("{ name = 'jax:jax_recipes:classes', first_values = 'suite', width = 4 }", initializer="orthogonal")
    training = training_of([suites], REGISTRY)
    weight = training.problem.layout.views(training.rows[0].params)["body.w"]
    np.testing.assert_allclose(weight.T @ weight, np.eye(4), atol=1e-5)
    assert {t.role for t in training.problem.layout} == {"weight", "bias", "scale", "shift"}


def test_it_runs_in_worker_processes_with_what_a_script_holds(tmp_path):
    """By value: a closure over an array of jax's, and a function that jax compiles."""
    scale = jnp.float32(0.25)

    @jax.jit
    def gap(params, batch):
        return jnp.mean((scale * batch["x"] @ params["w"] - batch["y"]) ** 2)

    mine = optbench_optax.workload(lambda key: {"w": jax.random.normal(key, (4, 1))}, gap, PAIRS)
    runs = []
    for engine in ("local:2", "serial"):
        results = optbench.run(
            "quick", data=mine, candidates=["sgd", "optax/adam"], seeds=2, trials=1, engine=engine, report=False,
            out=tmp_path / engine.partition(":")[0],
        )  # fmt: skip
        assert set(results.trials.outcome) == {"done"}
        runs.append(np.sort(results.trials["final_train_loss"]))
    np.testing.assert_array_equal(*runs)


# ------------------------------------------------------------------------------------------------------------ batches


def test_batches_are_the_same_for_the_same_seed_wherever_one_begins():
    x = np.arange(10)
    for loader in (
        optbench_optax.batches(x, 3),
        optbench_optax.batches({"x": x}, 3, partial=True),
        lambda rng: iter(rng.random((4, 3))),
    ):
        one, other = Batches("it", loader), Batches("it", loader)
        whole = []
        while (batch := one.at(5, len(whole))) is not None:
            whole.append(batch)
        assert one.at(6, 0) is not None
        for place in (2, 0, 1):
            a, b = other.at(5, place), whole[place]
            np.testing.assert_array_equal(jax.tree.leaves(a)[0], jax.tree.leaves(b)[0])
        another = [one.at(6, place) for place in range(len(whole))]
        pairs = zip(jax.tree.leaves(whole), jax.tree.leaves(another), strict=True)
        assert any(not np.array_equal(a, b) for a, b in pairs)


def test_batches_of_arrays_hold_each_example_once():
    x, y = np.arange(10), np.arange(10) * 2
    whole = list(Batches("it", optbench_optax.batches((x, y), 4, partial=True)).all())
    assert [len(a) for a, _ in whole] == [4, 4, 2]
    assert sorted(np.concatenate([a for a, _ in whole])) == list(x)
    assert all((b == 2 * a).all() for a, b in whole)
    assert len(list(Batches("it", optbench_optax.batches((x, y), 4)).all())) == 2
    for arrays, size in (((x, y[:5]), 2), (x, 11), (x, 0), ((), 1)):
        with pytest.raises(OptbenchError, match="need arrays of one length"):
            optbench_optax.batches(arrays, size)


# ------------------------------------------------------------------------------------------------------ what is wrong

CHANCE = np.random.default_rng(0)


def leaves(params, batch):
    return (batch["x"] @ params["w"] - batch["y"]) ** 2


def drawn(params, batch):
    return jax_recipes.squares(params, batch) * CHANCE.random()


def noisy(params, batch):
    return jax_recipes.squares(params, {**batch, "x": batch["x"] + CHANCE.random(4)})


def printed(params, batch):
    return jnp.float32(float(jax_recipes.squares(params, batch)))


def unseen(params, batch):
    return jax_recipes.squares(jax.lax.stop_gradient(params), batch)


def counted(params, batch):
    return jnp.int32(jax_recipes.squares(params, batch))


def evaluated(params, batch, training):
    return jax_recipes.squares(params, batch if training else batch["x"])


def remembers(params, batch, state):
    return jax_recipes.squares(params, batch)


def grows(params, batch, state):
    return jax_recipes.squares(params, batch), (state, state)


def root(params, batch):
    return jnp.sqrt(jax_recipes.squares(params, batch))


def overflow(params, batch):
    return jnp.exp(1000 * jax_recipes.squares(params, batch))


@pytest.mark.parametrize(
    ("model", "loss", "loaders", "more", "expected"),
    [
        ({"table": np.arange(3)}, jax_recipes.squares, PAIRS, {}, "has no parameters to train: its tree has no leaf"),
        ({}, jax_recipes.squares, PAIRS, {}, "has no parameters to train"),
        ({"w": object()}, jax_recipes.squares, PAIRS, {}, "w is a object, no array; register its class"),
        (TREE, leaves, PAIRS, {}, r"the loss is one float.*float32 of shape \(3, 1\)"),
        (TREE, lambda params, batch: None, PAIRS, {}, "the loss is one float.*a NoneType"),
        (TREE, counted, PAIRS, {}, "the loss is one float.*int32"),
        (TREE, printed, PAIRS, {}, "fails on the first batch: ConcretizationTypeError"),
        (TREE, drawn, PAIRS, {}, "the loss is not pure: traced twice"),
        (TREE, noisy, PAIRS, {}, "the loss is not pure: traced twice"),
        (TREE, unseen, PAIRS, {}, "the gradient is 0; does the loss depend on the parameters"),
        (TREE, evaluated, PAIRS, {}, "fails in evaluation, where key is None and training False: TypeError"),
        (TREE, remembers, PAIRS, {}, "state and an argument of the loss"),
        (TREE, remembers, PAIRS, {"state": 1.0}, "must give a pair: its result, and the new state"),
        (TREE, grows, PAIRS, {"state": 1.0}, "a step gives a state of another structure"),
        ({"w": np.zeros((4, 1))}, root, PAIRS, {}, "the gradient of w is not finite"),
        (TREE, overflow, PAIRS, {}, "gradient of w is not finite"),
        (TREE, 3, PAIRS, {}, "loss is a int, not a function"),
        (TREE, jax_recipes.squares, [], {}, "the train loader gives no batch"),
        (TREE, jax_recipes.squares, {"train": PAIRS, "test": []}, {}, "the test loader gives no batch"),
        (TREE, jax_recipes.squares, {"training": PAIRS}, {}, "got 'training'"),
        (TREE, jax_recipes.squares, iter(PAIRS), {}, "can be gone through once"),
        (TREE, jax_recipes.squares, 3, {}, "is a int: give a list of batches"),
        (TREE, jax_recipes.squares, lambda: iter([CHANCE.random(3)]), {}, "gives other batches for the same seed"),
        ({"w": np.ones((5, 1))}, jax_recipes.squares, PAIRS, {}, "fails on the first batch: TypeError"),
        (lambda key: key.nothing, jax_recipes.squares, PAIRS, {}, "the parameters cannot be made: AttributeError"),
        (TREE, jax_recipes.squares, PAIRS, {"metric": "r2"}, "needs measure"),
        (TREE, jax_recipes.squares, PAIRS, {"metric": "f1"}, "'f1': give one of accuracy"),
        (TREE, jax_recipes.squares, PAIRS, {"metric": "r2", "measure": leaves}, "measure is one float"),
        (TREE, jax_recipes.squares, PAIRS, {"first_values": "mine"}, "neither 'model' nor 'suite'"),
    ],
)
def test_what_cannot_be_trained_is_told(model, loss, loaders, more, expected):
    with pytest.raises(OptbenchError, match=expected):
        optbench_optax.workload(model, loss, loaders, **more)


def test_a_tree_that_differs_by_seed_is_told(trial):
    shapes = iter(range(2, 9))
    mine = optbench_optax.workload(lambda: {"w": np.ones(next(shapes))}, lambda p, b: (p["w"] * b).mean(), [np.ones(1)])
    with pytest.raises(OptbenchError, match="another structure or other shapes than with the seed 0"):
        mine.initial(np.random.default_rng(3))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("nothing", "gave a int; let it return"), ("np", "no function that returns")],
)
def test_a_function_that_gives_no_workload_is_told_when_the_suite_is_read(trial, name, expected):
    with pytest.raises(OptbenchError, match=expected):
        trial(f"{{ name = 'jax:jax_recipes:{name}' }}")


def test_a_setting_that_cannot_be_found_again_is_told(trial):
    with pytest.raises(OptbenchError, match="a setting is no number, text or list"):
        trial("{ name = 'jax:jax_recipes:listed', widths = { a = 4 } }")
