"""L-BFGS against the dense inverse Hessian that it stands for, and its line search against the conditions."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from optbench.builtin import optimizers
from optbench.builtin.optimizers.line_search import EVALUATIONS, Point, cubic, strong_wolfe
from optbench.contract.context import Context
from optbench.contract.layout import Layout

SCALE = np.geomspace(0.5, 20, 6)


def quartic(at, out=None):
    """sum (SCALE w^2 / 2 + w^4 / 4), strongly convex: fixed steps stay in bounds."""
    found = np.add(SCALE * at, at**3, out=out)
    return float((SCALE * at**2 / 2 + at**4 / 4).sum()), found


def dense(w, lr, memory, steps):
    """H from its last pairs by the BFGS formula, as a matrix."""
    g, pairs, rows = quartic(w)[1], [], []
    for _ in range(steps):
        h, rate = np.eye(w.size), lr
        if pairs:
            s, y = pairs[-1]
            h *= (s @ y) / (y @ y)
        else:
            rate = lr * min(1, 1 / abs(g).sum())
        for s, y in pairs:
            rho, one = 1 / (s @ y), np.eye(w.size)
            h = (one - rho * np.outer(s, y)) @ h @ (one - rho * np.outer(y, s)) + rho * np.outer(s, s)
        new = w - rate * h @ g
        new_g = quartic(new)[1]
        pairs = [*pairs, (new - w, new_g - g)][-memory:]
        w, g = new, new_g
        rows.append(w)
    return np.array(rows)


@pytest.mark.parametrize("memory", [1, 3, 20])
def test_the_two_loop_recursion_is_the_dense_formula(memory):
    start = np.array([1.0, -2, 1.5, -1, 0.5, 1])
    one = optimizers.LBFGS(lr=0.3, memory=memory, line_search=False)
    layout, params = Layout.of({"w": (6,)}), start.copy()
    state = one.init(params, layout)
    context = Context(layout, loss=lambda: quartic(params)[0], gradient=quartic)
    rows = []
    for _ in range(15):
        one.step(params, quartic(params)[1], state, context)
        rows.append(params.copy())
    slow = dense(start, 0.3, memory, 15)
    np.testing.assert_allclose(rows, slow, rtol=0, atol=1e-11)
    assert quartic(rows[-1])[0] < 0.1 * quartic(start)[0]
    assert context.extra_gradients == 15


def test_it_solves_an_ill_conditioned_quadratic_in_few_steps():
    scale, layout = np.array([1.0, 5, 20, 100, 300]), Layout.of({"w": (5,)})
    params = np.ones(5)

    def gradient(at, out=None):
        return 0.5 * float(at @ (scale * at)), np.multiply(scale, at, out=out)

    one = optimizers.LBFGS()
    state = one.init(params, layout)
    context = Context(layout, loss=lambda: gradient(params)[0], gradient=gradient)
    for _ in range(25):
        one.step(params, scale * params, state, context)
    assert gradient(params)[0] < 1e-8
    assert 25 <= context.extra_gradients < 50


def test_pairs_that_point_uphill_are_forgotten():
    layout, params = Layout.of({"w": (2,)}), np.ones(2)
    one = optimizers.LBFGS(lr=0.1, line_search=False)
    state = one.init(params, layout)
    state["pairs"], state["s"][0], state["y"][0] = 1, [1, 0], [-1, 0]  # negative curvature
    state["products"]["0"] = -1.0
    context = Context(layout, loss=lambda: 0.0, gradient=lambda at, out: (0.0, np.copyto(out, at) or out))
    one.step(params, np.array([2.0, 0.0]), state, context)
    assert params[0] < 1
    assert np.isfinite(params).all()


def test_a_state_of_an_earlier_version_gets_the_products_of_its_pairs():
    layout, params = Layout.of({"w": (2,)}), np.ones(2)
    one = optimizers.LBFGS(memory=3)
    state = one.init(params, layout)
    for s, y in (([1.0, 2.0], [3.0, 4.0]), ([1.0, 0.0], [2.0, 0.0])):
        one.keep(np.array(s), np.array(y), state)
    assert state["products"] == {"0": 11.0, "1": 2.0}
    old = {name: value for name, value in state.items() if name != "products"}
    assert one.load(old, params, layout)["products"] == state["products"]


def wave(a, b, c, d):
    """t -> a cosh-like bowl with ripples, its slope at 0 made negative."""

    def value(t):
        return a * (t - b) ** 2 + c * np.sin(d * t)

    def slope(t):
        return 2 * a * (t - b) + c * d * np.cos(d * t)

    return lambda t: Point(t, float(value(t)), float(slope(t)), np.zeros(1))


@given(
    a=st.floats(0.01, 100),
    b=st.floats(0.01, 100),
    c=st.floats(0, 1),
    d=st.floats(0.1, 5),
    first=st.floats(1e-3, 10),
)
def test_the_line_search_ends_with_the_strong_wolfe_conditions(a, b, c, d, first):
    at, tried = wave(a, b, c, d), []
    start = at(0.0)
    assume(start.slope < -1e-3)
    found = strong_wolfe(lambda t: tried.append(t) or at(t), start, first, 1.0)
    assert len(tried) <= EVALUATIONS + 1
    assert found.loss <= start.loss + 1e-4 * found.t * start.slope
    if len(tried) < EVALUATIONS:
        assert abs(found.slope) <= 0.9 * abs(start.slope) + 1e-6 * a


def test_the_line_search_backs_off_from_where_the_loss_is_not_finite():
    def at(t):
        return Point(t, (t - 1) ** 2 if t < 2 else float("nan"), 2 * (t - 1), np.zeros(1))

    assert strong_wolfe(at, at(0.0), 1000.0, 1.0).loss < 1


def test_the_cubic_finds_the_minimum_of_a_cubic():
    def at(t):
        return Point(t, t**3 - 3 * t, 3 * t**2 - 3, np.zeros(1))

    assert cubic(at(0.0), at(3.0), 0.0, 3.0) == pytest.approx(1.0)
    assert cubic(at(3.0), at(0.0), 0.0, 3.0) == pytest.approx(1.0)
    assert cubic(at(0.0), at(3.0), 2.0, 3.0) == 2.0
