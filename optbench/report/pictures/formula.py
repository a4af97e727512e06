"""Formulas as drawings: matplotlib's mathtext, its glyphs as outlines, so that no font and no network is needed."""

from html import escape

from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from optbench.report.pictures.style import drawing

#: of the outlines, in their own units; the page shows them in em
SIZE = 20.0
#: of an em a unit: formulas are a little larger than the text around them
SCALE = 1.12 / SIZE
MARGIN = 1.5

_LETTERS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", Path.CLOSEPOLY: "Z"}


def formula_svg(formula: str) -> str:
    """An <svg> element in the page's ink of one line of mathtext (without dollar signs).

    Raises ValueError where it is none.
    """
    with drawing():
        outline = TextPath((0, 0), f"${formula}$", size=SIZE, prop=FontProperties(math_fontfamily="cm"))
    box = outline.get_extents()
    left, top = box.x0 - MARGIN, -box.y1 - MARGIN
    width, height = box.width + 2 * MARGIN, box.height + 2 * MARGIN
    return (
        f'<svg class="formula" role="img" viewBox="{left:.2f} {top:.2f} {width:.2f} {height:.2f}" '
        f'style="width:{width * SCALE:.2f}em;min-width:{width * SCALE:.2f}em">'
        f'<title>{escape(formula)}</title><path d="{path_data(outline)}"/></svg>'
    )


def path_data(outline: Path) -> str:
    """The outline in SVG's words; its y axis points down."""
    parts = []
    for points, code in outline.iter_segments(curves=True, simplify=False):
        letter = _LETTERS[code]
        numbers = [f"{(-v if i % 2 else v) + 0.0:.2f}" for i, v in enumerate(points)]
        parts.append(letter if letter == "Z" else letter + " ".join(numbers))
    return "".join(parts)
