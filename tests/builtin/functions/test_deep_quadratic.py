"""DeepOBS's noisy quadratic: its numbers, its law, and the floor of a constant rate."""

import numpy as np
import pytest

from optbench.builtin.functions.deep_quadratic import DeepQuadratic, spectrum_and_rotation


def test_the_spectrum_is_that_of_deepobs():
    values, rotation, hessian = spectrum_and_rotation()
    assert ((values > 0) & (values < 1)).sum() == 90
    assert ((values > 30) & (values < 60)).sum() == 10
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(100), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1)
    np.testing.assert_allclose(np.linalg.eigvalsh(hessian), np.sort(values), atol=1e-10)
    # of DeepOBS's own Hessian, made by its code
    assert hessian[0, 0] == pytest.approx(6.221429443252536, rel=1e-12)
    assert hessian[3, 7] == pytest.approx(0.39749823341668267, rel=1e-12)
    assert hessian.sum() == pytest.approx(535.0586859080722, rel=1e-12)


def test_a_step_has_the_law_of_a_mini_batch_of_examples():
    """Drawn example by example, as the formula says, mean and covariance of the gradient are those of one draw."""
    function, w = DeepQuadratic(noise=0.6, batch=16), np.full(100, 0.5)
    rng, others = np.random.default_rng(0), np.random.default_rng(1)
    ours = np.array([function.value_and_gradient(w, 0, rng)[1] for _ in range(4000)])
    hessian = function.hessian
    examples = 0.6 * others.standard_normal((4000, 16, 100))
    theirs = (w - examples.mean(axis=1)) @ hessian
    spread = theirs.std(axis=0)
    np.testing.assert_allclose(ours.mean(axis=0), hessian @ w, atol=6 * spread.max() / 4000**0.5)
    np.testing.assert_allclose(ours.std(axis=0), spread, rtol=0.07)
    # The value is that of the examples, less what their noise alone costs on average.
    rng = np.random.default_rng(0)
    mean = np.mean([function.value_and_gradient(w, 0, rng)[0] for _ in range(4000)])
    away = w - examples[:500]
    cost = 0.5 * 0.36 * np.trace(hessian)
    direct = 0.5 * np.einsum("sbi,ij,sbj->sb", away, hessian, away).mean() - cost
    assert mean == pytest.approx(function.value(w), rel=0.05)
    assert direct == pytest.approx(function.value(w), rel=0.05)


@pytest.mark.parametrize("rate", [0.005, 0.02])
def test_a_constant_rate_ends_at_its_floor(rate):
    """Along an eigenvector: w <- (1 - r c) w + r c x, so var w = r c var x / (2 - r c)."""
    function, rng = DeepQuadratic(), np.random.default_rng(3)
    values, rotation, _ = spectrum_and_rotation()
    steep = values > 30
    w, levels = np.array(function.start), []
    for step in range(6000):
        w -= rate * function.value_and_gradient(w, step, rng)[1]
        if step > 1000:
            levels.append(0.5 * values[steep] * (rotation @ w)[steep] ** 2)
    c = values[steep]
    floor = 0.36 / 128 * rate * c**2 / (2 * (2 - rate * c))
    np.testing.assert_allclose(np.mean(levels, axis=0).sum(), floor.sum(), rtol=0.05)


def test_a_falling_rate_ends_far_below():
    function = DeepQuadratic()

    def descend(factor):
        w, rng = np.array(function.start), np.random.default_rng(0)
        for step in range(1000):
            w -= 0.03 * factor(step / 1000) * function.value_and_gradient(w, step, rng)[1]
        return function.value(w)

    assert descend(lambda part: 0.5 * (1 + np.cos(np.pi * part))) < 0.2 * descend(lambda part: 1.0)
