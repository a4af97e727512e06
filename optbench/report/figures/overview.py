"""All claims of a suite at a glance: a row a topic, a numbered mark a claim, its verdict in colour and shape."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from optbench.language import gettext as _
from optbench.report.figures.claims import VERDICTS
from optbench.report.pictures.marks import mark, panel
from optbench.report.pictures.panels import facets, label, nothing
from optbench.report.pictures.style import MUTED, drawing

#: inches of the longest name, and of a mark with a number of two digits
NAMES, EACH = 1.9, 0.32


def claims_overview(claims: pd.DataFrame) -> Figure:
    """Verdicts by topic, in the suite's order; within a topic as the claims stand there, and numbered so.

    claims   columns statement, verdict; optional topic
    """
    if not len(claims):
        return nothing(_("This suite makes no claims."))
    topics = claims["topic"].fillna("").astype(str) if "topic" in claims else pd.Series("", index=claims.index)
    names = list(dict.fromkeys(topics))
    most = max(int(topics.value_counts().max()), 12)
    with drawing():
        made, (axis,) = facets(1, 0.6 + 0.19 * len(names))
        made.set_figwidth(NAMES + EACH * most)
        panel(axis)
        for row, topic in enumerate(names):
            here = claims[topics == topic]
            for place, (verdict, statement) in enumerate(zip(here["verdict"], here["statement"], strict=True)):
                color, shape = VERDICTS.get(str(verdict), (MUTED, "D"))
                dot = axis.plot([place], [row], marker=shape, color=color, markersize=6, linestyle="none")
                number = axis.annotate(
                    f"{place + 1}", (place, row), (5.5, 0), textcoords="offset points", va="center", fontsize=7
                )
                told = _("{topic} {number}, {verdict}: {claim}").format(
                    topic=topic or _("claim"), number=place + 1, verdict=_(str(verdict)), claim=statement
                )
                mark([*dot, number], "", told)
        axis.set_yticks(range(len(names)), [label(name or _("claims"), 34) for name in names])
        axis.set_ylim(len(names) - 0.4, -0.6)
        axis.set_xlim(-0.6, most - 0.1)
        axis.set_xticks([])
        axis.set_facecolor("none")
        axis.grid(visible=False)
        axis.spines[:].set_visible(False)
        axis.tick_params(left=False)
        counts = claims["verdict"].astype(str).value_counts()
        present = [word for word in VERDICTS if word in counts]
        handles = [
            Line2D([], [], color=VERDICTS[w][0], marker=VERDICTS[w][1], linestyle="none", markersize=7) for w in present
        ]
        if handles:
            shown = [_("{count} {verdict}").format(count=counts[w], verdict=_(w)) for w in present]
            # from the right: three words may be longer than the row of marks, and would be cut off there
            axis.legend(handles, shown, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, handletextpad=0.2)
        return made
