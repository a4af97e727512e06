"""Norms and products of float32 vectors of any size, beside math.hypot and fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from optbench.contract.norms import dot, norm, squares

vectors = arrays("float32", st.integers(0, 12), elements=st.floats(-(2.0**120), 2.0**120, width=32))


@given(vectors)
def test_norm_is_hypot(vector):
    expected = math.hypot(*(float(v) for v in vector))
    assert norm(vector) == pytest.approx(expected, rel=1e-5)
    assert squares(vector) == pytest.approx(expected**2, rel=1e-5)


@pytest.mark.parametrize("size", [1e-44, 1e-38, 1e-20, 1.0, 1e19, 1e20, 1e38])
def test_sizes_that_squares_overflow_or_vanish_at(size):
    vector = np.full(8, size, "float32")
    exact = float(vector[0])
    assert norm(vector) == pytest.approx(math.sqrt(8) * exact, rel=1e-6)
    assert type(norm(vector)) is float


@given(st.data())
def test_products_are_exact_to_float32(data):
    one = data.draw(vectors)
    other = data.draw(arrays("float32", len(one), elements=st.floats(-(2.0**120), 2.0**120, width=32)))
    terms = [Fraction(float(a)) * Fraction(float(b)) for a, b in zip(one, other, strict=True)]
    size = float(sum(abs(term) for term in terms))
    assert dot(one, other) == pytest.approx(float(sum(terms)), abs=1e-5 * size + 1e-35)


def test_what_is_not_finite_stays_so():
    assert norm(np.array([1, np.inf], "float32")) == math.inf
    assert math.isnan(norm(np.array([1, np.nan], "float32")))
