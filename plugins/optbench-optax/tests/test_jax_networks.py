"""JAX models on a suite's data: held to a loop in plain JAX and optax, to the kit, and to the rules of a run."""

import jax
import jax.numpy as jnp
import jax_models
import numpy as np
import optax
import optbench_optax
import pytest
from compiles import compilations
from optbench_optax.network import compiled
from optbench_optax.trees import Tree

from optbench import Dropout, Extras, Inputs, LayerRegularizer, OptbenchError
from optbench.testing import parametrize_with_checks, registry_of, runs_of, training_of, trial_of

SUITE = """
title = "JAX models"
seeds = 2
[tuning]
trials = 2
[[workloads]]
name = "one"
dataset = DATASET
network = NETWORK
batch_size = 8
steps = 40
dtype = "DTYPE"
[[candidates]]
name = "sgd"
optimizer = "sgd"
"""
CASES = {
    "mlp": ("{ name = 'digits' }", "{ kind = 'jax:jax_parts:images' }"),
    "gpt": ("{ name = 'text-characters' }", "{ kind = 'jax:jax_models:gpt' }"),
    "normed": ("{ name = 'two-moons' }", "{ kind = 'jax:jax_models:normed', dropout = 0.0 }"),
}
NOISY = ("{ name = 'two-moons' }", "{ kind = 'jax:jax_models:normed', dropout = 0.3 }")
REGISTRY = registry_of(optbench_optax)


@pytest.fixture
def trial(tmp_path):
    def make(dataset, network, dtype="float32", **more):
        path = tmp_path / "suite.toml"
        path.write_text(SUITE.replace("DATASET", dataset).replace("NETWORK", network).replace("DTYPE", dtype))
        return trial_of("one", str(path), plugins=REGISTRY, **more)

    return make


def model_of(training):
    return training.problem.network.layers[0].compiled


@parametrize_with_checks(
    [REGISTRY.entry("networks", f"jax:jax_models:{name}").component for name in ("mlp", "normed", "gpt")]
)
def test_contract(component, check):
    check(component)


# -------------------------------------------------------------------------------------------- a loop in JAX alone


def loss_of(case, model, params, graph, state):
    x, targets = jnp.array(graph.x[0]), jnp.array(graph.targets[0])
    if case == "gpt":
        logs = jax.nn.log_softmax(model.apply(params, x.astype(int)))
        kept = targets.reshape(logs.shape[:2]) >= 0
        wanted = jnp.where(kept, targets.reshape(logs.shape[:2]), 0).astype(int)
        return -(jnp.take_along_axis(logs, wanted[..., None], -1)[..., 0] * kept).sum() / kept.sum(), state
    if case == "mlp":
        wanted = targets.argmax(1)
        return optax.softmax_cross_entropy_with_integer_labels(model.apply(params, x), wanted).mean(), state
    logits, state = model.apply(params, x, state, None, True)
    return optax.sigmoid_binary_cross_entropy(logits, (targets > 0).astype(logits.dtype)).mean(), state


# In float32 Adam's own rounding, another one than optax's, drives the two apart.
@pytest.mark.parametrize(("optimizer", "dtype", "most"), [("sgd", "float32", 1e-6), ("adam", "float64", 1e-10)])
@pytest.mark.parametrize("case", CASES)
def test_gradients_are_those_of_a_loop_in_jax_alone(trial, case, optimizer, dtype, most):
    training = training_of([trial(*CASES[case], dtype, optimizer=optimizer, settings={"lr": 1e-3})], REGISTRY)
    ours, found = training.rows[0], model_of(training)
    seen, gradient = [], training.problem.gradient
    # before the optimizer, which may overwrite it
    training.problem.gradient = lambda: (gradient(), seen.append(training.problem.grads[0].copy()))
    with jax.enable_x64(dtype == "float64"):
        views = training.problem.layout.views(ours.params)
        leaves = [jnp.array(view.copy()) for view in views.values()]
        params, state = found.tree.grown(leaves), found.model.state
        theirs = {"sgd": optax.sgd, "adam": optax.adam}[optimizer](1e-3)
        memory = theirs.init(params)
        grad = jax.jit(
            jax.value_and_grad(lambda p, x, t, s: loss_of(case, found.model, p, Batch(x, t), s), has_aux=True)
        )
        for step in range(20):
            training.step()
            assert ours.outcome is None, ours.traceback
            graph = training.problem.graph
            (_, state), slopes = grad(params, np.array(graph.x), np.array(graph.targets), state)
            flat = np.concatenate([np.asarray(slope).reshape(-1) for slope in jax.tree.leaves(slopes)])
            assert np.linalg.norm(seen[-1] - flat) / np.linalg.norm(flat) < most, step
            updates, memory = theirs.update(slopes, memory, params)
            params = optax.apply_updates(params, updates)
    assert not np.array_equal(seen[0], seen[-1])


class Batch:
    def __init__(self, x, targets):
        self.x, self.targets = x, targets


# ---------------------------------------------------------------------------------------------------- rules of a run


def test_it_is_compiled_once_for_all_steps_and_trials(trial):
    def trained(seed):
        training = training_of([trial(*NOISY, optimizer="adam", seed=seed)], REGISTRY)
        for _ in range(2):
            training.step()
        return training

    training = trained(1)
    training.problem.evaluate(0, training.rows[0].params)
    with compilations() as events:
        for _ in range(8):
            training.step()
        training.problem.evaluate(0, training.rows[0].params)
        trained(2)
    assert not events
    with compilations() as events:  # the counter counts
        jax.jit(lambda x: x * 3.25)(np.ones(7))
    assert events


@pytest.mark.parametrize("case", [CASES["gpt"], NOISY], ids=["gpt", "noisy"])
def test_a_saved_run_goes_on_with_the_same_bits(trial, case):
    given = trial(*case, optimizer="adam")
    whole, first, second = (training_of([given], REGISTRY) for _ in range(3))
    for _ in range(6):
        whole.step()
    for _ in range(3):
        first.step()
    second.load(second.rows[0], first.save(first.rows[0]))
    for _ in range(3):
        second.step()
    assert whole.rows[0].params.tobytes() == second.rows[0].params.tobytes()
    assert whole.problem.evaluate(0, whole.rows[0].params) == second.problem.evaluate(0, second.rows[0].params)


def test_a_stack_has_the_bits_of_each_trial_alone(trial):
    trials = [trial(*NOISY, optimizer=name, seed=seed) for name, seed in (("adam", 1), ("optax/adamw", 2), ("muon", 3))]
    stack = training_of(trials, REGISTRY)
    for _ in range(3):
        stack.step()
    stack.rows[0].outcome = "diverged"
    stack.compact()
    for _ in range(3):
        stack.step()
    for given, row in zip(trials[1:], stack.rows[1:], strict=True):
        assert row.outcome is None, row.traceback
        alone = training_of([given], REGISTRY)
        for _ in range(6):
            alone.step()
        assert alone.rows[0].params.tobytes() == row.params.tobytes()


def test_a_step_is_one_function(trial):
    """Dropout keeps its masks within a step, and further gradients leave running statistics alone."""
    training = training_of([trial(*NOISY)], REGISTRY)
    training.step()
    problem = training.problem
    problem.next_batch(1)
    problem.gradient()
    loss, gradient = problem.loss(0), problem.grads[0].copy()
    before = {name: a.copy() for name, a in problem.state[0].items()}
    out = np.zeros_like(gradient)
    assert problem.probe(0, problem.params[0].copy(), out) == loss
    np.testing.assert_array_equal(out, gradient)
    assert problem.probe(0, problem.params[0] + np.float32(0.01), out) != loss
    for name, array in before.items():
        np.testing.assert_array_equal(array, problem.state[0][name])
    problem.next_batch(1)
    problem.gradient()
    assert not np.array_equal(problem.grads[0], gradient)  # the next step draws anew


def test_evaluation_is_that_of_the_model_with_its_running_statistics(trial):
    training = training_of([trial(*NOISY)], REGISTRY)
    for _ in range(5):
        training.step()
    state = training.problem.state[0]
    assert state["steps"] == 5
    found = model_of(training)
    params = found.tree.grown([np.array(v) for v in training.problem.layout.views(training.rows[0].params).values()])
    x, y = training.problem.data.examples("validation")
    logits, _ = found.model.apply(params, x, {name: np.array(a) for name, a in state.items()}, None, False)
    wanted = float(optax.sigmoid_binary_cross_entropy(logits, (np.array(y) > 0).astype(np.float32)).mean())
    scores = training.problem.evaluate(0, training.rows[0].params)
    assert scores[2] == pytest.approx(wanted, rel=1e-5)
    assert scores[3] == pytest.approx(float(((np.asarray(logits) > 0) == y).mean()))


@pytest.mark.parametrize(
    "optimizer",
    ["sgd", "lamb", "muon", "sam", "lbfgs", "schedule-free-adamw", "optax/adamw", "optax/sam", "optax/lbfgs"],
)
def test_optimizers_of_all_kinds_train_it(trial, optimizer):
    run = runs_of(training_of([trial(*NOISY, optimizer=optimizer)], REGISTRY))[0]
    assert run.outcome == "done", run.traceback
    assert np.isfinite(run.measurements[-1].train_loss)


# ---------------------------------------------------------------------------------------------- layout, first values


def test_roles():
    model = jax_models.gpt(7, 5, 7, width=12)
    tree = Tree("it", model[0](jax.random.key(0)))
    found = {
        leaf.asked.name: (leaf.asked.role, leaf.asked.part, leaf.asked.shape, leaf.asked.fan_in, leaf.asked.fan_out)
        for leaf in tree.leaves
    }
    assert found["embedding.tokens"] == ("weight", "embedding", (7, 12), 12, 12)
    assert found["embedding.places"][:2] == ("weight", "embedding")
    assert found["blocks.0.attention.qkv"] == ("weight", "gates", (12, 36), 12, 12)
    assert found["blocks.0.attention.out"] == ("weight", "", (12, 12), 12, 12)
    assert found["blocks.0.norm1.scale"][:2] == ("scale", "")
    assert found["blocks.0.norm1.shift"][:2] == ("shift", "")
    assert found["blocks.0.up.b"] == ("bias", "", (48,), 1, 48)
    assert found["head"] == ("weight", "head", (12, 7), 12, 7)
    kernel = {"conv": {"kernel": np.zeros((3, 3, 4, 8))}, "w": np.zeros(5), "temperature": 1.0, "rate": np.zeros(2)}
    found = {leaf.asked.name: leaf.asked for leaf in Tree("it", kernel, {"rate": "scale"}).leaves}
    assert (found["conv.kernel"].fan_in, found["conv.kernel"].fan_out) == (36, 72)
    assert [found[name].role for name in ("w", "temperature", "rate")] == ["weight", "scale", "scale"]


@pytest.mark.parametrize(
    ("tree", "roles", "expected"),
    [
        ({"a": 1j}, None, "a is complex"),
        ({"a": "text"}, None, "a is a str, no array"),
        ({"a": {"b": 1.0}, "a.b": 2.0}, None, "two leaves are called a.b"),
        ({"a": 1.0, 3: 2.0}, None, "it is no tree of arrays"),
        ({"a": 1.0}, {"b": "scale"}, "roles names 'b', which is none of a"),
        ({"a": 1.0}, {"a": "warm"}, "'warm' is none of weight, bias"),
    ],
)
def test_trees_that_are_refused(tree, roles, expected):
    with pytest.raises(OptbenchError, match=expected):
        Tree("it", tree, roles)


def test_what_is_no_float_stays_as_it_is():
    tree = Tree("it", {"w": np.ones((2, 2)), "steps": 3, "mask": np.array([True]), "key": jax.random.key(1)})
    grown = tree.grown([np.zeros((2, 2))])
    assert [leaf.asked.name for leaf in tree.leaves] == ["w"]
    assert (grown["steps"], grown["mask"][0]) == (3, True)
    assert jax.random.key_data(grown["key"]).tolist() == jax.random.key_data(jax.random.key(1)).tolist()


def test_first_values_are_the_models_own_by_seed_or_the_initializers(trial):
    dataset, network = NOISY
    own = [training_of([trial(dataset, network, seed=seed)], REGISTRY).rows[0].params for seed in (1, 1, 2)]
    np.testing.assert_array_equal(own[0], own[1])
    assert not np.array_equal(own[0], own[2])
    wide = network.replace("}", ", first_values = 'suite', width = 2 }")
    training = training_of([trial(dataset, wide, initializer="orthogonal")], REGISTRY)
    views = training.problem.layout.views(training.rows[0].params)
    weight = views["0.modellayer.body.w"]
    np.testing.assert_allclose(weight.T @ weight, np.eye(2), atol=1e-5)
    assert not views["0.modellayer.body.b"].any()
    assert (views["0.modellayer.norm.scale"] == 1).all()
    assert [t.part for t in training.problem.layout if t.part] == ["head"]


# ----------------------------------------------------------------------------------------------------- what is wrong


class _Drop(LayerRegularizer):
    def layer(self, features):
        return Dropout(0.5)


@pytest.mark.parametrize(
    ("network", "inputs", "expected"),
    [
        ("nothing", Inputs((4,)), "has no parameters to train"),
        ("short", Inputs((4,)), r"its logits must be \(2, 3\), but they are \(2, 1\)"),
        ("pair", Inputs((4,)), "gives a tuple, not an array of logits"),
        ("explodes", Inputs((4,)), "gradient of w is not finite"),
        ("counting", Inputs((4,)), "apply is not pure"),
        ("leaking", Inputs((4,)), "apply is not pure"),
        ("silent", Inputs((4,)), r"gave a function, not a pair of functions \(init, apply\)"),
        ("mlp", Inputs((4,), vocabulary=3), "asks for features, which data of shape"),
        ("mlp", Inputs((8, 8, 1)), "asks for features"),
        ("gpt", Inputs((4,), vocabulary=3), r"must be \(2, 3\), but they are \(2, 4, 3\)"),
    ],
)
def test_what_cannot_be_trained_is_told(network, inputs, expected):
    made = REGISTRY.create("networks", {"name": f"jax:jax_models:{network}"})
    with pytest.raises(OptbenchError, match=expected):
        made.layers(inputs, 3, Extras())


def test_layers_of_a_candidate_and_settings_that_cannot_be_found_again_are_refused():
    made = REGISTRY.create("networks", {"name": "jax:jax_models:mlp", "width": 4})
    assert made.layers(Inputs((4,)), 3, Extras())[0].parameters((4,))[1].shape == (4, 4)
    with pytest.raises(OptbenchError, match="takes no hidden normalizers and no dropout"):
        made.layers(Inputs((4,)), 3, Extras((_Drop(),)))
    listed = REGISTRY.create("networks", {"name": "jax:jax_models:required", "width": {"a": 4}})
    with pytest.raises(OptbenchError, match="a setting is no number, text or list"):
        listed.layers(Inputs((4,)), 3, Extras())


def test_what_is_no_model_is_told():
    with pytest.raises(OptbenchError, match="is no function that makes a JAX model"):
        REGISTRY.create("networks", {"name": "jax:optbench:Inputs"})
    with pytest.raises(OptbenchError, match="optimizers and schedules are optax:jax_models:mlp"):
        REGISTRY.create("optimizers", {"name": "jax:jax_models:mlp"})


def test_one_compilation_serves_equal_networks():
    one, other = (REGISTRY.create("networks", {"name": "jax:jax_models:mlp", "width": 5}) for _ in range(2))
    assert compiled(one, Inputs((4,)), 3) is compiled(other, Inputs((4,)), 3)
