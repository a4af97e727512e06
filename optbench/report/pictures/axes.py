"""Axes whose ticks are drawn at once.

matplotlib makes five artists a tick, measures each label several times while a figure is laid out, and draws each by
itself: half of the time of a page. Here the lines of a grid are one path, the marks another, and a label is measured
once. To everything else these are axes as any others: where somebody asks for ticks or wants them otherwise, they
become matplotlib's.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis, XAxis, YAxis
from matplotlib.colors import to_rgba
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.ticker import NullLocator
from matplotlib.transforms import Bbox, IdentityTransform

from optbench.report.pictures.style import drawing

#: what is known of ticks that are drawn at once
SWITCHES = frozenset(("gridOn", "tick1On", "tick2On", "label1On", "label2On"))

#: points that labels of ticks stand apart, side by side and one above the other
GAP = (4.0, 0.0)

#: {(renderer, resolution, side, size, text): (left, bottom, right, top) around the place that a label belongs to}
_extents: dict[tuple[Any, ...], tuple[float, float, float, float]] = {}


class Plain(Axis):
    """The ticks of one axis; `plain` until somebody asks for them one by one."""

    axis_name: str
    plain = False
    gids: Sequence[str] = ()

    def settle(self) -> None:
        """Begin to draw ticks at once, in the style of this moment."""
        rc: Any = matplotlib.rcParams
        name = f"{self.axis_name}tick"
        self.grid_look = (to_rgba(rc["grid.color"], rc["grid.alpha"]), rc["grid.linewidth"])
        self.mark_look = (to_rgba(rc[f"{name}.color"]), rc[f"{name}.major.width"])
        self.size = float(rc[f"{name}.major.size"])
        self.pad = self.size + float(rc[f"{name}.major.pad"])
        across = self.axis_name == "x"
        self.text = Text(
            color=rc[f"{name}.labelcolor"], fontsize=rc[f"{name}.labelsize"], transform=IdentityTransform(),
            ha="center" if across else "right", va="top" if across else rc["ytick.alignment"],
        )  # fmt: skip
        self.text.set_figure(self.axes.figure)
        self.plain = True

    def ordinary(self) -> None:
        """Let matplotlib have its ticks, in our style."""
        if self.plain:
            self.plain = False
            with drawing():
                self.reset_ticks()
                ticks = self.get_major_ticks()
            for gid, tick in zip(self.gids, ticks, strict=False):
                tick.label1.set_gid(gid)

    # ------------------------------------------------------------------------------------- what matplotlib asks of it

    def _update_ticks(self) -> Any:
        self.ordinary()
        return super()._update_ticks()  # type: ignore[misc]

    def get_children(self) -> Any:
        return [self.label, self.offsetText, self.text] if self.plain else super().get_children()

    def get_major_ticks(self, numticks: int | None = None) -> Any:
        self.ordinary()
        return super().get_major_ticks(numticks)

    def get_minor_ticks(self, numticks: int | None = None) -> Any:
        self.ordinary()
        return super().get_minor_ticks(numticks)

    def _get_ticks_position(self) -> Any:
        return 1 if self.plain else super()._get_ticks_position()  # type: ignore[misc]

    def set_clip_path(self, path: Any, transform: Any = None) -> None:
        if self.plain:
            Artist.set_clip_path(self, path, transform)
        else:
            super().set_clip_path(path, transform)

    def set_tick_params(self, which: Any = "major", reset: bool = False, **kwargs: Any) -> None:
        if not self.plain:
            super().set_tick_params(which, reset, **kwargs)
            return
        self.majorTicks, self.minorTicks = [], []  # there are none to be changed
        super().set_tick_params(which, **kwargs)
        del self.majorTicks, self.minorTicks
        if reset or not set(self._major_tick_kw) <= SWITCHES:  # type: ignore[attr-defined]
            self.ordinary()

    def set_ticks(self, ticks: Any, labels: Any = None, *, minor: bool = False, **kwargs: Any) -> Any:
        if not self.plain or minor or kwargs or any("\n" in str(label) for label in labels or ()):
            return super().set_ticks(ticks, labels, minor=minor, **kwargs)
        made: list[Any] = []
        self.plain = False
        self.majorTicks = made  # places and formats are matplotlib's work, without ticks to put them to
        self.get_major_ticks = lambda numticks=None: made  # type: ignore[method-assign]
        try:
            super().set_ticks(ticks, labels)
        finally:
            del self.get_major_ticks, self.majorTicks
            self.plain = True
        return []

    # --------------------------------------------------------------------------------------------------- measuring

    def _shown(self) -> tuple[np.ndarray, list[str]]:
        """(places along the axis in points of the canvas, labels) of the ticks within the view."""
        if isinstance(self.get_major_locator(), NullLocator):
            return np.zeros(0), []
        places = np.asarray(self.get_majorticklocs(), dtype=float)
        if not len(places):
            return places, []
        labels = self.get_major_formatter().format_ticks(places.tolist())
        turned = self.get_transform()
        low, high = (float(v) for v in turned.transform(np.asarray(self.get_view_interval(), dtype=float)))
        at = np.asarray(turned.transform(places), dtype=float)
        slack = 1e-10 * abs(high - low)
        seen = (at >= min(low, high) - slack) & (at <= max(low, high) + slack)
        start, end = self.axes.bbox.intervalx if self.axis_name == "x" else self.axes.bbox.intervaly
        shown = start + (at - low) / ((high - low) or 1.0) * (end - start)
        return shown[seen], [label for label, here in zip(labels, seen, strict=True) if here]

    def _scale_of_points(self) -> float:
        return float(self.axes.get_figure(root=True).dpi) / 72  # type: ignore[union-attr]

    def _places(self, along: float) -> tuple[float, float]:
        """Where the label of a tick at this place belongs."""
        away = self.pad * self._scale_of_points()
        if self.axis_name == "x":
            return along, self.axes.bbox.y0 - away
        return self.axes.bbox.x0 - away, along

    def _boxes(self, renderer: Any) -> list[Bbox]:
        """What the labels cover."""
        if not self._switch("label1On"):
            return []
        places, labels = self._shown()
        boxes = []
        for along, label in zip(places.tolist(), labels, strict=True):
            if label:
                x, y = self._places(along)
                left, bottom, right, top = self._extent(renderer, label)
                boxes.append(Bbox([[x + left, y + bottom], [x + right, y + top]]))
        return boxes

    def crowded(self, renderer: Any) -> bool:
        """Whether two labels of ticks meet, or nearly do."""
        side = int(self.axis_name == "y")
        ends = sorted((box.min[side], box.max[side]) for box in self._boxes(renderer))
        near = GAP[side] * self._scale_of_points()
        return any(start < end + near for (_, end), (start, _) in pairwise(ends))

    def _extent(self, renderer: Any, label: str) -> tuple[float, float, float, float]:
        key = (type(renderer), self._scale_of_points(), self.axis_name, self.text.get_fontsize(), label)
        found = _extents.get(key)
        if found is None:
            self.text.set(text=label, x=0.0, y=0.0)
            left, bottom, right, top = self.text.get_window_extent(renderer).extents
            found = _extents[key] = (float(left), float(bottom), float(right), float(top))
        return found

    def _switch(self, name: str) -> bool:
        return bool(self._major_tick_kw.get(name, True))  # type: ignore[attr-defined]

    def reach(self) -> float:
        """Points of the canvas that marks stand out."""
        marked = self._switch("tick1On") and not isinstance(self.get_major_locator(), NullLocator)
        return self.size * self._scale_of_points() if marked else 0.0

    def _get_tick_boxes_siblings(self, renderer: Any) -> Any:
        if not self.plain:
            return super()._get_tick_boxes_siblings(renderer)  # type: ignore[misc]
        return self._boxes(renderer), []

    def _update_label_position(self, renderer: Any) -> None:
        if not self.plain:
            super()._update_label_position(renderer)  # type: ignore[misc]
        elif self._autolabelpos:  # type: ignore[attr-defined]
            self._stand_off(self._boxes(renderer))

    def _stand_off(self, boxes: list[Bbox]) -> None:
        """Put the axis' own label beyond those of the ticks."""
        away = self.labelpad * self._scale_of_points()
        x, y = self.label.get_position()
        if self.axis_name == "x":
            self.label.set_position((x, min([self.axes.bbox.y0 - self.reach(), *(b.y0 for b in boxes)]) - away))
        else:
            self.label.set_position((min([self.axes.bbox.x0 - self.reach(), *(b.x0 for b in boxes)]) - away, y))

    def get_tightbbox(self, renderer: Any = None, *, for_layout_only: bool = False) -> Any:
        if not self.plain or renderer is None:
            return super().get_tightbbox(renderer, for_layout_only=for_layout_only)
        if not self.get_visible():
            return None
        boxes = self._boxes(renderer)
        if self._autolabelpos:  # type: ignore[attr-defined]
            self._stand_off(boxes)
        self._update_offset_text_position(boxes, [])  # type: ignore[attr-defined]
        self.offsetText.set_text(self.get_major_formatter().get_offset())
        if self.offsetText.get_text():
            boxes.append(self.offsetText.get_window_extent(renderer))
        if self.label.get_visible() and self.label.get_text():
            box = self.label.get_window_extent(renderer)
            if for_layout_only:  # neither its length nor that of a title makes room
                (x0, y0), (x1, y1) = box.get_points()
                middle = (x0 + x1) / 2 if self.axis_name == "x" else (y0 + y1) / 2
                ends = [[middle - 0.5, y0], [middle + 0.5, y1]], [[x0, middle - 0.5], [x1, middle + 0.5]]
                box = Bbox(ends[self.axis_name == "y"])
            boxes.append(box)
        return Bbox.union(boxes) if boxes else None

    # ----------------------------------------------------------------------------------------------------- drawing

    def draw(self, renderer: Any) -> None:
        if not self.plain:
            super().draw(renderer)
            return
        if not self.get_visible():
            return
        renderer.open_group("matplotlib.axis", gid=self.get_gid())
        places, labels = self._shown()
        box = self.axes.bbox
        if self._switch("gridOn"):
            ends = (box.y0, box.y1) if self.axis_name == "x" else (box.x0, box.x1)
            self._lines(renderer, places, ends, self.grid_look, clipped=True)
        if self._switch("tick1On"):
            start = box.y0 if self.axis_name == "x" else box.x0
            self._lines(renderer, places, (start, start - self.reach()), self.mark_look, clipped=False)
        if self._switch("label1On"):
            for gid, along, label in zip(self._gids(labels), places.tolist(), labels, strict=True):
                self.text.set(text=label)
                self.text.set_position(self._places(along))
                self.text.set_gid(gid)
                self.text.draw(renderer)
        boxes = self._boxes(renderer)
        if self._autolabelpos:  # type: ignore[attr-defined]
            self._stand_off(boxes)
        self.label.draw(renderer)
        self._update_offset_text_position(boxes, [])  # type: ignore[attr-defined]
        self.offsetText.set_text(self.get_major_formatter().get_offset())
        self.offsetText.draw(renderer)
        renderer.close_group("matplotlib.axis")
        self.stale = False

    def _gids(self, labels: Sequence[str]) -> Iterator[str | None]:
        for number in range(len(labels)):
            yield self.gids[number] if len(self.gids) == len(labels) else None

    def _lines(
        self, renderer: Any, places: np.ndarray, ends: tuple[float, float], look: tuple[Any, float], clipped: bool
    ) -> None:
        """Lines across the axis at these places, as one path."""
        if not len(places):
            return
        across = np.tile(ends, len(places))
        along = np.repeat(places, 2)
        vertices = np.column_stack((along, across) if self.axis_name == "x" else (across, along))
        codes = np.tile(np.array([Path.MOVETO, Path.LINETO], dtype=Path.code_type), len(places))
        color, width = look
        gc = renderer.new_gc()
        gc.set_foreground(color, isRGBA=True)
        gc.set_linewidth(renderer.points_to_pixels(width))
        gc.set_joinstyle("round")
        gc.set_capstyle("projecting" if clipped else "butt")
        if clipped:
            gc.set_clip_rectangle(self.axes.bbox)
        renderer.draw_path(gc, Path(vertices, codes), IdentityTransform())
        gc.restore()


class PlainX(Plain, XAxis):
    """Along the bottom."""


class PlainY(Plain, YAxis):
    """Along the left side."""


class PlainAxes(Axes):
    """Axes with such ticks."""

    @property
    def plain(self) -> tuple[Plain, Plain]:
        """Those of x and of y."""
        assert isinstance(self.xaxis, Plain)
        assert isinstance(self.yaxis, Plain)
        return self.xaxis, self.yaxis

    def _init_axis(self) -> None:
        for name, kind, sides in (("x", PlainX, ("bottom", "top")), ("y", PlainY, ("left", "right"))):
            made = kind(self, clear=False)
            setattr(self, f"{name}axis", made)
            for side in sides:
                self.spines[side].register_axis(made)
            made.settle()

    def clear(self) -> None:
        super().clear()
        for spine in self.spines.values():
            spine.get_spine_transform()  # which a first tick would have given it
