"""Rank against the tuning budget: a line a candidate, the best at the top."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from optbench.report.pictures.marks import mark, panel
from optbench.report.pictures.panels import below_legend, nothing, taking_part
from optbench.report.pictures.style import Styles, behind


def budget_ranks(ranks: pd.DataFrame, styles: Styles | None = None, order: Sequence[str] | None = None) -> Figure:
    """Ranks of the expected best of k trials against k, from `optbench.statistics.budget_ranks`."""
    if not len(ranks) or ranks["k"].max() < 2:
        return nothing("No two candidates have two tuning trials.")
    candidates, looks = taking_part(ranks, styles, order)
    with below_legend(1, 2.6, candidates, looks) as (made, axes):
        axis = axes[0]
        panel(axis)
        for name in behind(candidates, looks):
            of = ranks[ranks["candidate"] == name].sort_values("k")
            line = axis.plot(of["k"], of["rank"], **looks[name].line, markersize=4)
            mark(line, looks[name].key, f"{name}: rank {of['rank'].iloc[-1]:g} with {of['k'].iloc[-1]:g} trials…")
        axis.set_ylim(len(candidates) + 0.5, 0.5)
        for which in (axis.xaxis, axis.yaxis):
            which.set_major_locator(MaxNLocator(8, integer=True))
        axis.set_xlabel("tuning trials (k)")
        axis.set_ylabel("rank")
        return made
