"""`optbench figures`: the pictures of a run's page as files."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from optbench.cli.app import app
from optbench.cli.printing import warned


class Format(StrEnum):
    SVG = "svg"
    PNG = "png"
    PDF = "pdf"


@app.command()
def figures(
    folder: Annotated[Path, typer.Argument(help="A run's folder, a store's file or an archive.", metavar="DIR")],
    format: Annotated[
        list[Format] | None, typer.Option(help="svg, png (1600 pixels wide) or pdf; several times; default: all three.")
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option(help="This picture, such as learning-curves; several times; default: all.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where they go; default DIR/figures, of x.sqlite.xz x/figures.")
    ] = None,
) -> int:
    """Write the pictures of a run's report as files, for a paper or slides.

    They are those of the page and of results.plot; a figure's name on the page is that of its SVG file.

    Exit status 3 where one could not be drawn.
    """
    from optbench.api import load
    from optbench.report.export import save_pictures
    from optbench.results.archives import pages_of

    results = load(folder)
    place = pages_of(folder) / "figures" if out is None else out
    kinds = [kind.value for kind in format or Format]
    files = save_pictures(results, place, kinds, name or (), results.undrawn.append)
    print(f"figures: {place} ({len(files)} files)")
    return warned(results.undrawn)
