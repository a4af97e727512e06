"""`optbench pack`: results as one small file, to be passed on and compared with."""

from pathlib import Path
from typing import Annotated

import typer

from optbench.cli.app import app


@app.command()
def pack(
    folder: Annotated[Path, typer.Argument(help="A folder that `optbench run` wrote.", metavar="DIR")],
    out: Annotated[Path, typer.Option(help="The archive; its name ends with .sqlite.xz.")],
) -> int:
    """Write the results of DIR into one small file: every command that reads results reads it."""
    from optbench.results.archives import pack as pack_results

    size = pack_results(folder, out)
    print(f"archive: {out}, {size / 1000:.0f} kB")
    return 0
