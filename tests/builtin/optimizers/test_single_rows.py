"""A single row or column is a vector to what preconditions the sides of matrices."""

from typing import Any

import numpy as np
import pytest

from optbench.builtin import optimizers
from optbench.contract.context import Context, Progress
from optbench.contract.layout import Layout

#: the problem's 24 numbers as a matrix, a column, a row and a kernel of one channel each, and as vectors
SHAPES = {"matrix": (4, 4), "column": (3, 1), "row": (1, 3), "kernel": (1, 1, 2)}
THIN, FLAT = Layout.of(SHAPES), Layout.of({"matrix": (4, 4), "column": (3,), "row": (3,), "kernel": (2,)})
METHODS: list[Any] = [
    optimizers.Shampoo(beta=0.5, every=3),
    optimizers.CASPR(beta=0.5, every=3),
    optimizers.SOAP(lr=0.02, every=3),
    optimizers.Kron(lr=0.01, flat=20),
]


def power(matrix, exponent):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * values**exponent) @ vectors.T


def descended(one, state, params, layout, gradients):
    """The parameters after steps with these gradients."""
    context = Context(layout, Progress(0, len(gradients)))
    for g in gradients:
        one.step(params, g.copy(), state, context)
    return params


@pytest.mark.parametrize("one", METHODS, ids=[one.name for one in METHODS])
def test_it_goes_the_way_of_the_vector(path, one):
    assert np.array_equal(path(one, layout=THIN, steps=60), path(one, layout=FLAT, steps=60))


@pytest.mark.parametrize("shape", [(5,), (5, 1), (1, 5), (1, 1, 1, 5)])
@pytest.mark.parametrize("method", [optimizers.Shampoo, optimizers.CASPR])
@pytest.mark.parametrize("every", [1, 4])
def test_shampoo_is_adagrad(method, shape, every):
    """In each step, however seldom the roots of matrices are renewed."""
    gradients, expected, squares = np.random.default_rng(0).normal(size=(8, 5)), np.zeros(5), 0.1
    for g in gradients:
        squares = squares + g * g
        expected -= 0.3 * g / np.sqrt(squares)
    one, layout = method(lr=0.3, beta=0.0, eps=0.1, every=every), Layout.of({"w": shape})
    state = one.init(np.zeros(5), layout)
    np.testing.assert_allclose(descended(one, state, np.zeros(5), layout, gradients), expected, rtol=1e-12)


@pytest.mark.parametrize("shape", [(5,), (5, 1), (1, 5), (1, 1, 1, 5)])
def test_soap_is_adamw_after_the_first_gradient(shape):
    gradients, params = np.random.default_rng(0).normal(size=(8, 5)), np.arange(1.0, 6.0)
    m, v, expected = np.zeros(5), np.zeros(5), params.copy()
    for t, g in enumerate(gradients[1:], 1):
        m, v = 0.8 * m + 0.2 * g, 0.9 * v + 0.1 * g * g
        expected -= 0.1 * np.sqrt(1 - 0.9**t) / (1 - 0.8**t) * m / (np.sqrt(v) + 1e-3)
        expected *= 1 - 0.1 * 0.5
    one, layout = optimizers.SOAP(0.1, 0.8, 0.9, 1e-3, decay=0.5, every=2), Layout.of({"w": shape})
    state = one.init(params, layout)
    np.testing.assert_allclose(descended(one, state, params, layout, gradients), expected, rtol=1e-12)
    assert not state["gram"]


def test_kron_has_a_diagonal_and_decays_it(path):
    shapes = {"matrix": (4, 5), "column": (3, 1), "vector": (3,)}
    layout, one = Layout.of(shapes), optimizers.Kron(lr=0.1, decay=0.5)
    params = np.ones(26)
    state = one.init(params, layout)
    found = {name: {side: q.shape for side, q in qs.items()} for name, qs in state["factors"].items()}
    assert found == {"matrix": {"left": (4, 4), "right": (5, 5)}, "column": {"left": (3,)}, "vector": {"left": (3,)}}
    descended(one, state, params, layout, np.zeros((1, 26)))
    np.testing.assert_allclose(params, [0.95] * 23 + [1.0] * 3, rtol=1e-12)


@pytest.mark.parametrize("one", METHODS, ids=[one.name for one in METHODS])
def test_only_the_matrix_has_matrices(one):
    state = one.init(np.zeros(24), THIN)
    for name, both in (state["factors"] if "factors" in state else state["gram"]).items():
        assert [value.ndim for value in both.values()] == ([2, 2] if name == "matrix" else [1])


def earlier(one, params, layout):
    """The state that a row's training had when rows were matrices: with two sides."""
    state = one.init(params, layout)
    start = {side: np.eye(n) for side, n in (("left", 1), ("right", 4))}
    if isinstance(one, optimizers.Kron):
        state["factors"]["w"] = {"left": np.ones(1), "right": np.eye(4)}
        return state
    size = 0.0 if isinstance(one, optimizers.SOAP) else one.eps
    state["gram"]["w"] = {side: size * value for side, value in start.items()}
    state["bases" if isinstance(one, optimizers.SOAP) else "roots"]["w"] = start
    state.pop("squares", None)
    return one.load(state, params, layout)


def test_a_checkpoint_with_two_sides_goes_on_with_them():
    layout, gradients = Layout.of({"w": (1, 4)}), np.random.default_rng(0).normal(size=(6, 4))
    one = optimizers.Shampoo(lr=0.3, beta=0.0, eps=0.1, every=1)
    left, right, expected = 0.1 * np.eye(1), 0.1 * np.eye(4), np.zeros((1, 4))
    for g in gradients[:, None]:
        left, right = left + g @ g.T, right + g.T @ g
        expected -= 0.3 * power(left, -1 / 4) @ g @ power(right, -1 / 4)
    found = descended(one, earlier(one, np.zeros(4), layout), np.zeros(4), layout, gradients)
    np.testing.assert_allclose(found, expected[0], rtol=1e-10)
    for other in METHODS:  # of the others no more than that they go on
        state = earlier(other, np.zeros(4), layout)
        assert np.isfinite(descended(other, state, np.zeros(4), layout, gradients)).all()
