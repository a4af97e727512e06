"""Brent's method against scipy's, to the bit."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import brentq

from optbench.statistics.roots import root

number = st.floats(-3, 3)


@given(st.tuples(number, number, number, number), number, number, st.sampled_from([2e-12, 1e-6]))
def test_it_takes_the_steps_of_scipys(factors, low, high, error):
    a, b, c, d = factors

    def function(x):
        return a * x**3 + b * math.exp(x) + c * x + d

    assume(function(low) * function(high) < 0)
    theirs, how = brentq(function, low, high, xtol=error, full_output=True, disp=False)
    if how.converged:
        assert root(function, low, high, error) == theirs
    else:  # a root of a high multiplicity
        with pytest.raises(ValueError, match="no root"):
            root(function, low, high, error)


def test_an_end_may_be_the_root():
    assert root(lambda x: x - 1, 1, 2) == 1
    assert root(lambda x: x - 2, 1, 2) == 2


@pytest.mark.parametrize("function", [lambda x: x**2 + 1, lambda x: math.nan])
def test_ends_of_one_sign_are_refused(function):
    with pytest.raises(ValueError, match="one sign"):
        root(function, -1, 1)


def test_a_function_that_never_settles_is_refused():
    with pytest.raises(ValueError, match="no root"):
        root(lambda x: math.copysign(1, x - math.pi), 0, 1e300, 0)
