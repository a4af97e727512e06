"""Claims and their verdicts."""

import pandas as pd

from optbench.language import N_
from optbench.language import gettext as _
from optbench.report import frames
from optbench.report.tables.table import Cell, Column, Row, Table, sized
from optbench.report.words.numbers import count, effect, plain
from optbench.report.words.reasons import said

COLUMNS = (
    Column("statement", N_("Claim"), number=False),
    Column("verdict", N_("Verdict"), number=False),
    Column("effect", N_("Effect, 95 % interval")),
    Column("seeds", N_("Seeds")),
    Column("metric", N_("Measured by"), number=False),
    Column("source", N_("Source"), number=False),
)


def claims(rows: pd.DataFrame, name: str = "claims", title: str = "") -> Table:
    """A row a claim; behind its verdict the reason."""
    shown = []
    for row in frames.records(rows):
        reason = "" if pd.isna(row.get("reason")) else plain(row.get("reason", ""))
        cells = [
            Cell(plain(row["statement"])),
            Cell(plain(row["verdict"])),
            sized(effect(row), row["effect"]),
            sized(count(row.get("seeds")), row.get("seeds")),
            Cell(
                _("{metric} of {better} with {worse}, on {workload}").format(
                    metric=frames.words(plain(row.get("metric", ""))),
                    **{part: plain(row.get(part, "")) for part in ("better", "worse", "workload")},
                )
            ),
            Cell("" if pd.isna(row.get("source")) else plain(row.get("source", ""))),
        ]
        shown.append(Row(cells, note=said(reason)))
    return Table(name, title or _("Claims"), list(COLUMNS), shown, rows, swatches=False)
