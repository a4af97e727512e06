"""`optbench doctor`: is this installation, on this machine as it is now, fit to measure with?"""

from pathlib import Path
from typing import Annotated

import typer

from optbench.cli.app import app
from optbench.cli.options import AsJson
from optbench.cli.printing import show_json
from optbench.contract.text import visible


@app.command()
def doctor(
    out: Annotated[Path, typer.Option(help="The folder that results go to: its disk is tried.")] = Path("results"),
    quick: Annotated[bool, typer.Option("--quick", help="Without the controls: train nothing.")] = False,
    as_json: AsJson = False,
) -> int:
    """Look at versions, BLAS, plugins, disk, load, clock and processors, and run small trials whose outcome is known.

    Each line is ok, a caution (results are right, but slower or noisier than need be) or a fault, with what to do. Exit
    status 1 where there is a fault, else 0.
    """
    from dataclasses import asdict

    from optbench.lab.doctor.examine import examine
    from optbench.registry.registry import registry

    found = []
    for one in examine(registry(), out, quick):
        found.append(one)
        if not as_json:
            todo = f": {one.do}" if one.do else ""
            print(visible(f"{one.verdict:<8} {one.about:<15} {one.found}{todo}"), flush=True)
    faults = sum(one.verdict == "fault" for one in found)
    if as_json:
        show_json({"ok": not faults, "findings": list(map(asdict, found))})
    else:
        cautions = sum(one.verdict == "caution" for one in found)
        print(f"faults: {faults}, cautions: {cautions}")
    return int(faults > 0)
