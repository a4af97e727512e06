"""Ticks that are drawn at once, against those that matplotlib draws one by one."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from optbench.report.pictures import formats
from optbench.report.pictures.axes import Plain, PlainAxes
from optbench.report.pictures.marks import label_keys
from optbench.report.pictures.panels import log_axis
from optbench.report.pictures.style import drawing


def numbers(axis):
    axis.plot([0, 170], [-1.25, 3])
    axis.set_ylabel("loss")


def logarithms(axis):
    axis.plot([1, 20], [0.002, 7])
    log_axis(axis, "y", 0.002, 7)


def names(axis):
    axis.plot([1, 2], [0, 1])
    axis.set_yticks([0, 1], ["adam", "a longer name"])
    axis.set_ylim(1.6, -0.6)
    axis.tick_params(left=False)
    axis.grid(axis="y", visible=False)


def offset(axis):
    axis.plot([1e7, 1e7 + 1], [1e-9, 2e-9])


def drawn(draw, kind):
    """Axes of this kind and the pixels of their figure."""
    with drawing():
        made = Figure(figsize=(4, 3))
        canvas = FigureCanvasAgg(made)
        axis = made.add_axes((0.25, 0.2, 0.7, 0.7), axes_class=kind)
        draw(axis)
        axis.set(title="workload", xlabel="steps")
        canvas.draw()
    return axis, np.asarray(canvas.buffer_rgba()).astype(int)


def unlike(ours, theirs):
    """The share of pixels that differ by more than how lines are put to whole ones; a grid is a hundredth of them."""
    return np.mean(np.abs(ours - theirs).max(axis=-1) > 16)


@pytest.mark.parametrize("draw", [numbers, logarithms, names, offset])
def test_they_look_as_matplotlibs(draw):
    from matplotlib.axes import Axes

    axis, ours = drawn(draw, PlainAxes)
    _, theirs = drawn(draw, Axes)
    assert all(one.plain for one in axis.plain)
    assert unlike(ours, theirs) < 2e-3


def test_who_asks_for_ticks_gets_them_as_they_looked():
    axis, before = drawn(names, PlainAxes)
    label_keys(axis.yaxis, ["c0", "c1"])
    assert [text.get_text() for text in axis.get_yticklabels()] == ["adam", "a longer name"]
    assert [text.get_gid() for text in axis.get_yticklabels()] == ["mark:c0:", "mark:c1:"]
    assert not axis.yaxis.plain
    axis.get_xgridlines()
    canvas = axis.figure.canvas
    canvas.draw()
    assert unlike(before, np.asarray(canvas.buffer_rgba()).astype(int)) < 2e-3


@pytest.mark.parametrize(
    "change",
    [
        lambda axis: axis.tick_params(labelsize=20),
        lambda axis: axis.set_yticks([0, 1], ["a", "b"], rotation=45),
        lambda axis: axis.set_yticks([0, 1], ["a\nb", "c"]),
        lambda axis: axis.minorticks_on() or axis.yaxis.get_minor_ticks(),
    ],
)
def test_ticks_of_other_looks_are_matplotlibs(change):
    axis, _ = drawn(names, PlainAxes)
    change(axis)
    assert not axis.yaxis.plain
    axis.figure.canvas.draw()


def test_labels_have_their_owner_in_the_drawing():
    axis, _ = drawn(names, PlainAxes)
    label_keys(axis.yaxis, ["c0", "c1"])
    document = formats.svg(axis.figure)
    assert document.count('id="mark:c0:"') == document.count('id="mark:c1:"') == 1
    assert isinstance(axis.yaxis, Plain)
    assert axis.yaxis.plain
