"""How much a candidate depends on its learning rate: every tuning trial, at the rate it tried."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from optbench.contract.metric import lower_is_better
from optbench.report import frames, tuned
from optbench.report.pictures.marks import mark
from optbench.report.pictures.panels import log_axis, nothing, taking_part, workload_panels
from optbench.report.pictures.strokes import stroke
from optbench.report.pictures.style import GRID, MUTED, Styles, behind
from optbench.report.words.numbers import number

#: trials of a candidate in a panel above which only the best near each rate are drawn
MANY = 60
#: what a panel reads of the trials
DRAWN = ("candidate", "rate", "result", "selected")
#: rates told apart in a decade where there are so many, and where trials failed
PLACES = 12


def rate_sensitivity(
    trials: pd.DataFrame, styles: Styles | None = None, order: Sequence[str] | None = None
) -> Figure:
    """Final validation metric (or loss) of each tuning trial against its learning rate, on a log axis.

    The line joins a candidate's trials by rate; their other hyperparameters differ. A ring marks the selected one.
    Trials without a result (diverged, failed) stand in the band at the lower border.
    """
    rows = tuned.trials_of(trials)
    rows = rows.assign(rate=tuned.rates(rows))
    rows = rows[rows["rate"] > 0]
    if not len(rows):
        return nothing("No tuning trial has a learning rate.")
    candidates, looks = taking_part(rows, styles, order)
    return workload_panels(rows, 2.35, candidates, looks, _panel)


def _panel(axis: Axes, rows: pd.DataFrame, candidates: list[str], looks: Styles) -> None:
    column = tuned.judged_by(rows) or tuned.JUDGED[0]
    lower = lower_is_better(frames.with_own_name(column, rows))
    rows = rows.assign(result=tuned.results_in(rows, column))
    good = rows[rows["result"].notna()].sort_values("rate", ignore_index=True)
    low, high, log = _limits(good["result"].to_numpy(dtype=float), lower)
    of = dict(list(good[[c for c in DRAWN if c in good]].groupby("candidate", sort=False)))
    axis.set_ylabel(tuned.result_words(rows, column))
    axis.set_xlabel("learning rate")
    log_axis(axis, "x", float(rows["rate"].min()) / 1.3, float(rows["rate"].max()) * 1.3)
    if log:
        log_axis(axis, "y", low, high)
    for name in behind((n for n in candidates if n in of), looks):
        look = looks[name]
        part = _best_by_rate(of[name], lower)
        rates, reached = part["rate"].to_numpy(dtype=float), part["result"].to_numpy(dtype=float)
        heights = np.clip(reached, low, high)  # what lies beyond the panel is drawn at its border
        thin: dict[str, Any] = {"coarse": True}
        if not look.faint:
            thin = {"markersize": 4.5, "markeredgewidth": 0, "linewidth": 0.8, "alpha": 0.75}
        marks = stroke(axis, rates, heights, **thin | look.line)
        mark(marks, look.key, f"{name}: {len(of[name])} trials…")
        if look.faint:
            continue
        chosen = rates < 0
        if "selected" in part:
            chosen = part["selected"].fillna(False).astype(bool).to_numpy()
        rings = stroke(
            axis,
            rates[chosen],
            heights[chosen],
            linestyle="none",
            marker="o",
            markersize=9,
            fillstyle="none",
            color=look.color,
        )
        picked = "; ".join(
            f"{number(result)} at a rate of {number(rate)}"
            for rate, result in zip(rates[chosen], reached[chosen], strict=True)
        )
        mark(rings, look.key, f"{name}, selected: {picked}" if picked else "")
    lost = rows[rows["result"].isna()]
    _frame(axis, lost, looks, candidates, (low, high, log))


def _best_by_rate(part: pd.DataFrame, lower: bool) -> pd.DataFrame:
    """All trials, sorted by rate; of very many the best ones near each rate, and the selected ones."""
    if len(part) <= MANY:
        return part
    near = np.round(np.log10(part["rate"].to_numpy(dtype=float)) * PLACES)
    ordered = part.assign(near=near).sort_values("result", ascending=lower, kind="stable")
    kept = ordered.drop_duplicates("near").index
    if "selected" in part:
        kept = kept.union(part.index[part["selected"].fillna(False).astype(bool)])
    return part.loc[part.index.isin(kept)]


def _frame(
    axis: Axes,
    lost: pd.DataFrame,
    looks: Styles,
    candidates: list[str],
    limits: tuple[float, float, bool],
) -> None:
    """Limits with a margin; below, a band with a row for each candidate that has trials without a result."""
    low, high, log = limits
    of = dict(list(lost.groupby("candidate", sort=False)["rate"]))
    names = behind((n for n in candidates if n in of), looks)
    rows = {name: row for row, name in enumerate(n for n in names if not looks[n].faint)}  # faint ones share the last
    count = len(rows) + (len(rows) < len(names))
    share = min(0.08 + 0.05 * count, 0.35) if names else 0.0

    def at(fraction: float) -> float:
        return low * (high / low) ** fraction if log else low + (high - low) * fraction

    axis.set_ylim(at(-0.06 - share), at(1.06))
    if not names:
        return
    if not log:
        axis.set_yticks([t for t in axis.get_yticks() if at(-0.06) <= t <= at(1.06)])
        axis.set_ylim(at(-0.06 - share), at(1.06))
    axis.axhspan(at(-0.06 - share), at(-0.06), color=GRID, alpha=0.45, linewidth=0)
    for name in names:
        part = of[name]
        tried = np.unique(np.round(np.log10(part.to_numpy(dtype=float)) * PLACES) / PLACES)
        height = at(-0.06 - share * (rows.get(name, len(rows)) + 1) / (count + 1))
        crosses = stroke(
            axis,
            10**tried,
            np.full(len(tried), height),
            linestyle="none",
            marker="x",
            markersize=4.5,
            color=looks[name].color,
        )
        mark(crosses, looks[name].key, f"{name}: {len(part)} trials without a result")
    axis.text(
        0.015, 0.02, "no result", transform=axis.transAxes, ha="left", va="bottom", color=MUTED, fontsize=8
    )


def _limits(values: np.ndarray, lower: bool) -> tuple[float, float, bool]:
    if not len(values):
        return 0.0, 1.0, False
    low, high = float(values.min()), float(values.max())
    if lower:
        # the good half of the trials must stay readable
        log = low > 0 and high > 10 * low
        reach = low + 4 * (float(np.quantile(values, 0.75)) - low)
        high = min(high, 1000 * low) if log else min(high, reach) if reach > low else high
    else:
        log = False
        low = max(low, -1.0) if high > -1 else low
    if high <= low:
        return low - 0.05 * (abs(low) or 1), high + 0.05 * (abs(high) or 1), False
    return low, high, log
