"""`optbench data`: what a dataset holds, before anything is trained on it."""

from pathlib import Path
from typing import Annotated

import typer

from optbench.cli import names
from optbench.cli.app import app
from optbench.cli.options import AsJson
from optbench.cli.printing import show_json
from optbench.cli.train import assignment
from optbench.contract.text import visible


@app.command()
def data(
    dataset: Annotated[
        str,
        typer.Argument(
            autocompletion=names.datasets,
            help="A registered dataset, or a file: .csv, .tsv, .parquet, .npz.",
        ),
    ],
    target: Annotated[str | None, typer.Option(help="Of a table: the column to be predicted.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE: samples=500, missing=drop; repeatable.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Draw some examples into this PNG, SVG or PDF.")] = None,
    as_json: AsJson = False,
) -> int:
    """Say what DATASET holds: examples and their split, task and loss, classes, features, and some of its examples.

    Nothing is trained. The line at the end is what a suite's workload says to be trained on it.
    """
    from optbench.lab.holdings import dataset_named, holdings
    from optbench.registry.registry import registry
    from optbench.report.terminal.data import data_lines

    settings = dict(map(assignment, set_ or ()))
    if target is not None:
        settings["target"] = target
    found = dataset_named(registry(), dataset, settings)
    held = holdings(found)
    if out is not None:
        from optbench.report.pictures.examples import draw_examples

        draw_examples(found, out)
    if as_json:
        show_json(held.as_dict())
        return 0
    for line in data_lines(held, found):
        print(visible(line, keep="\n"))
    if out is not None:
        print(f"picture: {out}")
    return 0
