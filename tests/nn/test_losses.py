"""Losses: values by hand, stability, float32."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_expit, log_softmax

from optbench.contract.layer import flat_buffer
from optbench.nn.losses import (
    LOSSES,
    BinaryCrossEntropy,
    MeanSquaredError,
    SequenceCrossEntropy,
    SoftmaxCrossEntropy,
)
from optbench.testing.gradcheck import THRESHOLD, check_loss

names = pytest.mark.parametrize("loss", list(LOSSES.values()), ids=list(LOSSES))


def made(loss, logits, targets, dtype="float64"):
    """A loss on buffers; `targets` as one-hot rows, or as class numbers where it takes those."""
    stack, batch, outputs = np.shape(logits)
    if loss.numbers:
        z, dz = (flat_buffer(stack, batch, outputs, False, np.dtype(dtype)) for _ in range(2))
        z[...] = logits
        return loss(z, dz, np.array(targets, dtype))
    buffers = [flat_buffer(stack, batch, outputs, False, np.dtype(dtype)) for _ in range(3)]
    buffers[0][...] = logits
    buffers[2][...] = np.asarray(targets) / batch
    return loss(*buffers)


@names
def test_gradient(loss):
    assert check_loss(loss) < THRESHOLD


@given(st.integers(1, 5), st.integers(2, 6), st.integers(0, 10**6))
def test_values_by_other_formulas(batch, outputs, seed):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(2, batch, outputs)) * 3
    y = rng.dirichlet(np.ones(outputs), (2, batch))
    cross = -(y * log_softmax(z, axis=-1)).sum(axis=(1, 2)) / batch
    assert np.allclose(made(SoftmaxCrossEntropy, z, y).value(), cross, rtol=1e-12)
    binary = -(y * log_expit(z) + (1 - y) * log_expit(-z)).sum(axis=(1, 2)) / batch
    assert np.allclose(made(BinaryCrossEntropy, z, y).value(), binary, rtol=1e-12)
    squared = ((z - y) ** 2).mean(axis=(1, 2))
    assert np.allclose(made(MeanSquaredError, z, y).value(), squared, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_softmax_of_huge_logits(dtype):
    loss = made(SoftmaxCrossEntropy, [[[1e4, -1e4], [-1e4, 1e4]]], [[[1, 0], [1, 0]]], dtype)
    loss.gradient()
    assert loss.value() == pytest.approx(1e4)
    assert np.allclose(loss.dlogits, [[[0, 0], [-0.5, 0.5]]], atol=1e-7)
    assert loss.dlogits.dtype == dtype


@given(st.integers(1, 4), st.integers(1, 5), st.integers(2, 6), st.integers(0, 10**6))
def test_positions_without_a_target_do_not_count(batch, positions, classes, seed):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(1, batch * positions, classes)) * 3
    y = rng.integers(-1, classes, (1, batch, positions))
    kept = y.reshape(-1) >= 0
    found = made(SequenceCrossEntropy, z, y)
    found.gradient()
    if not kept.any():
        assert found.value() == [0]
        assert not found.dlogits.any()
        return
    alone = made(SoftmaxCrossEntropy, z[:, kept], np.eye(classes)[y.reshape(-1)[kept]][None])
    alone.gradient()
    assert found.value() == pytest.approx(alone.value(), rel=1e-12)
    assert np.allclose(found.dlogits[:, kept], alone.dlogits, rtol=1e-12, atol=1e-15)
    assert not found.dlogits[:, ~kept].any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbered_classes_of_huge_logits(dtype):
    loss = made(SequenceCrossEntropy, [[[1e4, -1e4], [-1e4, 1e4], [1e38, -1e38]]], [[[0, 0, -1]]], dtype)
    loss.gradient()
    assert loss.value() == pytest.approx(1e4)
    assert np.allclose(loss.dlogits, [[[0, 0], [-0.5, 0.5], [0, 0]]], atol=1e-7)
    assert loss.dlogits.dtype == dtype


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sigmoid_of_huge_logits(dtype):
    loss = made(BinaryCrossEntropy, [[[1e4], [-1e4], [-1e4], [1e4]]], [[[1], [0], [1], [0]]], dtype)
    loss.gradient()
    assert loss.value() == pytest.approx(5e3)
    assert np.allclose(loss.dlogits, [[[0], [0], [-0.25], [0.25]]], atol=1e-7)
    assert loss.dlogits.dtype == dtype


@names
def test_predictions_are_finite_and_of_the_dtype(loss):
    logits = np.array([[1e4, -1e4, 0.0], [0.0, 1.0, 2.0]], "float32")
    predicted = loss.predict(logits)
    assert np.isfinite(predicted).all()
    assert predicted.dtype == np.float32


def test_softmax_probabilities_sum_to_one():
    logits = np.random.default_rng(0).normal(size=(3, 4, 5)) * 100
    assert np.allclose(SoftmaxCrossEntropy.predict(logits).sum(axis=-1), 1)


def test_squared_errors_that_float32_cannot_hold():
    logits, targets = np.full((1, 4, 2), 1e20, "float32"), np.zeros((1, 4, 2), "float32")
    loss = MeanSquaredError(logits, None, targets)
    assert loss.value() == pytest.approx([float(logits[0, 0, 0]) ** 2], rel=1e-6)
