"""Learning curves: one panel a workload, a line a candidate, a band over its seeds."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from optbench.contract.metric import field_of, lower_is_better
from optbench.language import gettext as _
from optbench.report import frames
from optbench.report.pictures.bands import band
from optbench.report.pictures.marks import mark
from optbench.report.pictures.panels import RULE, log_axis, nothing, taking_part, workload_panels
from optbench.report.pictures.strokes import between, stroke
from optbench.report.pictures.style import PAPER, Style, Styles, behind
from optbench.report.words.numbers import number
from optbench.trials.trial import FINISHED


def learning_curves(
    curves: pd.DataFrame,
    trials: pd.DataFrame,
    metric: str | Mapping[str, str] | None = None,
    styles: Styles | None = None,
    order: Sequence[str] | None = None,
    phase: str = "final",
) -> Figure:
    """Median over seeds against steps, with a band from quartile to quartile.

    metric   a field of a measurement, such as "validation_loss", or a target's name, for all workloads or by workload;
             by default each workload's target metric. Losses have a log axis. Diverged runs count as worst from then
             on; a cross marks where each one ended.
    order    of the legend; default: as they come
    """
    curves = curves[curves["phase"] == phase] if len(curves) else curves
    trials = trials[trials["phase"] == phase] if len(trials) else trials
    # studies that selected one setting share its runs
    one = ["workload", "candidate", "key"]
    curves = curves.drop_duplicates([*one, "step"]) if len(curves) else curves
    trials = trials.drop_duplicates(one) if len(trials) else trials

    candidates, looks = taking_part(curves, styles, order)
    panels = {
        workload: shown
        for workload in frames.names(curves, "workload")
        for shown in [_asked(trials, curves, metric, workload)]
        if frames.has_values(curves[curves["workload"] == workload], field_of(shown))
    }
    if not panels:
        return nothing(_("No final run has a learning curve."))

    def draw(axis: Axes, at: pd.DataFrame, candidates: list[str], looks: Styles) -> None:
        workload = str(at["workload"].iloc[0])
        shown = panels[workload]
        of = trials[trials["workload"] == workload] if len(trials) else trials
        axis.set_ylabel(frames.words(shown))
        axis.set_xlabel(_("steps"))
        _panel(axis, at, of, shown, candidates, looks)
        target = frames.target_of(trials, workload)
        if target is not None and target[0] == shown:
            axis.axhline(target[1], **RULE)

    return workload_panels(curves[curves["workload"].isin(panels)], 2.35, candidates, looks, draw)


def targets_drawn(
    curves: pd.DataFrame, trials: pd.DataFrame, metric: str | Mapping[str, str] | None = None
) -> tuple[int, int]:
    """In how many panels of `learning_curves` of final runs a target stands, and of how many: what its caption says."""
    curves = curves[curves["phase"] == "final"] if len(curves) else curves
    trials = trials[trials["phase"] == "final"] if len(trials) else trials
    workloads = frames.names(curves, "workload")
    targets = [(frames.target_of(trials, w), _asked(trials, curves, metric, w)) for w in workloads]
    return sum(target is not None and target[0] == shown for target, shown in targets), len(workloads)


def _asked(
    trials: pd.DataFrame, curves: pd.DataFrame, metric: str | Mapping[str, str] | None, workload: str
) -> str:
    own = metric.get(workload) if isinstance(metric, Mapping) else metric
    return own or frames.shown_metric(trials, curves, workload)


def _panel(
    axis: Axes, curves: pd.DataFrame, trials: pd.DataFrame, metric: str, candidates: list[str], looks: Styles
) -> None:
    column, lower = field_of(metric), lower_is_better(metric)
    curves = curves[["workload", "candidate", "study", "number", "key", "step", column]]
    parts = spreads(curves, trials, metric, candidates)
    target = frames.target_of(trials, str(curves["workload"].iloc[0]))
    aimed = target is not None and target[0] == metric
    named = [name for name in parts if not looks[name].faint]
    low, high, log = limits(parts, lower, target[1] if target is not None and aimed else None, named)
    met = _met(trials) if aimed else {}
    for name in behind(parts, looks):
        part, look = parts[name], looks[name]
        steps, middle, below, above = part
        if not look.faint:
            below, above = np.clip(below, low, high), np.clip(above, low, high)
            mark(between(axis, steps, below, above, color=look.color, alpha=0.13, linewidth=0), look.key)
        line = stroke(
            axis,
            steps,
            np.where(np.isfinite(middle), middle, np.nan),
            coarse=look.faint,
            **look.line,
            markevery=max(1, len(steps) // 4),
            markersize=4.5,
            markeredgecolor=PAPER,
            markeredgewidth=0.5,
        )
        mark(line, look.key, _told(name, part, met.get(name, "")))
    if log:
        log_axis(axis, "y", low, high)
    axis.set_ylim(low, high)
    if max(part[0, -1] for part in parts.values()) >= 10_000:  # five figures at each tick
        axis.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    failed = set(trials.loc[~trials["outcome"].isin(FINISHED), "key"]) if len(trials) else set()
    lost = curves[curves["key"].isin(failed) & np.isfinite(curves[column])]
    for name, rows in lost.groupby("candidate", sort=False):
        _ends(axis, rows, column, (low, high), looks[str(name)])


def spreads(
    curves: pd.DataFrame, trials: pd.DataFrame, metric: str, candidates: Sequence[str]
) -> dict[str, np.ndarray]:
    """{candidate: rows step, middle, low, high} of those that have any number of the metric, on one workload."""
    column = field_of(metric)
    parts = {}
    by_candidate = dict(list(curves.groupby("candidate", sort=False)))
    ended = dict(list(trials.set_index("key").groupby("candidate", sort=False)["outcome"])) if len(trials) else {}
    for name in candidates:
        rows = by_candidate.get(name, curves.iloc[:0])
        if frames.has_values(rows, column):
            # as arrays: a third of the time of this figure went into columns of small frames
            spread = band(rows, column, ended.get(name), lower=lower_is_better(metric))
            parts[name] = spread[["step", "middle", "low", "high"]].to_numpy(dtype=float).T
    return parts


def _met(trials: pd.DataFrame) -> dict[str, str]:
    """How many seeds of each candidate met the target, in words."""
    if not frames.has_values(trials, "steps_to_target"):
        return {}
    told = _("; target met by {count} of {all} seeds")
    return {
        str(name): told.format(count=int(np.isfinite(times).sum()), all=len(times))
        for name, times in trials.groupby("candidate", sort=False)["steps_to_target"]
        if times.notna().any()
    }


def _told(name: str, part: np.ndarray, met: str) -> str:
    """What a curve says: its end, its seeds, who met the target."""
    middle, low, high = (number(end) for end in part[1:, -1])
    told = _("{name}: {middle} [{low}, {high}] at the end{met}…")
    return told.format(name=name, middle=middle, low=low, high=high, met=met)


def _ends(axis: Axes, lost: pd.DataFrame, column: str, limits: tuple[float, float], look: Style) -> None:
    """A cross at the last number of each run that failed, at the border where that lies outside."""
    ends = lost.sort_values("step").groupby("key").tail(1)
    crosses = stroke(
        axis,
        ends["step"],
        ends[column].clip(*limits),
        linestyle="none",
        marker="x",
        markersize=6,
        color=look.color,
        clip_on=False,
    )
    mark(crosses, look.key)


#: what shares (accuracies, R2) differ by at least from the bottom of a panel to its top: less is noise in close-up
CLOSEST = 0.04


def limits(
    parts: dict[str, np.ndarray], lower: bool, target: float | None = None, named: Sequence[str] = ()
) -> tuple[float, float, bool]:
    """(low, high, log axis) that show the curves: what explodes leaves the panel instead of flattening the rest.

    parts    by candidate, rows step, middle, low, high
    target   is shown, too, unless the curves would shrink to less than half for it
    named    candidates that are told apart: of a loss, the curves of others leave the panel above these and the start
    """
    values = np.concatenate([p[1:].ravel() for p in parts.values()])
    middles = np.concatenate([p[1] for p in parts.values()])
    values, middles = values[np.isfinite(values)], middles[np.isfinite(middles)]
    if not len(middles):
        middles = values if len(values) else np.array([0.0, 1.0])
    if not lower:
        high = float(middles.max())
        ends = [float(p[1, -1]) for p in parts.values()]
        worst = min((e for e in ends if np.isfinite(e)), default=high)
        # the steep start may leave the panel: what counts lies between the worst end and the best
        low = max(float(middles.min()), worst - 2 * (high - worst), -1.0) if worst < high else worst - 0.1
        low = min(low, high)
        if low >= 0 and high <= 1:
            low, high = _apart(low, high)
        low, high = _with(target, low, high)
        margin = 0.05 * (high - low) or 0.05
        return low - margin, high + margin, False
    start = max(float(p[1, 0]) for p in parts.values())
    start = start if np.isfinite(start) else float(np.median(middles))
    low, high = float(middles.min()), float(middles.max())
    high = max(min(high, 10 * abs(start)), low)
    seen = np.concatenate([parts[name][1] for name in named]) if named else middles
    if np.isfinite(seen).any():
        high = min(high, max(start, float(seen[np.isfinite(seen)].max())))
    positive = middles[middles > 0]
    if len(positive) == len(middles) and high > 4 * low:
        if target is not None and target > 0:
            low, high = (float(np.exp(end)) for end in _with(np.log(target), np.log(low), np.log(high)))
        return low / 1.25, high * 1.25, True
    low, high = _with(target, low, high)
    margin = 0.05 * (high - low) or 0.05 * abs(high) or 0.05
    return low - margin, high + margin, False


def _apart(low: float, high: float) -> tuple[float, float]:
    """Ends that are `CLOSEST` apart at least, within 0 and 1."""
    missing = max(CLOSEST - (high - low), 0.0) / 2
    high = min(high + missing, max(high, 1.0))
    return min(low, max(low - missing, 0.0), max(high - CLOSEST, 0.0)), high


def _with(target: float | None, low: float, high: float) -> tuple[float, float]:
    """The ends moved to hold the target, if that is no farther off than they are apart."""
    if target is None or not low - (high - low) <= target <= high + (high - low):
        return low, high
    return min(low, float(target)), max(high, float(target))
