"""The page of one watched training: its curves, with a mark where what was changed, its settings and its story."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.lab.adjust import settings
from optbench.lab.watch import Session
from optbench.report.figures.watched import watched_curves
from optbench.report.page.template import rendered
from optbench.report.pictures import formats, inline
from optbench.report.words.settings import measure, spoken, text

PAGE = "train.html"


def write(session: Session, failed: Callable[[str], Any] | None = None) -> Path:
    """Write the page to the session's folder and return its path; it needs no other file and no network.

    failed   is told where the curves could not be drawn, as the page is
    """
    page = session.folder / PAGE
    try:
        page.write_text(render(session, failed), encoding="utf-8")
    except OSError as error:
        raise OptbenchError(f"cannot write {page}: {error.strerror}") from error
    return page


def render(session: Session, failed: Callable[[str], Any] | None = None) -> str:
    """The page's text."""
    described = "Loss, metric, rate and gradient norm against steps; lines mark where settings were changed."
    drawing, problem = "", ""
    try:
        drawn = watched_curves(session.history, session.changes, session.metric)
        drawing = inline.whole(drawn, formats.svg(drawn), "curves", described)
    except OSError:
        raise
    except Exception as error:  # hours of training must not lack a page for it
        problem = f"{type(error).__name__}: {error}"
        if failed is not None:
            failed(f"the curves could not be drawn: {problem}")
    run = session.run
    return rendered(
        "watched.html.j2",
        title=str(session.trial.workload.get("title") or session.trial.workload["name"]),
        optimizer=str(session.trial.components["optimizer"]["name"]),
        headline=headline(session),
        sentences=sentences(session),
        facts=facts(session),
        curves=drawing,
        problem=problem,
        description=described,
        story=[
            (change["step"], [spoken(*item) for item in change["set"].items()]) for change in session.changes
        ],
        settings=list(setting_rows(session)),
        traceback=str(run.traceback) if run is not None else "",
    )


def headline(session: Session) -> str:
    """How it ended, in one sentence."""
    run, steps = session.run, session.training.budget.steps
    if run is None:
        return f"Stopped at step {session.training.number:,} of {steps:,}."
    return {
        "done": f"Trained for {session.training.number:,} steps.",
        "stopped": f"Stopped early at step {session.training.number:,} of {steps:,}.",
        "diverged": f"Diverged at step {session.training.number:,} of {steps:,}.",
    }.get(run.outcome, f"Failed at step {session.training.number:,} of {steps:,}.")


def sentences(session: Session) -> list[str]:
    """The test result, and how to go on."""
    run, said = session.run, []
    if run is not None and np.isfinite(run.test_loss):
        said.append(
            f"On the test split, read at the end: loss {run.test_loss:.4g}, "
            f"{measure(session.metric)} {run.test_metric:.4f}."
        )
        if session.tests > 1:
            said.append(
                f"That split was read {session.tests} times, at each end of this training: "
                "settings that were changed after the first have seen it."
            )
        if run.kept < len(run.measurements) - 1:
            said.append(f"The parameters are those of step {run.measurements[run.kept].step:,}, the best.")
    if run is not None and run.message:
        said.append(str(run.message))
    if run is None or run.outcome in ("diverged", "error"):
        said.append(
            f"The checkpoint is of step {session.step_saved:,}: go on with --resume, with or without --set."
        )
    return said


def facts(session: Session) -> list[tuple[str, str]]:
    """The last numbers."""
    rows: list[tuple[str, str]] = []
    if session.history:
        last = session.history[-1]
        names = {
            "training loss": f"{last.train_loss:.4g}",
            "validation loss": f"{last.validation_loss:.4g}",
            f"validation {measure(session.metric)}": f"{last.validation_metric:.4f}",
            "learning rate": f"{last.rate:.3g}",
            "seconds of training": f"{last.seconds:.2f}",
        }
        rows = [(name, text) for name, text in names.items() if text != "nan"]
    return [*rows, ("parameters", f"{session.row.params.size:,}"), ("seed", str(session.trial.seed))]


def setting_rows(session: Session) -> Iterator[tuple[str, str, str]]:
    """(path, value now, values before) of everything that may be set, components by name first."""
    workload = session.trial.workload
    for kind in ("dataset", "network", "function", "problem"):
        if workload.get(kind):
            values = dict(workload[kind])
            inner = ", ".join(f"{k} = {text(v)}" for k, v in values.items() if k not in ("name", "kind"))
            yield kind, str(values.get("name") or values.get("kind")) + (f" ({inner})" if inner else ""), ""
    for kind, component in session.trial.components.items():
        named = [component] if isinstance(component, Mapping) else component
        yield kind, ", ".join(str(item["name"]) for item in named) or "–", ""
    for path, value in settings(session.trial).items():
        before = [change["set"][path][0] for change in session.changes if path in change["set"]]
        if value is not None or before:
            yield path, text(value), ", ".join(text(old) for old in before)
