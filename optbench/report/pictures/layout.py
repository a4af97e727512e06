"""Panels of one size in their grid, with room for what stands around them: measured once.

matplotlib's constrained layout measures every label two to four times, for grids of any kind; ours are of equal cells
with one legend above them. What it leaves of a figure is the same to the eye, in a third of the time.
"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator
from matplotlib.transforms import Bbox

from optbench.report.pictures.axes import PlainAxes
from optbench.report.pictures.marks import notes
from optbench.report.pictures.ticks import thin

#: points around a panel and what stands around it
PAD = 3.0
#: and between two panels, as a share of the figure over the number of panels in that direction
SPACE = 0.02
#: points left of, below, right of and above a panel that it is measured with
USUAL = np.array([40.0, 24.0, 2.0, 12.0])


def arrange(figure: Figure) -> None:
    """Give all axes of a figure's grid their places, and note what each covers with all that stands around it.

    Titles and labels of axes are nailed down where they are, relative to the axes: to place them anew, each format
    would measure all labels of ticks once more.
    """
    figure.dpi = 72  # as SVG and PDF have it: letters are as wide as they are there, and pixels are points
    renderer = FigureCanvasAgg(figure).get_renderer()
    axes = [one for one in figure.axes if one.get_subplotspec() is not None]
    if not axes:
        return
    _place(figure, axes, [USUAL] * len(axes), renderer)
    around = [_around(one, renderer) for one in axes]
    labels = [_labels(one) for one in axes]
    _place(figure, axes, around, renderer)
    for one, margins, nailed in zip(axes, around, labels, strict=True):
        _nail(one, nailed)
        for axis in one.plain if isinstance(one, PlainAxes) else ():
            thin(axis, renderer)
        notes(figure).boxes[one] = _covered(one, margins, renderer)


def _around(axes: Axes, renderer: RendererAgg) -> np.ndarray:
    """Points left of, below, right of and above the axes that what stands around them takes.

    The ticks stay those that are measured: others, for a few points more or less, might have wider labels.
    """
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(FixedLocator(axis.get_majorticklocs().tolist()))
        if not axis.label.get_text():
            axis.set_label_coords(0.5, 0.5)  # its place is not worth measuring all labels of ticks
    outer = _outer(axes, renderer)
    inner = axes.get_window_extent(renderer)
    return np.maximum([inner.x0 - outer.x0, inner.y0 - outer.y0, outer.x1 - inner.x1, outer.y1 - inner.y1], 0)


def _outer(axes: Axes, renderer: RendererAgg) -> Bbox:
    """What the axes and all around them cover; neither titles nor labels of axes make room by their length."""
    if not isinstance(axes, PlainAxes):
        found = axes.get_tightbbox(renderer, for_layout_only=True)
        assert found is not None
        return found
    spines = set(axes.spines.values())
    inner = axes.get_window_extent(renderer)
    x, y = axes.plain
    boxes: list[Any] = [Bbox([[inner.x0 - y.reach(), inner.y0 - x.reach()], inner.max])]
    boxes += [axis.get_tightbbox(renderer, for_layout_only=True) for axis in (x, y)]
    axes._update_title_position(renderer)  # type: ignore[attr-defined]
    for title in (axes.title, axes._left_title, axes._right_title):  # type: ignore[attr-defined]
        if title.get_text():
            box = title.get_window_extent(renderer)
            boxes.append(Bbox([[inner.x0, box.y0], [inner.x0 + 1, box.y1]]))
    boxes += [
        artist.get_tightbbox(renderer) for artist in axes.get_default_bbox_extra_artists() if artist not in spines
    ]
    return Bbox.union([b for b in boxes if b is not None and (b.width or b.height) and np.isfinite(b).all()])


def _labels(axes: Axes) -> list[float]:
    """Points from the axes' lower left corner to where the labels of x (upwards) and of y (to the right) stand."""
    corner = axes.get_window_extent().p0
    return [
        float((axis.label.get_transform().transform(axis.label.get_position()) - corner)[way])
        for axis, way in ((axes.xaxis, 1), (axes.yaxis, 0))
    ]


def _nail(axes: Axes, labels: list[float]) -> None:
    axes._autotitlepos = False  # type: ignore[attr-defined]
    inner = axes.get_window_extent()
    below, left = labels
    if axes.xaxis.label.get_text():
        axes.xaxis.set_label_coords(0.5, below / inner.height)
    if axes.yaxis.label.get_text():
        axes.yaxis.set_label_coords(left / inner.width, 0.5)


def _place(figure: Figure, axes: list[Axes], around: list[np.ndarray], renderer: RendererAgg) -> None:
    """Put the axes where there is so much room around each: columns and rows of equal size."""
    spots = [one.get_subplotspec() for one in axes]
    rows, columns = spots[0].get_gridspec().get_geometry()  # type: ignore[union-attr]
    width, height = figure.bbox.size
    sides = np.zeros((2, columns))  # left and right of each column
    ends = np.zeros((2, rows))  # above and below each row
    for spot, (left, below, right, above) in zip(spots, around, strict=True):
        row, column = spot.rowspan.start, spot.colspan.start  # type: ignore[union-attr]
        sides[:, column] = np.maximum(sides[:, column], (left, right))
        ends[:, row] = np.maximum(ends[:, row], (above, below))
    _pad(sides, width)
    _pad(ends, height)
    for legend in figure.legends:  # outside, above
        ends[0, 0] += legend.get_window_extent(renderer).height + PAD
    wide = max((width - sides.sum()) / columns, 1.0)
    tall = max((height - ends.sum()) / rows, 1.0)
    lefts = np.cumsum(sides.sum(axis=0) + wide) - wide - sides[1]
    tops = height - (np.cumsum(ends.sum(axis=0) + tall) - tall - ends[1])
    for one, spot in zip(axes, spots, strict=True):
        left, top = lefts[spot.colspan.start], tops[spot.rowspan.start]  # type: ignore[union-attr]
        one.set_position(Bbox([[left / width, (top - tall) / height], [(left + wide) / width, top / height]]))


def _pad(margins: np.ndarray, size: float) -> None:
    """Add the room around and between panels to (2, panels) margins: before and behind each."""
    number = margins.shape[1]
    between = max(PAD, SPACE * size / number / 2)
    margins += between
    margins[0, 0] += PAD - between
    margins[1, -1] += PAD - between


def _covered(axes: Axes, around: np.ndarray, renderer: RendererAgg) -> Bbox:
    """What the axes cover with all around them, in points: also the ends of titles and labels, which need no room."""
    left, below, right, above = around
    inner = axes.get_window_extent(renderer)
    boxes: list[Any] = [Bbox([[inner.x0 - left, inner.y0 - below], [inner.x1 + right, inner.y1 + above]])]
    for text in (axes.title, axes._left_title, axes._right_title, axes.xaxis.label, axes.yaxis.label):  # type: ignore[attr-defined]
        if text.get_text() and text.get_visible():
            boxes.append(text.get_window_extent(renderer))
    return Bbox.union(boxes)
