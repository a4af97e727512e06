"""Formulas as MathML, which a browser sets by itself: nothing is fetched, and pages on a disk have them, too."""

from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    """Make "mathml" a name that `html_math_renderer` can have."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))


def _inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.math_block) -> None:
    # a wide one scrolls on a phone, by keyboard, too
    element = '<div class="math" tabindex="0" role="group" aria-label="Formula">'
    translator.body.append(f"{element}{convert(node.astext(), display='block')}</div>")
    raise nodes.SkipNode
