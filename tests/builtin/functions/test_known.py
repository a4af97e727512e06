"""Known values from the literature, and what each function is here to show."""

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

from optbench.builtin.functions.beale import Beale
from optbench.builtin.functions.branin import Branin
from optbench.builtin.functions.himmelblau import Himmelblau
from optbench.builtin.functions.plateau import Plateau
from optbench.builtin.functions.quadratic import Quadratic
from optbench.builtin.functions.rastrigin import Rastrigin
from optbench.builtin.functions.reddi import Reddi
from optbench.builtin.functions.rosenbrock import Rosenbrock
from optbench.builtin.functions.saddle import Saddle
from optbench.builtin.functions.slope import Slope

RNG = np.random.default_rng(0)


def descend(function, rate, steps):
    w = np.array(function.start)
    for step in range(steps):
        w -= rate * function.value_and_gradient(w, step, RNG)[1]
    return w


@pytest.mark.parametrize("dimension", [2, 3, 8])
def test_rosenbrock_is_scipys(dimension):
    function = Rosenbrock(dimension=dimension)
    w = np.random.default_rng(dimension).uniform(-2, 2, dimension)
    value, gradient = function.value_and_gradient(w, 0, RNG)
    assert value == pytest.approx(rosen(w), rel=1e-13)
    np.testing.assert_allclose(gradient, rosen_der(w), rtol=1e-12, atol=1e-12)


def test_values_at_known_points():
    assert Rosenbrock().value(np.array([-1.2, 1.0])) == pytest.approx(24.2)  # More, Garbow and Hillstrom
    assert Beale().value(np.array([0.0, 0.0])) == pytest.approx(1.5**2 + 2.25**2 + 2.625**2)
    assert Himmelblau().value(np.array([-0.270845, -0.923039])) == pytest.approx(181.617, abs=1e-3)  # its top
    assert Rastrigin().value(np.array([1.0, -2.0])) == pytest.approx(5)
    assert Saddle().value(np.zeros(2)) == 0
    assert Plateau().value(np.array([30.0, 30.0])) == 1


def test_quadratic_without_rotation_has_its_curvatures_as_coordinates():
    function = Quadratic(condition=100.0, dimension=3, rotated=False)
    np.testing.assert_allclose(function.hessian, np.diag([1, 0.1, 0.01]), atol=1e-15)
    assert function.value(np.array([0.0, 0.0, 10.0])) == pytest.approx(0.5)


def test_descent_does_the_same_on_a_rotated_quadratic():
    values = [
        f.value(descend(f, 1.5, 20)) for f in (Quadratic(dimension=4), Quadratic(dimension=4, rotated=False))
    ]
    assert values[0] == pytest.approx(values[1], rel=1e-9)
    assert 0 < values[0] < 0.1


def test_quadratic_noise_has_its_size_and_is_not_in_evaluations():
    function, rng = Quadratic(noise=0.5), np.random.default_rng(1)
    w = np.array([0.3, -0.2])
    drawn = np.array([function.value_and_gradient(w, 0, rng)[1] for _ in range(4000)])
    np.testing.assert_allclose(drawn.mean(axis=0), function.hessian @ w, atol=0.03)
    np.testing.assert_allclose(drawn.std(axis=0), 0.5, rtol=0.05)
    assert function.value(w) == Quadratic().value(w)


def test_rastrigin_starts_where_the_seed_says():
    function = Rastrigin(dimension=4)
    a, b = function.initial(np.random.default_rng(1)), function.initial(np.random.default_rng(2))
    assert (a != b).all()
    assert np.abs(np.concatenate([a, b])).max() <= 5.12


def test_random_starts_have_their_law():
    function = Quadratic(condition=1e3, random_start=True)
    starts = np.array([function.initial(np.random.default_rng(seed)) for seed in range(2000)])
    np.testing.assert_allclose(starts.std(axis=0), 1, rtol=0.06)
    # N(0, 1) along the axes of the bowl: the two curvatures have equal shares on average
    assert np.mean([function.value(w) for w in starts]) == pytest.approx(0.5 * (1 + 1e-3), rel=0.1)
    plateau = Plateau(random_start=True)
    angles = [plateau.initial(np.random.default_rng(seed)) for seed in range(50)]
    np.testing.assert_allclose(np.linalg.norm(angles, axis=1), 4)
    assert np.linalg.norm(np.mean(angles, axis=0)) < 1
    np.testing.assert_array_equal(Quadratic().initial(np.random.default_rng(1)), Quadratic().start)


def test_slope_comes_one_rate_nearer_a_step_and_no_further_than_its_end():
    assert descend(Slope(distance=20.0), 1.0, 10) == pytest.approx([10.0])
    function = Slope(distance=2.0, noise=0.5)
    w = np.array([-0.5])
    function.project(w)
    assert w == [0]
    rng = np.random.default_rng(0)
    drawn = np.array([function.value_and_gradient(np.ones(1), 0, rng)[1] for _ in range(4000)])
    assert drawn.mean() == pytest.approx(1, abs=0.03)
    assert drawn.std() == pytest.approx(0.5, rel=0.05)


def test_saddle_first_attracts_then_lets_go():
    function = Saddle()
    assert np.abs(descend(function, 0.1, 40)).max() < 0.1
    np.testing.assert_allclose(descend(function, 0.1, 300), [0, 1], atol=1e-6)
    on_the_ridge = Saddle(offset=0.0)
    np.testing.assert_allclose(descend(on_the_ridge, 0.1, 300), [0, 0], atol=1e-6)


def test_plateau_is_slow_for_descent_and_not_for_normalized_steps():
    function = Plateau()
    assert np.linalg.norm(descend(function, 0.5, 200)) > 3
    assert np.linalg.norm(descend(function, 0.5, 1000)) < 1e-3
    w = np.array(function.start)
    for _ in range(40):
        gradient = function.value_and_gradient(w, 0, RNG)[1]
        w -= 0.1 * gradient / np.linalg.norm(gradient)
    assert np.linalg.norm(w) < 0.2


def adaptive(function, beta1, beta2, maximum, steps=4000, rate=0.1):
    """Adam, or AMSGrad with the `maximum` of its second moments, written out; rate / sqrt(t), as in the theorem."""
    w = np.array(function.start)
    m = v = top = 0.0
    for step in range(steps):
        g = float(function.value_and_gradient(w, step, RNG)[1][0])
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        top = max(top, v) if maximum else v
        w -= rate / np.sqrt(step + 1) * m / np.sqrt(top)
        function.project(w)
    return float(w[0])


@pytest.mark.parametrize("stochastic", [False, True])
def test_adam_goes_to_the_worst_point_and_amsgrad_to_the_best(stochastic):
    function = Reddi(stochastic=stochastic)
    assert adaptive(function, 0.0, 0.1, maximum=False) > 0.9
    assert adaptive(function, 0.0, 0.1, maximum=True) < -0.9


@pytest.mark.parametrize("stochastic", [False, True])
def test_regret_is_the_average_of_the_steps(stochastic):
    function, rng = Reddi(large=5.0, small=1.5, period=3, stochastic=stochastic), np.random.default_rng(3)
    slopes = [function.value_and_gradient(np.zeros(1), step, rng)[1][0] for step in range(30_000)]
    slope = function.value(np.ones(1)) - function.value(np.zeros(1))
    assert np.mean(slopes) == pytest.approx(slope, abs=0.1 if stochastic else 1e-9)
    assert slope == pytest.approx(2 / 3)
    if not stochastic:
        assert slopes[:4] == [5, -1.5, -1.5, 5]  # t = 1, 2, 3, 4


def test_the_domain_is_an_interval():
    w = np.array([1.7])
    Reddi().project(w)
    assert w == [1]


def test_branin_at_its_minima_and_its_start():
    function = Branin()
    assert function.minimum == pytest.approx(0.397887, abs=1e-6)  # as the literature gives it
    for minimum in [(-3.14159, 12.275), (3.14159, 2.275), (9.42478, 2.475)]:
        assert function.value(np.array(minimum)) == pytest.approx(0.397887, abs=1e-5)
    assert function.value(np.array([0.0, 0.0])) == pytest.approx(36 + 10 * (1 - 1 / (8 * np.pi)) + 10)


def test_runs_of_descent_share_themselves_out_among_branins_minima():
    function, found = Branin(random_start=True), set()
    for seed in range(30):
        w = function.initial(np.random.default_rng(seed))
        for step in range(2000):
            w -= 0.02 * function.value_and_gradient(w, step, RNG)[1]
        distances = [np.linalg.norm(w - minimum) for minimum in function.minima]
        if min(distances) < 1e-3:
            found.add(int(np.argmin(distances)))
    assert found == {0, 1, 2}
