"""Shares that rise with a budget, as steps: the performance profile, and the ECDF over targets."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from optbench.report.pictures.marks import mark, panel
from optbench.report.pictures.panels import (
    below_legend,
    log_axis,
    nothing,
    taking_part,
)
from optbench.report.pictures.style import Style, Styles, behind
from optbench.report.words.numbers import number

#: points of a curve on the page
POINTS = 80


def performance_profile(
    times: pd.DataFrame, r_max: float, styles: Styles | None = None, order: Sequence[str] | None = None
) -> Figure:
    """Share of the workloads that a candidate solves within so many times the quickest one's time.

    times   candidates x workloads, infinite for a miss
    The area under a curve from 1 to `r_max` is its score.
    """
    from optbench.statistics.profiles import ratios, score

    if not times.size:
        return nothing("No workload has a target.")
    candidates, looks = taking_part(times.reset_index(names="candidate"), styles, order)
    table = times.to_numpy(dtype=float)
    relative, scores = ratios(table), score(table, r_max).tolist()
    with below_legend(1, 3.4, candidates, looks) as (made, (axis,)):
        panel(axis)
        for name in behind(candidates, looks):
            row = list(times.index).index(name)
            within = np.sort(relative[row][relative[row] <= r_max])
            x = np.concatenate([[1.0], within, [r_max]])
            y = np.concatenate([[0], np.arange(1, len(within) + 1), [len(within)]]) / table.shape[1]
            said = f"{name}: quickest on {int((relative[row] == 1).sum())}, within {r_max:g} times on {len(within)}"
            _steps(axis, x, y, looks[name], f"{said} of {table.shape[1]} workloads; score {number(scores[row])}…")
        log_axis(axis, "x", 1, r_max)
        axis.set_xlim(0.98, r_max)
        axis.set_ylim(-0.03, 1.05)
        axis.set_xlabel("times the quickest candidate's steps (τ)")
        axis.set_ylabel("share of workloads")
        return made


def target_shares(
    shares: pd.DataFrame, by: str = "steps", styles: Styles | None = None, order: Sequence[str] | None = None
) -> Figure:
    """Share of (workload, target, seed) reached within a budget; see `optbench.statistics.target_ecdf`."""
    if not len(shares) or not (shares["share"] > 0).any():
        return nothing("No run improved on its start.")
    candidates, looks = taking_part(shares, styles, order)
    with below_legend(1, 3.4, candidates, looks) as (made, (axis,)):
        panel(axis)
        spent = shares.loc[shares["budget"] > 0, "budget"]
        end = float(spent.max()) if len(spent) else 1.0  # all of them may be met before the first step
        start = max(min(float(spent.min()) if len(spent) else end, end / 2), end / 1000)
        of = dict(list(shares.groupby("candidate", sort=False)))
        for name in behind(candidates, looks):
            rows = of[name]
            x, y = rows["budget"].to_numpy(), rows["share"].to_numpy()
            x = np.maximum(x, start)  # what is met before the first step
            if len(x) > POINTS:
                chosen = np.unique(np.linspace(0, len(x) - 1, POINTS).round().astype(int))
                x, y = x[chosen], y[chosen]
            _steps(axis, x, y, looks[name], f"{name}: {100 * y[-1]:.0f} % of the targets at the end…")
        # most targets are met early: a log axis, as COCO has it
        log_axis(axis, "x", start, end)
        axis.set_xlim(start, end * 1.02)
        axis.set_ylim(-0.02, 1.02)
        axis.set_xlabel(
            {
                "steps": "share of the workload's steps",
                "gradients": "gradient evaluations, as a share of the workload's steps",
                "seconds": "calibrated seconds, as a share of the cheapest candidate's whole budget",
            }[by]
        )
        axis.set_ylabel("share of targets reached")
        return made


def _steps(axis: Axes, x: np.ndarray, y: np.ndarray, look: Style, said: str) -> None:
    line = axis.plot(x, y, drawstyle="steps-post", **look.line, markersize=4.5, markevery=max(1, len(x) // 5))
    mark(line, look.key, said)
