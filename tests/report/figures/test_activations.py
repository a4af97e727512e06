"""Ridges of activations, beside a forward pass written out."""

import numpy as np
import pytest

from optbench.report import figures
from optbench.report.figures.activations import (
    BINS,
    HEIGHT,
    LAYERS,
    STARTS,
    activations,
    examples,
    shares,
)
from optbench.report.pictures.marks import notes

from .drawn import draw

#: {title: variance of a weight of 64 inputs and 64 units}
VARIANCES = {"Small": 1e-4, "Glorot": 2 / 128, "He": 2 / 64, "Large": 1.0}


@pytest.fixture(scope="module")
def x():
    return examples()


def start(word):
    return next(settings for title, settings in STARTS.items() if title.startswith(word))


def test_examples_are_standardized_digits(x):
    assert x.shape == (100, 64)
    assert 0.9 < x.std() < 1.1
    assert abs(x.mean()) < 0.1


@pytest.mark.parametrize("word", VARIANCES)
def test_the_size_of_activations_changes_by_the_root_of_half_the_variance_a_relu_layer(x, word):
    found = activations(x, "relu", start(word))
    assert found.shape == (LAYERS, 100, 64)
    assert found.min() == 0
    size = np.sqrt((found**2).mean(axis=(1, 2)))
    factor = (size[-1] / size[0]) ** (1 / (LAYERS - 1))
    assert factor == pytest.approx(np.sqrt(64 * VARIANCES[word] / 2), rel=0.15)


def test_relu_and_tanh_layers_are_those_of_the_same_sums(x):
    """The first layer's tanh and ReLU have the same weights; and so each ReLU is its tanh's inverse above 0."""
    for word in ("Glorot", "Small"):
        tanh, relu = (activations(x, name, start(word))[0] for name in ("tanh", "relu"))
        assert np.arctanh(np.clip(tanh, 0, None)) == pytest.approx(relu, rel=1e-6, abs=1e-12)


def test_zero_weights_leave_zeros(x):
    for name in ("tanh", "relu"):
        assert not activations(x, name, start("Zero")).any()


def test_shares_count_what_lies_beyond_at_the_ends():
    found = shares(np.array([-9.0, -0.99, 0.0, 0.0, 7.0]), -1.0, 1.0)
    assert found.sum() == pytest.approx(1)
    assert [found[0], found[BINS // 2], found[-1]] == pytest.approx([0.4, 0.4, 0.2])


def test_there_is_a_panel_an_activation_and_a_start_with_a_ridge_a_layer(x):
    figure = figures.activation_spread()
    assert [axis.get_title(loc="left") for axis in figure.axes] == [*STARTS, *[""] * 5]
    assert all(len(axis.patches) == LAYERS for axis in figure.axes)
    assert len(notes(figure).tips) == 10 * LAYERS
    assert notes(figure).tips[0] == "layer 1: standard deviation 0, 0 % beyond ±0.975"
    draw(figure)


def test_a_ridge_has_the_roots_of_the_shares_as_heights(x):
    axis = figures.activation_spread().axes[2]  # tanh from Glorot's weights
    for layer in (1, 10):
        corners = axis.patches[layer - 1].get_xy()
        values = activations(x, "tanh", start("Glorot"))[layer - 1]
        middles = -1 + (np.arange(BINS) + 0.5) * 2 / BINS
        counted = [(np.abs(values - m) <= 1 / BINS).sum() for m in middles]
        heights = np.sqrt(np.array(counted) / max(counted)) * HEIGHT
        tops = np.interp(middles, corners[: len(corners) - 1, 0], layer - corners[: len(corners) - 1, 1])
        assert tops == pytest.approx(heights, abs=0.01)
