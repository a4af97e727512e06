"""`optbench merge`: one store of several."""

from pathlib import Path
from typing import Annotated

import typer

from optbench.cli.app import app
from optbench.cli.options import AsJson
from optbench.cli.printing import show_json


@app.command()
def merge(
    stores: Annotated[list[Path], typer.Argument(help="Folders of runs, or archives.", metavar="DIR…")],
    out: Annotated[Path, typer.Option(help="A new folder for the store of all.")],
    prefer: Annotated[
        Path | None, typer.Option(help="One of them: where trials conflict, the whole study is taken from it.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Unite the trials of several runs of one suite, made on one machine or on many.

    Refuses another plan, and trials whose bits conflict; numbers of seeds may differ. `optbench report` then draws what
    it gave.
    """
    from optbench.report.words.numbers import plain
    from optbench.results.merging import merge as unite

    found = unite(stores, out, prefer)
    if as_json:
        missing = [{"workload": workload, "candidate": candidate} for workload, candidate in found.missing]
        more = {"decided": list(map(str, found.decided)), "missing": missing, "notes": list(found.unequal)}
        show_json({"folder": out, "trials": found.trials, "given": dict(found.given), **more})
        return 0
    for conflict in found.decided:
        print(plain(f"decided for {prefer}: {conflict}"))
    for name, count in found.given.items():
        print(plain(f"{count} trials of {name}"))
    for workload, candidate in found.missing:
        print(plain(f"note: nobody ran {candidate} on {workload}: it counts as missed"))
    for line in found.unequal:
        print(plain(f"note: {line}"))
    print(plain(f"merged: {out}, {found.trials} trials"))
    return 0
