"""A matplotlib figure as an element of a page, in the colours of the page's theme, as the report has it."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from optbench.report.pictures.formats import freeze, svg
from optbench.report.pictures.inline import panels, whole
from optbench.report.pictures.marks import notes
from optbench.report.pictures.panels import facets, log_axis
from optbench.report.pictures.style import drawing
from optbench.report.pictures.swatch import swatch

Panel = Callable[[Axes], None]


def element(figure: Figure, name: str, caption: str, split: bool = False) -> str:
    """<figure> for a page.

    name      unique on the page
    caption   below it, and what is read aloud in its place
    split     whether its panels lay themselves out, one below the other on a phone
    """
    # what scrolls can be reached by keyboard
    freeze(figure)
    document = svg(figure)
    if split:
        drawn = "".join(
            panel.svg if 'class="defs"' in panel.svg else f"<div>{panel.svg}</div>"
            for panel in panels(figure, document, name, caption)
        )
        drawn = f'{keys(figure)}<div class="panels" tabindex="0" role="group" aria-label="{escape(name)}">{drawn}</div>'
    else:
        drawing_of = whole(figure, document, name, caption)
        drawn = f'<div tabindex="0" role="group" aria-label="{escape(name)}">{drawing_of}</div>'
    return f'<figure class="made">{drawn}<figcaption>{escape(caption)}</figcaption></figure>\n'


def keys(figure: Figure) -> str:
    """Who is who, above its panels; nothing where rows have the names."""
    items = (f"<li>{swatch(look)} {escape(name)}</li>" for name, look in notes(figure).legend.items())
    return f'<ul class="looks">{told}</ul>' if (told := "".join(items)) else ""


def log(axis: Axes, which: Literal["x", "y"], values: Any) -> None:
    """A log axis about these values, all above 0, with plain numbers at its ticks."""
    log_axis(axis, which, float(np.min(values)) / 1.3, float(np.max(values)) * 1.3)


def side_by_side(draws: Sequence[Panel], height: float = 2.9) -> Figure:
    """A figure with a panel for each of these functions of axes."""
    with drawing():
        width = 5.2 if len(draws) == 1 else 9.0
        made, axes = facets(len(draws), height, columns=len(draws), width=width)
        for axis, draw in zip(axes, draws, strict=True):
            draw(axis)
        return made
