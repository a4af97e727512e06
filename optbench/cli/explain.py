"""`optbench explain`: from one candidate to another in steps, each with its share of the difference."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from optbench.cli import names
from optbench.cli.app import app
from optbench.cli.options import AsJson, Workloads
from optbench.cli.printing import show, show_json, warned


class Orders(StrEnum):
    BOTH = "both"
    FORWARD = "forward"
    REVERSE = "reverse"


@app.command()
def explain(
    source: Annotated[
        str, typer.Argument(help="A run's folder, an archive or reference; or a suite.", metavar="DIR_OR_SUITE")
    ],
    a: Annotated[str, typer.Argument(autocompletion=names.candidates, help="A candidate.", metavar="A")],
    b: Annotated[
        str,
        typer.Argument(
            autocompletion=names.candidates,
            help="Another one, whose difference from A is explained.", metavar="B",
        ),
    ],
    workload: Workloads = None,
    seeds: Annotated[
        int | None, typer.Option(help="Fresh seeds of each state between; default: as many as the run has.")
    ] = None,
    orders: Annotated[
        Orders, typer.Option(help="Take the steps forward and in reverse, a step's effect being the mean; or one.")
    ] = Orders.BOTH,
    engine: Annotated[
        str, typer.Option(help="serial, local:N for N processes, or dask:ADDRESS; local is one a core.")
    ] = "local",
    component: Annotated[
        list[str] | None,
        typer.Option(help="A component that was handed in: ./mine.py:Lion or my_package.my_module:Lion; repeatable."),
    ] = None,
    timeout: Annotated[float | None, typer.Option(help="Seconds that a trial may take.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for trials, page and tables; default DIR/explain/A-to-B, of a suite in results/."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Say what explains the difference from A to B: rate, betas, decay, schedule, initializer, batch size, code.

    States between the two are trained on the same seeds, nothing is tuned; finished trials are not run again.

    Exit status 3 where a figure could not be drawn.
    """
    from optbench.report.page.explained import write
    from optbench.report.terminal.waterfall import tables
    from optbench.results.explaining.explanation import explain as explained
    from optbench.running.progress import LiveWatcher, PlainWatcher, Watcher

    if as_json:  # what is printed is for programs: progress goes to the error output
        say: Any = lambda text: print(text, file=sys.stderr, flush=True)  # noqa: E731
    else:
        say = lambda text: print(text, flush=True)  # noqa: E731
    watcher: Watcher = LiveWatcher() if sys.stdout.isatty() and not as_json else PlainWatcher(write=say)
    found = explained(
        source, a, b, engine, out, workloads=workload, seeds=seeds, orders=orders.value, components=component or (),
        timeout=timeout, watcher=watcher,
    )  # fmt: skip
    undrawn: list[str] = []
    page = write(found, found.folder, undrawn.append)
    if as_json:
        show_json(found.to_dict())
    else:
        show(tables(found))
        print(f"page: {page}")
    return warned(undrawn)
