"""How figures look: ink, palette, and one look for each candidate in every figure.

Colours are drawn as literals here; the page exchanges the neutral ones (`INK`, `MUTED`, `GRID`, `PAPER`) for
variables of its style sheet, so that one drawing serves light and dark.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from optbench.report.fonts import families
from optbench.report.marks import notes

# Near white and black, but not them: nothing else that matplotlib or seaborn writes is exchanged by mistake.
INK = "#23262d"
MUTED = "#7b818b"
GRID = "#dcdfe4"
PAPER = "#fefefe"

#: Okabe and Ito 2008 (jfly.uni-koeln.de/color), the darkest first; the yellow is darkened, for it vanishes on white,
#: and their black is the ink, which turns light on dark paper.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", INK, "#b3a100")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h")
#: in units of the line's width; "" is solid, as seaborn has it
DASHES: tuple[str | tuple[float, ...], ...] = ("", (4, 1.5), (1, 1.2), (5, 1.5, 1, 1.5), (2.5, 1, 1, 1, 1, 1))

WIDTH = 10.0  # inches; the page is about as wide
SINGLE = 5.2  # of a figure with one panel: still legible on a phone


class Style(NamedTuple):
    """One candidate's look: `dash` is "" (solid) or on-off lengths in line widths; `key` names it on the page."""

    color: str
    marker: str
    dash: str | tuple[float, ...]
    key: str = ""

    @property
    def line(self) -> Any:
        """The dash as matplotlib has it."""
        return "-" if self.dash == "" else (0, self.dash)


Styles = dict[str, Style]


def candidate_styles(names: Sequence[str], prefix: str = "c") -> Styles:
    """{name: (color, marker, dash, key)}, by place in `names`; keys are c0, c1, … with this prefix.

    Eight colours; every further eight take the next dash. Markers run through a cycle of eleven, so that the first
    88 candidates differ in colour and marker, and no two of the first 40 in colour and dash.
    """
    unique = list(dict.fromkeys(names))
    return {
        name: Style(
            PALETTE[i % len(PALETTE)],
            MARKERS[i % len(MARKERS)],
            DASHES[(i // len(PALETTE)) % len(DASHES)],
            f"{prefix}{i}",
        )
        for i, name in enumerate(unique)
    }


RC: Any = {
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9.0,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 9.0,
    "legend.frameon": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.titlecolor": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": PAPER,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "lines.linewidth": 1.6,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "svg.fonttype": "none",  # text stays text: small, searchable, read aloud
    "svg.hashsalt": "optbench",  # the same figure gives the same bytes
}


@contextmanager
def drawing() -> Iterator[None]:
    """The style, for the time of one figure: the user's own matplotlib settings are left alone."""
    with matplotlib.rc_context(settings()):
        yield


def settings() -> Any:
    """matplotlib's settings for drawing and saving."""
    return {**RC, "font.family": list(families())}


def figure(height: float, width: float = WIDTH) -> Figure:
    """An empty figure outside pyplot, so that none is kept open behind the caller's back."""
    made = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(made)
    return made


def label(name: Any, limit: int = 26) -> str:
    """A name as text in a figure: no mathematics in it, no control characters, not endless."""
    text = "".join(c if c.isprintable() else "\ufffd" for c in str(name))
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return text.replace("$", r"\$")


def number(value: float) -> str:
    """A number in three figures (four between 0.1 and 1, where accuracies are told apart), whatever its size."""
    if not math.isfinite(value):
        return {True: "∞", False: "−∞"}[value > 0] if not math.isnan(value) else "–"
    return f"{value:.4g}" if 0.1 <= abs(value) < 1 else f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def facets(
    panels: int, panel_height: float, *, columns: int = 3, extra: float = 0.0, width: float = WIDTH
) -> tuple[Figure, list[Axes]]:
    """A grid of `panels` axes; `extra` inches of height are left for a legend. Unused places stay empty.

    width   of the figure, where it has several columns
    """
    columns = max(1, min(columns, panels))
    rows = -(-max(panels, 1) // columns)
    made = figure(rows * panel_height + extra, width if columns > 1 else SINGLE)
    grid = made.subplots(rows, columns, squeeze=False)
    axes = list(grid.flat)
    for unused in axes[panels:]:
        unused.remove()
    return made, axes[:panels]


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
    return ticks, [f"{t:g}".replace("e+0", "e").replace("e-0", "e-") for t in ticks]


def nothing(message: str) -> Figure:
    """A figure that says why it is empty."""
    with drawing():
        made = figure(0.8, SINGLE)
        made.set_layout_engine("none")  # there are no axes to lay out
        made.text(0.5, 0.5, message, ha="center", va="center", color=MUTED)
        return made


def legend(made: Figure, names: Sequence[str], styles: Styles, *, lines: bool = True) -> None:
    """One legend for all panels, above them. The page has its own, from the notes."""
    notes(made).legend = {name: styles[name] for name in names}
    handles = [
        Line2D(
            [],
            [],
            color=styles[n].color,
            marker=styles[n].marker,
            markersize=5,
            linewidth=1.6 if lines else 0,
            linestyle=styles[n].line,
        )
        for n in names
    ]
    shown = [label(n) for n in names]
    columns = _legend_columns(shown, made.get_figwidth())
    # a leading underscore would hide an entry
    shown = [f"\u200b{s}" if s.startswith("_") else s for s in shown]
    made.legend(handles, shown, loc="outside upper left", ncols=columns, columnspacing=1.4, handlelength=2.6)


def legend_height(names: Sequence[str], panels: int = 2) -> float:
    """Inches that `legend` needs above so many panels: `facets` makes a single one narrower."""
    columns = _legend_columns([label(n) for n in names], WIDTH if panels > 1 else SINGLE)
    return 0.15 + 0.2 * -(-len(names) // columns)


def _legend_columns(shown: Sequence[str], width: float) -> int:
    # thirteen letters an inch, and seven for the line in front
    longest = max((len(s) for s in shown), default=1)
    return max(1, min(len(shown), int(13 * width / (longest + 7))))
