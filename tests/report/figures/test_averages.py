import pytest

from optbench.report import figures


def test_averages_are_the_public_functions():
    made = figures.averages()
    left, right = made.axes
    assert len(left.lines) == 4  # the series and three betas
    first = [line.get_ydata()[0] for line in right.lines]
    assert first[1] == pytest.approx(first[0])  # corrected: the first average is the first value
    assert first[2] == pytest.approx(0.02 * first[0])
