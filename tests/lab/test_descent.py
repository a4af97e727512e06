"""An optimizer by hand, over given gradients and down functions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench import Layout, OptbenchError, Tensor, descend, get
from optbench.builtin.optimizers import LBFGS, SAM, SGD, Adam, Momentum, Muon
from optbench.builtin.schedules import Cosine
from support.problems import Tracker

numbers = st.floats(-10, 10)


@given(st.lists(st.tuples(numbers, numbers), min_size=0, max_size=6), st.floats(0.01, 1))
def test_sgd_goes_the_way_of_the_gradients(gradients, rate):
    path = descend(SGD(lr=rate), [1.0, -1.0], gradients)
    wanted = np.array([1.0, -1.0]) - rate * np.cumsum(np.array([(0.0, 0.0), *gradients]), axis=0)
    assert np.allclose(path, wanted, atol=1e-9)


def test_a_function_is_asked_at_each_point():
    asked = []

    def gradient(w):
        asked.append(w.copy())
        return 2 * w

    path = descend(Momentum(lr=0.1), np.ones((2, 3)), gradient, steps=5)
    assert path.shape == (6, 2, 3)
    assert np.array_equal(path[:-1], asked)
    assert np.array_equal(path, descend(Momentum(lr=0.1), np.ones((2, 3)), 2 * path[:-1]))


def test_what_asks_for_further_gradients_gets_them_with_the_same_noise():
    quadratic = get("quadratic", noise=0.5)
    once, again = (descend(SAM(), quadratic.start, quadratic, steps=4, seed=3) for _ in range(2))
    assert np.array_equal(once, again)
    path = descend(LBFGS(), [3.0, -2.0], lambda w: (float(w @ w), 2 * w), steps=5)
    assert np.abs(path[-1]).max() < 1e-6


def test_schedules_and_layouts_count():
    moves = -np.diff(descend(SGD(lr=1.0), [0.0], np.ones((4, 1)), schedule=Cosine())[:, 0])
    assert np.allclose(moves, [(1 + np.cos(np.pi * k / 4)) / 2 for k in range(4)])
    head = Layout([Tensor("head", (2, 3), "weight", 2, 3, 0, 0, "head")])
    w, g = np.ones((2, 3)), np.arange(6.0).reshape(2, 3)
    assert not np.allclose(descend(Muon(), w, [g]), descend(Muon(), w, [g], layout=head))


def test_float32_stays():
    assert descend(Adam(), np.ones(2, np.float32), np.ones((2, 2))).dtype == np.float32
    assert descend(Adam(), [1, 2], np.ones((2, 2))).dtype == np.float64


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: descend("adam", [0.0], [[1.0]]), "optimizer must be an optimizer such as Adam"),
        (lambda: descend(SGD(), ["a"], [[1.0]]), "start must be an array of numbers"),
        (lambda: descend(SGD(), [0.0], [[1.0, 2.0]]), r"gradients\[0\]: expected shape \(1,\), as start has"),
        (lambda: descend(SGD(), [0.0], [[1.0]], steps=2), "steps: 2 steps, but only 1 gradients are given"),
        (lambda: descend(SGD(), [0.0], lambda w: w), "steps: a function gives gradients without end"),
        (lambda: descend(SGD(), [0.0], lambda w: [1.0, 2.0, 3.0], steps=1), "the gradient that the function gives"),
        (lambda: descend(SGD(), [0.0], 3), "gradients must be gradients, one a step, or a function"),
        (lambda: descend(SAM(), [0.0], [[1.0]]), "this context cannot evaluate other gradients"),
        (lambda: descend(SGD(), [0.0], [[1.0]], layout=Layout.of({"a": (2,)})), "layout: expected one of 1 parameters"),
        (lambda: descend(SGD(), [0.0], [[1.0]], schedule="cosine"), "schedule must be a schedule such as"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(call, message):
    with pytest.raises(OptbenchError, match=message):
        call()


def test_a_problem_is_descended_with_what_it_remembers():
    """Tracker: half the squared distance to a target that moves at each step, also where SAM asks twice."""
    once = descend(SGD(lr=1.0), np.zeros(4), Tracker(), steps=5, seed=2)
    twice = descend(SAM(inner=SGD(lr=1.0), rho=0.5), np.zeros(4), Tracker(), steps=5, seed=2)
    # A step of length 1 lands on the target of that step; SAM's on that of the same step, less its way uphill.
    way = (twice[1:] - once[1:]).round(12)
    assert np.linalg.norm(way, axis=1) == pytest.approx(0.5)
    assert (np.diff(once, axis=0) != 0).all()
