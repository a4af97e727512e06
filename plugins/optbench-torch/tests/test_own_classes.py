"""Users' own classes and functions, by their path."""

import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from foreign import LAYOUT  # noqa: E402

from optbench import Context, OptbenchError, Progress  # noqa: E402
from optbench.testing import registry_of  # noqa: E402

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
    with pytest.raises(OptbenchError, match="can be optimizers, schedules, networks and problems, not initializers"):
        registry.entry("initializers", "torch:own_classes:Half")
    with pytest.raises(OptbenchError, match=r"not a subclass of torch\.optim\.lr_scheduler"):
        registry.entry("schedules", "torch:own_classes:Half")


def test_torchs_classes_are_those_that_are_offered():
    import optbench_torch

    registry = registry_of(optbench_torch, built_ins=False)
    assert registry.adapt(torch.optim.AdamW, "x") == "torch/adamw"
    assert registry.adapt(torch.optim.lr_scheduler.StepLR, "x") == "torch/step-lr"
    assert registry.adapt(torch.optim.lr_scheduler.ReduceLROnPlateau, "x") == "torch/reduce-lr-on-plateau"
    if hasattr(torch.optim, "Muon"):
        assert registry.adapt(torch.optim.Muon, "x") == "torch/muon"
    for other in (torch.nn.Linear, int, print, torch.no_grad, lambda params: 3, lambda params, more: 3):
        assert registry.adapt(other, "x") is None


def test_classes_and_functions_as_they_are(registry):
    """The same steps as by their path."""
    names = {"__name__": "no_module_of_this_name"}
    exec(OWN, names)
    half = registry.adapt(names["Half"], "mine:Half")(rank=4, lr=0.4)
    assert (half.name, half.bridge) == ("mine:Half", f"torch {torch.__version__}")
    params = np.ones(LAYOUT.size)
    half.step(params, np.ones(LAYOUT.size), half.init(params, LAYOUT), Context(LAYOUT))
    np.testing.assert_allclose(params, 0.8)
    sgd = registry.adapt(names["make"], "mine:make")()
    params = np.ones(LAYOUT.size)
    sgd.step(params, np.ones(LAYOUT.size), sgd.init(params, LAYOUT), Context(LAYOUT))
    np.testing.assert_allclose(params, 0.7)
    assert registry.adapt(names["forgets"], "x") is None
    steps = registry.adapt(names["Steps"], "mine:Steps")(unit="step")
    assert [steps.factor(Progress(n, 6)) for n in range(6)] == pytest.approx([1, 1, 0.5, 0.5, 1 / 3, 1 / 3])
