"""Label smoothing, noise and shifts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench.builtin.regularizers.gaussian_noise import GaussianNoise
from optbench.builtin.regularizers.label_smoothing import LabelSmoothing
from optbench.builtin.regularizers.shifts import Shifts
from optbench.contract.hyperparameters import ComponentError


def rng(seed=0):
    return np.random.default_rng(seed)


@given(st.integers(2, 8), st.floats(0, 0.99), st.integers(0, 1000))
def test_smoothed_labels_sum_to_1_and_keep_their_class(classes, amount, seed):
    y = np.eye(classes)[rng(seed).integers(0, classes, 6)]
    smooth = LabelSmoothing(amount).transform(np.zeros((6, 2)), y.copy(), rng())[1]
    assert np.allclose(smooth.sum(axis=1), 1)
    assert np.allclose(smooth[y == 1], 1 - amount + amount / classes)
    assert np.allclose(smooth[y == 0], amount / classes)


def test_smoothing_a_single_output_counts_two_classes():
    y = LabelSmoothing(0.2).transform(np.zeros((2, 1)), np.array([[0.0], [1.0]]), rng())[1]
    assert np.allclose(y, [[0.1], [0.9]])


def test_smoothing_a_regression_is_an_error():
    with pytest.raises(ComponentError, match=r"label-smoothing needs classes.*from -2 to 7"):
        LabelSmoothing().transform(np.zeros((2, 1)), np.array([[-2.0], [7.0]]), rng())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_noise_has_its_deviation(dtype):
    x = np.full((500, 40), 3, dtype)
    noisy, _ = GaussianNoise(0.5).transform(x, np.zeros((500, 1)), rng())
    assert noisy.dtype == dtype
    assert noisy.mean() == pytest.approx(3, abs=5 * 0.5 / np.sqrt(noisy.size))
    assert noisy.std() == pytest.approx(0.5, rel=5 / np.sqrt(2 * noisy.size))


@given(st.integers(0, 4), st.integers(0, 1000))
@settings(max_examples=30)
def test_each_image_is_moved_as_a_whole(pixels, seed):
    x = rng(seed).uniform(1, 2, (5, 6, 7, 2))
    moved, _ = Shifts(pixels).transform(x.copy(), np.zeros((5, 1)), rng(seed))
    for before, after in zip(x, moved, strict=True):
        assert any(
            np.array_equal(after, shifted(before, down, right))
            for down in range(-pixels, pixels + 1)
            for right in range(-pixels, pixels + 1)
        )


def shifted(image, down, right):
    height, width = image.shape[:2]
    result = np.zeros_like(image)
    for i in range(height):
        for j in range(width):
            if 0 <= i - down < height and 0 <= j - right < width:
                result[i, j] = image[i - down, j - right]
    return result


def test_every_shift_is_equally_likely():
    x = np.zeros((9000, 5, 5, 1))
    x[:, 2, 2] = 1
    moved, _ = Shifts(1).transform(x, np.zeros((9000, 1)), rng())
    share = moved.mean(axis=0)[1:4, 1:4, 0]
    assert moved.sum() == 9000
    assert np.allclose(share, 1 / 9, atol=5 * np.sqrt(1 / 9 * 8 / 9 / 9000))


def test_shifts_of_flat_inputs_are_an_error():
    with pytest.raises(ComponentError, match=r"shifts needs images .*shape \(64,\)"):
        Shifts().transform(np.zeros((3, 64)), np.zeros((3, 1)), rng())


@pytest.mark.parametrize("transform", [LabelSmoothing(), GaussianNoise(), Shifts()])
def test_the_generator_decides(transform):
    x, y = rng(1).normal(size=(4, 5, 5, 1)), np.eye(4)
    first = transform.transform(x.copy(), y.copy(), rng(2))
    second = transform.transform(x.copy(), y.copy(), rng(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert [a.shape for a in first] == [x.shape, y.shape]
