"""The command line: parse, call, print. Everything else is in the functions it calls."""

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from optbench.errors import OptbenchError, near

app = typer.Typer(
    name="optbench",
    help="Does this optimizer, initializer, regularizer, schedule or normalizer train better, and am I sure?",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Kind(StrEnum):
    INITIALIZERS = "initializers"
    REGULARIZERS = "regularizers"
    OPTIMIZERS = "optimizers"
    SCHEDULES = "schedules"
    NORMALIZERS = "normalizers"
    DATASETS = "datasets"
    NETWORKS = "networks"
    FUNCTIONS = "functions"
    SUITES = "suites"


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


@app.command()
def run(
    suite: Annotated[str, typer.Argument(help="A suite's name (see: optbench list suites) or a TOML file.")],
    engine: Annotated[str, typer.Option(help="serial, or local:N for N processes; local is one a core.")] = "local",
    out: Annotated[Path | None, typer.Option(help="Folder for results; default results/SUITE.")] = None,
    seeds: Annotated[int | None, typer.Option(help="Fresh seeds after tuning, instead of the suite's.")] = None,
    trials: Annotated[int | None, typer.Option(help="Tuning trials of each study, instead of the suite's.")] = None,
    candidate: Annotated[
        list[str] | None, typer.Option(help="Only this candidate, or a registered optimizer; repeatable.")
    ] = None,
    workload: Annotated[list[str] | None, typer.Option(help="Only this workload; repeatable.")] = None,
    timeout: Annotated[float | None, typer.Option(help="Seconds that one trial may take.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start anew; the old store is set aside.")] = False,
    no_report: Annotated[bool, typer.Option("--no-report", help="Do not draw the report.")] = False,
) -> int:
    """Tune and train every candidate on every workload of SUITE; finished trials are not run again."""
    from optbench.api import run as run_suite
    from optbench.progress import LiveWatcher, PlainWatcher, Watcher

    live = sys.stdout.isatty()
    watcher: Watcher = LiveWatcher() if live else PlainWatcher(write=lambda text: print(text, flush=True))
    try:
        results = run_suite(
            suite,
            engine,
            out,
            seeds=seeds,
            trials=trials,
            candidates=candidate,
            workloads=workload,
            fresh=fresh,
            report=not no_report,
            timeout=timeout,
            watcher=watcher,
        )
    except KeyboardInterrupt:
        print(
            f"\nstopped: {watcher.done} trials of this run, and all before, are kept; "
            "the same command goes on from here",
            file=sys.stderr,
        )
        return 130
    show_leaderboard(results)
    print(f"results: {results.folder}" + ("" if no_report else f", report: {results.folder / 'report.html'}"))
    return failures(results)


def show_leaderboard(results: Any) -> None:
    from rich.console import Console

    from optbench.report.terminal import leaderboard_table
    from optbench.report.verdicts import only_lesson, verdict_table

    # Of candidates that share no workloads nobody is first: then the verdicts are the result.
    lesson = only_lesson(results.suite)
    Console().print(verdict_table(results.claims()) if lesson else leaderboard_table(results))


def failures(results: Any) -> int:
    """1 where a trial failed for a reason other than its own arithmetic, else 0; a line for each candidate's.

    Divergence is what a search of rates meets; a candidate that did nothing else on a workload is named too.
    """
    trials = results.trials
    failed = trials[trials["outcome"].isin(["error", "crashed", "timeout"])]
    hopeless = trials[trials.groupby(["candidate", "workload"])["outcome"].transform(lambda o: (o == "diverged").all())]
    for table in (failed, hopeless):
        for (candidate, workload, outcome), rows in table.groupby(["candidate", "workload", "outcome"]):
            which = f"{outcome}: {candidate}{provided(rows.iloc[0])} on {workload}"
            count = f"{'all ' if table is hopeless else ''}{len(rows)} trials"
            print(f"{which}, {count}: {rows['message'].iloc[0]}", file=sys.stderr)
    return int(len(failed) > 0)


def provided(trial: Any) -> str:
    """" (distribution version, …)" of the plugins whose components a trial has; nothing for the built-in ones."""
    from optbench.metrics import KINDS
    from optbench.registry import registry

    found = {}
    for kind in KINDS:
        for name in trial[kind].split("+"):
            with suppress(OptbenchError):
                entry = registry().entry(f"{kind}s", name)
                found[entry.provider] = entry.distribution
    others = sorted(provider for provider, distribution in found.items() if distribution != "optbench")
    return f" ({', '.join(others)})" if others else ""


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(help="A folder that `optbench run` wrote.", metavar="DIR")],
    out: Annotated[Path | None, typer.Option(help="The page's file; default DIR/report.html.")] = None,
) -> int:
    """Draw the report of a run again, and print its leaderboard."""
    from optbench.api import load
    from optbench.report.page import write

    results = load(folder)
    page = write(results, folder, out)
    show_leaderboard(results)
    print(f"report: {page}")
    return 0


@app.command(name="list")
def list_(
    kind: Annotated[Kind | None, typer.Argument(help="What to list; everything without it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> int:
    """List what is registered: components, datasets, networks, functions, suites."""
    from optbench.listing import listing, listing_table

    found = listing([kind.value] if kind else [k.value for k in Kind])
    if as_json:
        print(json.dumps(found[kind.value] if kind else found, indent=2))
    else:
        show(listing_table(found))
    return 0


@app.command()
def plugins(as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False) -> int:
    """List every distribution with plugins: its version, what it offers, its problems."""
    from optbench.listing import plugin_list, plugin_table

    if as_json:
        print(json.dumps(plugin_list(), indent=2))
    else:
        show(plugin_table())
    return 0


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="A folder that `optbench run` wrote.", metavar="DIR")],
    format: Annotated[Format, typer.Option(help="csv, json or parquet.")],
    out: Annotated[Path | None, typer.Option(help="A file; default: standard output (not for parquet).")] = None,
) -> int:
    """Write one row a trial: settings, outcome, steps and seconds to target, final metrics."""
    from optbench.api import load
    from optbench.export import export as export_results

    text = export_results(load(folder), format.value, out)
    if text is not None:
        sys.stdout.write(text)
    return 0


@app.command()
def gradcheck(
    names: Annotated[list[str] | None, typer.Argument(help="Only these; everything without them.")] = None,
) -> int:
    """Check every analytic gradient against central differences; exit status 1 where one is wrong."""
    from optbench.listing import gradient_table
    from optbench.nn.gradcheck import check_all
    from optbench.registry import registry

    checks = check_all(registry(), names or None)
    show(gradient_table(checks))
    return int(not all(check.ok for check in checks))


@app.command()
def check(
    name: Annotated[
        str, typer.Argument(help="A distribution, a component, a suite, a module, or a module's file.")
    ],
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only what did not pass.")] = False,
) -> int:
    """Check that components keep the contract, and say what to change; exit status 1 where one does not."""
    from optbench import checking
    from optbench.registry import registry

    results = list(checking.target(name, registry()).run())
    rows = [result for result in results if not (quiet and result.verdict == "passed")]
    if rows:
        show(checking.table(rows))
    print(checking.summary(results))
    return int(any(result.verdict == "failed" for result in results))


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The component's name, such as slow-start.")],
    kind: Annotated[
        str,
        typer.Option(
            help="optimizer, schedule, initializer, regularizer, normalizer, dataset, function, network or suite."
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="The new folder; default optbench-NAME.")] = None,
) -> int:
    """Write a plugin that installs, passes its tests and runs at once, for your formula to be put in."""
    from optbench import scaffold
    from optbench.registry import registry

    print(scaffold.told(*scaffold.new(name, kind, out, registry())))
    return 0


@app.command()
def train(
    workload: Annotated[str | None, typer.Option(help="A workload of a registered suite, or of --suite.")] = None,
    suite: Annotated[str | None, typer.Option(help="The suite that has the workload: a name or a file.")] = None,
    optimizer: Annotated[
        str | None, typer.Option(help="See: optbench list optimizers; default adam.")
    ] = None,
    schedule: Annotated[str | None, typer.Option(help="Instead of the workload's.")] = None,
    initializer: Annotated[str | None, typer.Option(help="Instead of the workload's.")] = None,
    normalizer: Annotated[list[str] | None, typer.Option(help="Instead of the workload's; repeatable.")] = None,
    regularizer: Annotated[list[str] | None, typer.Option(help="Instead of the workload's; repeatable.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="PATH=VALUE: lr=0.01, schedule.decay=0.5, epochs=40; repeatable."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Chooses weights, batch order and noise; default 1.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder; default results/train/WORKLOAD-OPTIMIZER.")] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Go on with the training in this folder, with what --set changes.")
    ] = None,
) -> int:
    """Train one model and watch it: live charts, checkpoints; Ctrl-C keeps the state for --resume."""
    from optbench import watch
    from optbench.registry import registry
    from optbench.report.watched import write
    from optbench.single import trial
    from optbench.watch_view import Lines, Screen

    plugins = registry()
    settings = dict(assignment(text) for text in set_ or [])
    if resume is not None:
        given = {
            "--workload": workload, "--suite": suite, "--optimizer": optimizer, "--schedule": schedule,
            "--initializer": initializer, "--normalizer": normalizer, "--regularizer": regularizer,
            "--seed": seed, "--out": out,
        }  # fmt: skip
        for option in (name for name, value in given.items() if value is not None and value != []):
            raise OptbenchError(f"--resume goes on with what it has: leave out {option}; --set changes settings")
        session = watch.resume(resume, settings, plugins)
    elif workload is None:
        raise OptbenchError("what to train: --workload NAME, or --resume DIR")
    else:
        chosen = trial(
            plugins, workload, suite, optimizer=optimizer or "adam", schedule=schedule, initializer=initializer,
            normalizers=normalizer, regularizers=regularizer, settings=settings, seed=1 if seed is None else seed,
        )  # fmt: skip
        called = chosen.components["optimizer"]["name"].replace("/", "-").replace(":", "-")
        folder = out or Path("results") / "train" / f"{workload}-{called}"
        session = watch.begin(folder, chosen, plugins)
    view: Any = Screen(session.metric) if sys.stdout.isatty() else Lines(session.metric, print)
    go_on = f"go on with: optbench train --resume {session.folder}"
    try:
        with view:
            finished = watch.go(session, view)
    except KeyboardInterrupt:
        kept = f"the checkpoint of step {session.step_saved} is kept; {go_on}"
        print(f"\nstopped at once: {kept if session.step_saved >= 0 else 'nothing was saved yet'}", file=sys.stderr)
        return 130
    page = write(session)
    if finished is None:
        print(f"stopped at step {session.training.number}; {go_on}")
        return 130
    print(f"{finished.outcome}: {finished.message}" if finished.message else finished.outcome)
    if finished.test_loss == finished.test_loss:
        print(f"test loss {finished.test_loss:.4g}, test {session.metric} {finished.test_metric:.4f}")
    if finished.outcome in ("diverged", "error") and session.step_saved >= 0:
        print(f"the checkpoint is of step {session.step_saved}; {go_on} --set ...")
    print(f"page: {page}")
    return int(finished.outcome in ("error", "timeout"))


def assignment(text: str) -> tuple[str, Any]:
    """PATH=VALUE, with the value as TOML or JSON would have it; else a text."""
    path, sign, value = text.partition("=")
    if not sign or not path:
        raise OptbenchError(f"--set {text!r}: expected PATH=VALUE, such as lr=0.01")
    try:
        return path.strip(), json.loads(value)
    except json.JSONDecodeError:
        pass
    try:
        return path.strip(), float(value)  # .5, which JSON does not know
    except ValueError:
        return path.strip(), value.strip()


def show(renderables: Any) -> None:
    from rich.console import Console

    console = Console()
    for renderable in renderables:
        console.print(renderable)


def main(arguments: list[str] | None = None) -> None:
    """The console script. Errors that a user can mend are one message and exit status 2."""
    sys.exit(guarded(lambda: _invoke(arguments)))


def _invoke(arguments: list[str] | None) -> int:
    try:
        return int(app(arguments, standalone_mode=False) or 0)
    except typer.Exit as stop:
        return stop.exit_code


def guarded(call: Callable[[], int]) -> int:
    """The exit status of a call; what a user can mend, or stopped, is said in one message."""
    try:
        return call()
    except OptbenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, typer.Abort):
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read the output has gone (`| head`): nothing is left to say, also not at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        return usage(error)


def usage(error: Any) -> int:
    """A wrong word on the command line: say so, with the nearest valid one."""
    message = error.format_message()
    wrong = message.rpartition("'")[0].rpartition("'")[2]
    if "No such command" in message and "Did you mean" not in message:
        message += " " + near(wrong, [c.name or c.callback.__name__ for c in app.registered_commands])  # type: ignore[union-attr]
    message, listed, valid = message.replace("Value error, ", "").partition(" is not one of ")
    if listed:
        names = valid.strip(".").replace("'", "").split(", ")
        message += f"{listed}{valid.strip('.')}; {near(message.rpartition(chr(39))[0].rpartition(chr(39))[2], names)}"
    context = getattr(error, "ctx", None)
    print(f"error: {message}" + (f"\ntry: {context.command_path} --help" if context else ""), file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
