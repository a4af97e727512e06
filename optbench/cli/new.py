"""`optbench new`: a plugin from templates."""

from pathlib import Path
from typing import Annotated

import typer

from optbench.cli.app import app


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The component's name, such as slow-start.")],
    kind: Annotated[
        str,
        typer.Option(
            help="optimizer, schedule, initializer, regularizer, normalizer, dataset, function, problem, network or "
            "suite."
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="The new folder; default optbench-NAME.")] = None,
) -> int:
    """Write a plugin that installs, passes its tests and runs at once, for your formula to be put in."""
    from optbench import scaffold
    from optbench.registry.registry import registry

    print(scaffold.told(*scaffold.new(name, kind, out, registry())))
    return 0
