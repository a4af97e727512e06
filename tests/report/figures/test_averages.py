import numpy as np
import pytest

from optbench.report import figures
from optbench.report.figures.averages import temperatures

from .drawn import draw


def weighted(series, beta, corrected):
    """The average of each start of a series by its weights, (1 - beta) beta^age, written out."""
    found = []
    for end in range(1, len(series) + 1):
        weights = (1 - beta) * beta ** np.arange(end)[::-1]
        found.append(weights @ series[:end] / (weights.sum() if corrected else 1))
    return found


def test_averages_are_sums_with_weights_that_fall_by_beta_a_step():
    whole, start = figures.averages().axes
    series = temperatures()
    smooth = [line.get_ydata() for line in whole.lines[1:]]
    for line, beta in zip(smooth, (0.5, 0.9, 0.98), strict=True):
        assert line == pytest.approx(weighted(series, beta, True))
    first = [line.get_ydata() for line in start.lines[1:]]
    for line, (beta, corrected) in zip(
        first, [(b, c) for b in (0.5, 0.9, 0.98) for c in (True, False)], strict=True
    ):
        assert line == pytest.approx(weighted(series[:30], beta, corrected))


def test_windows_and_every_mark_are_named():
    figure = figures.averages()
    whole, start = ([text.get_text() for text in axis.get_legend().get_texts()] for axis in figure.axes)
    assert whole == ["a day's value", "β = 0.5: 2 days", "β = 0.9: 10 days", "β = 0.98: 50 days"]
    assert start == ["corrected", "not corrected"]
    looks = [line.get_linestyle() for line in figure.axes[1].lines[1:]]
    assert looks == ["-", "--"] * 3
    draw(figure)
