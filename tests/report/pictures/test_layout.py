"""Where panels go, against what matplotlib itself measures of the figure that comes out."""

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from optbench.report.pictures import formats
from optbench.report.pictures.marks import notes
from optbench.report.pictures.panels import facets, legend, log_axis, nothing
from optbench.report.pictures.style import candidate_styles, drawing

NAMES = ["adam", "sgd with a long name"]


def drawn(panels, columns=3, named=True, labels=("steps", "validation loss")):
    with drawing():
        made, axes = facets(panels, 2.2, columns=columns, extra=0.4)
        for k, axis in enumerate(axes):
            axis.plot([0, 100], [1, 10.0 ** (k - 3)])
            axis.set_title(f"workload {k}")
            axis.set(xlabel=labels[0], ylabel=labels[1])
        log_axis(axes[0], "y", 1e-4, 2.0)
        if named:
            legend(made, NAMES, candidate_styles(NAMES))
    return made, axes


def measured(made, axes):
    """Each panel's box with all around it, as matplotlib measures it."""
    renderer = FigureCanvasAgg(made).get_renderer()
    return [axis.get_tightbbox(renderer) for axis in axes]


@pytest.mark.parametrize(
    ("panels", "columns", "named", "labels"),
    [
        (1, 3, True, ("steps", "loss")),
        (2, 3, False, ("", "")),
        (5, 3, True, ("steps", "validation loss")),
        (9, 3, True, ("", "loss")),
        (4, 1, False, ("a label that is much longer than its panel is wide, and needs no room for that " * 2, "")),
    ],
)
def test_panels_are_of_one_size_and_nothing_meets(panels, columns, named, labels):
    made, axes = drawn(panels, columns, named, labels)
    formats.freeze(made)
    sizes = np.array([axis.get_position().size for axis in axes])
    np.testing.assert_allclose(sizes, sizes[:1].repeat(panels, 0))
    assert (sizes > 0).all()
    renderer = FigureCanvasAgg(made).get_renderer()
    boxes = [axis.get_tightbbox(renderer, for_layout_only=True) for axis in axes]
    boxes += [one.get_tightbbox(renderer) for one in made.legends]
    for k, box in enumerate(boxes):
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= made.bbox.width + 0.5
        assert box.y1 <= made.bbox.height + 0.5
        assert not any(box.overlaps(other) for other in boxes[:k])


@pytest.mark.parametrize("panels", [1, 2, 6])
def test_no_panel_is_much_smaller_than_in_matplotlibs_own_layout(panels):
    ours, axes = drawn(panels)
    formats.freeze(ours)
    theirs, others = drawn(panels)
    theirs.draw_without_rendering()
    for axis, other in zip(axes, others, strict=True):
        assert (axis.get_position().size > 0.95 * other.get_position().size).all()


@pytest.mark.skipif(
    tuple(map(int, matplotlib.__version__.split(".")[:2])) < (3, 11),
    reason="older versions of matplotlib measure a label that is wider than its panel in another way",
)
def test_what_is_noted_of_a_panel_is_what_it_covers_in_points():
    made, axes = drawn(5, labels=("a label that is longer than its panel is wide, and seen whole on the page", "loss"))
    formats.freeze(made)
    formats.svg(made)
    assert made.dpi == 72
    boxes = measured(made, axes)
    for axis, box in zip(axes, boxes, strict=True):
        np.testing.assert_allclose(notes(made).boxes[axis].get_points(), box.get_points(), atol=1.5)


def test_labels_stand_where_matplotlib_places_them():
    made, axes = drawn(2)
    formats.freeze(made)
    renderer = FigureCanvasAgg(made).get_renderer()
    for axis in axes:
        ticks = [one.get_window_extent(renderer) for one in axis.get_xticklabels()]
        label = axis.xaxis.label.get_window_extent(renderer)
        gap = min(box.y0 for box in ticks) - label.y1
        assert gap == pytest.approx(axis.xaxis.labelpad * made.dpi / 72, abs=1)
        seen = [low <= at <= high for low, high in [axis.get_ylim()] for at in axis.get_yticks()]
        labels = [one for one, here in zip(axis.get_yticklabels(), seen, strict=True) if here]
        ticks = [one.get_window_extent(renderer) for one in labels]
        gap = min(box.x0 for box in ticks) - axis.yaxis.label.get_window_extent(renderer).x1
        assert gap == pytest.approx(axis.yaxis.labelpad * made.dpi / 72, abs=1)


def test_a_figure_without_panels_stays_as_it_is():
    formats.freeze(made := nothing("Nothing to show."))
    assert "Nothing to show." in formats.svg(made)
