"""`optbench status`: how far a run is, from another terminal."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from optbench.cli.app import app
from optbench.cli.options import AsJson
from optbench.cli.printing import json_line


@app.command()
def status(
    folder: Annotated[Path, typer.Argument(help="A folder that `optbench run` writes, or wrote.", metavar="DIR")],
    watch: Annotated[bool, typer.Option("--watch", help="Look again every two seconds, until the run ends.")] = False,
    as_json: AsJson = False,
) -> int:
    """Say who runs in DIR, whether it is alive, how many trials are done and failed, and the time left.

    Exit status 0 while it runs and when it has finished; 1 where it ended before its end.
    """
    from optbench.running.status import lines
    from optbench.running.status import status as status_of

    if not folder.is_dir():
        from optbench.results.archives import opened

        with opened(folder) as path:  # what a run left, without the run
            found = replace(status_of(path), folder=str(folder))
        print(json_line(found.as_dict()) if as_json else "\n".join(lines(found)))
        return 0
    before = 0
    while True:
        found = status_of(folder)
        if as_json:
            print(json_line(found.as_dict()), flush=True)
        else:
            if before:
                print(f"\x1b[{before}A\x1b[J", end="")  # over the lines of the last look
            told = lines(found)
            print("\n".join(told), flush=True)
            before = len(told) if watch and typer.get_text_stream("stdout").isatty() else 0
        if not watch or found.state != "running":
            return int(not (found.state == "running" or found.complete))
        time.sleep(2)
