"""How activations and gradients fare from layer to layer: kept, vanishing or exploding."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from optbench.language import gettext as _
from optbench.report import frames
from optbench.report.pictures.bands import summarize
from optbench.report.pictures.marks import mark, panel
from optbench.report.pictures.panels import (
    below_legend,
    log_axis,
    nothing,
    taking_part,
)
from optbench.report.pictures.style import Styles, behind
from optbench.report.words.numbers import number


def layer_profile(
    profile: pd.DataFrame, styles: Styles | None = None, order: Sequence[str] | None = None
) -> Figure:
    """Standard deviation against the layer, on a log axis; a panel a quantity, a line a candidate, a band over seeds.

    profile   columns candidate, seed, quantity ("activations", "gradients", …), layer (1, 2, …), value
    """
    if not len(profile):
        return nothing(_("No run has per-layer statistics."))
    candidates, looks = taking_part(profile, styles, order)
    quantities = frames.names(profile, "quantity")
    with below_legend(len(quantities), 2.8, candidates, looks, columns=2) as (made, axes):
        for axis, quantity in zip(axes, quantities, strict=True):
            panel(axis)
            part = profile[profile["quantity"] == quantity]
            for name in behind(candidates, looks):
                rows = part[part["candidate"] == name]
                if not len(rows):
                    continue
                wide = rows.pivot_table(index="layer", columns="seed", values="value", aggfunc="median")
                middle, low, high = summarize(wide.to_numpy(dtype=float))
                look = looks[name]
                if not look.faint:
                    spread = axis.fill_between(wide.index, low, high, color=look.color, alpha=0.13, linewidth=0)
                    mark(spread, look.key)
                line = axis.plot(wide.index, middle, **look.line, markersize=4)
                told = _("{name}: {first} in the first layer, {last} in the last…")
                mark(line, look.key, told.format(name=name, first=number(middle[0]), last=number(middle[-1])))
            values = part["value"].to_numpy(dtype=float)
            positive = values[np.isfinite(values) & (values > 0)]
            if len(positive):
                # float32 underflow to exactly 0 happens in vanishing nets
                bottom, top = max(float(positive.min()), 1e-30) / 2, min(float(positive.max()), 1e30) * 2
                log_axis(axis, "y", bottom, top)
            axis.set_title(_(quantity))
            axis.set_xlabel(_("layer"))
            axis.xaxis.set_major_locator(MaxNLocator(integer=True))
            axis.set_ylabel(_("standard deviation"))
        return made
