"""Claims as a forest: each effect with its interval, and the verdict in colour and shape."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from optbench.report import frames
from optbench.report.pictures.marks import mark
from optbench.report.pictures.panels import RULE, figure, interval, label, nothing
from optbench.report.pictures.style import GRID, MUTED, drawing
from optbench.report.words.numbers import number, unit

#: verdict: (colour, marker)
VERDICTS = {"supported": ("#0072b2", "o"), "refuted": ("#d55e00", "X"), "undecided": (MUTED, "D")}


def claims_forest(claims: pd.DataFrame) -> Figure:
    """A row a claim: the paired effect and its 95 % interval, in units of the row's own (effects differ in kind).

    Right of 0 is what the claim says; a claim of equality has its margin as a grey band instead, a claim of more than
    a margin a tick there. The numbers stand at the right.
    claims   columns statement, verdict, effect, low, high, seeds; optional unit, margin, expect
    """
    if not len(claims):
        return nothing("This suite makes no claims.")
    statements = [
        "\n".join(label(part, 99) for part in textwrap.wrap(str(s), 52)[:3]) for s in claims["statement"]
    ]
    lines = sum(s.count("\n") + 1 for s in statements)
    with drawing():
        made = figure(0.75 + 0.2 * len(claims) + 0.16 * lines)
        axis = made.subplots()
        axis.axvline(0, **RULE)
        texts = []
        for row, claim in enumerate(frames.records(claims)):
            color, marker = VERDICTS.get(str(claim["verdict"]), (MUTED, "D"))
            values = np.array([claim["low"], claim["effect"], claim["high"]], dtype=float)
            margin = float(claim.get("margin") or 0.0)
            sizes = np.abs([*values[np.isfinite(values)], margin])
            scale = float(sizes.max()) or 1.0
            low, effect, high = np.clip(values / scale, -1.12, 1.12)
            if claim.get("expect") == "equivalence":
                axis.fill_between(
                    [-margin / scale, margin / scale], row - 0.3, row + 0.3, color=GRID, linewidth=0
                )
            elif margin:
                axis.plot([margin / scale] * 2, [row - 0.2, row + 0.2], color=MUTED, linewidth=1)
            marks = interval(axis, row, low, high, color)
            if not np.isnan(effect):
                marks += axis.plot([effect], [row], color=color, marker=marker, markersize=7, linestyle="none")
            seeds = "" if pd.isna(claim["seeds"]) else f", {int(claim['seeds'])} seeds"
            low_text, effect_text, high_text = map(number, values)
            texts.append(f"{effect_text} [{low_text}, {high_text}]{unit(claim)}{seeds}")
            mark(marks, "", f"{claim['verdict']}: {claim['statement']}: {texts[-1]}")
        axis.set_yticks(range(len(claims)), statements)
        axis.set_ylim(len(claims) - 0.4, -0.6)
        axis.set_xlim(-1.15, 1.15)
        axis.set_xticks([0], ["0"])
        axis.set_xlabel("← against the claim  |  for the claim →", color=MUTED)
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
            made.legend(handles, present, loc="outside upper left", ncols=len(handles))
        return made
