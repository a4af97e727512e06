"""The page's pictures one by one, for notebooks: `results.plot.learning_curves()`."""

from collections.abc import Callable
from functools import partial
from typing import Any

from matplotlib.figure import Figure

from optbench.contract.errors import OptbenchError, near
from optbench.report.notebook import png
from optbench.report.sections import context, pictures


class Plots:
    """The pictures that the report of these results has, each as a method that draws it.

    `dir(results.plot)` and `results.plot` itself name them. Each call draws a matplotlib figure anew, which a notebook
    shows at the width of its column. `optbench figures` writes the same pictures as files.
    """

    def __init__(self, results: Any):
        self._pictures = {picture.name.replace("-", "_"): picture for picture in pictures(context(results))}

    def __dir__(self) -> list[str]:
        return list(self._pictures)

    def __getattr__(self, name: str) -> Callable[[], Figure]:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._pictures:
            raise OptbenchError(f"these results have no picture {name!r}; {near(name, self._pictures)}")
        return partial(self._draw, name)

    def _draw(self, name: str) -> Figure:
        figure = self._pictures[name].draw()
        # Figures that pyplot does not know of are shown by what they say of themselves.
        figure._repr_png_ = partial(png, figure)  # type: ignore[attr-defined]
        return figure

    def __repr__(self) -> str:
        width = max(map(len, self._pictures), default=0)
        rows = (f"  {name:<{width}}  {picture.description}" for name, picture in self._pictures.items())
        return "\n".join(["pictures of these results:", *rows])
