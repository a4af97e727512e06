"""`optbench plan`: what a run will be able to tell, and how long it takes, before it is made."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from optbench.cli.app import app
from optbench.cli.options import (
    AsJson,
    Candidates,
    Data,
    OneEngine,
    Sealed,
    Seeds,
    SuiteName,
    Target,
    Trials,
    Workloads,
)
from optbench.cli.printing import show_json


@app.command()
def plan(
    suite: SuiteName,
    candidate: Candidates = None,
    workload: Workloads = None,
    data: Data = None,
    target: Target = None,
    sealed: Sealed = None,
    against: Annotated[
        str | None, typer.Option(help="Beside stored results: reference, a folder, or an archive of optbench pack.")
    ] = None,
    seeds: Seeds = None,
    minutes: Annotated[float | None, typer.Option(help="As many seeds as fit into so many minutes.")] = None,
    trials: Trials = None,
    ruleset: Annotated[str | None, typer.Option(help="tuned, or tuning-free; as of optbench run.")] = None,
    source: Annotated[
        str | None, typer.Option("--from", help="Noise of these stored results: reference, a folder, or an archive.")
    ] = None,
    pilot: Annotated[
        bool, typer.Option("--pilot", help="Run six seeds of each candidate first, and take their noise.")
    ] = False,
    engine: OneEngine = "local",
    out: Annotated[Path | None, typer.Option(help="Folder of the pilot; default results/SUITE.")] = None,
    as_json: AsJson = False,
) -> int:
    """Say what a run of SUITE will be able to tell with 80 % power, and how long it takes on this machine.

    A row a workload: trials, minutes, the noise of paired seeds, the least difference in speed and in the result. The
    noise is that of the reference results, or of --from. Steps of candidates whose cost is not stored are timed, 5 s at
    most; else nothing is trained, unless --pilot asks for it.
    """
    from rich.console import Console

    from optbench.api import plan as plan_of
    from optbench.report.terminal.plan import plan_table
    from optbench.report.words.numbers import plain
    from optbench.running.progress import LiveWatcher, PlainWatcher, Watcher

    # what is printed may go to a program
    say: Any = lambda text: print(text, file=sys.stderr, flush=True)  # noqa: E731
    live = pilot and sys.stderr.isatty()
    watcher: Watcher = LiveWatcher(console=Console(stderr=True)) if live else PlainWatcher(write=say)
    found = plan_of(
        suite, engine, out, seeds=seeds, minutes=minutes, trials=trials, candidates=candidate, workloads=workload,
        ruleset=ruleset, against=against, source=source, pilot=pilot, watcher=watcher,
        data=data, target=target, sealed=sealed,
    )  # fmt: skip
    if as_json:
        show_json(found.as_dict())
        return 0
    Console().print(plan_table(found.table))
    for line in found.lines():
        print(plain(line))
    return 0
