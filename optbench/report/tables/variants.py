"""How settings carry over to held-out variants."""

import pandas as pd

from optbench.report import frames
from optbench.report.tables.table import CANDIDATE, Cell, Column, Row, Table, filled, sized
from optbench.report.words.numbers import number, plain

#: column of `Results.variants`: (heading, explanation)
COLUMNS = {
    "steps_to_target": ("Steps to target", "Median over fresh seeds on the variant"),
    "steps_on_base": ("On the base", "The same on the workload that the settings were selected on"),
    "factor": ("Factor", "The first over the second"),
    "ratio": ("× best", "Steps on the variant as a multiple of the best candidate's there"),
    "ratio_on_base": ("× best, base", "The same on the base"),
    "final": ("Final result", "Mean final result on the variant"),
    "rank_change": ("Rank change", "Rank on the variant minus that on the base: above 0, others' carry over better"),
}


def variants(table: pd.DataFrame) -> Table:
    """A row a held-out variant and candidate, from `Results.variants`."""
    columns = filled(COLUMNS, table)
    rows = []
    for values in frames.records(table):
        candidate, workload = str(values["candidate"]), str(values["workload"])
        cells = [Cell(plain(candidate)), Cell(plain(workload))]
        cells += [sized(number(float(values[c.name])), values[c.name]) for c in columns]
        cells.append(Cell("yes" if values["qualified"] else "no"))
        rows.append(Row(cells, candidate, workload))
    headed = [
        CANDIDATE,
        Column("workload", "Variant", number=False),
        *columns,
        Column("qualified", "Within 4 ×", "Whether the time is within 4 times the best one's there", number=False),
    ]
    return Table("variants", "Held-out variants", headed, rows, table)
