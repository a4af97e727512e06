"""The declared variance, the shape of the distribution, and where the chance comes from."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench.builtin import initializers
from optbench.contract.hyperparameters import ComponentError
from optbench.registry.accepted import check_component

every = pytest.mark.parametrize("initializer", initializers.ALL, ids=lambda c: c.name)
# (shape, fan_in, fan_out): dense layers, and 3x3 convolutions
LAYERS = [((400, 300), 400, 300), ((64, 900), 64, 900), ((3, 3, 32, 64), 288, 576)]


@every
def test_is_a_valid_component_with_a_source(initializer):
    check_component("initializers", initializer)
    assert initializer.reference
    for spec in initializer.hyperparameters().values():
        assert spec.low <= spec.default <= spec.high


@every
@pytest.mark.parametrize(("shape", "fan_in", "fan_out"), LAYERS, ids=["square", "wide", "convolution"])
def test_draws_have_the_declared_variance(initializer, shape, fan_in, fan_out):
    one = initializer()
    w = one.draw(shape, fan_in, fan_out, np.random.default_rng(5))
    assert w.shape == shape
    assert w.dtype == np.float64
    assert w.flags.c_contiguous
    if initializer is initializers.Orthogonal:
        # its law is a matrix's, which a convolution is with its output channels for columns
        fan_in, fan_out = math.prod(shape[:-1]), shape[-1]
    declared = one.variance(fan_in, fan_out)
    mean = one.value if initializer is initializers.Constant else 0.0
    # the sample variance of n normal draws has a relative standard error of sqrt(2 / n); 5 of them
    assert abs(((w - mean) ** 2).mean() - declared) <= 5 * math.sqrt(2 / w.size) * declared + 1e-30
    assert abs(w.mean() - mean) <= 5 * math.sqrt(declared / w.size) + 1e-15


# name -> the variance law as its paper has it, for fan_in 30 and fan_out 70
LAWS = {
    "zeros": 0.0,
    "constant": 0.0,
    "small-normal": 1e-4,
    "large-normal": 100.0,
    "uniform": 0.1**2 / 12,
    "lecun-normal": 1 / 30,
    "glorot": 1 / 50,
    "glorot-uniform": 1 / 50,
    "he": 1 / 15,
    "he-uniform": 1 / 15,
    "orthogonal": 1 / 70,
}


@every
def test_the_law_is_the_papers(initializer):
    assert initializer().variance(30, 70) == pytest.approx(LAWS[initializer.name], rel=1e-12)


@pytest.mark.parametrize(
    ("initializer", "limit"),
    [
        (initializers.Uniform(limit=0.3), 0.3),
        (initializers.GlorotUniform(), math.sqrt(6 / 700)),
        (initializers.HeUniform(), math.sqrt(6 / 400)),
    ],
    ids=lambda p: getattr(p, "name", ""),
)
def test_uniform_draws_fill_their_range_and_stay_in_it(initializer, limit):
    w = initializer.draw((400, 300), 400, 300, np.random.default_rng(0))
    assert limit * 0.999 < np.abs(w).max() <= limit
    # evenly: a quarter of the draws in each quarter of the range
    counts = np.histogram(w, bins=4, range=(-limit, limit))[0] / w.size
    np.testing.assert_allclose(counts, 0.25, atol=0.01)


@every
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 20), columns=st.integers(1, 20))
def test_only_the_generator_decides(initializer, seed, rows, columns):
    np.random.seed(seed % 7)  # noqa: NPY002 - the global generator must not matter
    first, second = (
        initializer().draw((rows, columns), rows, columns, np.random.default_rng(seed)) for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    assert np.isfinite(first).all()


@every
@pytest.mark.parametrize("shape", [(), (1,), (5,), (1, 1), (0, 3)])
def test_odd_shapes(initializer, shape):
    w = initializer().draw(shape, 1, 1, np.random.default_rng(0))
    assert np.shape(w) == shape
    assert np.asarray(w).dtype == np.float64


@pytest.mark.parametrize("shape", [(7, 7), (12, 5), (5, 12), (3, 3, 2, 8)])
def test_orthogonal_draws_are_orthogonal(shape):
    w = initializers.Orthogonal(gain=1.5).draw(shape, 1, 1, np.random.default_rng(2)).reshape(-1, shape[-1])
    gram = w.T @ w if w.shape[0] >= w.shape[1] else w @ w.T
    np.testing.assert_allclose(gram, 1.5**2 * np.eye(len(gram)), atol=1e-12)


def test_orthogonal_draws_favour_no_direction():
    """Without the signs of R's diagonal the first diagonal element would never be positive."""
    rng = np.random.default_rng(1)
    draws = np.array([initializers.Orthogonal().draw((3, 3), 3, 3, rng) for _ in range(2000)])
    # the mean of 2000 numbers of variance 1/3; 5 standard errors
    assert np.abs(draws.mean(axis=0)).max() < 5 * math.sqrt(1 / 3 / 2000)


def ratio_behind_relus(initializer, width=300, depth=20):
    """The mean change of the second moment of the activations from layer to layer."""
    rng = np.random.default_rng(11)
    x = rng.normal(size=(100, width))
    before = np.mean(x**2)
    for _ in range(depth):
        x = np.maximum(x @ initializer.draw((width, width), width, width, rng), 0)
    return (np.mean(x**2) / before) ** (1 / depth)


@pytest.mark.parametrize(
    ("initializer", "ratio"),
    [
        (initializers.HeNormal(), 1.0),
        (initializers.HeUniform(), 1.0),
        (initializers.GlorotNormal(), 0.5),
        (initializers.LeCunNormal(), 0.5),
        (initializers.Orthogonal(gain=math.sqrt(2)), 1.0),
    ],
    ids=lambda p: getattr(p, "name", ""),
)
def test_variance_through_twenty_relu_layers(initializer, ratio):
    assert ratio_behind_relus(initializer) == pytest.approx(ratio, rel=0.05)


@pytest.mark.parametrize(
    ("initializer", "setting", "value"),
    [
        (initializers.SmallNormal, "std", -1),
        (initializers.Uniform, "limit", -0.1),
        (initializers.Orthogonal, "gain", -2),
    ],
)
def test_an_impossible_setting_names_component_field_and_range(initializer, setting, value):
    with pytest.raises(ComponentError, match=rf"{initializer.name}: {setting} must be in \[0, inf\)"):
        initializer(**{setting: value})
