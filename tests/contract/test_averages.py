"""The exponentially weighted average against its definition as a weighted sum, and against pandas."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from optbench.contract.averages import exponentially_weighted_average, window
from optbench.contract.errors import OptbenchError

betas = st.floats(0, 0.9999)
values = arrays(np.float64, array_shapes(max_dims=2, max_side=30), elements=st.floats(-1e6, 1e6))


@given(x=values, beta=betas)
def test_is_the_weighted_sum(x, beta):
    """V(t) = (1 - beta) sum of beta^(t - i) x(i); corrected, over the sum of those weights."""
    for t in (1, len(x)):
        weights = beta ** np.arange(t - 1, -1, -1.0)
        total = np.tensordot(weights, x[:t], 1)
        plain = exponentially_weighted_average(x, beta, bias_correction=False)[t - 1]
        corrected = exponentially_weighted_average(x, beta)[t - 1]
        size = 1e-9 * (1 + np.abs(x).max())
        np.testing.assert_allclose(plain, (1 - beta) * total, rtol=1e-9, atol=size)
        np.testing.assert_allclose(corrected, total / weights.sum(), rtol=1e-9, atol=size)


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9, 0.98])
def test_agrees_with_pandas(beta):
    import pandas as pd

    x = np.random.default_rng(4).normal(size=200)
    corrected = pd.Series(x).ewm(alpha=1 - beta, adjust=True).mean()
    np.testing.assert_allclose(exponentially_weighted_average(x, beta), corrected, rtol=1e-10, atol=1e-13)
    # pandas starts its recursion at the first value; a 0 before it starts it at 0
    plain = pd.Series([0.0, *x]).ewm(alpha=1 - beta, adjust=False).mean()[1:]
    ours = exponentially_weighted_average(x, beta, bias_correction=False)
    np.testing.assert_allclose(ours, plain, rtol=1e-10, atol=1e-13)


@given(value=st.floats(-1e3, 1e3, allow_subnormal=False), beta=betas, steps=st.integers(1, 50))
def test_a_constant_series_shows_the_bias_and_its_correction(value, beta, steps):
    x = np.full(steps, value)
    np.testing.assert_allclose(exponentially_weighted_average(x, beta), x, rtol=1e-9)
    plain = exponentially_weighted_average(x, beta, bias_correction=False)
    np.testing.assert_allclose(plain, value * (1 - beta ** np.arange(1, steps + 1)), rtol=1e-9, atol=1e-9)


def test_beta_zero_is_the_series_itself_and_integers_are_taken():
    x = np.arange(5)
    result = exponentially_weighted_average(x, 0)
    np.testing.assert_array_equal(result, x)
    assert result.dtype == np.float64
    assert exponentially_weighted_average(np.empty((0, 2)), 0.9).shape == (0, 2)


def test_the_window():
    assert window(0.9) == pytest.approx(10)
    assert window(0.98) == pytest.approx(50)
    assert window(0) == 1
    # a value that many steps old has about 1/e of the newest one's weight
    assert 0.98 ** window(0.98) == pytest.approx(1 / math.e, rel=0.02)


@pytest.mark.parametrize("beta", [-0.1, 1, 1.5, math.nan])
def test_an_impossible_beta_is_refused(beta):
    for call in (lambda: window(beta), lambda: exponentially_weighted_average(np.ones(3), beta)):
        with pytest.raises(OptbenchError, match=r"beta must be in \[0, 1\)"):
            call()


def test_a_single_number_is_no_series():
    with pytest.raises(OptbenchError, match="axis of steps"):
        exponentially_weighted_average(np.float64(3), 0.5)
