"""The bridge: what the table says is what Keras has, and every optimizer and schedule runs, stops and goes on."""

import inspect
import os
import subprocess
import sys

import numpy as np
import optbench_tensorflow
import pytest
from optbench_tensorflow import bridge, library, table

from optbench import Context, Deferred, Layout, OptbenchError, Progress
from optbench.testing import parametrize_with_checks, registry_of

LAYOUT = Layout.of({"w": (4, 3), "b": (3,), "scalar": ()})
keras = library.keras()


def component(name, **settings):
    return optbench_tensorflow.optimizer(name)(**settings)


class Run:
    """A least-squares problem, with an optimizer on it."""

    def __init__(self, optimizer, dtype=np.float64, params=None):
        rng = np.random.default_rng(1)
        self.target = rng.normal(size=LAYOUT.size)
        self.scales = rng.uniform(0.5, 2.0, LAYOUT.size)
        self.optimizer = optimizer
        self.params = rng.normal(size=LAYOUT.size).astype(dtype) if params is None else params.copy()
        self.context = Context(LAYOUT, Progress(total_steps=100))
        self.state = optimizer.init(self.params, LAYOUT)

    @property
    def loss(self):
        gap = self.optimizer.evaluation_params(self.params, self.state) - self.target
        return float(0.5 * (self.scales * gap * gap).sum())

    @property
    def gradient(self):
        return (self.scales * (self.params - self.target)).astype(self.params.dtype)

    def go(self, steps):
        for _ in range(steps):
            self.optimizer.step(self.params, self.gradient, self.state, self.context)
        return self


# ---------------------------------------------------------------------------------------------------- the table


@pytest.mark.parametrize("row", [*table.ROWS, *table.CURVES], ids=lambda row: row.cls)
def test_settings_and_defaults_are_those_of_the_installed_keras(row):
    curve = isinstance(row, table.Curve)
    cls = getattr(keras.optimizers.schedules if curve else keras.optimizers, row.cls)
    parameters = {n: p.default for n, p in inspect.signature(cls).parameters.items()}
    if curve:
        assert set(parameters) == {*row.settings, "name"}
        return
    assert parameters.pop("learning_rate") == row.lr[0]
    assert {n: v for n, v in parameters.items() if n not in table.LEFT_OUT} == {**table.SHARED, **row.settings}


def test_nothing_of_keras_is_missing():
    known = {row.name for row in table.ROWS} | set(table.UNAVAILABLE) | {"optimizer"}
    assert known == {n.lower() for n in dir(keras.optimizers) if isinstance(getattr(keras.optimizers, n), type)}
    schedules = keras.optimizers.schedules
    curves = {n for n in dir(schedules) if isinstance(getattr(schedules, n), type)}
    assert curves == {curve.cls for curve in table.CURVES} | {"LearningRateSchedule"}


def test_listing_needs_no_tensorflow():
    code = (
        "import sys, optbench_tensorflow as p\n"
        "from optbench.testing import registry_of\n"
        "r = registry_of(p, built_ins=False)\n"
        "[e.component.hyperparameters() for k in ('optimizers', 'schedules') for e in r.components[k].values()]\n"
        "assert len(r.components['optimizers']) == 14\n"
        "assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_tensorflow_says_nothing():
    """Each worker process would announce its processor's instructions, amid the run's own lines."""
    code = (
        "import numpy as np, optbench_tensorflow as p\n"
        "from optbench import Layout\n"
        "p.optimizer('adam')().init(np.ones(2), Layout.of({'w': (2,)}))"
    )
    clean = {k: v for k, v in os.environ.items() if not k.startswith("TF_")}
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=clean)
    assert (done.stdout, done.stderr) == ("", "")


# ------------------------------------------------------------------------------------------------- the optimizers


@pytest.mark.parametrize("name", [row.name for row in table.ROWS])
def test_goes_down_and_goes_on_after_a_checkpoint(name):
    optimizer = component(name)
    before = Run(optimizer).loss
    whole = Run(optimizer).go(3)
    saved = optimizer.save(whole.state)
    assert all(isinstance(leaf, np.ndarray) for leaf in saved.values())
    resumed = Run(optimizer, params=whole.params)
    resumed.state = optimizer.load(saved, resumed.params, LAYOUT)
    assert whole.go(5).params.tobytes() == resumed.go(5).params.tobytes()
    assert name == "ftrl" or whole.loss < before  # which forgets where it starts


@parametrize_with_checks([component("adam")])
def test_contract(component, check):
    check(component)


def test_a_step_is_kerass():
    """The variables, the cut, the rate and the schedule's factor: against Keras called by hand."""
    run = Run(component("adamw", lr=0.03, beta_1=0.8, weight_decay=0.1), np.float32)
    run.context.factor = 0.5
    peer = keras.optimizers.AdamW(0.015, beta_1=0.8, weight_decay=0.1)
    variables = [keras.Variable(view) for view in LAYOUT.views(run.params).values()]
    peer.build(variables)
    for _ in range(5):
        flat = np.concatenate([np.ravel(v.numpy()) for v in variables])
        gradient = (run.scales * (flat - run.target)).astype(np.float32)
        peer.apply([keras.ops.convert_to_tensor(g) for g in LAYOUT.views(gradient).values()])
    run.go(5)
    np.testing.assert_allclose(run.params, np.concatenate([np.ravel(v.numpy()) for v in variables]), rtol=1e-6)


def test_a_later_training_uses_the_session_of_one_that_is_gone():
    first = Run(component("sgd", lr=0.1, momentum=0.5)).go(2)
    session = first.state["keras"].session
    path = first.params.tobytes()
    del first
    again = Run(component("sgd", lr=0.2, momentum=0.5)).go(2)
    assert again.state["keras"].session is session
    del again
    assert Run(component("sgd", lr=0.1, momentum=0.5)).go(2).params.tobytes() == path


def test_trainings_at_the_same_time_share_nothing():
    one, two = (Run(component("sgd", lr=0.1, momentum=0.9)) for _ in range(2))
    assert one.state["keras"].session is not two.state["keras"].session
    one.go(3)
    assert two.go(3).params.tobytes() == one.params.tobytes()


def test_schedule_free_evaluates_and_holds_its_other_points():
    run = Run(component("schedulefreeadamw", beta_1=0.5)).go(3)
    y, z = run.optimizer.iterates(run.params, run.state)
    assert y is run.params
    np.testing.assert_allclose(run.optimizer.evaluation_params(y, run.state), 2 * y - z)
    z[...] = y
    run.context.factor = 0.0
    saved = run.optimizer.save(run.state)
    assert any(np.array_equal(leaf, LAYOUT.views(y)["w"]) for leaf in saved.values())


def test_the_bridges_own_cost_is_measured():
    assert 0 < component("adam").bridge_seconds(np.zeros(LAYOUT.size), LAYOUT) < 1


# --------------------------------------------------------------------------------------------------- the schedules


@pytest.mark.parametrize("name", [curve.name for curve in table.CURVES])
def test_schedules_are_those_of_keras(name):
    made = optbench_tensorflow.schedule(name)()
    factors = [made.factor(Progress(step, 50)) for step in range(50)]
    # Keras, in float32 as it is by default.
    theirs = [float(made.make(50)(step)) for step in (0, 3, 25, 49)]
    np.testing.assert_allclose([factors[step] for step in (0, 3, 25, 49)], theirs, rtol=1e-5, atol=1e-6)
    assert np.isfinite(factors).all()
    assert min(factors) >= 0
    assert max(factors) == pytest.approx(1.0)


@parametrize_with_checks([optbench_tensorflow.schedule("cosinedecay")])
def test_contract_of_schedules(component, check):
    check(component)


# --------------------------------------------------------------------------------------------------- a user's own

OWN = '''
import keras
class Sign(keras.optimizers.Optimizer):
    """Sign descent."""
    def __init__(self, learning_rate=0.02, power=0.0, **kwargs):
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.power = power
    def update_step(self, gradient, variable, learning_rate):
        self.assign_sub(variable, keras.ops.sign(gradient) * keras.ops.cast(learning_rate, variable.dtype))
class Before(keras.optimizers.Optimizer):
    """Descent along the step before's gradient."""
    def build(self, variables):
        super().build(variables)
        self.before = self.add_optimizer_variables(variables, "before")
    def update_step(self, gradient, variable, learning_rate):
        kept = self.before[self._get_variable_index(variable)]
        self.assign_sub(variable, kept * keras.ops.cast(learning_rate, variable.dtype))
        self.assign(kept, gradient)
class Needs(keras.optimizers.SGD):
    def __init__(self, size, learning_rate=0.1):
        super().__init__(learning_rate=learning_rate)
class Line(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, total_steps, end=0.0):
        self.total, self.end = total_steps, end
    def __call__(self, step):
        return 1.0 + (self.end - 1.0) * keras.ops.cast(step, keras.backend.floatx()) / self.total
def function(): return 1
'''


@pytest.fixture
def own(tmp_path, monkeypatch):
    (tmp_path / "own_keras.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield registry_of(optbench_tensorflow, built_ins=False)
    sys.modules.pop("own_keras", None)


def test_a_class_of_ones_own(own):
    optimizer = own.create("optimizers", {"name": "keras:own_keras:Sign", "lr": 0.25})
    assert set(optimizer.hyperparameters()) == {"lr", "power"}
    assert "own_keras" in optimizer.bridge
    run = Run(optimizer)
    start, gradient = run.params.copy(), run.gradient
    np.testing.assert_allclose(run.go(1).params, start - 0.25 * np.sign(gradient), rtol=1e-14)


def test_what_keras_keeps_is_not_our_memory(own):
    run = Run(own.create("optimizers", {"name": "keras:own_keras:Before", "lr": 0.5}))
    gradient, start = run.gradient, run.params.copy()
    first = gradient.copy()
    run.optimizer.step(run.params, gradient, run.state, run.context)
    gradient[...] = np.nan
    run.optimizer.step(run.params, np.zeros_like(first), run.state, run.context)
    np.testing.assert_allclose(run.params, start - 0.5 * first, rtol=1e-14)


def test_a_schedule_of_ones_own(own):
    line = own.create("schedules", {"name": "keras:own_keras:Line", "end": 0.5})
    assert line.factor(Progress(50, 100)) == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("keras:own_keras:Needs", "'size' a default"),
        ("keras:own_keras:Sing", "did you mean 'Sign'"),
        ("keras:own_keras:function", "keras.optimizers.Optimizer"),
    ],
)
def test_what_is_wrong_with_ones_own_is_said(own, name, said):
    with pytest.raises(OptbenchError, match=said):
        own.entry("optimizers", name)


def test_what_cannot_be_used_says_why(own):
    for name in table.UNAVAILABLE:
        with pytest.raises(OptbenchError, match="cannot be used"):
            own.entry("optimizers", f"keras/{name}")
    with pytest.raises(OptbenchError, match="optimizers and schedules"):
        optbench_tensorflow.resolve("initializers", "keras:own_keras:Sign")


def test_versions_are_part_of_the_provider(own):
    assert f"keras {keras.__version__}" in own.entry("optimizers", "keras/adam").provider


def test_what_keras_refuses_names_the_optimizer():
    with pytest.raises(OptbenchError, match=r"optimizer keras/sgd: .*momentum"):
        Run(component("sgd", momentum=2.0))


def test_settings_are_not_rounded_to_float32():
    session = bridge.Session(component("sgd", momentum=0.9).make, LAYOUT, "float64")
    assert isinstance(session.optimizer.momentum, np.float64)


def test_deferred_until_asked_for():
    assert all(isinstance(offer, Deferred) for offer in optbench_tensorflow.optbench_schedules())


def test_classes_as_they_are(own):
    """Those that are offered by their names; the same steps as by their path of those that are not."""
    assert own.adapt(keras.optimizers.AdamW, "x") == "keras/adamw"
    assert own.adapt(keras.optimizers.schedules.CosineDecay, "x") == "keras/cosinedecay"
    names = {"__name__": "no_module_of_this_name"}
    exec(OWN, names)
    assert own.adapt(names["function"], "x") is None
    assert own.adapt(keras.layers.Dense, "x") is None
    adapted = own.adapt(names["Sign"], "mine:Sign")
    assert (adapted.name, adapted.bridge) == ("mine:Sign", own.create("optimizers", {"name": "keras/sgd"}).bridge)
    run = Run(adapted(lr=0.25))
    start, gradient = run.params.copy(), run.gradient
    np.testing.assert_allclose(run.go(1).params, start - 0.25 * np.sign(gradient), rtol=1e-14)
    line = own.adapt(names["Line"], "mine:Line")(end=0.5)
    assert line.factor(Progress(50, 100)) == pytest.approx(0.75)
