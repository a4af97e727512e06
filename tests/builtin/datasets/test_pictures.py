"""Images at a lower resolution, and a photograph as a function of the plane."""

import numpy as np
import pytest

from optbench.builtin.datasets.circles import TwoCircles
from optbench.builtin.datasets.digits import Digits
from optbench.builtin.datasets.mnist_5k import Mnist5k
from optbench.builtin.datasets.photograph import Photograph
from optbench.builtin.datasets.pooled import Pooled
from optbench.builtin.datasets.reconstruction import Reconstruction
from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import ComponentError
from optbench.registry.registry import registry
from optbench.training.preparation import prepare


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_digits_at_half_their_resolution(rng):
    whole, half = Mnist5k().load(rng), Pooled().load(rng)
    assert half.x.shape == (5000, 14, 14, 1)
    np.testing.assert_array_equal(half.y, whole.y)
    for number, row, column in [(0, 3, 5), (17, 7, 7), (4999, 13, 0)]:
        square = whole.x[number, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2, 0]
        assert half.x[number, row, column, 0] == pytest.approx(square.sum() / 4)
    assert half.provenance["sha256"] == whole.provenance["sha256"]
    assert "MNIST" in half.provenance["of"]


def test_what_fills_no_square_is_left_out(rng):
    pooled = Pooled(inner=Digits(), factor=3).load(rng)
    assert pooled.x.shape == (1797, 2, 2, 1)
    np.testing.assert_allclose(pooled.x[5, 1, 0, 0], Digits().load(rng).x[5, 3:6, 0:3, 0].mean())


def test_it_has_the_task_of_what_it_makes_smaller():
    assert Pooled().task == "classification"
    smaller = registry().create(
        "datasets", {"name": "reconstruction", "inner": {"name": "pooled", "inner": {"name": "digits"}}}
    )
    assert prepare(smaller).outputs == 16
    assert Pooled(inner=Reconstruction(inner=Digits()), factor=4).task == "reconstruction"


@pytest.mark.parametrize("dataset", [Pooled(inner=TwoCircles()), Pooled(inner=Digits(), factor=9)])
def test_it_needs_images_that_are_large_enough(dataset, rng):
    with pytest.raises(OptbenchError, match=rf"dataset pooled: factor = {dataset.factor} needs images"):
        dataset.load(rng)


@pytest.mark.parametrize("picture", ["china", "flower"])
def test_the_photographs_are_those_of_scikit_learn(picture, rng):
    from sklearn.datasets import load_sample_image

    pixels = load_sample_image(f"{picture}.jpg") / 255
    data = Photograph(picture=picture, block=16).load(rng)
    assert data.x.shape == (26 * 40, 2)
    assert data.y.shape == (26 * 40, 3)
    assert np.abs(data.x).max() < 1
    for row, column in [(0, 0), (3, 31), (25, 39)]:
        (at,) = np.flatnonzero(np.abs(data.x - [(column + 0.5) / 20 - 1, (row + 0.5) / 13 - 1]).max(axis=1) < 1e-9)
        block = pixels[16 * row : 16 * row + 16, 16 * column : 16 * column + 16]
        np.testing.assert_allclose(data.y[at], block.reshape(-1, 3).mean(axis=0))


def test_every_pixel_of_the_file_is_to_be_had(rng):
    assert Photograph(block=1).load(rng).x.shape == (427 * 640, 2)


@pytest.mark.parametrize(("field", "value"), [("picture", "moon"), ("block", 0), ("block", 100)])
def test_impossible_settings_name_the_field(field, value):
    with pytest.raises(ComponentError, match=f"dataset photograph: {field} must be"):
        Photograph(**{field: value})
