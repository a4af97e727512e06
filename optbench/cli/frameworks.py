"""`optbench frameworks`: one training by NumPy, torch, JAX and TensorFlow, side by side."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from optbench.cli.app import app
from optbench.cli.options import AsJson
from optbench.cli.printing import show, show_json


@app.command()
def frameworks(
    names: Annotated[
        list[str] | None, typer.Argument(help="Of numpy, torch, jax, tensorflow; all without them.")
    ] = None,
    code: Annotated[bool, typer.Option("--code", help="Print their programs instead of running them.")] = False,
    data: Annotated[
        Path | None, typer.Option("--data", help="Write the arrays that the programs read, to run them by hand.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Train one network by NumPy, torch, JAX and TensorFlow, from the same weights on the same batches, and compare.

    Exit status 1 where one differs within ten digits, or failed. What is not installed is named with the command
    that installs it.
    """
    from optbench.lab.frameworks.experiment import save
    from optbench.lab.frameworks.same import EQUAL, FRAMEWORKS, framework, same_training

    if code:
        for one in map(framework, names or [f.name for f in FRAMEWORKS]):
            print(one.program, end="")
        return 0
    if data is not None:
        print(f"arrays: {save(data)}")
        return 0
    found = same_training(names)
    if as_json:
        show_json({"equal": EQUAL, "frameworks": list(as_rows(found))})
    else:
        show(side_by_side(found))
    ran = [one for one in found if len(one.costs)]
    wrong = [one for one in ran if not one.difference(found[0]) < EQUAL]
    return int(bool(wrong) or any(one.problem.startswith("failed") for one in found))


def as_rows(trainings: Any) -> Iterable[dict[str, Any]]:
    """A dict a framework; numbers are None where it did not run."""
    for one in trainings:
        ran = len(one.costs) > 0
        yield {
            "name": one.framework.name,
            "version": one.version if ran else None,
            "first_cost": one.costs[0] if ran else None,
            "last_cost": one.costs[-1] if ran else None,
            "difference": one.difference(trainings[0]) if ran else None,
            "problem": one.problem,
        }


def side_by_side(trainings: Any) -> Iterable[Any]:
    """A row a framework: its costs to twelve places, and how far it is from the first; below, what did not run."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("framework", "first cost", "last cost", "largest difference"):
        table.add_column(title, justify="left" if title == "framework" else "right", overflow="fold")
    for place, one in enumerate(trainings):
        if len(one.costs):
            first, last = (f"{cost:.12f}" for cost in one.costs[[0, -1]])
            apart = f"{one.difference(trainings[0]):.0e}" if place else ""
            table.add_row(Text(f"{one.framework.title} {one.version}"), first, last, apart)
    yield table
    for one in trainings:
        if one.problem:
            yield Text(f"{one.framework.title}: {one.problem}")
