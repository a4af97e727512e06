import numpy as np
import pytest

from optbench.report import figures

from .drawn import draw, texts


class Bowl:
    minima = ((0.0, 0.0),)
    minimum = 0.0
    window = ((-1.0, 1.0), (-2.0, 2.0))

    def value(self, w):
        return float(w[0] ** 2 + 10 * w[1] ** 2)


def test_contour_paths_draws_each_path_over_the_contours():
    path = np.array([[1.0, 2.0], [0.5, -1.0], [0.0, 0.0]])
    figure = figures.contour_paths(Bowl(), {"sgd": path}, title="bowl")
    axis = figure.axes[0]
    assert any(np.array_equal(np.column_stack(line.get_data()), path) for line in axis.lines)
    assert axis.get_xlim() == (-1, 1)
    draw(figure)


def test_a_path_that_starts_outside_of_the_window_widens_it():
    path = np.array([[1.0, -3.0], [0.0, 0.0]])
    axis = figures.contour_paths(Bowl(), {"sgd": path}).axes[0]
    assert axis.get_xlim() == (-1, 1)
    assert axis.get_ylim() == pytest.approx((-3.2, 2))


def test_contour_paths_needs_two_variables():
    assert "two variables" in texts(figures.contour_paths(Bowl(), {"sgd": np.zeros((3, 5))}))[0]
