from itertools import pairwise

import numpy as np
import pytest

from optbench.report import figures
from optbench.report.pictures.style import candidate_styles

from .drawn import draw, texts


class Bowl:
    minima = ((0.0, 0.0),)
    minimum = 0.0
    window = ((-1.0, 1.0), (-2.0, 2.0))

    def value(self, w):
        return float(w[0] ** 2 + 10 * w[1] ** 2)


PATH = np.array([[1.0, 2.0], [0.5, -1.0], [0.0, 0.25]])


def pieces(axis):
    """The pieces of the panel's path: those in one colour each."""
    (line,) = [c for c in axis.collections if type(c).__name__ == "LineCollection"]
    return line, line.get_segments()


def marks(axis):
    return {line.get_marker(): line.get_xydata()[0].tolist() for line in axis.lines}


def test_each_path_has_a_panel_of_its_own_on_the_same_axes():
    other = PATH[:2]
    figure = figures.contour_paths(Bowl(), {"sgd": PATH, "adam": other}, title="bowl")
    left, right = figure.axes
    for axis, path in ((left, PATH), (right, other)):
        parts = pieces(axis)[1]
        assert np.array_equal(np.concatenate([parts[0][:1], *(p[1:] for p in parts)]), path)
        for before, after in pairwise(parts):
            assert np.array_equal(before[-1], after[0])
    assert left.get_xlim() == right.get_xlim() == (-1, 1)
    assert "bowl" in draw(figure)


def test_the_longest_path_has_all_colours_and_a_step_has_one_in_every_panel():
    long = np.column_stack([np.linspace(1, 0, 401), np.zeros(401)])
    figure = figures.contour_paths(Bowl(), {"long": long, "short": long[:101]})
    (all_of, parts), (some, _) = (pieces(axis) for axis in figure.axes)
    assert 20 < len(parts) <= 40
    norm = all_of.norm
    assert (norm(0), norm(400)) == (0, 1)
    assert norm(100) == pytest.approx(0.5)  # by the root
    assert some.norm(100) == norm(100)
    assert some.get_array().max() < 100
    bar = figure.axes[1].child_axes[0]
    assert bar.get_ylabel() == "step"
    assert [t.get_text() for t in bar.get_yticklabels()][-1] == "400"


def test_titles_say_the_loss_at_the_end_above_the_minimum():
    class Raised(Bowl):
        minimum = -3.0

        def value(self, w):
            return super().value(w) - 3.0

    (axis,) = figures.contour_paths(Raised(), {"sgd": PATH}).axes
    assert axis.get_title(loc="left") == "sgd\nloss at the end 0.625"
    lost = np.array([[1.0, 2.0], [np.inf, np.nan]])
    (axis,) = figures.contour_paths(Bowl(), {"sgd": lost}).axes
    assert axis.get_title(loc="left").endswith("loss at the end ∞")


def test_start_end_and_minimum_are_marked_whole_and_named():
    figure = figures.contour_paths(Bowl(), {"sgd": np.array([[1.0, 3.0], [0.0, 0.25]])})
    axis = figure.axes[0]
    # the end's ring is a dot, too, and drawn last
    places = [(line.get_marker(), line.get_xydata()[0].tolist()) for line in axis.lines]
    assert places == [("*", [0, 0]), ("o", [1, 3]), ("o", [0, 0.25])]
    assert not any(line.get_clip_on() for line in axis.lines)
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["start", "end of the path", "minimum"]


def test_marks_out_of_sight_are_left_out():
    class Far(Bowl):
        minima = ((50.0, 0.0),)

    gone = np.array([[1.0, 2.0], [900.0, 0.0]])
    (axis,) = figures.contour_paths(Far(), {"sgd": gone}).axes
    assert marks(axis) == {"o": [1, 2]}
    assert axis.get_xlim() == (-1, 1)


def test_a_path_that_starts_outside_of_the_window_widens_it():
    path = np.array([[1.0, -30.0], [0.0, 0.0]])
    axis = figures.contour_paths(Bowl(), {"sgd": path}).axes[0]
    assert axis.get_xlim() == (-1, 1)
    assert axis.get_ylim() == pytest.approx((-30.2, 2))


def test_the_window_is_widened_for_paths_by_half_its_size_at_most():
    path = np.array([[0.0, 0.0], [1.5, 0.0], [7.0, 0.0], [-1.2, 0.0]])
    axis = figures.contour_paths(Bowl(), {"sgd": path}).axes[0]
    assert axis.get_xlim() == pytest.approx((-1.3, 1.6))


def test_numbers_of_shared_axes_stand_at_the_left_and_below():
    figure = figures.contour_paths(Bowl(), {f"c{i}": PATH for i in range(5)})
    assert [axis.get_ylabel() for axis in figure.axes] == ["$w_2$", "", "", "$w_2$", ""]
    assert [axis.get_xlabel() for axis in figure.axes] == ["", "", "$w_1$", "$w_1$", "$w_1$"]
    draw(figure)


def test_a_path_of_one_point_can_be_drawn():
    figure = figures.contour_paths(Bowl(), {"sgd": PATH[:1]}, candidate_styles(["sgd"]))
    assert pieces(figure.axes[0])[1] == []
    draw(figure)


def test_contour_paths_needs_two_variables_and_a_path():
    assert "two variables" in texts(figures.contour_paths(Bowl(), {"sgd": np.zeros((3, 5))}))[0]
    assert "no path" in texts(figures.contour_paths(Bowl(), {}))[0]
