"""300 steps of each optimizer beside torch's, where torch has it in the same form."""

import numpy as np
import pytest

from optbench.builtin import optimizers

pytestmark = pytest.mark.oracle

COARSE = {"lr": 0.02, "beta1": 0.7, "beta2": 0.95, "eps": 1e-3}
COARSE_TORCH = {"lr": 0.02, "betas": (0.7, 0.95), "eps": 1e-3}
# (ours, settings, torch's name, torch's settings); empty settings compare the defaults
CASES = [
    (optimizers.SGD, {"lr": 0.05}, "SGD", {"lr": 0.05}),
    # an average is 1 - beta times a sum; torch's dampening would leave out the first step
    (optimizers.Momentum, {"lr": 0.05}, "SGD", {"lr": 0.05 * (1 - 0.9), "momentum": 0.9}),
    (optimizers.HeavyBall, {"lr": 0.005}, "SGD", {"lr": 0.005, "momentum": 0.9}),
    (optimizers.Nesterov, {"lr": 0.005}, "SGD", {"lr": 0.005, "momentum": 0.9, "nesterov": True}),
    (optimizers.ASGD, {"lr": 0.05}, "ASGD", {"lr": 0.05, "lambd": 0.0, "alpha": 0.0}),
    (optimizers.AdaGrad, {}, "Adagrad", {}),
    (optimizers.AdaGrad, {"lr": 0.1, "eps": 0.1}, "Adagrad", {"lr": 0.1, "eps": 0.1}),
    (optimizers.AdaGrad, {"initial": 0.3}, "Adagrad", {"initial_accumulator_value": 0.3}),
    (optimizers.Adadelta, {}, "Adadelta", {}),
    (optimizers.Adadelta, {"rho": 0.5, "eps": 1e-2}, "Adadelta", {"rho": 0.5, "eps": 1e-2}),
    (optimizers.RMSprop, {}, "RMSprop", {}),
    (optimizers.RMSprop, {"beta": 0.5, "eps": 0.1}, "RMSprop", {"alpha": 0.5, "eps": 0.1}),
    (optimizers.RMSprop, {"centered": True, "eps": 1e-3}, "RMSprop", {"centered": True, "eps": 1e-3}),
    (
        optimizers.RMSprop,
        {"beta": 0.5, "eps": 0.1, "centered": True},
        "RMSprop",
        {"alpha": 0.5, "eps": 0.1, "centered": True},
    ),
    (optimizers.Adam, {}, "Adam", {}),
    (optimizers.Adam, COARSE, "Adam", COARSE_TORCH),
    (optimizers.AdamW, {}, "AdamW", {}),
    (optimizers.AdamW, COARSE | {"decay": 0.3}, "AdamW", COARSE_TORCH | {"weight_decay": 0.3}),
    (optimizers.AMSGrad, COARSE, "Adam", COARSE_TORCH | {"amsgrad": True}),
    (optimizers.Adamax, {}, "Adamax", {}),
    (optimizers.Adamax, COARSE, "Adamax", COARSE_TORCH),
    (optimizers.NAdam, {}, "NAdam", {}),
    (optimizers.NAdam, COARSE | {"psi": 0.1}, "NAdam", COARSE_TORCH | {"momentum_decay": 0.1}),
]


@pytest.fixture(autouse=True)
def _float64():
    """torch's ASGD keeps its scalars in the default dtype: float32 would allow 1e-8 at best."""
    torch = pytest.importorskip("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.mark.parametrize(
    ("optimizer", "settings", "name", "theirs"), CASES, ids=[f"{c[0].name}-{i}" for i, c in enumerate(CASES)]
)
def test_path_is_torchs(path, problem, optimizer, settings, name, theirs):
    torch = pytest.importorskip("torch")
    w = torch.tensor(problem.start.copy(), requires_grad=True)
    peer, rows = getattr(torch.optim, name)([w], **theirs), []
    for step in range(problem.steps):
        w.grad = torch.from_numpy(problem.gradient(w.detach().numpy(), step))
        peer.step()
        rows.append(w.detach().numpy().copy())
    ours = path(optimizer(**settings))
    assert np.abs(ours - rows).max() <= 1e-10 * np.abs(rows).max()


@pytest.mark.parametrize(("start", "before"), [(0.0, 0), (0.5, 150)])
def test_the_average_is_torchs(path, problem, start, before):
    torch = pytest.importorskip("torch")
    w = torch.tensor(problem.start.copy(), requires_grad=True)
    peer = torch.optim.ASGD([w], lr=0.05, lambd=0.0, alpha=0.0, t0=before - 1)
    for step in range(problem.steps):
        w.grad = torch.from_numpy(problem.gradient(w.detach().numpy(), step))
        peer.step()
    ours = path(optimizers.ASGD(lr=0.05, start=start), evaluated=True)[-1]
    theirs = peer.state[w]["ax"].numpy()
    assert np.abs(ours - theirs).max() <= 1e-10 * np.abs(theirs).max()
