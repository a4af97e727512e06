"""The bridge: what the table says is what optax has, and every optimizer and schedule runs, stops and goes on."""

import importlib
import inspect
import os
import subprocess
import sys

import numpy as np
import optax
import optbench_optax
import pytest
from optbench_optax import classes, table
from optbench_optax.own import resolve

from optbench import Context, Deferred, Layout, OptbenchError, Progress, get
from optbench.testing import parametrize_with_checks, registry_of

LAYOUT = Layout.of({"w": (4, 3), "b": (3,), "scalar": ()})
OPTIMIZERS = {offer.name: offer for offer in optbench_optax.optbench_optimizers() if isinstance(offer, Deferred)}
SCHEDULES = {offer.name: offer for offer in optbench_optax.optbench_schedules() if isinstance(offer, Deferred)}


def component(name, **settings):
    return OPTIMIZERS[f"optax/{name}"].make()(**settings)


class Run:
    """A least-squares problem, with an optimizer on it."""

    def __init__(self, optimizer, dtype=np.float64, params=None):
        rng = np.random.default_rng(1)
        self.target = rng.normal(size=LAYOUT.size)
        self.scales = rng.uniform(0.5, 2.0, LAYOUT.size)
        self.optimizer = optimizer
        self.params = rng.normal(size=LAYOUT.size).astype(dtype) if params is None else params.copy()
        self.context = Context(
            LAYOUT, Progress(total_steps=100), np.random.default_rng(5), lambda: self.at(self.params)[0], self.at
        )
        self.state = optimizer.init(self.params, LAYOUT)

    def at(self, params, out=None):
        gap = params - self.target
        return float(0.5 * (self.scales * gap * gap).sum()), (self.scales * gap).astype(params.dtype)

    def go(self, steps):
        for _ in range(steps):
            self.optimizer.step(self.params, self.at(self.params)[1], self.state, self.context)
        return self


# ---------------------------------------------------------------------------------------------------- the table


ROWS = [*optbench_optax.ROWS.values(), *(row for row, _ in table.WRAPPERS)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_settings_and_defaults_are_those_of_the_installed_optax(row):
    function = getattr(importlib.import_module(row.home), row.name)
    parameters = inspect.signature(function).parameters
    own = {"rho"} if row.name == "sam" else set()
    for name, default in row.settings.items():
        if name not in own:
            theirs = parameters[name].default
            assert theirs == default or (theirs is None and default is None), name
    said = set(row.settings) | {row.rate} | table.LEFT_OUT | ({"learning_rate"} if not row.rate else set())
    # nadam is optax's adam with one argument given.
    given = set(getattr(function, "keywords", {}))
    assert set(parameters) - given <= said


def test_nothing_of_optax_is_missing():
    alias = importlib.import_module("optax._src.alias")
    exported = {
        name
        for name, value in vars(alias).items()
        if getattr(optax, name, None) is value and (inspect.isfunction(value) or hasattr(value, "keywords"))
    }
    assert len(exported) > 25
    contrib = {
        name
        for name, value in vars(optax.contrib).items()
        if inspect.isfunction(value) and not name.startswith(("_", "scale_by_"))
    }
    ours = {name.partition("/")[2] for name in OPTIMIZERS} | set(table.UNAVAILABLE)
    assert exported <= ours
    assert contrib - table.PARTS <= ours
    ends = ("_schedule", "_decay", "_schedules")
    curves = {name for name in dir(optax.schedules) if name.endswith(ends) and not name.startswith("_")}
    assert curves == {name.partition("/")[2] for name in SCHEDULES} | set(table.NO_SCHEDULES)


def test_listing_needs_no_jax():
    code = (
        "import sys, optbench_optax as p\n"
        "from optbench.testing import registry_of\n"
        "r = registry_of(p, built_ins=False)\n"
        "[e.component.hyperparameters() for k in ('optimizers', 'schedules') for e in r.components[k].values()]\n"
        "assert len(r.components['optimizers']) > 45\n"
        "assert 'jax' not in sys.modules and 'optax' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# ------------------------------------------------------------------------------------------------- the optimizers


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_goes_down_and_goes_on_after_a_checkpoint(name):
    optimizer = OPTIMIZERS[name].make()()
    whole = Run(optimizer).go(3)
    saved = optimizer.save(whole.state)
    assert all(isinstance(leaf, np.ndarray) for leaf in saved["leaves"].values())
    resumed = Run(optimizer, params=whole.params)
    resumed.state = optimizer.load(saved, resumed.params, LAYOUT)
    resumed.context.rng.bit_generator.state = whole.context.rng.bit_generator.state
    assert whole.go(9).params.tobytes() == resumed.go(9).params.tobytes()
    assert whole.at(whole.params)[0] < Run(optimizer).at(Run(optimizer).params)[0]


# Of each way through the bridge, one; the others differ in what optax does.
@parametrize_with_checks(
    [component("adam"), component("schedule_free_sgd"), component("sam")],
    expected_failures={
        "optax/schedule_free_sgd-check_obeys_the_schedule": "y is computed anew from x and z in each step, which rounds"
    },
)
def test_contract(component, check):
    check(component)


def test_a_step_is_optaxs():
    """The tree, the cut, the rate and the schedule's factor: against optax called by hand."""
    import jax

    run = Run(component("adamw", lr=0.03, b1=0.8, weight_decay=0.1))
    run.context.factor = 0.5
    with jax.enable_x64(True):
        peer = optax.adamw(0.015, b1=0.8, weight_decay=0.1)
        params = {name: view.copy() for name, view in LAYOUT.views(run.params).items()}
        state = peer.init(params)
        for _ in range(5):
            flat = np.concatenate([np.ravel(params[t.name]) for t in LAYOUT])
            gradient = dict(LAYOUT.views(run.at(flat)[1]))
            updates, state = peer.update(gradient, state, params)
            params = optax.apply_updates(params, updates)
        run.go(5)
        for name, view in LAYOUT.views(run.params).items():
            np.testing.assert_allclose(view, np.asarray(params[name]), rtol=1e-14)


def test_methods_that_treat_matrices_see_matrices():
    """A step of Muon is orthogonal in the matrix: its singular values are equal, roughly."""
    run = Run(component("muon"))
    before = run.params.copy()
    step = LAYOUT.views(run.go(1).params - before)["w"]
    values = np.linalg.svd(step, compute_uv=False)
    assert values[-1] > 0.5 * values[0] > 0


@pytest.mark.parametrize(("name", "extra"), [("sam", 4), ("lbfgs", None)])
def test_extra_gradients_are_counted(name, extra):
    run = Run(component(name)).go(4)
    assert run.context.extra_gradients == extra if extra else run.context.extra_gradients >= 4


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs a system that ties a process to a core")
def test_further_gradients_come_on_a_machine_of_one_core():
    code = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "import numpy as np, optbench_optax\n"
        "from optbench import Context, Layout\n"
        "layout = Layout.of({'w': (784, 500)}); params = np.ones(layout.size)\n"
        "context = Context(layout, gradient=lambda at, out=None: (0.0, at.copy()))\n"
        "sam = optbench_optax.optimizer('sam')(); state = sam.init(params, layout)\n"
        "for _ in range(3): sam.step(params, params.copy(), state, context)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=100)


def test_line_search_reaches_the_minimum_in_float64():
    run = Run(component("lbfgs")).go(20)
    np.testing.assert_allclose(run.params, run.target, atol=1e-10)


def test_noise_is_the_trials_own():
    first, again, other = (Run(component("noisy_sgd")) for _ in range(3))
    other.context.rng = np.random.default_rng(6)
    paths = [run.go(3).params.tobytes() for run in (first, again, other)]
    assert paths[0] == paths[1] != paths[2]


def test_one_compilation_serves_all_rates():
    one, two = (Run(component("adam", lr=lr)) for lr in (0.01, 0.02))
    assert one.state["live"].program is two.state["live"].program
    assert one.go(1).params.tobytes() != two.go(1).params.tobytes()


def test_the_rate_of_a_wrapper_is_its_inners():
    inner = component("sgd", lr=0.5)
    run = Run(component("reduce_on_plateau", inner=inner))
    start, gradient = run.params.copy(), run.at(run.params)[1]
    np.testing.assert_allclose(run.go(1).params, start - 0.5 * gradient, rtol=1e-14)


def test_an_inner_that_is_not_optaxs_is_refused():
    with pytest.raises(OptbenchError, match="must be an optax optimizer"):
        component("sam", inner=get("sgd"))
    with pytest.raises(OptbenchError, match="asks for the value"):
        component("sam", inner=component("momo"))


def test_the_bridges_own_cost_is_measured():
    assert 0 < component("adam").bridge_seconds(np.zeros(LAYOUT.size), LAYOUT) < 1


# --------------------------------------------------------------------------------------------------- the schedules


@parametrize_with_checks([SCHEDULES[f"optax/{n}"].make() for n in ("exponential_decay", "sgdr_schedule")])
def test_contract_of_schedules(component, check):
    check(component)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_give_factors_over_the_whole_budget(name):
    factors = np.array([SCHEDULES[name].make()().factor(Progress(step, 100)) for step in range(100)])
    assert np.isfinite(factors).all()
    assert factors.min() >= 0
    assert factors.max() == pytest.approx(1.0, abs=0.02)


def test_schedules_are_those_of_optax():
    cosine = SCHEDULES["optax/warmup_cosine_decay_schedule"].make()(warmup_steps=10, decay_steps=0.5)
    theirs = optax.warmup_cosine_decay_schedule(0.0, 1.0, 10, 50)
    ours = [cosine.factor(Progress(step, 100)) for step in (0, 3, 10, 30, 99)]
    np.testing.assert_allclose(ours, [float(theirs(step)) for step in (0, 3, 10, 30, 99)], rtol=1e-6)


def test_stairs_need_a_scale_each():
    stairs = SCHEDULES["optax/piecewise_constant_schedule"].make()
    assert stairs().factor(Progress(80, 100)) == pytest.approx(0.01)
    with pytest.raises(OptbenchError, match="of one length"):
        stairs(boundaries=(0.5,)).factor(Progress(0, 100))


# --------------------------------------------------------------------------------------------------- a user's own

OWN = '''
import jax, jax.numpy as jnp, optax
def sign(learning_rate=0.02, *, power=0.0, mask=None):
    """Sign descent."""
    def update(updates, state, params=None):
        return jax.tree.map(lambda g: -learning_rate * jnp.sign(g) * jnp.abs(g) ** power, updates), state
    return optax.GradientTransformation(lambda params: optax.EmptyState(), update)
ready = optax.chain(optax.clip(1.0), optax.sgd(0.1))
def needs(size): return ready
def nothing(learning_rate=0.1): return None
def halving(step, rate=0.5): return rate ** (step / 10)
def made(total_steps, end=0.0): return optax.linear_schedule(1.0, end, total_steps)
'''


@pytest.fixture
def own(tmp_path, monkeypatch):
    (tmp_path / "own_rules.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield registry_of(optbench_optax, built_ins=False)
    sys.modules.pop("own_rules", None)


def test_a_function_of_ones_own(own):
    optimizer = own.create("optimizers", {"name": "optax:own_rules:sign", "lr": 0.25})
    assert set(optimizer.hyperparameters()) == {"lr", "power"}
    assert "own_rules" in optimizer.bridge
    run = Run(optimizer)
    start, gradient = run.params.copy(), run.at(run.params)[1]
    np.testing.assert_allclose(run.go(1).params, start - 0.25 * np.sign(gradient), rtol=1e-14)


def test_a_transformation_of_ones_own_is_scaled(own):
    run = Run(own.create("optimizers", {"name": "optax:own_rules:ready", "lr": 0.5}))
    start, gradient = run.params.copy(), run.at(run.params)[1]
    np.testing.assert_allclose(run.go(1).params, start - 0.05 * np.clip(gradient, -1, 1), rtol=1e-14)


def test_schedules_of_ones_own(own):
    halving = own.create("schedules", {"name": "optax:own_rules:halving"})
    assert halving.factor(Progress(20, 100)) == pytest.approx(0.25)
    line = own.create("schedules", {"name": "optax:own_rules:made", "end": 0.5})
    assert line.factor(Progress(50, 100)) == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("optax:own_rules:needs", "'size' a default"),
        ("optax:own_rules:sing", "did you mean 'sign'"),
        ("optax:own_rulez:sign", "no module 'own_rulez'"),
    ],
)
def test_what_is_wrong_with_ones_own_is_said(own, name, said):
    with pytest.raises(OptbenchError, match=said):
        own.entry("optimizers", name)


def test_what_is_no_transformation_is_said(own):
    with pytest.raises(OptbenchError, match="not a GradientTransformation"):
        Run(own.create("optimizers", {"name": "optax:own_rules:nothing"}))


def test_what_cannot_be_used_says_why(own):
    for name in table.UNAVAILABLE:
        with pytest.raises(OptbenchError, match="cannot be used"):
            own.entry("optimizers", f"optax/{name}")
    with pytest.raises(OptbenchError, match="optimizers and schedules"):
        resolve("initializers", "optax:own_rules:sign")


def test_versions_are_part_of_the_provider(own):
    assert f"optax {optax.__version__}" in own.entry("optimizers", "optax/adam").provider
    assert classes.libraries().startswith("optax ")


def test_what_optax_offers_is_that(own):
    assert own.adapt(optax.adamw, "x") == "optax/adamw"
    assert own.adapt(optax.cosine_decay_schedule, "x") == "optax/cosine_decay_schedule"
    for other in (int, print, optax.apply_updates, lambda: 3, lambda learning_rate: 3):
        assert own.adapt(other, "x") is None


def test_functions_and_transformations_as_they_are(own):
    """The same steps as by their path."""
    names = {"__name__": "no_module_of_this_name"}
    exec(OWN, names)
    adapted = own.adapt(names["sign"], "mine:sign")
    assert (adapted.name, adapted.bridge) == ("mine:sign", classes.libraries())
    run = Run(adapted(lr=0.25))
    start, gradient = run.params.copy(), run.at(run.params)[1]
    np.testing.assert_allclose(run.go(1).params, start - 0.25 * np.sign(gradient), rtol=1e-14)
    run = Run(own.adapt(names["ready"], "mine:ready")(lr=0.5))
    np.testing.assert_allclose(run.go(1).params, start - 0.05 * np.clip(gradient, -1, 1), rtol=1e-14)
    assert own.adapt(names["nothing"], "x") is None
    assert own.adapt(names["needs"], "x") is None  # an argument that nobody gives
