"""Claims as a forest: each effect with its interval, and the verdict in colour and shape."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from optbench.language import gettext as _
from optbench.report import frames
from optbench.report.pictures.lines import wrapped
from optbench.report.pictures.marks import mark
from optbench.report.pictures.panels import RULE, figure, interval, label, nothing
from optbench.report.pictures.style import GRID, MUTED, drawing
from optbench.report.words.numbers import effect as effect_of

#: verdict: (colour, marker)
VERDICTS = {"supported": ("#0072b2", "o"), "refuted": ("#d55e00", "X"), "undecided": (MUTED, "D")}


#: half-widths of an interval: where the axis ends, and its ticks
FARTHEST = 300.0
TICKS = (-100, -30, -10, -3, -1, 0, 1, 3, 10, 30, 100)


def claims_forest(claims: pd.DataFrame) -> Figure:
    """A row a claim: how many half-widths of its 95 % interval the paired effect lies from 0.

    So effects of any kind stand on one axis, and how clear one is can be seen: an interval is as long as 2 there.

    Right of 0 is what the claim says; a claim of equality has its margin as a grey band instead, a claim of more than
    a margin a tick there. The axis is linear about 0 and logarithmic beyond. The numbers stand at the right.
    claims   columns statement, verdict, effect, low, high, seeds; optional unit, margin, expect
    """
    if not len(claims):
        return nothing(_("This suite makes no claims."))
    statements = [
        "\n".join(label(part, 99) for part in wrapped(str(s), 52)[:3]) for s in claims["statement"]
    ]
    lines = sum(s.count("\n") + 1 for s in statements)
    rows = frames.records(claims)
    with drawing():
        made = figure(0.75 + 0.2 * len(claims) + 0.16 * lines)
        axis = made.subplots()
        axis.axvline(0, **RULE)
        texts = []
        for row, claim in enumerate(rows):
            color, marker = VERDICTS.get(str(claim["verdict"]), (MUTED, "D"))
            (low, effect, high), margin = _in_half_widths(claim)
            if claim.get("expect") == "equivalence":
                axis.fill_between([-margin, margin], row - 0.3, row + 0.3, color=GRID, linewidth=0)
            elif margin:
                axis.plot([margin] * 2, [row - 0.2, row + 0.2], color=MUTED, linewidth=1)
            marks = interval(axis, row, low, high, color)
            if not np.isnan(effect):
                marks += axis.plot([effect], [row], color=color, marker=marker, markersize=7, linestyle="none")
            told = effect_of(claim)
            if not pd.isna(claim["seeds"]):
                told = _("{effect}, {count} seeds").format(effect=told, count=int(claim["seeds"]))
            texts.append(told)
            shape = _("{verdict}: {claim}: {effect}")
            mark(marks, "", shape.format(verdict=_(str(claim["verdict"])), claim=claim["statement"], effect=told))
        axis.set_yticks(range(len(claims)), statements)
        axis.set_ylim(len(claims) - 0.4, -0.6)
        axis.set_xscale("asinh", linear_width=1.0)
        ends = _ends(rows)
        axis.set_xlim(*ends)
        ticks = [t for t in TICKS if ends[0] < t < ends[1]]
        axis.set_xticks(ticks, [f"{t}".replace("-", "−") for t in ticks])
        axis.minorticks_off()
        axis.set_xlabel(
            _("← against the claim  |  for the claim →\neffect in half-widths of its interval"), color=MUTED
        )
        axis.grid(visible=False)
        axis.tick_params(left=False)
        for row, text in enumerate(texts):
            axis.annotate(
                text,
                (1.02, row),
                xycoords=("axes fraction", "data"),
                va="center",
                fontsize=8.5,
                annotation_clip=False,
            )
        present = [v for v in VERDICTS if (claims["verdict"] == v).any()]
        handles = [
            Line2D([], [], color=VERDICTS[v][0], marker=VERDICTS[v][1], linewidth=2, markersize=6)
            for v in present
        ]
        if handles:
            made.legend(handles, [_(word) for word in present], loc="outside upper left", ncols=len(handles))
        return made


def _ends(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """As far to either side as there is an effect, and a little farther; margins may be cut off."""
    placed = np.concatenate([_in_half_widths(row)[0] for row in rows])
    placed = placed[np.isfinite(placed)]
    return 1.3 * min([-2.5, *placed]), 1.3 * max([2.5, *placed])


def _in_half_widths(claim: Mapping[str, Any]) -> tuple[np.ndarray, float]:
    """(low, effect, high) and the margin; what lies beyond the axis, as all that is not 0 where the interval has no
    width, stands at its end."""
    values = np.array([claim["low"], claim["effect"], claim["high"]], dtype=float)
    margin = float(claim.get("margin") or 0.0)
    half = (values[2] - values[0]) / 2
    if not np.isfinite(half):  # of an effect without an interval its sense alone
        return np.clip(np.sign(values), -1, 1), float(bool(margin))
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.where(values == 0, 0.0, values / half)
        beyond = margin / half if margin else 0.0
    return np.clip(scaled, -FARTHEST, FARTHEST), float(np.clip(beyond, 0.0, 2 * FARTHEST))
