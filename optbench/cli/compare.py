"""`optbench compare`: what changed between two runs."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from optbench.cli.app import app
from optbench.cli.options import AsJson
from optbench.cli.printing import show, show_json


class FailOn(StrEnum):
    WORSE = "worse"
    DIFFERENT = "different"


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(help="A run's folder, an archive, or reference.", metavar="A")],
    after: Annotated[Path, typer.Argument(help="Another one, which is compared with A.", metavar="B")],
    fail_on: Annotated[
        FailOn | None,
        typer.Option(help="Exit status 1 where something is worse, or where any paired trial has different bits."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Say what changed from A to B: steps, final results, seconds, outcomes, settings, environment.

    Seeds are paired; the words are faster, slower, better, worse, equal and undecided.
    """
    from optbench.results.comparison import compare as compare_runs

    found = compare_runs(before, after)
    if as_json:
        show_json(found.to_dict())
    else:
        from optbench.report.terminal.changes import tables

        show(tables(found))
    worse = found.count("worse") + found.count("slower") > 0
    return int(fail_on is not None and (worse or (fail_on is FailOn.DIFFERENT and not found.same)))
