"""One watched training: its curves, with a line where what was changed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from optbench.contract.context import Measurement
from optbench.report.pictures.panels import RULE, facets, label, log_axis
from optbench.report.pictures.style import PALETTE, PAPER, drawing
from optbench.report.words.settings import measure, spoken

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


def watched_curves(history: Sequence[Measurement], changes: Changes = (), metric: str = "metric") -> Figure:
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
            _changes(axis, changes)
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
        log_axis(axis, "y", low / 1.3, high * 1.3)
    if len(everything) > 1:
        axis.legend(loc="best")


def _changes(axis: Axes, changes: Changes) -> None:
    for change in changes:
        axis.axvline(change["step"], **RULE)
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
