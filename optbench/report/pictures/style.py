"""How figures look: ink, palette, and one look for each candidate in every figure.

Colours are drawn as literals here; the page exchanges the neutral ones (`INK`, `MUTED`, `GRID`, `PAPER`) for
variables of its style sheet, so that one drawing serves light and dark.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

import matplotlib

from optbench.report.pictures.fonts import WHOLE
from optbench.report.pictures.wide import families

# Near white and black, but not them: nothing else that matplotlib or seaborn writes is exchanged by mistake.
INK = "#23262d"
MUTED = "#7b818b"
GRID = "#dcdfe4"
PAPER = "#fefefe"
#: lines of those that are many, behind those that are picked out
FAINT = "#bfc4cc"

#: Okabe and Ito 2008 (jfly.uni-koeln.de/color), the darkest first; the yellow is darkened, for it vanishes on white,
#: and their black is the ink, which turns light on dark paper.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", INK, "#b3a100")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h")
#: in units of the line's width; "" is solid, as seaborn has it
DASHES: tuple[str | tuple[float, ...], ...] = ("", (4, 1.5), (1, 1.2), (5, 1.5, 1, 1.5), (2.5, 1, 1, 1, 1, 1))


class Style(NamedTuple):
    """One candidate's look: `dash` is "" (solid) or on-off lengths in line widths; `key` names it on the page.

    A `faint` one is a thin grey line behind those that are picked out, without marks and bands.
    """

    color: str
    marker: str
    dash: str | tuple[float, ...]
    key: str = ""
    faint: bool = False

    @property
    def line(self) -> dict[str, Any]:
        """Arguments of `axis.plot` for a curve; those of its marks alone are `dots`."""
        if self.faint:
            return {"color": self.color, "marker": "", "linestyle": "-", "linewidth": 0.7}
        return {"color": self.color, "marker": self.marker, "linestyle": "-" if self.dash == "" else (0, self.dash)}

    @property
    def dots(self) -> dict[str, Any]:
        return {"color": self.color, "marker": self.marker, "linestyle": "none"}


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


def picked_out(styles: Styles, bold: Collection[str]) -> Styles:
    """These styles, all but those of `bold` faint: of more than a dozen lines in a panel nobody reads each."""
    return {
        name: look if name in bold else Style(FAINT, "", "", f"{look.key} faint", faint=True)
        for name, look in styles.items()
    }


def behind(names: Iterable[str], styles: Styles) -> list[str]:
    """In the order of drawing: faint ones first, so that the others lie above them."""
    return sorted(names, key=lambda name: not styles[name].faint)


def complete(styles: Styles | None, candidates: Sequence[str]) -> Styles:
    """Styles for all candidates: the given ones, and for others as if they came after those."""
    given = dict(styles or {})
    return {**candidate_styles([*given, *candidates]), **given}


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
    """The style, for the time of one figure: the user's own matplotlib settings neither count nor change."""
    with matplotlib.rc_context(settings()):
        yield


def settings() -> Any:
    """matplotlib's settings for drawing and saving: all of them, so that no matplotlibrc changes a figure."""
    return {**defaults(), **RC, "font.family": [WHOLE, *families()]}


@cache
def defaults() -> Any:
    """Those that matplotlib has by itself; what windows a program shows is not for us to set."""
    windows = ("backend", "backend_fallback", "interactive")
    return {name: value for name, value in matplotlib.rcParamsDefault.copy().items() if name not in windows}
