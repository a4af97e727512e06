"""Which workloads decide: what a suite had better exchange, from several tunings of it.

A workload is worth its seconds where candidates are told apart on it, and are so in the same order when they are tuned
anew. Of each workload:

seconds    of training in one tuning, evaluations not among them
noise      standard deviation of the paired difference of log times, median over pairs of candidates
signal     median over pairs of |mean difference| over that deviation
told       pairs told apart (Holm within the workload), mean over tunings
luck       root mean square over candidates of what chance of tuning does to a difference (`tunings`)
"""

from typing import TYPE_CHECKING

import numpy as np

from optbench.referee.estimators import pair_noise, told_apart
from optbench.referee.measuring import head, line
from optbench.statistics.pairs import Paired

if TYPE_CHECKING:
    import pandas as pd

    from optbench.referee.tunings import Tunings

COLUMNS = ("workload", "seconds", "noise", "signal", "told", "pairs", "luck")


def decisive(found: "Tunings", spread: "pd.DataFrame") -> "pd.DataFrame":
    """One row a workload, those first that tell most pairs apart; see COLUMNS and the module's text.

    spread   of the same tunings (`tunings.spread`), by time
    """
    import pandas as pd

    tunings = [
        Paired(found.candidates, found.workloads, values, np.zeros(values.shape, dtype=bool), True)
        for values in found.values["time"]
    ]
    told = np.mean([told_apart(pairs)[:-1] for pairs in tunings], axis=0)
    noise, signal = np.median([pair_noise(pairs) for pairs in tunings], axis=0)
    luck = (spread["luck"].astype(float) ** 2).groupby(spread["workload"]).mean() ** 0.5
    number = len(found.candidates) * (len(found.candidates) - 1) // 2
    rows = [
        (name, found.seconds.get(name, 0.0), noise[w], signal[w], told[w], number, luck[name])
        for w, name in enumerate(found.workloads)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).sort_values("told", ascending=False, kind="stable")


def table(frame: "pd.DataFrame") -> str:
    """The same as Markdown, for docs/statistics.md."""
    lines = head("workload", "seconds", "noise", "signal / noise", "told apart", "luck")
    for row in frame.itertuples():
        numbers = f"{row.noise:.2f}", f"{row.signal:.2f}", f"{row.told:.1f} of {row.pairs}", f"{row.luck:.2f}"
        lines.append(line(row.workload, f"{row.seconds:.1f}", *numbers))
    whole = f"{frame['told'].sum():.0f} of {frame['pairs'].sum()}"
    lines.append(line("all", f"{frame['seconds'].sum():.1f}", f"{frame['noise'].median():.2f}", "", whole, ""))
    return "\n".join(lines) + "\n"
