"""`optbench targets`: compute what workloads' runs have to reach, and write it into the suite."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from optbench.cli import names
from optbench.cli.app import app
from optbench.cli.options import AsJson, OneEngine, SuiteName, Trials, Workloads
from optbench.cli.printing import show_json
from optbench.contract.errors import OptbenchError


@app.command()
def targets(
    suite: SuiteName,
    candidate: Annotated[
        list[str] | None,
        typer.Option(
            autocompletion=names.candidates,
            help="Only this candidate as a baseline, or a registered optimizer; repeatable.",
        ),
    ] = None,
    workload: Workloads = None,
    seeds: Annotated[int | None, typer.Option(help="Fresh seeds of each baseline, instead of the suite's.")] = None,
    trials: Trials = None,
    metric: Annotated[
        str | None, typer.Option(help="What targets are set on; default: the workload's own loss, else train_loss.")
    ] = None,
    engine: OneEngine = "local",
    runs: Annotated[Path | None, typer.Option(help="Folder for the runs; default results/SUITE-targets.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Write the targets into SUITE, a TOML file.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write the suite with its targets to this file.")] = None,
    as_json: AsJson = False,
) -> int:
    """Tune the candidates of SUITE as baselines and compute each workload's targets from their runs on fresh seeds.

    A ladder on a smooth metric: the hardest is what nine of ten runs reach, the easier ones what their median has on
    the way there. Printed as TOML unless it is written somewhere.
    """
    from optbench.cli.baselines import computed_targets, save
    from optbench.running.progress import LiveWatcher, PlainWatcher, Watcher

    if write and out is not None:
        raise OptbenchError("--write and --out: give one of them, or neither for a text to copy")
    live = sys.stderr.isatty()
    # Progress goes to the error output: what is printed may go to a file.
    say: Any = lambda text: print(text, file=sys.stderr, flush=True)  # noqa: E731
    watcher: Watcher = LiveWatcher(console=_console()) if live else PlainWatcher(write=say)
    found = computed_targets(
        suite, engine, runs, watcher,
        candidates=candidate, workloads=workload, seeds=seeds, trials=trials, metric=metric, write=write,
    )  # fmt: skip
    for line in found.lines():
        say(line)
    place = save(found, out) if write or out is not None else None
    if place is not None:
        say(f"written: {place}")
    if as_json:
        show_json({"targets": list(map(asdict, found.computed)), "written": place})
    elif place is None:
        print(found.fragment(), end="")
    return 0


def _console() -> Any:
    from rich.console import Console

    return Console(stderr=True)
