"""The modern methods beside torch and pytorch_optimizer, 300 steps in float64, where they have the same form."""

import math
from typing import Any

import numpy as np
import pytest

from optbench.builtin import optimizers
from support.beside import beside, close, in_float64, layout

pytestmark = pytest.mark.oracle
torch: Any = None  # imported by the first test: that takes seconds, also where these tests are deselected

BETAS = {"beta1": 0.7, "beta2": 0.95}
COARSE, THEIRS = {"lr": 0.02, **BETAS, "eps": 1e-3}, {"lr": 0.02, "betas": (0.7, 0.95), "eps": 1e-3}
MATRICES = ((4, 4), (2, 4))
MIXED = ((4, 4), (2, 3), (2,))
#: a column, a row and a kernel, and the vectors that they are to methods of matrices
THIN, FLAT = ((4, 4), (3, 1), (1, 3), (1, 1, 2)), ((4, 4), (3,), (3,), (2,))


@pytest.fixture(autouse=True)
def _float64():
    global torch
    with in_float64() as torch:
        yield


TORCH = [
    (optimizers.RAdam, {}, "RAdam", {}),
    (optimizers.RAdam, COARSE, "RAdam", THEIRS),
    # torch's eps depends on the dtype by default; it has no setting for the decay of its averages but 0.8
    (optimizers.Adafactor, {}, "Adafactor", {"eps": (1e-8, 1e-3)}),
    (
        optimizers.Adafactor,
        {"lr": 0.3, "power": 0.5, "clip": 1.5, "floor": 0.1, "eps": 0.01},
        "Adafactor",
        {"lr": 0.3, "beta2_decay": -0.5, "d": 1.5, "eps": (0.01, 0.1)},
    ),
]


@pytest.mark.parametrize(
    ("optimizer", "settings", "name", "theirs"), TORCH, ids=[c[2] + str(len(c[1])) for c in TORCH]
)
def test_path_is_torchs(path, problem, optimizer, settings, name, theirs):
    expected = beside(problem, MIXED, lambda w: getattr(torch.optim, name)(w, **theirs))
    close(path(optimizer(**settings), layout=layout(MIXED)), expected)


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_muon_is_torchs(path, problem, monkeypatch, decay):
    """torch iterates in bfloat16, which would allow 1e-2 at best: here the same lines run in float64."""
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)
    settings = {"lr": 0.003, "momentum": 0.9, "weight_decay": decay}
    expected = beside(problem, MATRICES, lambda w: torch.optim.Muon(w, **settings), transposed=True)
    close(path(optimizers.Muon(lr=0.003, beta=0.9, decay=decay), layout=layout(MATRICES)), expected)


def test_muons_rest_is_torchs_adamw(path, problem):
    settings = {"lr": 0.01, "betas": (0.8, 0.9), "eps": 1e-6, "weight_decay": 0.3}
    expected = beside(problem, ((24,),), lambda w: torch.optim.AdamW(w, **settings))
    ours = optimizers.Muon(adamw_lr=0.01, beta1=0.8, beta2=0.9, eps=1e-6, decay=0.3)
    close(path(ours, layout=layout(((24,),))), expected)


@pytest.mark.parametrize(("search", "name"), [(True, "strong_wolfe"), (False, None)])
def test_lbfgs_is_torchs_on_full_batches(path, problem, search, name):
    """One iteration a step, until the last digits decide which point the line search accepts."""
    settings = {
        "lr": 1 if search else 0.3, "max_iter": 1, "max_eval": 26, "tolerance_grad": 0, "tolerance_change": 0,
        "history_size": 5, "line_search_fn": name,
    }  # fmt: skip
    expected = beside(
        problem,
        MIXED,
        lambda w: torch.optim.LBFGS(w, **settings),
        20,
        lambda p, c: p.step(c),
        full_batch=True,
    )
    one = optimizers.LBFGS(lr=1.0 if search else 0.3, memory=5, line_search=search)
    close(path(one, full_batch=True, steps=20), expected)


def test_clipping_is_torchs(path, problem):
    def clipped(clip):
        def call(peer, closure):
            closure()
            clip(peer.param_groups[0]["params"])
            peer.step()

        return beside(problem, MIXED, lambda w: torch.optim.SGD(w, lr=0.02), call=call)

    # torch adds 1e-6 to the norm
    expected = clipped(lambda w: torch.nn.utils.clip_grad_norm_(w, 2))
    close(path(optimizers.ClipNorm(optimizers.SGD(0.02), limit=2)), expected, 1e-6)
    expected = clipped(lambda w: torch.nn.utils.clip_grad_value_(w, 0.3))
    close(path(optimizers.ClipValue(optimizers.SGD(0.02), limit=0.3)), expected)


# ---------------------------------------------------------------------------------------- pytorch_optimizer

PEERS = [
    (optimizers.AdaBelief, {}, "AdaBelief", {}, MIXED),
    (optimizers.AdaBelief, COARSE, "AdaBelief", THEIRS, MIXED),
    (optimizers.Adan, {"decay": 0.0}, "Adan", {}, MIXED),
    (
        optimizers.Adan,
        COARSE | {"beta3": 0.9, "decay": 0.3},
        "Adan",
        THEIRS | {"betas": (0.7, 0.95, 0.9), "weight_decay": 0.3},
        MIXED,
    ),
    # theirs corrects m only, and adds eps to |r|: no correction on both sides, and a negligible eps. It scales
    # all tensors, clips the gradient by default, and bounds |w| by 10
    (
        optimizers.LAMB,
        {"lr": 0.005, **BETAS, "eps": 1e-14, "decay": 0.1, "bias_correction": False},
        "Lamb",
        {
            "lr": 0.005,
            "betas": (0.7, 0.95),
            "eps": 1e-14,
            "weight_decay": 0.1,
            "weight_decouple": False,
            "max_grad_norm": 0.0,
            "adam_debias": True,
        },
        MATRICES,
    ),
    # our default trust is another
    (
        optimizers.LARS,
        {"lr": 0.05, "trust": 0.1, "decay": 0.1},
        "LARS",
        {"lr": 0.05, "trust_coefficient": 0.1, "weight_decay": 0.1},
        MIXED,
    ),
    (
        optimizers.ScheduleFreeSGD,
        {"lr": 0.02, "beta": 0.8, "decay": 0.1},
        "ScheduleFreeSGD",
        {"lr": 0.02, "momentum": 0.8, "weight_decay": 0.1},
        MIXED,
    ),
    (optimizers.ScheduleFreeAdamW, {}, "ScheduleFreeAdamW", {}, MIXED),
    (
        optimizers.ScheduleFreeAdamW,
        COARSE | {"decay": 0.1},
        "ScheduleFreeAdamW",
        THEIRS | {"weight_decay": 0.1},
        MIXED,
    ),
    (
        optimizers.Prodigy,
        COARSE | {"lr": 0.1, "start": 1e-4, "growth": 0.5, "decay": 0.1},
        "Prodigy",
        THEIRS | {"lr": 0.1, "d0": 1e-4, "d_coef": 0.5, "weight_decay": 0.1},
        MIXED,
    ),
    (
        optimizers.DAdaptAdam,
        COARSE | {"lr": 0.2, "start": 1e-4},
        "DAdaptAdam",
        THEIRS | {"lr": 0.2, "d0": 1e-4, "bias_correction": True},
        MIXED,
    ),
    (
        optimizers.DAdaptAdam,
        COARSE | {"lr": 0.2, "start": 1e-4, "bias_correction": False},
        "DAdaptAdam",
        THEIRS | {"lr": 0.2, "d0": 1e-4},
        MIXED,
    ),
]


@pytest.fixture(scope="module")
def peers():
    return pytest.importorskip("pytorch_optimizer")


@pytest.mark.parametrize(
    ("optimizer", "settings", "name", "theirs", "shapes"),
    PEERS,
    ids=[f"{c[2]}-{i}" for i, c in enumerate(PEERS)],
)
def test_path_is_pytorch_optimizers(peers, path, problem, optimizer, settings, name, theirs, shapes):
    expected = beside(problem, shapes, lambda w: getattr(peers, name)(w, **theirs))
    close(path(optimizer(**settings), layout=layout(shapes)), expected)


def test_schedule_frees_average_is_pytorch_optimizers(peers, path, problem):
    expected = beside(problem, MIXED, lambda w: peers.ScheduleFreeSGD(w, lr=0.02), evaluated=True)
    close(path(optimizers.ScheduleFreeSGD(lr=0.02), evaluated=True), expected)


@pytest.mark.parametrize(("ours", "matrices"), [(MIXED, 2), (THIN, 1)], ids=["mixed", "thin"])
def test_shampoo_is_pytorch_optimizers(peers, path, problem, ours, matrices):
    """Theirs has a full matrix for a vector: of its numbers one by one that is the diagonal. It has another kind of
    momentum."""
    numbers = ((1,),) * sum(math.prod(shape) for shape in ours[matrices:])
    expected = beside(problem, (*ours[:matrices], *numbers), lambda w: peers.Shampoo(w, lr=0.1, matrix_eps=0.01))
    close(path(optimizers.Shampoo(lr=0.1, beta=0.0, eps=0.01, every=1), layout=layout(ours)), expected)


def test_a_grafted_shampoo_is_pytorch_optimizers(peers, path, problem):
    """AdaGrad's length, and the moving average for momentum. Theirs gives a vector the length of one without eps."""
    from pytorch_optimizer.optimizer.utils.graft import LayerWiseGrafting

    settings = {
        "lr": 0.1, "betas": (0.8, 0.9), "moving_average_for_momentum": True, "start_preconditioning_step": 1,
        "preconditioning_compute_steps": 1, "shape_interpretation": False, "nesterov": False, "use_svd": True,
        "graft_type": LayerWiseGrafting.ADAGRAD, "diagonal_eps": 0.0, "matrix_eps": 1e-12,
    }  # fmt: skip

    def peer(w):
        one = peers.ScalableShampoo(w, **settings)
        one.param_groups[0]["betas"] = (0.8, 1.0)  # sums, which its class refuses and its arithmetic knows
        return one

    expected = beside(problem, MIXED, peer)
    ours = optimizers.Shampoo(lr=0.1, beta=0.8, eps=1e-12, every=1, graft=True)
    close(path(ours, layout=layout(MIXED)), expected, 1e-8)  # such an eps leaves the first matrices nearly singular


@pytest.mark.parametrize("every", [7, 1000])
@pytest.mark.parametrize(("ours", "vectors"), [(MIXED, MIXED), (THIN, FLAT)], ids=["mixed", "thin"])
def test_soap_is_pytorch_optimizers(peers, path, problem, monkeypatch, ours, vectors, every):
    """Theirs factorizes in float32, which would allow 1e-6 at best: here the same lines run in float64."""
    from pytorch_optimizer.optimizer import shampoo, soap

    class Wide:
        float32 = torch.float64

        def __getattr__(self, name):
            return getattr(torch, name)

    for module in (soap, shampoo):
        monkeypatch.setattr(module, "torch", Wide(), raising=False)
    theirs = THEIRS | {"weight_decay": 0.1, "precondition_frequency": every}
    expected = beside(problem, vectors, lambda w: peers.SOAP(w, **theirs))
    close(path(optimizers.SOAP(**COARSE, decay=0.1, every=every), layout=layout(ours)), expected)


def test_sophia_is_pytorch_optimizers(peers, path, problem):
    """Given the same estimates. Theirs clips at p without a scale: p is our scale, and lr p our rate."""
    rng = np.random.default_rng(0)

    def call(peer, closure):
        closure()
        (w,) = peer.param_groups[0]["params"]
        at, batch, hessian = w.detach().numpy(), call.step, None
        if batch % 7 == 0:
            u = 2.0 * rng.integers(0, 2, 24) - 1
            difference = problem.gradient(at + 1e-3 * u, batch) - problem.gradient(at - 1e-3 * u, batch)
            hessian = [torch.from_numpy(u * difference / 2e-3)]
        peer.step(hessian=hessian)
        call.step += 1

    call.step = 0
    theirs = {"lr": 0.2, "betas": (0.9, 0.9), "p": 0.05, "weight_decay": 0.0, "update_period": 10**9}
    expected = beside(problem, ((24,),), lambda w: peers.SophiaH(w, **theirs), call=call)
    close(path(optimizers.Sophia(lr=0.01, beta1=0.9, beta2=0.9, scale=0.05, decay=0, every=7)), expected)


def test_sam_is_pytorch_optimizers(peers, path, problem):
    def call(peer, closure):
        closure()
        peer.step(closure)

    make = lambda w: peers.SAM(w, torch.optim.SGD, rho=0.1, lr=0.01, momentum=0.9)  # noqa: E731
    expected = beside(problem, MIXED, make, call=call)
    # theirs has the norm in float32
    close(path(optimizers.SAM(optimizers.HeavyBall(0.01), rho=0.1)), expected, 1e-6)


def test_lookahead_is_pytorch_optimizers(peers, path, problem):
    expected = beside(problem, MIXED, lambda w: peers.Lookahead(torch.optim.Adam(w, lr=0.02), k=4, alpha=0.3))
    close(path(optimizers.Lookahead(optimizers.Adam(0.02), k=4, alpha=0.3)), expected)
