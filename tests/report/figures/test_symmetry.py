"""The drawn network: equal units from zero weights, by training that shares no code with it."""

import numpy as np
import pytest

from optbench import fit, get, network
from optbench.report import figures
from optbench.report.figures.symmetry import RATE, STEPS, WIDTHS, Weights, before_and_after, examples
from optbench.report.pictures.marks import notes

from .drawn import draw


@pytest.fixture(scope="module")
def zero():
    return before_and_after("zeros")


@pytest.fixture(scope="module")
def random():
    return before_and_after("glorot")


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def one_unit(x, y, steps):
    """Adam on a network of one sigmoid unit, from zero: what four equal units do, whose outputs add up."""
    w, b, v, c = np.zeros(2), 0.0, 0.0, 0.0
    parts = [w, b, v, c]
    m, s = [np.zeros_like(p) for p in parts], [np.zeros_like(p) for p in parts]
    for t in range(1, steps + 1):
        w, b, v, c = parts
        h = sigmoid(x @ w + b)
        error = (sigmoid(4 * v * h + c) - y) / len(x)
        back = error * v * h * (1 - h)
        gradient = [x.T @ back, back.sum(), error @ h, error.sum()]
        for k, g in enumerate(gradient):
            m[k], s[k] = 0.9 * m[k] + 0.1 * g, 0.999 * s[k] + 0.001 * g * g
            step = m[k] / (1 - 0.9**t) / (np.sqrt(s[k] / (1 - 0.999**t)) + 1e-8)
            parts[k] = parts[k] - RATE * step
    return parts


def test_units_of_zero_weights_stay_equal_to_the_bit_and_move(zero):
    before, after = zero
    assert not before.first.any()
    assert not before.second.any()
    assert before.different == after.different == 1
    assert np.all(after.first == after.first[:, :1])
    assert np.all(after.second == after.second[0])
    assert np.abs(after.first).min() > 0.1


def test_four_equal_units_are_one(zero):
    w, _, v, _ = one_unit(*examples(), STEPS)
    assert zero[1].first[:, 0] == pytest.approx(w, rel=1e-6)
    assert zero[1].second[0] == pytest.approx(v, rel=1e-6)


def test_random_weights_differ_and_end_better(zero, random):
    assert [weights.different for weights in random] == [4, 4]
    assert random[1].accuracy > zero[1].accuracy + 0.05 > zero[0].accuracy + 0.05


def test_units_are_counted_by_what_comes_in_and_goes_out():
    first, second = np.array([[1.0, 1.0, 2.0, 1.0], [0.0, 0.0, 0.0, 0.0]]), np.array([5.0, 5.0, 5.0, 6.0])
    assert Weights(first, second, 0.5).different == 3


def test_a_line_is_as_wide_as_its_weight_and_has_the_colour_of_its_sign(random):
    figure = figures.symmetric_units()
    axis, after = figure.axes[3], random[1]
    lines = [line for line in axis.lines if line.get_marker() == "None"]
    weights = [w for k in range(4) for w in (*after.first[:, k], after.second[k])]
    assert len(lines) == len(weights) == 12
    widths = np.array([line.get_linewidth() for line in lines])
    low, high = WIDTHS
    assert (widths - low) / (high - low) == pytest.approx(np.abs(weights) / np.abs(weights).max())
    assert len({(w > 0, line.get_color()) for w, line in zip(weights, lines, strict=True)}) == 2
    assert {line.get_linestyle() for line in figure.axes[0].lines if line.get_marker() == "None"} == {":"}


def test_titles_and_tips_say_what_is_seen(zero, random):
    figure = figures.symmetric_units()
    titles = [axis.get_title(loc="left") for axis in figure.axes]
    share = examples()[1].mean()
    assert share != 0.5
    assert titles[0] == f"Zero, before\n4 equal units, accuracy {1 - share:.2f}"
    assert titles[1] == f"Zero, after {STEPS} steps\n4 equal units, accuracy {zero[1].accuracy:.2f}"
    assert titles[3].endswith(f"4 different units, accuracy {random[1].accuracy:.2f}")
    assert notes(figure).tips[0] == "weight from x1 to unit 1: 0"
    assert len(notes(figure).tips) == 48
    draw(figure)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_with_units_that_are_0_at_0_no_zero_weight_moves(activation):
    """What the caption says of them."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((40, 2)), rng.integers(0, 2, 40)
    model = network([2, 4, 1], [activation, "sigmoid"], dtype="float64")
    end = model.views(fit(model, x, y, get("adam", lr=0.05), steps=50, params=np.zeros(model.layout.size)).params)
    assert [name for name, tensor in end.items() if tensor.any()] == [list(end)[-1]]  # the output's bias alone
