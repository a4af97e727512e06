"""`optbench report`: draw the page of a run again."""

from pathlib import Path
from typing import Annotated

import typer

from optbench.cli.app import app
from optbench.cli.show import show_leaderboard


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(help="A folder that `optbench run` wrote.", metavar="DIR")],
    out: Annotated[Path | None, typer.Option(help="The page's file; default DIR/report.html.")] = None,
) -> int:
    """Draw the report of a run again, and print its leaderboard."""
    from optbench.api import load
    from optbench.report.page import write

    results = load(folder)
    page = write(results, folder, out)
    show_leaderboard(results)
    print(f"report: {page}")
    return 0
