"""Rows of an embedding that get a gradient rarely: what each method owes them, by its own formula."""

import numpy as np
import pytest

from optbench.builtin import optimizers
from optbench.builtin.optimizers import SGD, AdaGrad, Adam, AdamW, Momentum
from optbench.contract.context import Context, Progress
from optbench.contract.layout import Layout, Tensor

ROWS, UNITS = 5, 3
#: a table, and a matrix behind it that always gets a gradient
LAYOUT = Layout(
    [
        Tensor("table", (ROWS, UNITS), "weight", UNITS, UNITS, 0, 0, "embedding"),
        Tensor("weight", (UNITS, 2), "weight", UNITS, 2, 1, ROWS * UNITS),
    ]
)
#: this row gets a gradient in the first step only, and that one never
ONCE, NEVER = 1, 3
STEPS = 6


def gradient(step):
    """Its table has the gradient 0 in the rows that the batch did not read."""
    g = np.random.default_rng(step).normal(size=LAYOUT.size)
    rows = g[: ROWS * UNITS].reshape(ROWS, UNITS)
    rows[NEVER] = 0
    if step > 0:
        rows[ONCE] = 0
    return g


def tables(optimizer, steps=STEPS):
    """The table before the first step and after each."""
    params = np.random.default_rng(9).normal(size=LAYOUT.size)
    state = optimizer.init(params, LAYOUT)
    found = [params[: ROWS * UNITS].reshape(ROWS, UNITS).copy()]
    for step in range(steps):
        g, at = gradient(step), params.copy()

        def loss_and_gradient(w, out=None, g=g, at=at):
            result = np.empty_like(g) if out is None else out
            result[:] = g
            return float(g @ (w - at)), result

        context = Context(
            LAYOUT, rng=np.random.default_rng(step), loss=lambda: 0.0, gradient=loss_and_gradient
        )
        context.progress = Progress(step, steps)
        optimizer.step(params, g.copy(), state, context)
        found.append(params[: ROWS * UNITS].reshape(ROWS, UNITS).copy())
    return np.array(found)


@pytest.mark.parametrize("optimizer", [SGD(lr=0.1), AdaGrad(lr=0.1)])
def test_a_row_without_a_gradient_stays_to_the_bit(optimizer):
    found = tables(optimizer)
    assert np.array_equal(found[1:, ONCE], np.repeat(found[1:2, ONCE], STEPS, axis=0))
    assert not np.array_equal(found[0, ONCE], found[1, ONCE])


def test_adagrad_counts_the_gradients_that_a_row_got_and_no_steps():
    """The first step of a rare row has the rate of a first step, however late it comes."""
    late = AdaGrad(lr=0.1)
    params = np.zeros(LAYOUT.size)
    state = late.init(params, LAYOUT)
    for step in range(50):
        g = np.zeros(LAYOUT.size)
        g[0] = 1
        if step == 49:
            g[4] = 0.01
        late.step(params, g, state, Context(LAYOUT, rng=np.random.default_rng(0)))
    assert params[4] == pytest.approx(-0.1)
    assert params[0] == pytest.approx(-0.1 * sum(1 / np.sqrt(k) for k in range(1, 51)))


def test_momentum_moves_a_row_by_what_is_left_of_earlier_gradients():
    found = tables(Momentum(lr=0.1, beta=0.9))
    steps = found[:-1, ONCE] - found[1:, ONCE]
    assert steps[0].any()
    np.testing.assert_allclose(steps, steps[0] * 0.9 ** np.arange(STEPS)[:, None], rtol=1e-9)


def test_adam_moves_a_row_by_both_of_its_averages():
    """m falls by beta1 a step and v by beta2, each with the correction of the step: it is not the lazy variant."""
    beta1, beta2, rate, eps = 0.9, 0.99, 0.1, 1e-8
    found = tables(Adam(lr=rate, beta1=beta1, beta2=beta2, eps=eps))
    g = gradient(0)[: ROWS * UNITS].reshape(ROWS, UNITS)[ONCE]
    for k in range(STEPS):
        m = (1 - beta1) * beta1**k * g / (1 - beta1 ** (k + 1))
        v = (1 - beta2) * beta2**k * g**2 / (1 - beta2 ** (k + 1))
        np.testing.assert_allclose(found[k, ONCE] - found[k + 1, ONCE], rate * m / (np.sqrt(v) + eps), rtol=1e-8)


def test_decay_shrinks_rows_that_nobody_reads():
    found = tables(AdamW(lr=0.1, decay=0.5))
    np.testing.assert_allclose(found[-1, NEVER], found[0, NEVER] * (1 - 0.1 * 0.5) ** STEPS, rtol=1e-12)


@pytest.mark.parametrize("optimizer", optimizers.ALL, ids=lambda c: c.name)
def test_a_row_that_never_got_a_gradient_stays(optimizer):
    """0 / 0 is nowhere, and what a method learns of other rows does not move this one."""
    settings = {"decay": 0.0} if "decay" in optimizer.hyperparameters() else {}
    with np.errstate(invalid="raise", divide="raise"):
        found = tables(optimizer(**settings))
    assert np.isfinite(found).all()
    assert not np.array_equal(found[0], found[-1])
    np.testing.assert_allclose(found[-1, NEVER], found[0, NEVER], rtol=1e-12)
