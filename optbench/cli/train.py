"""`optbench train`: one model, watched."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from optbench.cli import names
from optbench.cli.app import app
from optbench.cli.guard import Stopped
from optbench.cli.printing import warned
from optbench.contract.errors import OptbenchError
from optbench.contract.text import visible
from optbench.running.interrupts import INTERRUPTED
from optbench.running.streams import outlive_reader


@app.command()
def train(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="With --compare: folders of trainings.", metavar="DIR")
    ] = None,
    workload: Annotated[
        str | None,
        typer.Option(autocompletion=names.workloads, help="A workload of a registered suite, or of --suite."),
    ] = None,
    suite: Annotated[
        str | None, typer.Option(autocompletion=names.suites, help="The suite that has the workload: a name or a file.")
    ] = None,
    optimizer: Annotated[
        str | None,
        typer.Option(
            autocompletion=names.optimizers,
            help="A name, see: optbench list optimizers; or ./mine.py:Lion; default adam.",
        ),
    ] = None,
    schedule: Annotated[
        str | None, typer.Option(autocompletion=names.schedules, help="Instead of the workload's.")
    ] = None,
    initializer: Annotated[
        str | None, typer.Option(autocompletion=names.initializers, help="Instead of the workload's.")
    ] = None,
    normalizer: Annotated[
        list[str] | None, typer.Option(autocompletion=names.normalizers, help="Instead of the workload's; repeatable.")
    ] = None,
    regularizer: Annotated[
        list[str] | None, typer.Option(autocompletion=names.regularizers, help="Instead of the workload's; repeatable.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="PATH=VALUE: lr=0.01, schedule.decay=0.5, epochs=40; repeatable."),
    ] = None,
    component: Annotated[
        list[str] | None, typer.Option(help="With --resume: the file of a component, ./mine.py:Lion; repeatable.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Chooses weights, batch order and noise; default 1.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder; default results/train/WORKLOAD-OPTIMIZER; of --compare, that around the first."),
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Go on with the training in this folder, with what --set changes.")
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Train nothing: lay the curves of the trainings DIR DIR… over each other.")
    ] = False,
) -> int:
    """Train one model and watch it: live charts, checkpoints; Ctrl-C keeps the state for --resume.

    Later: optbench report DIR draws its page again, optbench export DIR writes its curves, and
    optbench train --compare DIR DIR… lays those of several over each other.

    Exit status 1 where the training failed by more than divergence, 3 where only the page's curves could not be drawn.
    """
    from optbench.lab import watch
    from optbench.lab.single import trial
    from optbench.lab.watch_view import Lines, Screen
    from optbench.registry.registry import registry
    from optbench.report.page.watched import write_training

    outlive_reader()
    given: dict[str, Any] = {
        "--workload": workload, "--suite": suite, "--optimizer": optimizer, "--schedule": schedule,
        "--initializer": initializer, "--normalizer": normalizer, "--regularizer": regularizer, "--seed": seed,
    }  # fmt: skip
    if compare:
        given |= {"--set": set_, "--component": component, "--resume": resume}
        for option in (name for name, value in given.items() if value is not None and value != []):
            raise OptbenchError(f"--compare trains nothing: leave out {option}")
        return _compare(folders or [], out)
    if folders:
        raise OptbenchError(f"{folders[0]}: folders are what --compare DIR DIR… takes")
    plugins = registry()
    settings = dict(assignment(text) for text in set_ or [])
    if resume is not None:
        given["--out"] = out
        for option in (name for name, value in given.items() if value is not None and value != []):
            raise OptbenchError(f"--resume goes on with what it has: leave out {option}; --set changes settings")
        session = watch.resume(resume, settings, plugins, component or ())
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
        kept = kept if session.step_saved >= 0 else "nothing was saved yet"
        raise Stopped(f"\nstopped at once: {kept}") from None
    undrawn: list[str] = []
    page = write_training(session.watched(), failed=undrawn.append)
    lacking = warned(undrawn)
    if finished is None:
        print(f"stopped at step {session.training.number}; {go_on}")
        return INTERRUPTED
    print(visible(f"{finished.outcome}: {finished.message}" if finished.message else finished.outcome, keep="\n"))
    if finished.test_loss == finished.test_loss:
        print(f"test loss {finished.test_loss:.4g}, test {session.metric} {finished.test_metric:.4f}")
    if finished.outcome in ("diverged", "error") and session.step_saved >= 0:
        print(f"the checkpoint is of step {session.step_saved}; {go_on} --set ...")
    print(f"page: {page}")
    return 1 if finished.outcome in ("error", "timeout") else lacking


def _compare(folders: list[Path], out: Path | None) -> int:
    """Write the page of several trainings, and tell how each stands and what must be known of them."""
    from optbench.lab.watched import read
    from optbench.report.page.compared import end_of, named, notes_on, write_compared

    found, wrong = [], []
    for folder in folders:
        try:
            found.append(read(folder))
        except OptbenchError as error:
            wrong.append(str(error))
    if wrong:
        raise OptbenchError("; ".join(wrong))
    undrawn: list[str] = []
    page = write_compared(found, out if out is not None else Path(*folders[:1]).parent, undrawn.append)
    trainings = named(found)
    for name, training in trainings.items():
        _, optimizer, end, train_loss, validation_loss, metric, *_ = end_of(training)
        told = f"train loss {train_loss}, validation loss {validation_loss}, metric {metric}"
        print(visible(f"{name}: {optimizer}. {end} Last: {told}"))
    for text in notes_on(trainings):
        print(visible(f"note: {text}"), file=sys.stderr)
    print(f"page: {page}")
    return warned(undrawn)


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
