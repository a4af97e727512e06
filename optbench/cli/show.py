"""`optbench show`: what anything that has a name is."""

from typing import Annotated

import typer

from optbench.cli import names
from optbench.cli.app import app
from optbench.cli.options import AsJson
from optbench.cli.printing import show_json
from optbench.contract.text import visible


@app.command()
def show(
    name: Annotated[
        str,
        typer.Argument(
            help="A component, dataset, suite, workload or candidate; a suite's file, or ./mine.py:Lion.",
            autocompletion=names.shown,
        ),
    ],
    kind: Annotated[
        str | None,
        typer.Option(help="Where several kinds have the name: optimizer, workload, …", autocompletion=names.kinds),
    ] = None,
    suite: Annotated[
        str | None, typer.Option(help="The suite that a workload or a candidate is of.", autocompletion=names.suites)
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Time nothing, load no data for estimates and read no reference results.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Say what NAME is, whatever has this name.

    Of a component the formula, its hyperparameters with their ranges, its source, what a step costs, and where it did
    well; of a workload its network, data, target and noise; of a suite its plan.
    """
    from optbench.lab.about.naming import about
    from optbench.registry.registry import registry
    from optbench.report.terminal.about import about_lines

    found = about(registry(), name, kind, suite, measured=not quick)
    if as_json:
        show_json({"name": name, "found": found})
        return 0
    for line in about_lines(found):
        print(visible(line))
    return 0
