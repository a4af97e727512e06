"""A figure as SVG, PNG and PDF, laid out once for whichever of them are asked for."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.text import Text

from optbench.report.pictures import wide
from optbench.report.pictures.fonts import families, lenient
from optbench.report.pictures.layout import arrange
from optbench.report.pictures.style import settings

#: as they stand in a file's name
FORMATS = ("svg", "png", "pdf")
#: dots an inch of the PNG files: 1600 pixels wide
DPI = 160


@contextmanager
def _saving() -> Iterator[None]:
    with matplotlib.rc_context(settings()), lenient():
        yield


def freeze(figure: Figure) -> None:
    """Lay the figure out once; saving it would do so twice for each format."""
    if figure.get_layout_engine() is not None:
        with _saving():
            arrange(figure)
        figure.set_layout_engine("none")


def svg(figure: Figure) -> str:
    """The figure as an SVG document. Straight to the canvas: `savefig` draws everything twice."""
    buffer = io.BytesIO()
    with _saving():
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None})
    return buffer.getvalue().decode("utf-8")


def save(figure: Figure, path: Path) -> None:
    """The figure, laid out (`freeze`), as the file of `FORMATS` that the path's ending says."""
    if path.suffix == ".svg":
        path.write_text(svg(figure), encoding="utf-8")
    elif path.suffix == ".png":
        save_png(figure, path)
    else:
        save_pdf(figure, path)


def save_png(figure: Figure, path: Path) -> None:
    """The figure as a PNG file; its own resolution is changed."""
    with _saving():
        figure.dpi = DPI
        FigureCanvasAgg(figure).print_png(path, pil_kwargs={"compress_level": 3})  # twice as quick as 6


def save_pdf(figure: Figure, path: Path) -> None:
    """The figure as a PDF file with its letters embedded; the same figure gives the same bytes."""
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    small = [*families(), *wide.families()]
    for text in figure.findobj(Text):
        text.set_fontfamily(small)
    # as TrueType, which publishers ask for
    with _saving(), matplotlib.rc_context({"pdf.fonttype": 42, "font.family": small}):
        FigureCanvasPdf(figure).print_pdf(path, metadata={"CreationDate": None})
