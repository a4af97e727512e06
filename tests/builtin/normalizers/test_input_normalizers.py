"""Input normalizers: their laws, what is constant, what they were not fitted on."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from optbench.builtin.normalizers import ALL
from optbench.builtin.normalizers.min_max import MinMax
from optbench.builtin.normalizers.none import NoNormalizer
from optbench.builtin.normalizers.standardize import Standardize
from optbench.builtin.normalizers.whiten import Whiten
from optbench.contract.components import InputNormalizer
from optbench.contract.hyperparameters import ComponentError

INPUT = [kind for kind in ALL if issubclass(kind, InputNormalizer)]
every = pytest.mark.parametrize("kind", INPUT, ids=[kind.name for kind in INPUT])

tables = st.tuples(st.integers(2, 8), st.integers(1, 4)).flatmap(
    lambda shape: arrays("float64", shape, elements=st.floats(-1e3, 1e3))
)


@every
@given(tables)
@settings(max_examples=40, deadline=None)
def test_finite_of_the_same_shape_and_the_argument_unchanged(kind, x):
    before = x.copy()
    y = kind().fit(x)(x)
    assert y.shape == x.shape
    assert np.isfinite(y).all()
    assert np.array_equal(x, before)


@every
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_images_and_dtypes(kind, dtype):
    x = np.random.default_rng(0).uniform(size=(20, 4, 3, 2)).astype(dtype)
    y = kind().fit(x)(x[:5])
    assert y.shape == (5, 4, 3, 2)
    assert y.dtype == dtype


@every
@pytest.mark.parametrize("dtype", ["uint8", "int64", "bool"])
def test_whole_numbers_become_floats(kind, dtype):
    x = np.random.default_rng(0).integers(0, 255, size=(20, 3)).astype(dtype)
    y = kind().fit(x)(x)
    assert y.dtype == np.float64
    assert np.array_equal(y, kind().fit(x.astype("float64"))(x.astype("float64")))


def test_bytes_by_hand():
    x = np.array([[0, 3], [100, 9], [255, 7]], "uint8")
    assert np.allclose(MinMax().fit(x)(x), [[0, 0], [100 / 255, 1], [1, 4 / 6]])
    assert np.allclose(Standardize().fit(x)(x)[:, 1], np.array([-10, 8, 2]) / np.sqrt(56))


@every
def test_nothing_is_learned_from_what_is_transformed(kind):
    rng = np.random.default_rng(1)
    transform = kind().fit(rng.normal(size=(30, 3)))
    others = rng.normal(size=(10, 3)) * 7 + 5
    one_by_one = np.concatenate([transform(row[None]) for row in others])
    assert np.allclose(transform(others), one_by_one, rtol=1e-12)


@every
def test_constant_features_survive(kind):
    x = np.random.default_rng(2).normal(size=(50, 3))
    x[:, 1] = 0.1  # its mean over 50 is not exactly 0.1
    transform = kind().fit(x)
    assert np.isfinite(transform(x)).all()
    other = x.copy()
    other[:, 1] += 1
    moved = np.abs(transform(other) - transform(x))[:, 1]
    assert np.all(moved <= 400), "no blowing up of what never varied in training"


def test_none_gives_the_same_array():
    x = np.ones((2, 2))
    assert NoNormalizer().fit(x)(x) is x


@given(tables)
@settings(max_examples=60, deadline=None)
def test_standardized_features_have_mean_0_and_deviation_1(x):
    y = Standardize().fit(x)(x)
    varying = x.std(axis=0) > 1e-9 * np.maximum(np.abs(x.mean(axis=0)), 1)
    assert np.allclose(y.mean(axis=0)[varying], 0, atol=1e-5)
    assert np.allclose(y.std(axis=0)[varying], 1, atol=1e-5)


def test_standardizing_a_channel_takes_all_its_pixels():
    x = np.random.default_rng(3).normal(size=(20, 4, 3, 2)) * [1, 5] + [0, 9]
    y = Standardize("channel").fit(x)(x)
    assert np.allclose(y.mean(axis=(0, 1, 2)), 0)
    assert np.allclose(y.std(axis=(0, 1, 2)), 1)
    assert not np.allclose(y.std(axis=0), 1)


@given(tables, st.floats(-5, 0), st.floats(0.5, 5))
@example(np.array([[5e-324], [0.0]]), 0.0, 1.0)
@settings(max_examples=60, deadline=None)
def test_min_max_fills_its_interval(x, low, high):
    y = MinMax(low, high).fit(x)(x)
    varying = np.ptp(x, axis=0) > 1e-9
    assert np.allclose(y.min(axis=0), low, atol=1e-9)
    assert np.allclose(y.max(axis=0)[varying], high)
    assert np.allclose(y.max(axis=0)[np.ptp(x, axis=0) == 0], low)


def test_min_max_extrapolates_on_one_line():
    transform = MinMax().fit(np.array([[0.0], [10.0]]))
    assert np.allclose(transform(np.array([[-5.0], [20.0]])), [[-0.5], [2.0]])


def test_min_max_with_its_ends_the_wrong_way_round():
    with pytest.raises(ComponentError, match="min-max: low must be below high, got low = 1, high = 1"):
        MinMax(1, 1)


def mixed(examples=400, features=5, seed=4):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(examples, features)) @ rng.normal(size=(features, features)) + 3


def test_whitened_features_are_uncorrelated_with_variance_1():
    x = mixed()
    y = Whiten(1e-12).fit(x)(x)
    assert np.allclose(np.cov(y.T, bias=True), np.eye(5), atol=1e-6)
    assert np.allclose(y.mean(axis=0), 0)


def test_whitening_is_zca():
    # Its matrix is symmetric and positive: of all whitenings the one nearest to the centred inputs.
    x = mixed()
    centred = x - x.mean(axis=0)
    y = Whiten(1e-12).fit(x)(x)
    matrix = np.linalg.lstsq(centred, y, rcond=None)[0]
    assert np.allclose(matrix, matrix.T)
    assert np.linalg.eigvalsh(matrix).min() > 0
    turned = y @ np.linalg.qr(np.random.default_rng(5).normal(size=(5, 5)))[0]
    assert np.linalg.norm(y - centred) < np.linalg.norm(turned - centred)


def test_whitening_more_features_than_examples():
    x = np.random.default_rng(6).normal(size=(5, 40))
    y = Whiten().fit(x)(np.random.default_rng(7).normal(size=(50, 40)))
    assert np.isfinite(y).all()
