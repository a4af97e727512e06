"""The bandit: its gradient by sums over all arms, its baseline by hand, and that a policy learns."""

import numpy as np
import pytest

from optbench.builtin.initializers import Zeros
from optbench.builtin.optimizers import SGD
from optbench.builtin.problems import Bandit
from optbench.builtin.schedules import Constant
from optbench.training.own_problem import OwnProblem
from optbench.training.trainer import Budget, Recipe, Training, collect


def softmax(w):
    e = np.exp(w)
    return e / e.sum()


def test_the_mean_of_its_gradients_is_that_of_the_regret():
    """d/dw_i of -sum_a p_a q_a = -p_i (q_i - sum_a p_a q_a), by hand; without noise only arms are drawn."""
    one = Bandit(arms=4, noise=0.0, baseline=False)
    w, q = np.array([0.3, -0.2, 0.0, 0.5]), np.array([1.0, -1.0, 0.5, 0.0])
    p, rng = softmax(w), np.random.default_rng(0)
    drawn = np.array([one.loss_and_gradient(w, 0, rng, {"q": q, "mean": 0.0, "pulls": 0})[1] for _ in range(20_000)])
    assert drawn.mean(axis=0) == pytest.approx(-p * (q - p @ q), abs=5 * drawn.std() / np.sqrt(len(drawn)))


def test_the_baseline_is_the_mean_of_the_rewards_before():
    one, state, rng = Bandit(arms=3, noise=0.5), {"q": np.array([1.0, 2.0, 3.0]), "mean": 0.0, "pulls": 0}, None
    rng, rewards = np.random.default_rng(1), []
    for _ in range(5):
        before = np.mean(rewards) if rewards else 0.0
        loss, gradient = one.loss_and_gradient(np.zeros(3), 0, rng, state)
        rewards.append(3.0 - loss)
        arm = int(np.argmax(np.abs(gradient)))
        assert gradient[arm] == pytest.approx((rewards[-1] - before) * (1 / 3 - 1))
    assert state["mean"] == pytest.approx(np.mean(rewards))
    assert state["pulls"] == 5


def test_the_score_is_minus_the_regret_of_the_policy():
    state = {"q": np.array([0.0, 1.0, 2.0]), "mean": 0.0, "pulls": 0}
    regret = 2 - softmax(np.array([0.0, 0.0, 1.0])) @ state["q"]
    found = Bandit(arms=3).evaluate(np.array([0.0, 0.0, 1.0]), state)
    assert found == pytest.approx((regret, -regret, regret, -regret))


def test_a_policy_learns_which_arm_is_best():
    seeds = range(1, 9)
    own = OwnProblem(Bandit(), list(seeds), [Zeros()] * 8, np.dtype("f8"))
    recipes = [Recipe(SGD(lr=0.1), Constant(), seed) for seed in seeds]
    runs = collect(Training(own, recipes, Budget(3000, 1000)))
    first, last = ([run.measurements[k].train_loss for run in runs] for k in (0, -1))
    assert np.mean(last) < 0.25 * np.mean(first)
    assert len({round(loss, 6) for loss in first}) == 8, "each seed has a bandit of its own"
