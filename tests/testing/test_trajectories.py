"""The comparison of two optimizers sees what is the same method and what is not."""

from dataclasses import dataclass

import pytest

from optbench.builtin.optimizers import SGD, HeavyBall, Momentum
from optbench.testing import CheckFailed, trajectory_gap


@dataclass(frozen=True)
class Stumbling(SGD):
    """Fails at the third step."""

    name = "stumbling"

    def init(self, params, layout):
        return {"left": 2}

    def step(self, params, grads, state, context):
        state["left"] -= 1
        assert state["left"] >= 0, "no step is left"
        super().step(params, grads, state, context)


def test_two_forms_of_one_method_go_the_same_way():
    # An average is 1 - beta times a sum.
    assert trajectory_gap(Momentum(lr=0.1), HeavyBall(lr=0.1 * (1 - 0.9)), steps=100) < 1e-12


def test_a_small_difference_is_seen_and_the_schedule_holds_for_both():
    near = SGD(lr=0.1 + 1e-9)
    constant = trajectory_gap(SGD(lr=0.1), near, steps=30)
    assert 1e-12 < constant < 1e-6
    assert trajectory_gap(SGD(lr=0.1), near, steps=30, schedule={"name": "linear"}) != constant
    assert trajectory_gap(SGD(lr=0.1), SGD(lr=0.1), steps=30) == 0


def test_an_optimizer_that_fails_is_named_with_its_error():
    with pytest.raises(CheckFailed, match=r"stumbling: (.|\n)*no step is left"):
        trajectory_gap(SGD(), Stumbling(), steps=5)
