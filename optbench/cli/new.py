"""`optbench new`: a plugin from templates."""

from pathlib import Path
from typing import Annotated

import typer

from optbench.cli.app import app

#: is no component
BOARD = "board"


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The component's name, such as slow-start, or the repository's.")],
    kind: Annotated[
        str,
        typer.Option(
            help="optimizer, wrapper, schedule, initializer, penalty, constraint, layer (regularizers, these three), "
            "normalizer, dataset, function, problem, network or suite; or board, a repository of many people's results."
        ),
    ],
    hidden: Annotated[bool, typer.Option("--hidden", help="A normalizer of hidden activations.")] = False,
    out: Annotated[Path | None, typer.Option(help="The new folder; default optbench-NAME, of a board NAME.")] = None,
) -> int:
    """Write a plugin that installs, passes its tests and runs at once, for your formula to be put in.

    With --kind board, a repository whose entries become a site: docs/board.md.
    """
    from optbench import scaffold
    from optbench.contract.errors import OptbenchError
    from optbench.registry.registry import registry

    if kind == BOARD and not hidden:
        from optbench.scaffold.board import new_board

        folder = new_board(name, out)
        print(f"made {folder}: now\n  cd {folder}\n  git init\n  optbench board entries --out site --reference quick")
        return 0
    if hidden:
        if kind != "normalizer":
            raise OptbenchError(f"--hidden: only a normalizer may be of hidden activations, not --kind {kind}")
        kind = "hidden-normalizer"
    print(scaffold.told(*scaffold.new(name, kind, out, registry())))
    return 0
