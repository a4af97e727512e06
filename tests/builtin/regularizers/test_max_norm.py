"""The max-norm constraint is a projection of each unit's incoming weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench.builtin.regularizers.max_norm import MaxNorm
from optbench.contract.hyperparameters import ComponentError
from optbench.nn.category_embedding import CategoryEmbedding
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.losses import SoftmaxCrossEntropy
from optbench.nn.network import Network

LAYOUT = Network([Convolution(3), Dense(4)], (2, 2, 2), SoftmaxCrossEntropy).layout


def incoming(params):
    """The norm of what enters each unit, by loops over the tensors as they are."""
    views = LAYOUT.views(params)
    conv, dense = views["0.convolution.weight"], views["2.dense.weight"]
    norms = [np.linalg.norm(conv[:, :, :, o]) for o in range(3)]
    return np.array(norms + [np.linalg.norm(dense[:, o]) for o in range(4)])


@given(st.integers(0, 10**6), st.floats(1e-3, 100), st.floats(1e-2, 100))
@settings(max_examples=60)
def test_norms_end_at_the_limit_or_stay(seed, limit, size):
    params = np.random.default_rng(seed).normal(size=LAYOUT.size) * size
    before = params.copy()
    MaxNorm(limit).project(params, LAYOUT)
    assert np.allclose(incoming(params), np.minimum(incoming(before), limit), rtol=1e-12)
    assert np.array_equal(params[LAYOUT.mask("bias")], before[LAYOUT.mask("bias")])
    again = params.copy()
    MaxNorm(limit).project(again, LAYOUT)
    assert np.allclose(again, params, rtol=1e-14)


def test_direction_stays_and_small_units_are_untouched():
    params = np.random.default_rng(0).normal(size=LAYOUT.size)
    limit = float(np.median(incoming(params)))
    before = params.copy()
    MaxNorm(limit).project(params, LAYOUT)
    a, b = LAYOUT.views(before)["2.dense.weight"], LAYOUT.views(params)["2.dense.weight"]
    for o in range(4):
        ratio = b[:, o] / a[:, o]
        assert np.allclose(ratio, ratio[0])
    small = incoming(before) <= limit
    assert small.any()
    assert np.array_equal(incoming(params)[small], incoming(before)[small])


@pytest.mark.parametrize("size", [1.0, 1e25])
def test_of_an_embedding_it_is_each_vector_that_is_held(size):
    layout = Network([CategoryEmbedding((7, 4), 3), Dense(2)], (2,), SoftmaxCrossEntropy).layout
    params = (size * np.random.default_rng(0).normal(size=layout.size)).astype("float32")
    before = layout.views(params.astype("float64"))
    MaxNorm(1.5).project(params, layout)
    after = layout.views(params.astype("float64"))
    for name, axis in (("0.categoryembedding.table0", 1), ("0.categoryembedding.table1", 1), ("1.dense.weight", 0)):
        norms = np.linalg.norm(before[name], axis=axis)
        np.testing.assert_allclose(np.linalg.norm(after[name], axis=axis), np.minimum(norms, 1.5), rtol=1e-6)
        assert (norms > 1.5).any()


def test_all_zeros_and_float32():
    params = np.zeros(LAYOUT.size, "float32")
    MaxNorm(1.0).project(params, LAYOUT)
    assert not params.any()
    assert params.dtype == np.float32


@pytest.mark.parametrize("size", [1e20, 1e30, 1e-30])
def test_weights_whose_squares_float32_cannot_hold(size):
    params = np.full(LAYOUT.size, size, "float32")
    before = incoming(params.astype("float64"))
    MaxNorm(3).project(params, LAYOUT)
    assert incoming(params.astype("float64")) == pytest.approx(np.minimum(before, 3), rel=1e-6)
    assert params.dtype == np.float32


def test_limit_must_be_positive():
    with pytest.raises(ComponentError, match=r"max-norm: limit must be in \(0, inf\), got 0"):
        MaxNorm(0)
