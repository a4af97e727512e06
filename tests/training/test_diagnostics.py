"""What runs record for claims: numbers that are known beforehand."""

import math

import numpy as np
import pytest

from optbench.contract.context import Measurement
from optbench.contract.layout import Layout, Tensor
from optbench.training.diagnostics import (
    detour,
    drift,
    loss_rises,
    of_start,
    oscillation,
    unit_spread,
    weight_norm,
)


def measured(loss):
    return Measurement(0, 0.0, 0, 0.0, 0.1, loss, *[math.nan] * 4)


def test_loss_rises_counts_evaluations():
    assert loss_rises([measured(x) for x in (3, 2, 2.5, 2.5, 4)]) == 0.5
    assert loss_rises([measured(1)]) == 0


def test_oscillation_counts_turns_and_detour_weighs_them():
    straight = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    assert oscillation(straight) == 0
    assert detour(straight) == pytest.approx(1)
    zigzag = np.array([[0.0, 0.0], [1.0, 3.0], [2.0, 0.0], [3.0, 3.0], [4.0, 0.0]])
    assert oscillation(zigzag) == 0.5  # one variable of two, at every turn
    assert detour(zigzag) == pytest.approx(4 * math.sqrt(10) / 4)
    trembling = straight[[0, 1, 2, 2, 2]] + np.array([[0, 0], [0, 0], [0, 0], [1e-9, 0], [-1e-9, 0]])
    assert oscillation(trembling) > 0
    assert detour(trembling) == pytest.approx(1)
    assert detour(np.zeros((3, 2))) == 1
    assert detour(np.array([[0.0], [1.0], [0.0]])) == math.inf


def test_drift_is_in_powers_of_ten_and_of_what_is_known():
    assert drift(np.array([1.0, 5.0, 0.01])) == pytest.approx(2)
    assert drift(np.array([math.nan, 0.1, 1000.0])) == pytest.approx(4)
    assert drift(np.array([1.0, 0.0])) == pytest.approx(30)


def test_a_run_that_diverges_keeps_what_its_start_says():
    start = {"activation_std": np.array([1.0, 1e15]), "gradient_std": np.array([math.nan, 1e14, 1.0])}
    assert of_start(start) == pytest.approx({"activation_drift": 15, "gradient_drift": 14})
    assert of_start({}) == {}


LAYOUT = Layout(
    [
        Tensor("W1", (4, 3), "weight", 4, 3, 0, 0),
        Tensor("b1", (3,), "bias", 4, 3, 0, 12),
        Tensor("W2", (3, 2), "weight", 3, 2, 1, 15),
        Tensor("b2", (2,), "bias", 3, 2, 1, 21),
    ]
)


def test_unit_spread_is_0_for_identical_units():
    params = np.zeros(LAYOUT.size)
    assert unit_spread(params, LAYOUT) == 0
    params[:12] = np.repeat(
        [1.0, -2.0, 3.0, 0.5], 3
    )  # (4, 3): each unit (a column) has the same incoming weights
    assert unit_spread(params, LAYOUT) == 0
    params[:12] = np.random.default_rng(0).standard_normal(12)
    assert unit_spread(params, LAYOUT) > 0.3


def test_weight_norm_leaves_biases_out():
    params = np.zeros(LAYOUT.size)
    params[0], params[15], params[12] = 3.0, 4.0, 100.0
    assert weight_norm(params, LAYOUT) == pytest.approx(5)
