"""Sphinx calls this: what is made, and when."""

from typing import Any

from sphinx.application import Sphinx

from making import api, commands, components, fields, formulas, gallery, hooks, links, neighbours, workloads
from making.links import DOCS
from making.pages import Pages
from making.pictures import pictures
from making.suites import workloads as all_workloads
from optbench.registry.registry import registry


def make(app: Sphinx) -> None:
    """Write all pages that are made, before Sphinx looks for pages."""
    pages = Pages()
    neighbours.made(pages)
    api.made(pages)
    drawn = pictures([
        *(("components", kind, name) for kind in components.KINDS for name in registry().components[kind]),
        *(("workloads", suite, name) for name, (suite, _) in all_workloads().items()),
    ])  # fmt: skip
    components.made(pages, drawn)
    workloads.made(pages, drawn)
    commands.made(pages)
    hooks.made(pages)
    fields.made(pages)
    gallery.made(pages)
    pages.swept("gallery", "plugins", "project", *(str(f.relative_to(DOCS)) for f in (DOCS / "reference").glob("*/")))


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    formulas.setup(app)
    app.connect("builder-inited", make)
    app.connect("source-read", links.turned)
    app.connect("autodoc-process-docstring", api.docstring)
    app.connect("missing-reference", api.resolved)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
