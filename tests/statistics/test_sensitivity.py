"""The width of the range of good rates, on curves whose width is known."""

import math

import numpy as np
import pytest

from optbench.statistics import sensitivity

RATES = 10.0 ** np.arange(-5, 1)


def test_a_parabola_in_the_logarithm():
    rates = 10 ** np.linspace(-4, 0, 401)
    found = sensitivity(rates, 1 - (np.log10(rates) + 2) ** 2, margin=0.01)
    assert found.best == pytest.approx(1e-2)
    assert found.width == pytest.approx(0.2, rel=1e-3)  # (log r + 2)^2 = 0.01
    assert (found.low, found.high) == pytest.approx((10**-2.1, 10**-1.9), rel=1e-3)
    assert not found.open_low
    assert not found.open_high


def test_between_two_rates_it_interpolates():
    found = sensitivity(RATES, np.array([0, 0, 1.0, 1.0, 0, 0]), margin=0.25)
    assert found.width == pytest.approx(1.5)


def test_an_end_that_was_not_reached_is_open():
    found = sensitivity(RATES, np.array([0.1, 0.2, 0.5, 0.9, 1, 1]))
    assert found.open_high
    assert not found.open_low


def test_behind_a_run_without_a_result_nothing_is_good():
    found = sensitivity(RATES, np.array([0, 0, 1.0, 1.0, math.nan, 1.0]), margin=0.25)
    assert found.high == pytest.approx(RATES[3])
    assert not found.open_high


def test_bins_take_the_best_of_trials_with_other_settings():
    rng = np.random.default_rng(0)
    rates = 10 ** rng.uniform(-4, 0, 400)
    results = 1 - (np.log10(rates) + 2) ** 2 - rng.exponential(0.3, 400)
    found = sensitivity(rates, results, margin=0.25, bins=20)
    assert 0.7 < found.width < 1.3  # the envelope falls by 0.25 within half a decade on each side


def test_negative_results_and_the_order_of_trials():
    losses = np.array([5.0, 2.0, 1.0, 1.005, 2.0, 9.0])
    order = np.random.default_rng(0).permutation(6)
    assert sensitivity(RATES, -losses) == sensitivity(RATES[order], -losses[order])
    assert sensitivity(RATES, -losses).best == pytest.approx(RATES[2])


def test_without_results():
    with pytest.raises(ValueError, match="finite"):
        sensitivity(RATES, np.full(6, math.nan))
