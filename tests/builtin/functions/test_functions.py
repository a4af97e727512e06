"""What every analytic function owes: right gradients, true minima, chance from its generator only."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad

from optbench.builtin.functions import ALL
from optbench.builtin.functions.bigram import Bigram
from optbench.builtin.functions.branin import Branin
from optbench.builtin.functions.deep_quadratic import DeepQuadratic
from optbench.builtin.functions.plateau import Plateau
from optbench.builtin.functions.quadratic import Quadratic
from optbench.builtin.functions.rastrigin import Rastrigin
from optbench.builtin.functions.reddi import Reddi
from optbench.builtin.functions.rosenbrock import Rosenbrock
from optbench.builtin.functions.rotating_valley import RotatingValley
from optbench.builtin.functions.saddle import Saddle
from optbench.builtin.functions.sharpening import Sharpening
from optbench.builtin.functions.slope import Slope
from optbench.builtin.functions.sparse import SparseGradients
from optbench.registry.accepted import check_component

INSTANCES = [
    *(function() for function in ALL),
    Quadratic(condition=1e4, dimension=7, rotated=False),
    Quadratic(dimension=5, noise=0.3),
    Quadratic(dimension=1),
    Quadratic(dimension=3, random_start=True),
    Slope(noise=0.5),
    Saddle(offset=-0.5),
    Plateau(distance=2.0),
    Plateau(random_start=True),
    Rosenbrock(dimension=6),
    Rastrigin(dimension=3),
    Branin(random_start=True),
    DeepQuadratic(noise=0.0),
    SparseGradients(dimension=2, exponent=0.5),
    SparseGradients(dimension=7, exponent=2.0, noise=0.0),
    RotatingValley(twist=3.0, condition=1e3),
    RotatingValley(twist=0.0),
    Sharpening(noise=0.1, distance=2.0, slow=1.0),
    Bigram(vocabulary=11, exponent=0.0),
    Bigram(vocabulary=5, exponent=1.5, spread=0.5),
    Reddi(large=1010.0, small=10.0, period=101, stochastic=True),
]


def ids(function):
    return f"{function.name}-{len(function.start)}"


every = pytest.mark.parametrize("function", INSTANCES, ids=ids)


@pytest.mark.parametrize("function", ALL, ids=lambda f: f.name)
def test_declares_itself(function):
    check_component("functions", function)
    assert function.reference
    assert function.__doc__
    assert function.name == function.name.lower()


def test_names_are_unique():
    assert len({f.name for f in ALL}) == len(ALL)


@every
def test_start_minima_and_window_fit(function):
    size = len(function.start)
    assert function.initial(np.random.default_rng(0)).shape == (size,)
    assert function.initial(np.random.default_rng(0)).dtype == np.float64
    assert all(len(minimum) == size for minimum in function.minima)
    assert function.minima
    assert len(function.window) == (2 if size == 2 else 0)
    for axis, (low, high) in enumerate(function.window):
        for point in (function.start, *function.minima):
            assert low <= point[axis] <= high


@every
def test_gradient_agrees_with_differences(function):
    points = np.random.default_rng(1)
    for step in range(4):
        w = points.uniform(-0.9, 0.9, len(function.start))

        def value(w, step=step):
            return function.value_and_gradient(w, step, np.random.default_rng(5))[0]

        def gradient(w, step=step):
            return function.value_and_gradient(w, step, np.random.default_rng(5))[1]

        h = 1e-6
        central = np.array([(value(w + h * e) - value(w - h * e)) / (2 * h) for e in np.eye(len(w))])
        exact = gradient(w)
        assert np.linalg.norm(central - exact) <= 1e-7 * (np.linalg.norm(central) + np.linalg.norm(exact))
        assert check_grad(value, gradient, w) < 1e-5 * max(1, np.linalg.norm(exact))


@every
def test_minima_have_the_least_value(function):
    for minimum in function.minima:
        w = np.array(minimum)
        assert function.value(w) == pytest.approx(function.minimum, abs=1e-12)
        near = w + 0.05 * np.random.default_rng(0).standard_normal((200, len(w)))
        for point in near:
            function.project(point)
            assert function.value(point) >= function.minimum
    assert function.value(np.array(function.start)) > function.minimum + 1e-3


@pytest.mark.parametrize("function", [f for f in INSTANCES if f.name not in ("reddi", "slope")], ids=ids)
def test_minima_are_stationary(function):
    for minimum in function.minima:
        h = 1e-6
        for e in np.eye(len(minimum)):
            slope = function.value(np.array(minimum) + h * e) - function.value(np.array(minimum) - h * e)
            assert abs(slope / (2 * h)) < 1e-7


@every
def test_nothing_far_below_the_minimum(function):
    points = np.random.default_rng(2).uniform(-6, 6, (2000, len(function.start)))
    for w in points:
        function.project(w)
        assert function.value(w) >= function.minimum - 1e-12


@every
def test_only_the_generator_and_the_step_matter(function):
    w = np.array(function.start) + 0.1
    before = w.copy()
    first = function.value_and_gradient(w, 3, np.random.default_rng(9))
    again = function.value_and_gradient(w, 3, np.random.default_rng(9))
    assert isinstance(first[0], float)
    assert first[0] == again[0]
    assert first[1].dtype == np.float64
    np.testing.assert_array_equal(first[1], again[1])
    np.testing.assert_array_equal(w, before)
    first[1][...] = 7  # the caller's own
    np.testing.assert_array_equal(again[1], function.value_and_gradient(w, 3, np.random.default_rng(9))[1])


@every
@pytest.mark.parametrize("far", [1e30, -1e200, np.inf, np.nan])
def test_far_away_is_no_exception(function, far):
    """A diverging run gives infinities, which are an outcome; an OverflowError or a warning would be a crash."""
    w = np.full(len(function.start), far)
    value, gradient = function.value_and_gradient(w, 0, np.random.default_rng(0))
    function.value(w)
    assert isinstance(value, float)
    assert gradient.shape == w.shape


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 12), st.floats(1, 1e8), st.booleans())
def test_quadratic_has_its_condition(dimension, condition, rotated):
    function = Quadratic(condition=condition, dimension=dimension, rotated=rotated)
    eigenvalues = np.linalg.eigvalsh(function.hessian)
    assert eigenvalues[-1] == pytest.approx(1)
    if dimension > 1:
        assert eigenvalues[0] == pytest.approx(1 / condition, rel=1e-6, abs=1e-14)
    assert np.linalg.norm(function.start) == pytest.approx(dimension**0.5)
    assert (np.count_nonzero(function.hessian) == dimension) or rotated
