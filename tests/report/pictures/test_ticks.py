"""Labels of ticks, measured by matplotlib in the figure that comes out: none meets another or its axis' label."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg

from optbench.report.pictures import formats
from optbench.report.pictures.panels import facets, log_axis, log_ticks, rows_of
from optbench.report.pictures.style import candidate_styles, drawing
from optbench.report.pictures.ticks import sparser

#: limits of x whose labels met before
CROWDED = [("log", 5e-5, 3.0), ("log", 2e-4, 2e-3), ("log", 0.001, 0.05), ("log", 4.0, 900.0), ("log", 1e-6, 40.0),
           ("linear", -0.0085, 0.0004), ("linear", -0.011, 0.13), ("linear", 0.0, 123456.0)]  # fmt: skip
NAMES = ["a candidate of a long name", "another"]


def drawn(scale, low, high, panels=5):
    with drawing():
        made, axes = facets(panels, 2.2, columns=panels)
        for axis in axes:
            axis.plot([low, high], [1e-5, 123.0])
            axis.set(xlabel="training minus test", ylabel="validation accuracy")
            if scale == "log":
                log_axis(axis, "x", low, high)
                log_axis(axis, "y", 1e-7, 200.0)
            else:  # its ticks are chosen before long names of rows take their room
                axis.set_xlim(low, high)
                rows_of(axis, NAMES, candidate_styles(NAMES))
    formats.freeze(made)
    return made, axes


def boxes_of(axis, renderer):
    """Boxes of the labels that matplotlib draws: of its own ticks, which it makes anew from places and formats."""
    kept = [label for label in axis.get_ticklabels() if label.get_text()]
    return [label.get_window_extent(renderer) for label in kept]


@pytest.mark.parametrize(("scale", "low", "high"), CROWDED)
def test_labels_of_ticks_meet_neither_each_other_nor_that_of_the_axis(scale, low, high):
    made, axes = drawn(scale, low, high, panels=5 if scale == "log" else 3)
    renderer = FigureCanvasAgg(made).get_renderer()
    for axes_of in axes:
        named = [axis.label.get_window_extent(renderer) for axis in (axes_of.xaxis, axes_of.yaxis)]
        x, y = boxes_of(axes_of.xaxis, renderer), boxes_of(axes_of.yaxis, renderer)
        assert len(x) >= 2
        for k, box in enumerate(x):
            assert not any(box.expanded(1.02, 1).overlaps(other) for other in x[:k])
        for k, box in enumerate(y):
            assert not any(box.overlaps(other) for other in y[:k])
        assert not any(box.overlaps(label) for box in (*x, *y) for label in named)


def test_what_has_room_keeps_all_its_ticks():
    _, (axis, *_) = drawn("log", 1.0, 1000.0, panels=2)
    assert axis.get_xticks().tolist() == [1, 10, 100, 1000]


def test_names_of_rows_are_not_thinned():
    names = [f"candidate {k}" for k in range(60)]
    with drawing():
        made, (axis,) = facets(1, 2.0)
        axis.plot([0, 1], [0, 59])
        rows_of(axis, names, candidate_styles(names))
    formats.freeze(made)
    assert len(axis.get_yticks()) == 60


@settings(max_examples=60, deadline=None)
@given(st.floats(-8, 6), st.floats(0.1, 9))
def test_fewer_ticks_are_some_of_them_and_powers_of_ten_stay_longest(start, decades):
    ticks, _ = log_ticks(10**start, 10 ** (start + decades))
    powers = {t for t in ticks if math.isclose(math.log10(t), round(math.log10(t)), abs_tol=1e-9)}
    before = len(ticks)
    for kept in sparser(ticks):
        assert set(kept) <= set(ticks)
        assert 1 <= len(kept) <= before
        if len(powers) > 1 and len(kept) > len(powers):
            assert powers <= set(kept)
