"""Gradients of 1e20 in float32: what takes norms and products of them does what it does in float64."""

import numpy as np
import pytest

from optbench.builtin import optimizers
from optbench.builtin.optimizers import ALL, Adafactor
from optbench.builtin.regularizers import L2, ElasticNet
from optbench.contract.context import Context
from optbench.testing.drive import MIXED, Drive, start, straight

STEPS = 3


def path(optimizer, dtype, layout):
    gradients = np.random.default_rng(0).normal(size=(STEPS, layout.size)) * 1e20
    params = np.random.default_rng(1).normal(size=layout.size).astype(dtype)
    state = optimizer.init(params, layout)
    for g in gradients:
        def gradient(at, out=None, g=g):
            out = np.empty_like(at) if out is None else out
            out[...] = g
            return float(g @ at.astype(np.float64)), out

        loss = lambda g=g: float(g @ params.astype(np.float64))  # noqa: E731
        optimizer.step(params, g.astype(dtype), state, Context(layout, loss=loss, gradient=gradient))
    return params


@pytest.mark.parametrize(
    "optimizer",
    [optimizers.ClipNorm(), optimizers.SAM(), optimizers.LARS()],
    ids=lambda o: o.name,
)
def test_float32_is_float64(optimizer, mixed):
    wide = path(optimizer, "float64", mixed)
    assert np.abs(path(optimizer, "float32", mixed) - wide).max() <= 1e-5 * np.abs(wide).max()


@pytest.mark.parametrize("optimizer", [optimizers.Prodigy(), optimizers.LBFGS()], ids=lambda o: o.name)
def test_products_stay_finite(optimizer, mixed):
    with np.errstate(all="ignore"):
        moved = path(optimizer, "float32", mixed)
    assert np.isfinite(moved).all()
    assert np.abs(moved - np.random.default_rng(1).normal(size=mixed.size)).max() > 0


@pytest.mark.parametrize("penalty", [L2(0.5), ElasticNet(0.5, ratio=0.0)], ids=lambda p: p.name)
def test_a_penalty_of_large_weights_is_its_formula(penalty, mixed):
    w = np.full(mixed.size, 1e20, "float32")
    value = penalty.apply(w, np.zeros_like(w), mixed)
    assert value == pytest.approx(0.25 * 22 * float(w[0]) ** 2, rel=1e-6)


def test_lars_decays_a_tensor_without_gradient_at_the_pace_of_its_decay(mixed):
    # beta 0: each step is w <- w - lr decay w, and the bias has no decay.
    one = optimizers.LARS(lr=0.1, beta=0.0, trust=0.02, decay=0.1)
    params = np.random.default_rng(1).normal(size=mixed.size)
    before, state = params.copy(), one.init(params, mixed)
    for _ in range(50):
        one.step(params, np.zeros(mixed.size), state, Context(mixed))
    assert params[:22] == pytest.approx(before[:22] * 0.99**50, rel=1e-12)
    assert np.array_equal(params[22:], before[22:])


def test_a_resumed_rmsprop_that_becomes_centered_starts_its_means_at_zero(mixed):
    params = np.ones(mixed.size)
    plain, centered = optimizers.RMSprop(), optimizers.RMSprop(centered=True)
    state = plain.init(params, mixed)
    plain.step(params, np.ones(mixed.size), state, Context(mixed))
    resumed = centered.load(plain.save(state), params, mixed)
    assert not resumed["means"].any()
    assert np.array_equal(resumed["squares"], state["squares"])


@pytest.mark.parametrize("cls", [cls for cls in ALL if cls is not Adafactor], ids=lambda cls: cls.name)
def test_no_step_is_lost_to_gradients_whose_squares_overflow(cls):
    gradient = np.float64(1e20) * np.sign(start(MIXED))
    drive = Drive(cls(), problem=straight(gradient), dtype=np.float32).go(5)
    assert np.isfinite(drive.params).all()
    assert np.isfinite(drive.evaluated).all()


def test_adafactors_is_lost_as_its_docstring_says():
    drive = Drive(Adafactor(), problem=straight(np.full(MIXED.size, 1e20)), dtype=np.float32).go(1)
    assert np.isnan(drive.params).any()
    assert "1e19" in Adafactor.__doc__
