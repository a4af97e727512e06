"""What the site's build makes of the package itself. Everything here is a page or a picture that nobody writes by hand.

links        links of pages to files that the site has elsewhere, or not at all
pages        writing what is made
neighbours   pages that are files elsewhere in the repository
docstrings   the package's docstrings as reStructuredText
api          a page for each public name
"""

from typing import Any

from sphinx.application import Sphinx

from making import api, links, neighbours
from making.links import DOCS
from making.pages import Pages


def make(app: Sphinx) -> None:
    """Write all pages that are made, before Sphinx looks for pages."""
    pages = Pages()
    neighbours.made(pages)
    api.made(pages)
    pages.swept("plugins", "project", *(str(f.relative_to(DOCS)) for f in (DOCS / "reference").glob("*/")))


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", make)
    app.connect("source-read", links.turned)
    app.connect("autodoc-process-docstring", api.docstring)
    app.connect("missing-reference", api.resolved)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
