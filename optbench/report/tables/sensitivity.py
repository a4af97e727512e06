"""How carefully the learning rate must be chosen."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from optbench.report import frames, tuned
from optbench.report.tables.table import CANDIDATE, WORKLOAD, Cell, Column, Row, Table
from optbench.report.words.numbers import number, plain

#: decades of rates are cut into so many places, of which each counts with its best trial
BINS = 12


def sensitivities(trials: pd.DataFrame, order: Sequence[str]) -> Table:
    """Decades of rates within 1 % of a candidate's best, a column a workload."""
    from optbench.statistics import sensitivity

    results = tuned.results(trials)
    found = []
    for (candidate, workload), rows in results.groupby(["candidate", "workload"], sort=False) if len(results) else ():
        rows = rows[rows["rate"] > 0]
        if len(rows) < 3 or not np.isfinite(rows["result"]).any():
            continue
        width = sensitivity(rows["rate"].to_numpy(), rows["result"].to_numpy(dtype=float), bins=BINS)
        found.append(
            {
                "candidate": str(candidate),
                "workload": str(workload),
                "best_rate": width.best,
                "low": width.low,
                "high": width.high,
                "decades": width.width,
                "open": width.open_low or width.open_high,
            }
        )
    source = pd.DataFrame(found)
    columns = [
        CANDIDATE,
        WORKLOAD,
        Column("best_rate", "Best rate", "Rate of the tuning trial with the best validation result"),
        Column("range", "Good rates", "Rates around it whose best results lie within 1 % of that"),
        Column("decades", "Decades", "Width of that range; ≥ where no rate beyond it was tried. Large is forgiving"),
    ]
    shown = []
    for name in frames.names(source, "candidate", order):
        for record in frames.records(source[source["candidate"] == name]):
            cells = [
                Cell(plain(name)),
                Cell(plain(record["workload"])),
                Cell(number(record["best_rate"]), record["best_rate"]),
                Cell(f"{number(record['low'])} to {number(record['high'])}", record["low"]),
                Cell(f"{'≥ ' if record['open'] else ''}{record['decades']:.2f}", record["decades"]),
            ]
            shown.append(Row(cells, name, record["workload"]))
    return Table("sensitivity", "Sensitivity to the learning rate", columns, shown, source)
