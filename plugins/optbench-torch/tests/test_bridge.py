"""What the bridge does around a torch optimizer: memory, shapes, rates, closures, other points."""

import subprocess
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from optbench_torch import bridge, catalog, library  # noqa: E402
from optbench_torch.bridge import Spec  # noqa: E402

from optbench import ComponentError, Context, Deferred, Layout, OptbenchError, Progress, Unavailable  # noqa: E402
from optbench.testing import registry_of  # noqa: E402

SHAPES = {"kernel": (3, 2, 4, 5), "shift": (5,), "weight": (7, 6), "bias": (6,)}
LAYOUT = Layout.of(SHAPES)


class Recorder(torch.optim.Optimizer):
    """Plain descent that keeps what it saw."""

    seen = None

    def __init__(self, params, lr=0.1, other_lr=3.0):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        group = self.param_groups[0]
        Recorder.seen = {
            "shapes": [tuple(p.shape) for p in group["params"]],
            "addresses": [p.data_ptr() for p in group["params"]],
            "gradients": [p.grad for p in group["params"]],
            "rate": group["lr"],
        }
        for p in group["params"]:
            p.sub_(group["lr"] * p.grad)


class Replaces(Recorder):
    """Puts new memory in place of its parameters', as some optimizers do."""

    @torch.no_grad()
    def step(self, closure=None):
        for p in self.param_groups[0]["params"]:
            p.data = p.data - 0.1 * p.grad


class Draws(Recorder):
    """A step of chance."""

    @torch.no_grad()
    def step(self, closure=None):
        for p in self.param_groups[0]["params"]:
            p.add_(torch.rand_like(p))


def component(cls, **spec):
    path = f"{cls.__module__}:{cls.__name__}"
    return catalog.component("test/one", Spec(path, {"lr": 0.1}, **spec), "torch", "A test.")


class Refuses(Recorder):
    """Raises whatever comes."""

    @torch.no_grad()
    def step(self, closure=None):
        raise ValueError("refused")


def at_work(cls, dtype=np.float64, layout=LAYOUT, **spec):
    optimizer = component(cls, **spec)()
    params = np.random.default_rng(0).normal(size=layout.size).astype(dtype)
    grads = np.random.default_rng(1).normal(size=layout.size).astype(dtype)
    return optimizer, params, grads, optimizer.init(params, layout), Context(layout)


def named(name):
    return next(item for item in catalog.optimizers() if item.name == name).make()


# --------------------------------------------------------------------------------------------- memory and shapes


def test_tensors_share_the_flat_vectors_memory_and_have_torchs_shapes():
    optimizer, params, grads, state, context = at_work(Recorder)
    before = params.copy()
    optimizer.step(params, grads, state, context)
    seen = Recorder.seen
    assert seen["shapes"] == [(5, 4, 3, 2), (5,), (6, 7), (6,)]
    assert seen["addresses"] == [params[t.slice].ctypes.data for t in LAYOUT]
    assert [g.data_ptr() for g in seen["gradients"]] == [grads[t.slice].ctypes.data for t in LAYOUT]
    weight = LAYOUT.views(grads)["weight"]
    np.testing.assert_array_equal(seen["gradients"][2].numpy(), weight.T)
    kernel = LAYOUT.views(grads)["kernel"]  # height, width, channels, outputs
    np.testing.assert_array_equal(seen["gradients"][0].numpy(), kernel.transpose(3, 2, 0, 1))
    np.testing.assert_allclose(params, before - 0.1 * grads, rtol=1e-15)


@pytest.mark.parametrize(
    ("flags", "shapes"),
    [
        ({"flat"}, [(LAYOUT.size,)]),
        ({"matrix"}, [(5, 24), (5,), (6, 7), (6,)]),
        ({"copy"}, [(5, 4, 3, 2), (5,), (6, 7), (6,)]),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_way_to_see_the_vector_makes_the_same_step(flags, shapes, dtype):
    optimizer, params, grads, state, context = at_work(Recorder, dtype, flags=frozenset(flags))
    expected = params - dtype(0.1) * grads
    optimizer.step(params, grads, state, context)
    assert Recorder.seen["shapes"] == shapes
    np.testing.assert_allclose(params, expected, rtol=1e-6 if dtype == np.float32 else 1e-15)
    own = Recorder.seen["addresses"][0] != params.ctypes.data
    assert own == ("copy" in flags)


def test_copies_are_contiguous_and_see_what_a_constraint_changed():
    optimizer, params, grads, state, context = at_work(Recorder, flags=frozenset({"copy"}))
    optimizer.step(params, grads, state, context)
    assert all(g.is_contiguous() for g in Recorder.seen["gradients"])
    params[:] = 1.0
    optimizer.step(params, grads, state, context)
    np.testing.assert_allclose(params, 1.0 - 0.1 * grads)


def test_memory_that_was_replaced_comes_back():
    optimizer, params, grads, state, context = at_work(Replaces)
    expected = params - 0.3 * grads
    for _ in range(3):
        optimizer.step(params, grads, state, context)
    np.testing.assert_allclose(params, expected)


def test_other_arrays_may_be_handed_over():
    optimizer, params, grads, state, context = at_work(Recorder)
    optimizer.step(params, grads, state, context)
    at, gradient = params.copy(), grads.copy()
    left = params.copy()
    optimizer.step(at, gradient, state, context)
    np.testing.assert_array_equal(params, left)
    np.testing.assert_allclose(at, left - 0.1 * gradient)


# --------------------------------------------------------------------------------------------------------- rates


def test_the_schedules_factor_multiplies_the_rate():
    optimizer, params, grads, state, context = at_work(Recorder)
    for factor, rate in [(1.0, 0.1), (0.5, 0.05), (0.25, 0.025), (1.0, 0.1)]:
        context.factor = factor
        optimizer.step(params, grads, state, context)
        assert Recorder.seen["rate"] == rate


def test_a_loaded_run_knows_its_factor_and_its_own_rates():
    optimizer, params, grads, state, context = at_work(Recorder)
    context.factor = 0.5
    optimizer.step(params, grads, state, context)
    state = optimizer.load(optimizer.save(state), params, LAYOUT)
    optimizer.step(params, grads, state, context)
    assert Recorder.seen["rate"] == 0.05
    context.factor = 1.0
    optimizer.step(params, grads, state, context)
    assert Recorder.seen["rate"] == 0.1


def test_settings_are_the_constructors():
    adamw = named("torch/adamw")(lr=0.02, beta1=0.8, beta2=0.9, weight_decay=0.5)
    state = adamw.init(np.zeros(LAYOUT.size), LAYOUT)
    group = state["torch"].optimizers[0].param_groups[0]
    assert (group["lr"], group["betas"], group["weight_decay"]) == (0.02, (0.8, 0.9), 0.5)
    spec = named("torch/adamw").hyperparameters()
    assert next(iter(spec)) == "lr"
    assert (spec["lr"].low, spec["lr"].high, spec["lr"].scale) == (1e-5, 0.1, "log")
    assert not spec["beta1"].searchable


def test_what_the_constructor_refuses_is_a_settings_error():
    with pytest.raises(ComponentError, match="torch/adamw: Invalid beta"):
        named("torch/adamw")(beta1=2.0).init(np.zeros(LAYOUT.size), LAYOUT)


def test_muon_leaves_vectors_to_adamw():
    muon = named("torch/muon")(lr=0.1, adamw_lr=0.01)
    params, grads = np.zeros(LAYOUT.size), np.ones(LAYOUT.size)
    state = muon.init(params, LAYOUT)
    first, second = state["torch"].optimizers
    assert [tuple(p.shape) for p in first.param_groups[0]["params"]] == [(5, 24), (6, 7)]
    assert [tuple(p.shape) for p in second.param_groups[0]["params"]] == [(5,), (6,)]
    context = Context(LAYOUT)
    context.factor = 0.5
    muon.step(params, grads, state, context)
    np.testing.assert_allclose(LAYOUT.views(params)["bias"], -0.005, rtol=1e-6)  # Adam's first step: the rate
    assert first.param_groups[0]["lr"] == 0.05


# -------------------------------------------------------------------------------------------- closures and chance


def bowl(at):
    return float(0.5 * (at * np.arange(1, at.size + 1)) @ at), at * np.arange(1, at.size + 1)


def test_lbfgs_evaluates_further_gradients_which_are_counted():
    layout = Layout.of({"w": (4, 5)})
    params = np.ones(20)
    calls = []

    def gradient(at, out=None):
        calls.append(at.copy())
        value, found = bowl(at)
        return value, found

    context = Context(layout, loss=lambda: bowl(params)[0], gradient=gradient)
    lbfgs = named("torch/lbfgs")(max_iter=10, line_search_fn="strong_wolfe")
    state = lbfgs.init(params, layout)
    for _ in range(4):
        lbfgs.step(params, bowl(params)[1], state, context)
    assert bowl(params)[0] < 1e-8
    # The gradient where a step begins is the step's own.
    assert not any(np.array_equal(at, np.ones(20)) for at in calls)
    assert context.extra_gradients == len(calls) > 10


def test_chance_is_the_trials_own():
    runs = {}
    for seed in (1, 1, 2):
        optimizer, params, grads, state, _ = at_work(Draws, flags=frozenset({"random"}))
        context = Context(LAYOUT, rng=np.random.default_rng(seed))
        torch.rand(3)  # somebody else's draws change nothing
        for _ in range(3):
            optimizer.step(params, grads, state, context)
        runs.setdefault(seed, []).append(params)
    assert runs[1][0].tobytes() == runs[1][1].tobytes()
    assert runs[1][0].tobytes() != runs[2][0].tobytes()


@pytest.mark.parametrize("flags", [{"random"}, {"random", "numpy"}])
def test_chance_of_others_is_left_alone(flags):
    optimizer, params, grads, state, context = at_work(Draws, flags=frozenset(flags))
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    expected = torch.rand(2), np.random.random(2)  # noqa: NPY002
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    optimizer.step(params, grads, state, context)
    assert torch.equal(torch.rand(2), expected[0])
    np.testing.assert_array_equal(np.random.random(2), expected[1])  # noqa: NPY002


def test_what_is_not_finite_is_a_divergence_and_anything_else_an_error():
    optimizer, params, grads, state, context = at_work(Refuses)
    with pytest.raises(ValueError, match="refused"):
        optimizer.step(params, grads, state, context)
    grads[3] = np.inf
    optimizer.step(params, grads, state, context)
    assert np.isnan(params).all()


def test_empty_tensors_are_left_out():
    layout = Layout.of({"a": (2, 3), "none": (0, 4), "b": (3,)})
    optimizer, params, grads, state, context = at_work(Recorder, layout=layout)
    expected = params - 0.1 * grads
    optimizer.step(params, grads, state, context)
    assert Recorder.seen["shapes"] == [(3, 2), (3,)]
    np.testing.assert_allclose(params, expected)
    for flags in ({"flat"}, set()):
        optimizer, params, grads, state, context = at_work(Recorder, layout=Layout([]), flags=frozenset(flags))
        optimizer.step(params, grads, state, context)


# --------------------------------------------------------------------------------------- averages, further iterates


def po(name, **settings):
    pytest.importorskip("pytorch_optimizer")
    return named(f"pytorch-optimizer/{name}")(**settings)


@pytest.mark.filterwarnings("ignore")
def test_schedule_free_evaluates_its_average_and_training_does_not_notice():
    optimizer = po("schedulefreesgd", lr=0.5)
    paths = []
    for evaluate in (False, True):
        params = np.linspace(-1, 1, LAYOUT.size)
        state, context = optimizer.init(params, LAYOUT), Context(LAYOUT)
        for _ in range(8):
            optimizer.step(params, params.copy(), state, context)
            if evaluate:
                found = optimizer.evaluation_params(params, state)
                assert not np.shares_memory(found, params)
        paths.append(params.copy())
    assert paths[0].tobytes() == paths[1].tobytes()
    assert not np.allclose(found, params)
    # y = (1 - beta) z + beta x, where training is at y and the average is x
    z = optimizer.iterates(params, state)[1]
    np.testing.assert_allclose(params, 0.1 * z + 0.9 * found, rtol=1e-9)


@pytest.mark.filterwarnings("ignore")
def test_a_constraint_reaches_every_iterate():
    optimizer = po("schedulefreesgd", lr=0.5)
    params = np.linspace(-1, 1, LAYOUT.size)
    state, context = optimizer.init(params, LAYOUT), Context(LAYOUT)
    assert len(optimizer.iterates(params, state)) == 1  # z does not exist yet
    for _ in range(5):
        optimizer.step(params, -np.ones_like(params), state, context)
        for vector in optimizer.iterates(params, state):
            np.clip(vector, -0.2, 0.2, out=vector)
    assert len(optimizer.iterates(params, state)) == 2
    assert np.abs(params).max() <= 0.2 + 0.5 + 1e-12
    assert np.abs(optimizer.evaluation_params(params, state)).max() <= 0.21


# -------------------------------------------------------------------------------------------------- what is there


def test_registration_imports_nothing():
    code = (
        "import sys, optbench_torch\n"
        "from optbench.testing import registry_of\n"
        "offered = registry_of(optbench_torch, built_ins=False).components['optimizers'].values()\n"
        "made = [entry.component.hyperparameters() for entry in offered]\n"
        "print(len(made), [m for m in ('torch', 'pytorch_optimizer') if m in sys.modules])"
    )
    code = f"import sys; sys.path[:0] = {sys.path!r}\n{code}"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, imported = answer.stdout.split(" ", 1)
    assert imported.strip() == "[]"
    assert int(count) >= 15


def test_what_is_not_installed_is_said(monkeypatch):
    monkeypatch.setattr(library, "folder", lambda name: None if name == "pytorch_optimizer" else library.Path("/"))
    found = {item.name: item for item in catalog.optimizers()}
    assert isinstance(found["pytorch-optimizer/lion"], Unavailable)
    assert "pip install 'optbench-torch[pytorch-optimizer]'" in found["pytorch-optimizer/lion"].reason
    assert "does not have it" in found["torch/muon"].reason
    monkeypatch.undo()
    assert isinstance(next(catalog.optimizers()), Deferred)


def test_an_older_constructor_without_an_argument_is_a_settings_error():
    cls = catalog.component("test/old", Spec("torch.optim:SGD", {"lr": 0.1, "sharpness": 1.0}), "torch", "A test.")
    with pytest.raises(ComponentError, match=r"test/old: .*sharpness"):
        cls().init(np.zeros(LAYOUT.size), LAYOUT)


def test_the_bridges_own_cost_is_measured():
    for flags in ({"flat"}, set(), {"copy"}, {"closure"}):
        optimizer, params, _, _, _ = at_work(Recorder, flags=frozenset(flags))
        assert 1e-7 < optimizer.bridge_seconds(params, LAYOUT) < 0.1


def test_one_thread():
    library.torch_module()
    assert torch.get_num_threads() == 1


def test_what_a_checkpoint_cannot_hold_is_an_error():
    optimizer, _, _, state, _ = at_work(Recorder)
    torch_optimizer = state["torch"].optimizers[0]
    torch_optimizer.state[state["torch"].tensors[0]]["odd"] = object()
    with pytest.raises(OptbenchError, match="its state holds a object"):
        optimizer.save(state)


# ------------------------------------------------------------------------------------------------ users' own classes

OWN = '''
import torch

class Half(torch.optim.Optimizer):
    """Half of descent."""
    def __init__(self, params, rank, lr=0.2, betas=(0.5, 0.6), name_of="x"):
        super().__init__(params, {"lr": lr, "betas": betas})
        self.rank = rank
    @torch.no_grad()
    def step(self, closure=None):
        if closure is not None:
            with torch.enable_grad():
                self.loss = float(closure())
        for group in self.param_groups:
            for p in group["params"]:
                assert p.is_contiguous()
                p.view(-1).sub_(group["lr"] * 0.5 * p.grad.view(-1))

def make(params, lr=0.3):
    return torch.optim.SGD(params, lr=lr)

def forgets(params, lr=0.3):
    make(params, lr)

class Steps(torch.optim.lr_scheduler.LRScheduler):
    def __init__(self, optimizer, every=2, last_epoch=-1):
        self.every = every
        super().__init__(optimizer, last_epoch)
    def get_lr(self):
        return [base / (1 + self.last_epoch // self.every) for base in self.base_lrs]

number = 3
class Other:
    pass
'''


@pytest.fixture
def registry(tmp_path, monkeypatch):
    import optbench_torch

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "own_classes.py").write_text(OWN)
    yield registry_of(optbench_torch, built_ins=False)
    sys.modules.pop("own_classes", None)


def test_a_users_own_class(registry):
    name = "torch:own_classes:Half"
    half = registry.create("optimizers", {"name": name, "rank": 4, "lr": 0.4, "beta2": 0.7})
    assert half.settings() == {"lr": 0.4, "rank": 4, "beta1": 0.5, "beta2": 0.7, "name_of": "x", "closure": False}
    params, grads = np.ones(LAYOUT.size), np.ones(LAYOUT.size)
    state = half.init(params, LAYOUT)
    half.step(params, grads, state, Context(LAYOUT))
    np.testing.assert_allclose(params, 0.8)
    assert (half.hyperparameters()["lr"].low, half.hyperparameters()["lr"].high) == (0.002, 20.0)
    entry = registry.entry("optimizers", name)
    assert entry.provider.startswith("optbench-torch 0 via torch ")
    assert ", own_classes " in entry.provider  # with a digest of its text
    with pytest.raises(OptbenchError, match="the setting 'rank' is missing"):
        registry.create("optimizers", {"name": name})


def test_a_users_own_class_with_a_closure(registry):
    half = registry.create("optimizers", {"name": "torch:own_classes:Half", "rank": 1, "closure": True})
    params = np.ones(LAYOUT.size)
    state = half.init(params, LAYOUT)
    half.step(params, np.ones(LAYOUT.size), state, Context(LAYOUT, loss=lambda: 12.5))
    assert state["torch"].optimizers[0].loss == 12.5
    assert half.load(half.save(state), params, LAYOUT)["torch"].optimizers[0].loss == 12.5


def test_a_users_own_function(registry):
    sgd = registry.create("optimizers", {"name": "torch:own_classes:make"})
    params = np.ones(LAYOUT.size)
    sgd.step(params, np.ones(LAYOUT.size), sgd.init(params, LAYOUT), Context(LAYOUT))
    np.testing.assert_allclose(params, 0.7)


def test_a_users_function_that_makes_no_optimizer_is_told(registry):
    forgets = registry.create("optimizers", {"name": "torch:own_classes:forgets"})
    with pytest.raises(OptbenchError, match="own_classes:forgets gave None, which is not"):
        forgets.init(np.ones(LAYOUT.size), LAYOUT)


def test_a_users_own_scheduler(registry):
    steps = registry.create("schedules", {"name": "torch:own_classes:Steps", "unit": "step"})
    assert [steps.factor(Progress(n, 6)) for n in range(6)] == pytest.approx([1, 1, 0.5, 0.5, 1 / 3, 1 / 3])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("torch:own_classes:Hal", "did you mean 'Half'"),
        ("torch:own_classes:number", "not a subclass of torch.optim.Optimizer"),
        ("torch:own_classes:Other", "not a subclass of torch.optim.Optimizer"),
        ("torch:not_a_module_here:Half", "there is no module 'not_a_module_here'"),
        ("torch:own_classes", "not of the form package.module:Name"),
    ],
)
def test_what_is_no_optimizer_is_said(registry, name, expected):
    with pytest.raises(OptbenchError, match="of optbench-torch:optbench-torch: ") as error:
        registry.create("optimizers", {"name": name})
    assert expected in str(error.value)


def test_other_kinds_are_refused(registry):
    with pytest.raises(OptbenchError, match="can be optimizers and schedules, not initializers"):
        registry.entry("initializers", "torch:own_classes:Half")
    with pytest.raises(OptbenchError, match=r"not a subclass of torch\.optim\.lr_scheduler"):
        registry.entry("schedules", "torch:own_classes:Half")


def test_the_flags_are_explained():
    used = {flag for record in catalog.table().values() for flag in record.get("flags", ())}
    assert used <= set(bridge.FLAGS)
