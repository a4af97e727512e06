"""The page of one watched training: its curves, with a mark where what was changed, its settings and its story."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.lab.adjust import settings
from optbench.lab.watched import Watched
from optbench.report.figures.watched import watched_curves
from optbench.report.page.saving import show
from optbench.report.page.template import rendered
from optbench.report.parts import Picture, Shown
from optbench.report.pictures.formats import FORMATS
from optbench.report.words.settings import measure, spoken, text
from optbench.report.words.trainings import headline

PAGE = "train.html"
DESCRIPTION = "Loss, metric, rate and norms against steps; lines mark where settings were changed."


def write_training(
    training: Watched,
    out: str | Path | None = None,
    failed: Callable[[str], Any] | None = None,
    figures: bool = False,
) -> Path:
    """Write a training's page to `out` (default train.html in its folder) and return its path.

    The page needs no other file and no network. Its curves are written beside it as curves.svg, and as PNG and
    PDF, too, with `figures`. `failed` is told where they could not be drawn, as the page is. Raises
    `OptbenchError` where a file cannot be written.
    """
    page = Path(out) if out is not None else training.folder / PAGE
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        curves = Picture("curves", DESCRIPTION, caption(training), lambda: watched_curves(training))
        shown = show(curves, page.parent, page, kinds=FORMATS if figures else ())()
        if shown.problem and failed is not None:
            failed(f"the curves could not be drawn: {shown.problem}")
        page.write_text(render(training, shown), encoding="utf-8")
    except OSError as error:
        raise OptbenchError(f"cannot write {error.filename or page}: {error.strerror}") from error
    return page


def caption(training: Watched) -> str:
    """Under the curves."""
    if training.changes:
        return "A dotted line marks each change of a setting; its number is that of the list below."
    return ""


def render(training: Watched, curves: Shown) -> str:
    """The page's text."""
    return rendered(
        "watched.html.j2",
        title=str(training.trial.workload.get("title") or training.workload),
        optimizer=training.optimizer,
        headline=headline(training),
        sentences=sentences(training),
        facts=facts(training),
        curves=curves,
        story=[(change["step"], [spoken(*item) for item in change["set"].items()]) for change in training.changes],
        settings=list(setting_rows(training)),
        traceback=training.traceback,
    )


def sentences(training: Watched) -> list[str]:
    """The test result, and how to go on."""
    said = []
    if np.isfinite(training.test[0]):
        said.append(
            f"On the test split, read at the end: loss {training.test[0]:.4g}, "
            f"{measure(training.metric)} {training.test[1]:.4f}."
        )
        if training.tests > 1:
            said.append(
                f"That split was read {training.tests} times, at each end of this training: "
                "settings that were changed after the first have seen it."
            )
        if 0 <= training.kept < len(training.history) - 1:
            said.append(f"The parameters are those of step {training.history[training.kept].step:,}, the best.")
    if training.message:
        said.append(training.message)
    if not training.ended or training.outcome in ("diverged", "error"):
        said.append(
            f"The checkpoint is of step {training.step_saved:,}: go on with --resume, with or without --set."
        )
    return said


def facts(training: Watched) -> list[tuple[str, str]]:
    """The last numbers."""
    rows: list[tuple[str, str]] = []
    if training.history:
        last = training.history[-1]
        names = {
            "training loss": f"{last.train_loss:.4g}",
            "validation loss": f"{last.validation_loss:.4g}",
            f"validation {measure(training.metric)}": f"{last.validation_metric:.4f}",
            "learning rate": f"{last.rate:.3g}",
            "seconds of training": f"{last.seconds:.2f}",
        }
        rows = [(name, text) for name, text in names.items() if text != "nan"]
    return [*rows, ("parameters", f"{training.parameters:,}"), ("seed", str(training.trial.seed))]


def setting_rows(training: Watched) -> Iterator[tuple[str, str, str]]:
    """(path, value now, values before) of everything that may be set, components by name first."""
    workload = training.trial.workload
    for kind in ("dataset", "network", "function", "problem"):
        if workload.get(kind):
            values = dict(workload[kind])
            inner = ", ".join(f"{k} = {text(v)}" for k, v in values.items() if k not in ("name", "kind"))
            yield kind, str(values.get("name") or values.get("kind")) + (f" ({inner})" if inner else ""), ""
    for kind, component in training.trial.components.items():
        named = [component] if isinstance(component, Mapping) else component
        yield kind, ", ".join(str(item["name"]) for item in named) or "–", ""
    for path, value in settings(training.trial).items():
        before = [change["set"][path][0] for change in training.changes if path in change["set"]]
        if value is not None or before:
            yield path, text(value), ", ".join(text(old) for old in before)
