"""Trials without a result, alike ones together."""

from typing import Any

import pandas as pd

from optbench.language import gettext as _
from optbench.report.words.numbers import plain
from optbench.trials.trial import FINISHED

#: groups that are listed; the store has all
LISTED = 40
MENDABLE = {"error": 0, "crashed": 1, "timeout": 2}


def grouped(trials: pd.DataFrame) -> dict[str, Any]:
    """Trials without a result: {"groups": [...], "more": groups not listed, "total": trials}.

    Grouped by candidate, phase, outcome and message, whatever the numbers in it. What somebody has to mend stands
    before what a large rate did, and fresh seeds before tuning.
    """
    if not len(trials):
        return {"groups": [], "more": 0, "total": 0}
    failed = trials[~trials["outcome"].isin(FINISHED)]
    failed = failed.assign(message=failed["message"].fillna("").astype(str))
    shape = failed["message"].str.replace(r"[\d.]+(e[-+]?\d+)?", "0", regex=True)
    groups = []
    for (candidate, phase, outcome, _shape), rows in failed.groupby(
        ["candidate", "phase", "outcome", shape], sort=False
    ):
        tracebacks = [t for t in rows["traceback"] if isinstance(t, str) and t]
        groups.append(
            {
                "candidate": plain(candidate),
                "outcome": plain(outcome),
                "times": _("once") if len(rows) == 1 else _("{count} times").format(count=len(rows)),
                "phase": _("while tuning") if phase == "tune" else _("on fresh seeds"),
                "workloads": ", ".join(plain(w) for w in dict.fromkeys(rows["workload"])),
                "message": rows["message"].iloc[0],
                "traceback": tracebacks[0] if tracebacks else "",
                "rank": (MENDABLE.get(str(outcome), 3), phase == "tune", -len(rows)),
            }
        )
    groups.sort(key=lambda group: group["rank"])
    return {"groups": groups[:LISTED], "more": max(len(groups) - LISTED, 0), "total": len(failed)}
