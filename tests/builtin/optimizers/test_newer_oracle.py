"""The newest methods beside torch, optax and pytorch_optimizer, 300 steps in float64: each says where forms differ."""

import functools
import math
from typing import Any

import numpy as np
import pytest

from optbench.builtin import optimizers
from optbench.contract.layout import Layout, Tensor
from support.beside import beside, close, in_float64, layout

pytestmark = pytest.mark.oracle
torch: Any = None  # imported by the first test: that takes seconds, also where these tests are deselected

COARSE = {"lr": 0.02, "beta1": 0.7, "beta2": 0.95, "eps": 1e-3}
THEIRS = {"lr": 0.02, "betas": (0.7, 0.95), "eps": 1e-3}
MIXED = ((4, 4), (2, 3), (2,))
#: a column, a row and a kernel, and the vectors that they are to methods of matrices
THIN, FLAT = ((4, 4), (3, 1), (1, 3), (1, 1, 2)), ((4, 4), (3,), (3,), (2,))


@pytest.fixture(autouse=True)
def _float64():
    global torch
    with in_float64() as torch:
        yield


@pytest.fixture(scope="module")
def peers():
    return pytest.importorskip("pytorch_optimizer")


def test_nadamw_is_torchs(path, problem):
    theirs = THEIRS | {"weight_decay": 0.3, "momentum_decay": 0.1, "decoupled_weight_decay": True}
    expected = beside(problem, MIXED, lambda w: torch.optim.NAdam(w, **theirs))
    close(path(optimizers.NAdamW(**COARSE, psi=0.1, decay=0.3), layout=layout(MIXED)), expected)


def optaxs(problem, transformation, steps=300):
    """The path of a transformation of optax, in float64."""
    jax, optax = pytest.importorskip("jax"), pytest.importorskip("optax")
    with jax.enable_x64(True):
        w = jax.numpy.asarray(problem.start)
        state, rows = transformation(optax).init(w), []
        update = jax.jit(transformation(optax).update)
        for step in range(steps):
            moved, state = update(jax.numpy.asarray(problem.gradient(np.asarray(w), step)), state, w)
            w = optax.apply_updates(w, moved)
            rows.append(np.asarray(w))
    assert rows[0].dtype == np.float64
    return np.array(rows)


def test_nadamw_without_the_warm_up_of_its_momentum_is_optaxs(path, problem):
    expected = optaxs(problem, lambda optax: optax.nadamw(0.02, b1=0.7, b2=0.95, eps=1e-3, weight_decay=0.3))
    close(path(optimizers.NAdamW(**COARSE, psi=1e4, decay=0.3)), expected)


def test_ademamix_is_optaxs(path, problem):
    """Without a warm-up: optax leaves that to its users."""
    make = lambda optax: optax.contrib.ademamix(  # noqa: E731
        0.02, b1=0.7, b2=0.95, b3=0.99, alpha=2.0, eps=1e-3, weight_decay=0.3
    )
    ours = optimizers.AdEMAMix(**COARSE, beta3=0.99, alpha=2.0, decay=0.3, warmup=0.0, reach=1e9)
    close(path(ours), optaxs(problem, make))


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_ademamix_is_pytorch_optimizers(peers, path, problem, share):
    theirs = {"lr": 0.02, "betas": (0.7, 0.95, 0.99), "eps": 1e-3, "alpha": 2.0, "t_alpha_beta3": 300 * share}
    theirs |= {"weight_decay": 0.3, "weight_decouple": True}
    expected = beside(problem, MIXED, lambda w: peers.AdEMAMix(w, **theirs))
    ours = optimizers.AdEMAMix(**COARSE, beta3=0.99, alpha=2.0, decay=0.3, warmup=share, reach=1e9)
    close(path(ours, layout=layout(MIXED)), expected)


def test_mars_is_pytorch_optimizers(peers, path, problem, monkeypatch):
    """With the first gradient as the one before it: theirs has 0, where the paper has no correction. It adds eps to the
    root before it corrects v, so a negligible eps, and 1e-15 to v, which is left out."""
    root = functools.partial(peers.MARS.apply_ams_bound, exp_avg_sq_eps=0.0)
    monkeypatch.setattr(peers.MARS, "apply_ams_bound", staticmethod(root))

    def call(peer, closure):
        closure()
        for w in peer.param_groups[0]["params"]:
            if not peer.state[w]:
                peer.init_group(peer.param_groups[0])
                for one in peer.param_groups[0]["params"]:
                    peer.state[one]["last_grad"].copy_(one.grad)
        peer.step()

    theirs = {"lr": 0.02, "betas": (0.7, 0.95), "eps": 1e-14, "gamma": 0.1, "weight_decay": 0.3, "optimize_1d": True}
    expected = beside(problem, MIXED, lambda w: peers.MARS(w, **theirs, foreach=False), call=call)
    ours = optimizers.MARS(**COARSE | {"eps": 1e-14}, gamma=0.1, decay=0.3)
    close(path(ours, layout=layout(MIXED)), expected)


def test_cautious_adam_is_pytorch_optimizers(peers, path, problem):
    """Their AdEMAMix without its slow average: of Adam itself they have no cautious form."""
    theirs = {"lr": 0.02, "betas": (0.7, 0.95, 0.99), "eps": 1e-3, "alpha": 0.0, "cautious": True}
    expected = beside(problem, MIXED, lambda w: peers.AdEMAMix(w, **theirs))
    close(path(optimizers.Cautious(optimizers.Adam(**COARSE)), layout=layout(MIXED)), expected)


def test_signum_is_pytorch_optimizers(peers, path, problem):
    theirs = {"lr": 0.02, "momentum": 0.8, "weight_decay": 0.3}
    expected = beside(problem, MIXED, lambda w: peers.SignSGD(w, **theirs))
    close(path(optimizers.Signum(lr=0.02, beta=0.8, decay=0.3)), expected)


@pytest.mark.parametrize("beta", [0.0, 0.8])
def test_d_adaptation_of_sgd_is_pytorch_optimizers(peers, path, problem, monkeypatch, beta):
    """Theirs has the first gradient's norm in float32, which would allow 1e-7 at best: here in float64."""
    from pytorch_optimizer.optimizer import dadapt

    def squares(groups):
        return sum((w.grad**2).sum() for group in groups for w in group["params"])

    monkeypatch.setattr(dadapt, "get_global_gradient_norm", squares)
    expected = beside(problem, MIXED, lambda w: peers.DAdaptSGD(w, lr=0.5, momentum=beta, d0=1e-4))
    close(path(optimizers.DAdaptSGD(lr=0.5, beta=beta, start=1e-4)), expected)


@pytest.mark.parametrize("momentum", [0.0, 0.7])
def test_amos_is_pytorch_optimizers(peers, path, problem, momentum):
    """Theirs has one group a tensor: ours are the rows of a table, each a vector there, whose eta is 0.5."""
    theirs = {"lr": 0.05, "beta": 0.9, "momentum": momentum}
    expected = beside(problem, ((4,),) * 6, lambda w: peers.Amos(w, **theirs))
    table = Layout([Tensor("table", (6, 4), "weight", 8, 4, 0, 0, "embedding")])
    close(path(optimizers.Amos(lr=0.05, beta=0.9, momentum=momentum), layout=table), expected)


@pytest.mark.parametrize(("flat", "largest"), [(300, 512), (20, 3)])
@pytest.mark.parametrize(
    ("shapes", "vectors", "decay"), [(MIXED, MIXED, 0.1), (THIN, FLAT, 0.0)], ids=["mixed", "thin"]
)
def test_kron_is_pytorch_optimizers(peers, path, problem, monkeypatch, shapes, vectors, decay, flat, largest):
    """Given the same chance. Theirs solves in float32, which would allow 1e-6 at best: here in float64.

    Theirs lets a row or column decay, but no vector.
    """
    from pytorch_optimizer.optimizer import psgd

    rng = np.random.default_rng(0)

    def solved(x, a):
        return torch.linalg.solve_triangular(a, x.reshape(-1, x.size(-1)), upper=True, left=False).reshape_as(x)

    def probability(step):
        return torch.tensor(max(0.15, min(1.0, math.exp(-0.03 * (step - flat)))))

    counts = {"step": 0, "since": 0}

    def uniform():
        """Ours draws where it renews only."""
        counts["since"] += 1
        renews = counts["since"] >= 1 / probability(counts["step"])
        counts["step"] += 1
        counts["since"] = 0 if renews else counts["since"]
        return rng.random() if renews else 1.0

    monkeypatch.setattr(psgd, "solve_triangular_right", solved)
    monkeypatch.setattr(psgd.np.random, "random", uniform)
    monkeypatch.setattr(torch, "randn_like", lambda t, dtype: torch.from_numpy(rng.standard_normal(tuple(t.shape))))
    theirs = {"lr": 0.01, "momentum": 0.8, "weight_decay": decay, "max_size_triangular": largest}
    theirs |= {"pre_conditioner_update_probability": probability, "precondition_dtype": torch.float64}
    expected = beside(problem, vectors, lambda w: peers.Kron(w, **theirs))
    ours = optimizers.Kron(lr=0.01, beta=0.8, decay=decay, least=0.15, flat=flat, fall=0.03, largest=largest)
    close(path(ours, layout=layout(shapes)), expected)
