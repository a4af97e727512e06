"""Lion's arithmetic against the paper's formula, one coordinate at a time, and its place in the registry."""

import math

import numpy as np
import optbench_lion
import pytest
from optbench_lion import Lion

from optbench import Context, Layout
from optbench.testing import offered, parametrize_with_checks, registry_of


@parametrize_with_checks([Lion, Lion(beta1=0.5, decay=0.1)])
def test_contract(component, check):
    check(component)


def by_the_paper(w, gradients, lr, beta1, beta2, decay):
    """Algorithm 2 of Chen et al. 2023 for one number w; the parameters after each step."""
    m, path = 0.0, []
    for g in gradients:
        c = beta1 * m + (1 - beta1) * g
        update = math.copysign(1.0, c) if c != 0 else 0.0
        w = w - lr * (update + decay * w)
        m = beta2 * m + (1 - beta2) * g
        path.append(w)
    return path


@pytest.mark.parametrize(
    "settings",
    [
        {"lr": 1e-2, "beta1": 0.9, "beta2": 0.99, "decay": 0.0},
        {"lr": 1e-1, "beta1": 0.5, "beta2": 0.9, "decay": 0.3},
    ],
)
def test_steps_are_those_of_the_paper(settings):
    rng = np.random.default_rng(1)
    start, gradients = rng.normal(size=4), rng.normal(size=(50, 4))
    gradients[:, 3] = 0.0
    lion, layout = Lion(**settings), Layout.of({"w": (4,)})
    params = start.copy()
    state, context, path = lion.init(params, layout), Context(layout), []
    for g in gradients:
        lion.step(params, g.copy(), state, context)
        path.append(params.copy())
    expected = [by_the_paper(w, gradients[:, i], **settings) for i, w in enumerate(start)]
    np.testing.assert_allclose(np.array(path).T, expected, rtol=1e-12, atol=1e-15)


def test_the_schedule_scales_the_step():
    layout = Layout.of({"w": (1,)})
    context = Context(layout)
    context.factor = 0.5
    params = np.zeros(1)
    lion = Lion(lr=0.1)
    lion.step(params, np.ones(1), lion.init(params, layout), context)
    assert params[0] == pytest.approx(-0.05)


def test_float32_stays_float32():
    layout = Layout.of({"w": (3,)})
    params = np.ones(3, np.float32)
    lion = Lion()
    state = lion.init(params, layout)
    lion.step(params, np.ones(3, np.float32), state, Context(layout))
    assert params.dtype == state["m"].dtype == np.float32


def test_optbench_takes_it():
    assert offered(optbench_lion) == {"optimizers": ["lion"]}
    assert registry_of(optbench_lion).create("optimizers", {"name": "lion", "lr": 0.01}) == Lion(lr=0.01)
