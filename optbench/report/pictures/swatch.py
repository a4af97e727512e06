"""A candidate's look as a small drawing."""

from matplotlib.markers import MarkerStyle
from matplotlib.transforms import Affine2D

from optbench.report.pictures.formula import path_data
from optbench.report.pictures.small import VARIABLES
from optbench.report.pictures.style import Style


def symbol(look: Style) -> str:
    """The look as a <symbol>, drawn once and shown by `again`."""
    return f'<symbol id="look-{look.key}" viewBox="0 0 30 14">{_inner(look)}</symbol>'


def again(look: Style) -> str:
    """An <svg> element that shows the look's `symbol`."""
    return f'<svg class="key" aria-hidden="true"><use href="#look-{look.key}"/></svg>'


def swatch(look: Style) -> str:
    """Its dash and marker as an <svg> element, for legends, tables and controls."""
    return f'<svg class="key" viewBox="0 0 30 14" aria-hidden="true">{_inner(look)}</svg>'


def _inner(look: Style) -> str:
    marker = MarkerStyle(look.marker)
    shape = path_data(marker.get_path().transformed(marker.get_transform() + Affine2D().scale(9)))
    color = VARIABLES.get(look.color, look.color)
    dash = "" if look.dash == "" else f' stroke-dasharray="{" ".join(f"{2 * float(d):g}" for d in look.dash)}"'
    return (
        f'<path d="M0 7H30" stroke="{color}" stroke-width="2" fill="none"{dash}/>'
        f'<path d="{shape}" fill="{color}" transform="translate(15 7)"/>'
    )
