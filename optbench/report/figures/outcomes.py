"""How trials ended. Every outcome counts in every score, so it is shown."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from optbench.report.pictures.marks import mark, panel
from optbench.report.pictures.panels import facets, nothing, rows_of, taking_part
from optbench.report.pictures.style import MUTED, PAPER, Styles, drawing

#: (outcome, colour, hatch): from harmless to bad; the hatch tells them apart without colour
LOOKS = (
    ("done", "#009e73", ""),
    ("stopped", "#56b4e9", ""),
    ("diverged", "#e69f00", "////"),
    ("timeout", MUTED, "...."),
    ("error", "#d55e00", "xxxx"),
    ("crashed", "#23262d", "++++"),
)


def outcome_counts(
    trials: pd.DataFrame, order: Sequence[str] | None = None, styles: Styles | None = None
) -> Figure:
    """Numbers of trials by outcome, a bar a candidate; tuning and final trials in a panel each."""
    phases = [p for p in ("final", "tune") if len(trials) and (trials["phase"] == p).any()]
    if not phases:
        return nothing("No trial has finished.")
    candidates, looks = taking_part(trials, styles, order)
    titles = {"final": "on fresh seeds", "tune": "while tuning"}
    with drawing():
        made, axes = facets(len(phases), 0.75 + 0.24 * len(candidates), columns=2, extra=0.3)
        seen: dict[str, Any] = {}
        for axis, phase in zip(axes, phases, strict=True):
            panel(axis)
            rows = trials[trials["phase"] == phase]
            counts = rows.groupby(["candidate", "outcome"]).size().unstack(fill_value=0)
            counts = counts.reindex(candidates, fill_value=0)
            left = np.zeros(len(candidates))
            for outcome, color, hatch in LOOKS:
                if outcome not in counts:
                    continue
                width = counts[outcome].to_numpy(dtype=float)
                bars = axis.barh(
                    range(len(candidates)),
                    width,
                    left=left,
                    height=0.62,
                    color=color,
                    hatch=hatch,
                    edgecolor=PAPER,
                    linewidth=0.5,
                )
                seen.setdefault(outcome, bars)
                for bar, name, trials_of in zip(bars, candidates, width, strict=True):
                    mark(bar, looks[name].key, f"{name}: {trials_of:g} {outcome}")
                left += width
            rows_of(axis, candidates, looks)
            axis.set_title(titles[phase])
            axis.set_xlabel("trials")
            axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        made.legend(list(seen.values()), list(seen), loc="outside upper left", ncols=len(seen))
        return made
