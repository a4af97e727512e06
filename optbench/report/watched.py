"""The page of one watched training: its curves, with a mark where what was changed, its settings and its story."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from optbench.contract.context import Measurement
from optbench.contract.errors import OptbenchError
from optbench.lab.adjust import settings, short
from optbench.lab.watch import Session
from optbench.report import inline, svg
from optbench.report.style import INK, PALETTE, PAPER, drawing, facets, label, log_ticks

PAGE = "train.html"
TRAIN, VALIDATION = PALETTE[0], PALETTE[1]
#: field -> (label, colour, dash, marker)
SERIES: dict[str, tuple[str, str, Any, str]] = {
    "train_loss": ("training", TRAIN, "-", "o"),
    "validation_loss": ("validation", VALIDATION, (0, (4, 1.5)), "s"),
    "train_metric": ("training", TRAIN, "-", "o"),
    "validation_metric": ("validation", VALIDATION, (0, (4, 1.5)), "s"),
    "rate": ("", PALETTE[2], "-", "o"),
    "gradient_norm": ("", PALETTE[3], "-", "o"),
}
Changes = Sequence[Mapping[str, Any]]


def write(session: Session) -> Path:
    """Write the page to the session's folder and return its path; it needs no other file and no network."""
    page = session.folder / PAGE
    try:
        page.write_text(render(session), encoding="utf-8")
    except OSError as error:
        raise OptbenchError(f"cannot write {page}: {error.strerror}") from error
    return page


def render(session: Session) -> str:
    """The page's text."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    templates = files("optbench.report") / "templates"
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((templates / "watched.html.j2").read_text(encoding="utf-8"))
    drawn = curves(session.history, session.changes, session.metric)
    described = "Loss, metric, rate and gradient norm against steps; lines mark where settings were changed."
    run = session.run
    return template.render(
        title=str(session.trial.workload.get("title") or session.trial.workload["name"]),
        optimizer=str(session.trial.components["optimizer"]["name"]),
        css=Markup((templates / "report.css").read_text(encoding="utf-8")),
        headline=headline(session),
        sentences=sentences(session),
        facts=facts(session),
        curves=Markup(inline.inline(drawn, svg.text(drawn), "curves", described)),  # which escapes
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
    for kind in ("dataset", "network", "function"):
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


def text(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:g}" if isinstance(value, float) else str(value)


def spoken(path: str, values: Sequence[Any]) -> str:
    """One change in words: "lr 0.01 → 0.003"."""
    return f"{short(path)!s} {text(values[0])} → {text(values[1])}"


def measure(metric: str) -> str:
    return {"r2": "R²"}.get(metric, metric)


def curves(history: Sequence[Measurement], changes: Changes = (), metric: str = "metric") -> Figure:
    """Loss, metric, rate and gradient norm against steps, a panel each; a labelled line at each change.

    Panels without a number (an analytic function has no metric) are left out.
    """
    panels = [
        ("loss", ("train_loss", "validation_loss")),
        (measure(metric), ("train_metric", "validation_metric")),
        ("learning rate", ("rate",)),
        ("gradient norm", ("gradient_norm",)),
    ]
    shown = [(name, fields) for name, fields in panels if any(len(points(history, f)[0]) for f in fields)]
    with drawing():
        made, axes = facets(max(len(shown), 1), 2.7, columns=2)
        for axis, (name, fields) in zip(axes, shown, strict=False):
            _panel(axis, history, name, fields)
            _marks(axis, changes)
        return made


def points(history: Sequence[Measurement], field: str) -> tuple[np.ndarray, np.ndarray]:
    """(steps, values) of one field, where it is finite."""
    steps = np.array([m.step for m in history], dtype=float)
    values = np.array([getattr(m, field) for m in history], dtype=float)
    finite = np.isfinite(values)
    return steps[finite], values[finite]


def _panel(axis: Axes, history: Sequence[Measurement], name: str, fields: Sequence[str]) -> None:
    everything = []
    for field in fields:
        steps, values = points(history, field)
        if not len(values):
            continue
        title, color, dash, marker = SERIES[field]
        every = max(1, len(values) // 5)
        # a rate holds until it is set again; everything else is read off between evaluations
        style: Any = {"drawstyle": "steps-pre"} if field == "rate" else {}
        axis.plot(
            steps, values, color=color, linestyle=dash, marker=marker, markersize=4, markevery=every,
            markeredgewidth=0, label=title or None, **style,
        )  # fmt: skip
        everything.append(values)
    axis.set_title(name)
    axis.set_xlabel("steps")
    joined = np.concatenate(everything)
    low, high = float(joined.min()), float(joined.max())
    if name in ("loss", "gradient norm", "learning rate") and low > 0 and high > 4 * low:
        axis.set_yscale("log")
        axis.minorticks_off()
        axis.set_yticks(*log_ticks(low / 1.3, high * 1.3))
        axis.set_ylim(low / 1.3, high * 1.3)
    if len(everything) > 1:
        axis.legend(loc="best")


def _marks(axis: Axes, changes: Changes) -> None:
    for change in changes:
        axis.axvline(change["step"], color=INK, linewidth=0.9, linestyle=(0, (2, 2)), zorder=1)
        names = [spoken(*item) for item in change["set"].items()]
        axis.annotate(
            label(names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else ""), 40),
            (change["step"], 1),
            xycoords=("data", "axes fraction"),
            xytext=(-3, -3),
            textcoords="offset points",
            rotation=90,
            ha="right",
            va="top",
            fontsize=7.5,
            zorder=1.5,  # behind the curves
            bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 0.8},
        )
