"""`optbench export`: the trials' table for other programs."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from optbench.cli.app import app
from optbench.running.streams import write_bytes


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


@app.command()
def export(
    folder: Annotated[
        Path, typer.Argument(help="A run's folder, a store's file or an archive; or that of a training.", metavar="DIR")
    ],
    format: Annotated[Format, typer.Option(help="csv, json or parquet.")],
    out: Annotated[Path | None, typer.Option(help="A file; default: standard output (not for parquet).")] = None,
) -> int:
    """Write one row a trial: settings, outcome, steps and seconds to target, final metrics.

    Of a training, the folder of an optbench train, these are its curves: one row an evaluation, with losses, metrics,
    rate, norms of the gradient and of each tensor, and what was changed after it.
    """
    from optbench.api import load
    from optbench.lab.watched import holds_training, read
    from optbench.results.export import export as export_results

    if holds_training(folder):
        text = read(folder).export(format.value, out)
    else:
        text = export_results(load(folder), format.value, out)
    if text is not None:
        write_bytes(text.encode("utf-8"))
    return 0
