"""Plans against what a run then gives: minutes, and the least difference that is told.

    python -m optbench.referee --plans quick --out FOLDER

A suite is planned for one process and then run in this one, from the start (`FOLDER/SUITE`, anew). What the plan calls
minutes stands beside the run's processor time, which others on the machine hardly change, and its time by the clock,
which they do; both without the report. What it said would be told stands beside what the run's own noise says.
"""

import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from optbench.referee.measuring import head, line
from optbench.statistics.telling import ALL

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("suite", "trials", "planned", "processor", "clock", "least_time", "told_time", "least_result", "told_result")


def measured(
    suites: Sequence[str], folder: Path, told: Callable[[str], None] = lambda text: None
) -> "pd.DataFrame":
    """One row a suite.

    planned, processor, clock        minutes
    least_time, told_time            the least share of the time that is told with 80 % power: foretold, and by the run
    least_result, told_result        the same of results, a difference
    """
    import pandas as pd

    import optbench

    rows = []
    for suite in suites:
        told(f"plan and run: {suite}")
        (plan,) = (row for row in optbench.plan(suite, "serial").table.to_dict("records") if row["workload"] == ALL)
        out = folder / Path(suite).stem
        shutil.rmtree(out, ignore_errors=True)
        clock, processor = time.perf_counter(), time.process_time()
        results = optbench.run(suite, "serial", out, report=False)
        spent = (time.process_time() - processor) / 60, (time.perf_counter() - clock) / 60
        found = results.outlook()
        foretold = plan["trials"], plan["minutes"]
        least = plan["least_time"], found.time, plan["least_result"], found.result
        rows.append((Path(suite).stem, *foretold, *spent, *least))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def table(frame: "pd.DataFrame") -> str:
    """The same as Markdown, for docs/statistics.md."""
    lines = head(
        *("suite", "trials", "minutes planned", "processor", "clock"),
        *("speed: foretold", "told", "result: foretold", "told"),
    )
    for row in frame.to_dict("records"):
        minutes = (f"{row[name]:.2f}" for name in ("planned", "processor", "clock"))
        least = (f"{100 * row[name]:.2g} %" for name in COLUMNS[5:])
        lines.append(line(row["suite"], row["trials"], *minutes, *least))
    return "\n".join(lines) + "\n"
