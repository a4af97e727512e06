"""What the functions for one failure each are here to show, with optimizers and settings fixed beforehand."""

import numpy as np
import pytest

from optbench.builtin.functions.rotating_valley import RotatingValley
from optbench.builtin.functions.sharpening import Sharpening
from optbench.builtin.functions.sparse import SparseGradients
from optbench.builtin.optimizers.adagrad import AdaGrad
from optbench.builtin.optimizers.adam import Adam
from optbench.builtin.optimizers.clip_norm import ClipNorm
from optbench.builtin.optimizers.rmsprop import RMSprop
from optbench.builtin.optimizers.sgd import SGD
from optbench.contract.layout import Layout
from optbench.testing.drive import Drive


def losses(function, optimizer, steps, seed=0, factor=None):
    """Loss without noise, above the minimum, after each step."""
    rng = np.random.default_rng(seed)
    drive = Drive(
        optimizer,
        np.array(function.start),
        Layout.of({"point": (len(function.start),)}, "point"),
        lambda step, w: function.value_and_gradient(w, step, rng),
        total=steps,
    )
    curve = []
    for step in range(steps):
        drive.context.factor = 1.0 if factor is None else factor(step / steps)
        drive.go(1, first=step)
        curve.append(function.value(drive.params) - function.minimum)
    return np.array(curve)


def tuned(function, kind, rates, steps, score):
    """The best score over the rates."""
    scores = [score(losses(function, kind(lr=float(rate)), steps)) for rate in rates]
    return min(score for score in scores if np.isfinite(score))


class TestSparseGradients:
    rates = np.geomspace(0.003, 1, 8)

    def ended(self, kind, exponent):
        function = SparseGradients(exponent=exponent)
        return tuned(function, kind, self.rates, 2000, lambda curve: curve[-200:].mean())

    def test_a_rate_for_each_coordinate_is_ahead_where_they_are_rare(self):
        descent = self.ended(SGD, 1.0)
        assert self.ended(Adam, 1.0) < 0.8 * descent
        assert self.ended(AdaGrad, 1.0) < 0.6 * descent

    def test_adam_is_level_where_all_come_at_every_step(self):
        assert self.ended(Adam, 0.0) == pytest.approx(self.ended(SGD, 0.0), rel=0.1)

    def test_coordinates_come_as_often_as_stated_and_evaluations_are_the_mean(self):
        function, rng = SparseGradients(dimension=5, exponent=1.0, noise=0.5), np.random.default_rng(0)
        w = np.array([0.3, 2.0, -1.0, 0.0, 0.5])
        drawn = [function.value_and_gradient(w, 0, rng) for _ in range(20_000)]
        gradients = np.array([gradient for _, gradient in drawn])
        often = 1 / np.arange(1, 6)
        np.testing.assert_allclose((gradients != 0).mean(axis=0), often, atol=0.015)
        np.testing.assert_allclose(gradients.mean(axis=0), often * (w - 1), atol=0.03)
        assert np.mean([value for value, _ in drawn]) == pytest.approx(function.value(w), abs=0.03)


class TestRotatingValley:
    rates = np.geomspace(0.003, 3, 13)

    def steps(self, kind, twist):
        def until(curve):
            below = np.flatnonzero(curve < 1e-6)
            return float(below[0] + 1) if len(below) else np.inf

        return tuned(RotatingValley(twist=twist), kind, self.rates, 1500, until)

    def test_what_scaling_the_coordinates_gains_is_lost_where_the_valley_turns(self):
        straight, turning = self.steps(SGD, 0.0), self.steps(SGD, 1.0)
        for kind in (AdaGrad, RMSprop):
            assert self.steps(kind, 0.0) < straight / 10
            assert self.steps(kind, 1.0) > turning / 4

    def test_its_floor_is_a_spiral(self):
        function = RotatingValley(twist=0.7, condition=50.0)
        for r in np.linspace(0.1, 5, 20):
            around = r * np.array([np.cos(0.7 * r), np.sin(0.7 * r)])
            across = np.array([-around[1], around[0]])
            assert function.value(around) == pytest.approx(r * r / 100)
            # across it, at the same distance, it is lowest
            for angle in (-0.2, 0.2):
                beside = around * np.cos(angle) + across * np.sin(angle)
                assert function.value(beside) > 1.5 * function.value(around)

    def test_without_a_twist_it_is_a_bowl_along_the_coordinates(self):
        function = RotatingValley(twist=0.0, condition=10.0)
        value, gradient = function.value_and_gradient(np.array([2.0, -3.0]), 0, np.random.default_rng(0))
        assert value == pytest.approx(0.5 * (4 / 10 + 9))
        np.testing.assert_allclose(gradient, [0.2, -3])


class TestSharpening:
    def test_the_loss_explodes_late(self):
        curve = losses(Sharpening(), SGD(lr=0.2), 2000)
        least = np.minimum.accumulate(curve)
        exploded = int(np.argmax(curve > 10 * least))
        assert exploded > 300
        # Until then it is as it should be: never more than a third above the least so far.
        assert (curve[: exploded - 30] < 1.34 * least[: exploded - 30]).all()
        assert curve.max() > 1
        assert least[-1] > 3 * losses(Sharpening(), ClipNorm(inner=SGD(lr=0.2), limit=0.1), 2000)[-1]

    def test_clipped_gradients_do_not_explode(self):
        curve = losses(Sharpening(), ClipNorm(inner=SGD(lr=0.2), limit=0.1), 2000)
        assert (np.diff(curve[100:]) < 1e-3).all()

    @pytest.mark.parametrize(("rate", "explodes"), [(0.03, False), (0.2, True), (1.0, True)])
    def test_it_explodes_where_the_curvature_at_the_end_is_over_two_by_the_rate(self, rate, explodes):
        assert (rate * np.exp(4.0) > 2) == explodes
        curve = losses(Sharpening(), SGD(lr=rate), 4000)
        assert (curve[100:].max() > 1.01 * curve[100]) == explodes
