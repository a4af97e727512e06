"""A figure as inline SVG: small, on the page's own colours and letters, with ids that clash with no other figure's."""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from optbench.report.style import GRID, INK, MUTED, PAPER, RC

#: literal colours of the drawing -> the page's
VARIABLES = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    GRID: "var(--grid)",
    PAPER: "var(--paper)",
    "#ffffff": "var(--paper)",  # edges of seaborn's markers
}

#: pixels an inch within a drawing
PIXELS = 160
_NUMBERS = re.compile(r' (?:d|x|y|transform|points|width|height)="[^"]*"')
_DECIMALS = re.compile(r"(-?\d+\.\d\d)\d+")
_COARSE = re.compile(r"(-?\d+\.\d)\d+")
#: characters of a path from which on it is a curve over a panel, not a marker of three units
_LONG = 250
_GROUP_ID = re.compile(r'<g id="[^"]*"')
_FONT = re.compile(r"'DejaVu Sans'[^;\"]*")


@contextmanager
def _saving() -> Iterator[None]:
    with matplotlib.rc_context(RC), warnings.catch_warnings():
        # a name in letters that the font lacks is no reason to complain
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        yield


def freeze(figure: Figure) -> None:
    """Lay the figure out once; saving it would do so twice for each format."""
    engine = figure.get_layout_engine()
    if engine is not None:
        with _saving():
            engine.execute(figure)
        figure.set_layout_engine("none")


def text(figure: Figure) -> str:
    """The figure as an SVG document. Straight to the canvas: `savefig` draws everything twice."""
    buffer = io.BytesIO()
    figure.dpi = PIXELS  # of what is drawn as pixels: thousands of dots
    with _saving():
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None})
    return buffer.getvalue().decode("utf-8")


def save_png(figure: Figure, path: Path, dpi: float) -> None:
    """The figure as a PNG file; its own resolution is changed."""
    with _saving():
        figure.dpi = dpi
        FigureCanvasAgg(figure).print_png(path, pil_kwargs={"compress_level": 3})  # twice as quick as 6


def _round(attribute: re.Match[str]) -> str:
    text = attribute.group()
    if len(text) < _LONG:
        return _DECIMALS.sub(r"\1", text)
    text = _COARSE.sub(r"\1", text)
    # what follows a move or a line is a line, said or not
    return text if "C" in text or "Q" in text else text.replace(" L ", " ")


def inline(document: str, name: str, description: str) -> str:
    """An <svg> element for the page, from an SVG document that `text` made.

    name          unique on the page: prefix of the ids in it
    description   what is said where the drawing cannot be seen
    """
    drawing = document[document.index("<svg") :]
    drawing = re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)
    drawing = re.sub(r"<style.*?</style>", "", drawing, flags=re.DOTALL)  # it would reach all of the page
    drawing = re.sub(r"\s*\n\s*", " ", drawing)
    drawing = re.sub(r">\s+<", "><", drawing)
    drawing = _GROUP_ID.sub("<g", drawing)  # nothing refers to groups
    drawing = re.sub(r'\bid="', f'id="{name}-', drawing)
    drawing = re.sub(r"url\(#", f"url(#{name}-", drawing)
    drawing = re.sub(r'(xlink:)?href="#', f'href="#{name}-', drawing)
    drawing = _NUMBERS.sub(_round, drawing)
    drawing = _FONT.sub("var(--sans)", drawing)
    for literal, variable in VARIABLES.items():
        drawing = drawing.replace(literal, variable)
    head, rest = drawing.split(">", 1)
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', head)
    width, height = (float(v) for v in box.groups()) if box else (720.0, 300.0)
    # legible on a phone: it scrolls in its container rather than shrink below 0.9 of its size
    opening = (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="{name}-title" '
        f'style="width:100%;min-width:{0.9 * width:.0f}px;max-width:{1.45 * width:.0f}px">'
        f'<title id="{name}-title">{escape(description)}</title>'
    )
    return opening + rest.strip()
