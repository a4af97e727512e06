"""What the page must know of a figure besides its ink: whose mark one is, what it says, which workload a panel shows.

Figures note it while they draw; `inline` turns it into classes and tooltips. A figure without notes is shown whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from optbench.report.pictures.axes import Plain

#: of the ids of noted marks in the drawing: mark:KEY:NUMBER
PREFIX = "mark:"


@dataclass
class Notes:
    """What is known of one figure.

    tips     what marks say, by number
    panels   (axes, workload) that can stand alone
    legend   styles by candidate
    boxes    {axes: points that they cover with all that stands around them}, once laid out
    """

    tips: list[str] = field(default_factory=list)
    panels: list[tuple[Axes, str]] = field(default_factory=list)
    legend: dict[str, Any] = field(default_factory=dict)
    boxes: dict[Axes, Bbox] = field(default_factory=dict)


def notes(figure: Figure) -> Notes:
    """The notes of a figure, made when they are first asked for."""
    found = getattr(figure, "optbench_notes", None)
    if found is None:
        found = Notes()
        figure.optbench_notes = found  # type: ignore[attr-defined]
    return found


def mark(artists: Artist | Iterable[Artist], key: str, tip: str = "") -> None:
    """Say whose these artists are (a style's key, "" for nobody's) and what they say when pointed at.

    A space and a further class may follow the key.
    A tip that ends with "…" is a curve's: the page adds the numbers at the place pointed at.
    """
    several = [artists] if isinstance(artists, Artist) else list(artists)
    figure = next((a.get_figure(root=True) for a in several), None)
    if not isinstance(figure, Figure):
        return
    number = ""
    if tip:
        tips = notes(figure).tips
        number = str(len(tips))
        tips.append(tip)
    for artist in several:
        artist.set_gid(f"{PREFIX}{key.replace(' ', '.')}:{number}")  # an id has no spaces


def label_keys(axis: Axis, keys: Sequence[str]) -> None:
    """Say whose the labels of an axis' ticks are."""
    if isinstance(axis, Plain) and axis.plain:
        axis.gids = [f"{PREFIX}{key}:" for key in keys]
        return
    for key, text in zip(keys, axis.get_ticklabels(), strict=True):
        mark(text, key)


def panel(axis: Axes, workload: str = "") -> None:
    """Say that these axes can be shown by themselves, and for which workload."""
    figure = axis.get_figure(root=True)
    assert isinstance(figure, Figure)
    found = notes(figure)
    axis.set_gid(f"panel:{len(found.panels)}")
    found.panels.append((axis, workload))
