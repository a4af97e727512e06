"""`optbench summary`: a run in a few lines of Markdown."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from optbench.cli.app import app


@app.command()
def summary(
    folder: Annotated[Path, typer.Argument(help="A run's folder, an archive, or reference.", metavar="DIR")],
    before: Annotated[
        Path | None, typer.Option(help="Earlier results, which it is set beside: a folder or an archive.")
    ] = None,
) -> int:
    """Say in Markdown who is ahead of whom, which claims hold and what changed: for a job's page or a pull request."""
    from optbench.report.words.summary import summary as summarized
    from optbench.results.archives import load
    from optbench.results.comparison import compare

    results = load(folder)
    sys.stdout.write(summarized(results, None if before is None else compare(before, results)))
    return 0
