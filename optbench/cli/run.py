"""`optbench run`: tune and train, then say who is best and what failed."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from optbench.cli.app import app
from optbench.cli.guard import UNDRAWN, Stopped
from optbench.cli.options import AsJson, Candidates, Data, Sealed, Seeds, SuiteName, Target, Trials, Workloads
from optbench.cli.printing import results_document, show_json, show_leaderboard, to_errors
from optbench.contract.errors import OptbenchError
from optbench.contract.text import visible
from optbench.running.streams import outlive_reader


@app.command()
def run(
    suite: SuiteName,
    engine: Annotated[
        str,
        typer.Option(help="serial; local:N for N processes, local is one a core; dask:tcp://host:8786, dask:local:N."),
    ] = "local",
    out: Annotated[Path | None, typer.Option(help="Folder for results; default results/SUITE.")] = None,
    seeds: Seeds = None,
    until: Annotated[
        str | None, typer.Option(help="decided: add seeds until every question is answered, or a limit is reached.")
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(help="As many seeds as fit into so many of training, at least 2; with --until: its limit."),
    ] = None,
    seeds_at_most: Annotated[
        int | None, typer.Option(help="With --until or --minutes: so many seeds at most; default 100.")
    ] = None,
    trials: Trials = None,
    ruleset: Annotated[
        str | None, typer.Option(help="tuned, or tuning-free: every candidate on its defaults, nothing searched.")
    ] = None,
    candidate: Candidates = None,
    workload: Workloads = None,
    data: Data = None,
    target: Target = None,
    sealed: Sealed = None,
    timeout: Annotated[float | None, typer.Option(help="Seconds that one trial may take.")] = None,
    memory: Annotated[
        str | None, typer.Option(help="What a worker process may take, such as 2GB; default: its share of the machine.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="Beside stored results: reference, a folder, or an archive of optbench pack.")
    ] = None,
    retry: Annotated[
        str | None, typer.Option(help="Run failed trials again: failed (all of them), timeout, crashed or error.")
    ] = None,
    strict_environment: Annotated[
        bool, typer.Option("--strict-environment", help="Refuse to go on with trials of another environment.")
    ] = False,
    only: Annotated[
        bool, typer.Option("--only", help="Show what this run asks for alone, not what its folder holds beside it.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start anew; the old store is set aside.")] = False,
    language: Annotated[
        str | None, typer.Option(help="Of the report, such as zh; default: OPTBENCH_LANGUAGE, else English.")
    ] = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Do not draw the report.")] = False,
    as_json: AsJson = False,
) -> int:
    """Tune and train every candidate on every workload of SUITE; finished trials are not run again.

    Exit status 1 where trials failed by more than divergence or controls contradict what is known to be true, 3 where
    only figures of the report could not be drawn.
    """
    results = watched(
        suite,
        engine,
        out,
        seeds=seeds,
        until=until,
        minutes=minutes,
        seeds_at_most=seeds_at_most,
        trials=trials,
        ruleset=ruleset,
        retry=retry,
        strict_environment=strict_environment,
        candidates=candidate,
        workloads=workload,
        data=data,
        target=target,
        sealed=sealed,
        fresh=fresh,
        only=only,
        report=not no_report,
        timeout=timeout,
        memory=memory,
        against=against,
        quiet=as_json,
        language=language,
    )
    if as_json:
        show_json(results_document(results))
        return failures(results) or contradiction(results) or (UNDRAWN if results.undrawn else 0)
    show_leaderboard(results)
    print(f"results: {results.folder}" + ("" if no_report else f", report: {results.folder / 'report.html'}"))
    return failures(results) or contradiction(results) or (UNDRAWN if results.undrawn else 0)


def watched(*arguments: Any, quiet: bool = False, **settings: Any) -> Any:
    """What `optbench.run` gives for these, shown while it runs; raises `Stopped` where it was interrupted.

    quiet   on the standard output: progress goes to the error output
    """
    from optbench.api import run as run_suite
    from optbench.running.progress import LiveWatcher, PlainWatcher, Watcher

    outlive_reader()
    live = sys.stdout.isatty() and not quiet
    say: Any = to_errors if quiet else lambda text: print(text, flush=True)
    watcher: Watcher = LiveWatcher() if live else PlainWatcher(write=say)
    try:
        return run_suite(*arguments, watcher=watcher, **settings)
    except KeyboardInterrupt:
        kept = f"{watcher.done} trials of this run, and all before, are kept"
        raise Stopped(f"\nstopped: {kept}; the same command goes on from here") from None


def failures(results: Any) -> int:
    """1 where a trial failed for a reason other than its own arithmetic, else 0; a line for each candidate's.

    Divergence is what a search of rates meets; a candidate that did nothing else on a workload is named too.
    """
    trials = results.trials
    if results.now:  # what stands from before has been told then
        pairs = zip(trials["workload"], trials["candidate"], strict=True)
        trials = trials[[pair in results.now for pair in pairs]]
    failed = trials[trials["outcome"].isin(["error", "crashed", "timeout"])]
    hopeless = trials[trials.groupby(["candidate", "workload"])["outcome"].transform(lambda o: (o == "diverged").all())]
    for table in (failed, hopeless):
        for (candidate, workload, outcome), rows in table.groupby(["candidate", "workload", "outcome"]):
            which = f"{outcome}: {candidate}{provided(rows.iloc[0])} on {workload}"
            count = f"{'all ' if table is hopeless else ''}{len(rows)} trials"
            print(visible(f"{which}, {count}: {rows['message'].iloc[0]}"), file=sys.stderr)
    return int(len(failed) > 0)


def contradiction(results: Any) -> int:
    """1 where a suite of controls has a known truth called false, else 0."""
    from optbench.report.words.controls import contradicted

    return int(bool(results.suite.get("controls")) and contradicted(results.claims()))


def provided(trial: Any) -> str:
    """" (distribution version, …)" of the plugins whose components a trial has; nothing for the built-in ones."""
    from optbench.registry.registry import registry
    from optbench.statistics.metrics import KINDS

    found = {}
    for kind in KINDS:
        for name in trial[kind].split("+"):
            with suppress(OptbenchError):
                entry = registry().entry(f"{kind}s", name)
                found[entry.provider] = entry.distribution
    others = sorted(provider for provider, distribution in found.items() if distribution != "optbench")
    return f" ({', '.join(others)})" if others else ""
