"""Watched trainings: the curves of one with a numbered line where what was changed, and of several over each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from optbench.lab.watched import Watched
from optbench.report.pictures.marks import mark, panel
from optbench.report.pictures.panels import RULE, below_legend, facets, label, log_axis, nothing
from optbench.report.pictures.strokes import stroke
from optbench.report.pictures.style import INK, PALETTE, PAPER, Style, Styles, complete, drawing
from optbench.report.words.numbers import number
from optbench.report.words.settings import measure, spoken

#: how the two splits, the start and the end look; one that stands alone looks as the first
LOOKS = (
    Style(PALETTE[0], "o", ""), Style(PALETTE[1], "s", (4, 1.5)),
    Style(PALETTE[2], "^", ""), Style(PALETTE[3], "D", ""),
)  # fmt: skip
#: points of one line beyond which those are left out that nobody sees
MANY = 200
#: share of an axis within which the numbers of two changes would meet
NEAR = 0.045
LAYERS = "norm of each weight tensor"


@dataclass
class Panel:
    """One quantity: who has which curve.

    curves   {name: (x, y)}
    held     whether a value holds until the next is set, as a rate does; else it is read off between evaluations
    across   what x is
    """

    title: str
    log: bool = True
    held: bool = False
    across: str = "steps"
    curves: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)


def watched_curves(training: Watched) -> Figure:
    """Losses, metric, rate and norms against steps, a panel each; where settings were changed, a line with a number.

    The last panel has the norm of each weight tensor, at the start and now. Panels without a number (an analytic
    function has no metric) are left out.
    """
    found: dict[str, Panel] = {}
    for title, name, one in _quantities(training):
        x, y = _curve(training, one)
        if len(x):
            found.setdefault(title, _panel(title, one)).curves[name] = x, y
    weights = training.norms.of_role("weight")
    if weights.size:
        place = np.arange(1, weights.shape[1] + 1, dtype=float)
        both = {f"step {training.norms.steps[k]:,}": (place, weights[k]) for k in dict.fromkeys((0, len(weights) - 1))}
        found[LAYERS] = Panel(LAYERS, across="weight tensor", curves=both)
    if not found:
        return nothing("This training has no evaluation yet.")
    story = [f"{k}: {told}" for k, (_, told) in enumerate(changes_of(training), start=1)]
    with drawing():
        made, axes = facets(len(found), 2.4, extra=0.2 * len(story))
        alone = iter(LOOKS[2:] * len(found))
        for axis, shown in zip(axes, found.values(), strict=True):
            panel(axis)
            several = len(shown.curves) > 1
            looks = dict(zip(shown.curves, LOOKS if several else [next(alone)], strict=False))
            _draw(axis, shown, looks)
            if several:
                box: Any = {"frameon": True, "facecolor": PAPER, "edgecolor": "none", "framealpha": 0.85}
                axis.legend(list(axis.lines), list(shown.curves), loc="best", **box)
            if shown.across == "steps":
                _numbered(axis, training)
        if story:
            handles = [Line2D([], [], **RULE) for _ in story]
            made.legend(handles, [label(text, 100) for text in story], loc="outside upper left", ncols=1)
        return made


def compared_curves(trainings: Mapping[str, Watched], styles: Styles | None = None) -> Figure:
    """Losses, metrics, rates and norms of several trainings against steps, a panel each, by their names.

    A dotted line in a training's colour marks where its settings were changed. The last panel has the norm of each
    weight tensor of the model, by its place in the network, at the last evaluation. Who lacks a quantity is not in its
    panel: `compared_panels` tells.
    """
    found = compared_panels(trainings)
    if not found:
        return nothing("These trainings have no evaluation yet.")
    names = list(trainings)
    looks = complete(styles, names)
    with below_legend(len(found), 2.4, names, looks) as (made, axes):
        for axis, one in zip(axes, found, strict=True):
            panel(axis)
            _draw(axis, one, looks)
            for name in one.curves if one.across == "steps" else ():
                for step, told in changes_of(trainings[name]):
                    rule = axis.axvline(step, **{**RULE, "color": looks[name].color, "linestyle": (0, (1, 2))})
                    mark(rule, looks[name].key, f"{name}: {told}")
        return made


def compared_panels(trainings: Mapping[str, Watched]) -> list[Panel]:
    """What `compared_curves` draws: each quantity that any of the trainings has."""
    found: dict[str, Panel] = {}
    for name, training in trainings.items():
        for title, split, one in _quantities(training):
            told = f"{split} {title}" if split else title
            x, y = _curve(training, one)
            if len(x):
                found.setdefault(told, _panel(told, one)).curves[name] = x, y
    weights = {name: t.norms.of_role("weight") for name, t in trainings.items()}
    last = {n: (np.arange(1, w.shape[1] + 1, dtype=float), w[-1]) for n, w in weights.items() if w.size}
    last_ones = ("learning rate", "gradient norm", "norm of all parameters")  # behind the metrics of all workloads
    order = sorted(found.values(), key=lambda one: one.title in last_ones)
    return [*order, *([Panel(f"{LAYERS}, at the end", across="weight tensor", curves=last)] if last else [])]


def changes_of(training: Watched) -> list[tuple[int, str]]:
    """(step, what was changed after it) in order."""
    return [
        (int(change["step"]), f"after step {change['step']:,}: " + "; ".join(spoken(*i) for i in change["set"].items()))
        for change in training.changes
    ]


def _quantities(training: Watched) -> Iterator[tuple[str, str, str]]:
    """(title, split, field) of the curves against steps."""
    metric = measure(training.metric)
    yield from (("loss", "training", "train_loss"), ("loss", "validation", "validation_loss"))
    yield from ((metric, "training", "train_metric"), (metric, "validation", "validation_metric"))
    yield from (("learning rate", "", "rate"), ("gradient norm", "", "gradient_norm"))
    yield "norm of all parameters", "", "norm"


def _panel(title: str, name: str) -> Panel:
    return Panel(title, log=not name.endswith("_metric"), held=name == "rate")


def _curve(training: Watched, name: str) -> tuple[np.ndarray, np.ndarray]:
    """(steps, values) of a field of the measurements, or of the norm of all parameters, where it is finite."""
    if name == "norm":
        steps, values = np.array(training.norms.steps, dtype=float), training.norms.whole()
    else:
        steps = np.array([m.step for m in training.history], dtype=float)
        values = np.array([getattr(m, name) for m in training.history], dtype=float)
    finite = np.isfinite(values)
    return steps[finite], values[finite]


def _draw(axis: Axes, one: Panel, looks: Mapping[str, Style]) -> None:
    for name, (x, y) in one.curves.items():
        style: dict[str, Any] = {"drawstyle": "steps-pre"} if one.held else {}
        line = stroke(
            axis, x, y, coarse=len(x) > MANY, **looks[name].line, **style, markersize=4, markeredgewidth=0,
            markevery=max(1, len(x) // 5),
        )  # fmt: skip
        told = f"{name}: " if name else ""
        mark(line, looks[name].key, f"{told}{number(float(y[-1]))} at the end…")
    axis.set_title(one.title, pad=14)
    axis.set_xlabel(one.across)
    axis.set_ylabel("")
    if one.across != "steps":
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    values = np.concatenate([y for _, y in one.curves.values()])
    low, high = float(values.min()), float(values.max())
    if one.log and low > 0 and high > 4 * low:
        log_axis(axis, "y", low / 1.3, high * 1.3)
    axis.autoscale_view()


def _numbered(axis: Axes, training: Watched) -> None:
    """A line at each change, and its number above the panel, where it covers no curve."""
    steps = [step for step, _ in changes_of(training)]
    for step in steps:
        axis.axvline(step, **RULE)
    low, high = axis.get_xlim()
    for first, last in _runs(steps, NEAR * (high - low)):
        text = f"{first + 1}" if first == last else f"{first + 1}–{last + 1}"
        place = (steps[first] + steps[last]) / 2
        axis.annotate(
            text, (place, 1), xycoords=("data", "axes fraction"), xytext=(0, 2), textcoords="offset points",
            ha="center", va="bottom", fontsize=8, color=INK,
        )  # fmt: skip


def _runs(steps: Sequence[int], near: float) -> list[tuple[int, int]]:
    """(first, last) of neighbours whose numbers would meet."""
    breaks = [k for k, (a, b) in enumerate(pairwise(steps), start=1) if b - a > near]
    return [(a, b - 1) for a, b in pairwise([0, *breaks, len(steps)])] if steps else []
