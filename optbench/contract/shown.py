"""How results show themselves in a notebook.

What draws them stands in a room above theirs, so it is looked up when a notebook asks: results by themselves know of no
picture.
"""

from importlib import import_module

#: module with `html(object) -> str | None`
PRESENTER = "optbench.report.notebook"


class Shown:
    """An object that a notebook shows as the sentence and the picture that say most of it."""

    def _repr_html_(self) -> str | None:
        """HTML for notebooks; None, and so the plain text, where there is nothing to show yet."""
        found: str | None = import_module(PRESENTER).html(self)
        return found
