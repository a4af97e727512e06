"""Figures outside pyplot, their panels, axes and legends."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from optbench.contract.text import visible
from optbench.language import gettext as _
from optbench.report import frames
from optbench.report.pictures.axes import PlainAxes
from optbench.report.pictures.lines import width as wide
from optbench.report.pictures.lines import wrapped
from optbench.report.pictures.marks import label_keys, notes, panel
from optbench.report.pictures.style import INK, MUTED, Style, Styles, complete, drawing

WIDTH = 10.0  # inches; the page is about as wide
LETTERS = {1: 56, 2: 54}  # of a title that fit above a panel, where a figure has so many; 36 where it has more
SINGLE = 5.2  # of a figure with one panel: still legible on a phone

#: how a value is drawn that others are compared with: `axis.axvline(0, **RULE)`
RULE: dict[str, Any] = {"color": INK, "linewidth": 0.9, "linestyle": (0, (2, 2)), "zorder": 1}


def figure(height: float, width: float = WIDTH) -> Figure:
    """An empty figure outside pyplot, so that none is kept open behind the caller's back."""
    made = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(made)
    return made


def nothing(message: str) -> Figure:
    """A figure that says why it is empty."""
    with drawing():
        made = figure(0.8, SINGLE)
        made.set_layout_engine("none")  # there are no axes to lay out
        made.text(0.5, 0.5, message, ha="center", va="center", color=MUTED)
        return made


def facets(
    panels: int, panel_height: float, *, columns: int = 3, extra: float = 0.0, width: float = WIDTH
) -> tuple[Figure, list[Axes]]:
    """A grid of `panels` axes; `extra` inches of height are left for a legend. Unused places stay empty.

    width   of the figure, where it has several columns
    """
    columns = max(1, min(columns, panels))
    rows = -(-max(panels, 1) // columns)
    made = figure(rows * panel_height + extra, width if columns > 1 else SINGLE)
    grid = made.subplots(rows, columns, squeeze=False, subplot_kw={"axes_class": PlainAxes})
    axes = list(grid.flat)
    for unused in axes[panels:]:
        unused.remove()
    return made, axes[:panels]


def taking_part(frame: pd.DataFrame, styles: Styles | None, order: Sequence[str] | None) -> tuple[list[str], Styles]:
    """The candidates in a frame, those of `order` first, and how each looks."""
    candidates = frames.names(frame, "candidate", order)
    return candidates, complete(styles, candidates)


@contextmanager
def below_legend(
    panels: int, height: float, candidates: Sequence[str], looks: Styles, columns: int = 3
) -> Iterator[tuple[Figure, list[Axes]]]:
    """A figure and so many axes, below one legend of the candidates."""
    with drawing():
        made, axes = facets(panels, height, columns=columns, extra=legend_height(_told(candidates, looks)[0], panels))
        yield made, axes
        if candidates:
            legend(made, candidates, looks)


def workload_panels(
    rows: pd.DataFrame,
    height: float,
    candidates: list[str],
    looks: Styles,
    draw: Callable[[Axes, pd.DataFrame, list[str], Styles], None],
) -> Figure:
    """A panel a workload, each drawn from its rows by `draw(axis, rows, candidates, looks)`."""
    workloads = frames.names(rows, "workload")
    titles, extra = titled(workloads)
    with below_legend(len(workloads), height + extra, candidates, looks) as (made, axes):
        for axis, workload in zip(axes, workloads, strict=True):
            panel(axis, workload)
            draw(axis, rows[rows["workload"] == workload], candidates, looks)
            axis.set_title(titles[workload])
        return made


def rows_of(axis: Axes, candidates: Sequence[str], looks: Styles, limit: int = 26) -> None:
    """A row a candidate, from the top, with so much of its name; no lines but those of the other axis."""
    axis.set_yticks(range(len(candidates)), [label(n, limit) for n in candidates])
    label_keys(axis.yaxis, [looks[name].key for name in candidates])
    axis.set_ylim(len(candidates) - 0.4, -0.6)
    axis.grid(axis="y", visible=False)
    axis.tick_params(left=False)


def interval(axis: Axes, row: int, low: float, high: float, color: str) -> list[Any]:
    """The bar of an interval in a row, where it has both ends."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return []
    return list(axis.plot([low, high], [row, row], color=color, linewidth=2, solid_capstyle="butt"))


def log_axis(axis: Axes, which: Literal["x", "y"], low: float, high: float) -> None:
    """A log axis from low to high with plain numbers at its ticks."""
    axis.set(**{f"{which}scale": "log"})
    axis.minorticks_off()
    ticks, labels = log_ticks(low, high)
    (axis.set_xticks if which == "x" else axis.set_yticks)(ticks, labels)
    axis.set(**{f"{which}lim": (low, high)})


def log_ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """Places and labels of ticks on a log axis: powers of ten, or 1, 2, 5 where those are few.

    Set by hand, they are plain numbers, and take a tenth of the time of matplotlib's minor ones.
    """
    if not 0 < low < high < math.inf:
        return [], []
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    stride = max(1, (last - first) // 6)
    digits: tuple[float, ...] = (1,) if math.log10(high / low) > 2.5 else (1, 2, 5)
    if math.log10(high / low) < 0.9:
        digits = (1, 1.5, 2, 3, 5, 7)
    if math.log10(high / low) < 0.35:
        digits = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9)
    ticks = [d * 10.0**p for p in range(first, last + 1, stride) for d in digits]
    ticks = [t for t in ticks if low * 0.999 <= t <= high * 1.001]
    return ticks, [_short(t) for t in ticks]


def _short(tick: float) -> str:
    """A number in few letters: 0.001, but 1e-4."""
    digits, _, power = f"{tick:e}".partition("e")
    if not -4 < int(power) < 6:
        return f"{float(digits):g}e{int(power)}"
    return f"{tick:g}"


def titled(names: Sequence[str]) -> tuple[dict[str, str], float]:
    """What stands above the panel of each name, two lines at most; and the inches that a second line adds to each."""
    limit = LETTERS.get(len(names), 36)
    lines = {name: wrapped(visible(name), limit) or [""] for name in names}
    titles = {name: "\n".join(label(part, limit) for part in (first, *([" ".join(rest)] if rest else [])))
              for name, (first, *rest) in lines.items()}  # fmt: skip
    return titles, 0.15 * any("\n" in text for text in titles.values())


def label(name: Any, limit: int = 26) -> str:
    """A name as text in a figure: no mathematics in it, no control characters, not endless."""
    text = visible(name)
    if wide(text) > limit:
        while wide(text) > limit - 1:
            text = text[:-1]
        text += "…"
    return text.replace("$", r"\$")


def legend(made: Figure, names: Sequence[str], styles: Styles) -> None:
    """One legend for all panels, above them. The page has its own, from the notes."""
    names, looks = _told(names, styles)
    notes(made).legend = dict(zip(names, looks, strict=True))
    handles = [Line2D([], [], **{"markersize": 5, "linewidth": 1.6} | look.line) for look in looks]
    shown = [label(n) for n in names]
    columns = _legend_columns(shown, made.get_figwidth())
    # a leading underscore would hide an entry
    shown = [f"\u200b{s}" if s.startswith("_") else s for s in shown]
    made.legend(handles, shown, loc="outside upper left", ncols=columns, columnspacing=1.4, handlelength=2.6)


def _told(names: Sequence[str], styles: Styles) -> tuple[list[str], list[Style]]:
    """The entries of a legend: faint candidates are one together."""
    told = {name: styles[name] for name in names if not styles[name].faint}
    others = [styles[name] for name in names if styles[name].faint]
    if others:
        grey = _("{count} others in grey") if len(others) > 1 else _("1 other in grey")
        told[grey.format(count=len(others))] = others[0]._replace(key="")
    return list(told), list(told.values())


def legend_height(names: Sequence[str], panels: int = 2) -> float:
    """Inches that `legend` needs above so many panels: `facets` makes a single one narrower."""
    columns = _legend_columns([label(n) for n in names], WIDTH if panels > 1 else SINGLE)
    return 0.15 + 0.2 * -(-len(names) // columns)


def _legend_columns(shown: Sequence[str], width: float) -> int:
    # thirteen letters an inch, and seven for the line in front
    longest = max(map(wide, shown), default=1)
    return max(1, min(len(shown), int(13 * width / (longest + 7))))
