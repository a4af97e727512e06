"""Who is ahead with k tuning trials, and from which k on another is."""

from collections.abc import Sequence

import pandas as pd

from optbench.report import frames
from optbench.report.tables.table import CANDIDATE, Cell, Column, Row, Table
from optbench.report.words.numbers import plain


def budgets(ranks: pd.DataFrame, changes: pd.DataFrame, order: Sequence[str]) -> Table:
    """Ranks with budgets of powers of two and the whole one, and who is overtaken from which budget on.

    ranks, changes   of `optbench.statistics.budget_ranks` and `budget_changes`
    """
    last = int(ranks["k"].max())
    shown = sorted({k for k in (2**n for n in range(last.bit_length())) if k <= last} | {last})
    at = dict(zip(zip(ranks["candidate"], ranks["k"], strict=True), ranks["rank"].astype(float), strict=True))
    columns = [
        CANDIDATE,
        *(Column(f"rank_{k}", f"k = {k}", f"Rank by the expected best of {k} tuning trials") for k in shown),
        Column("overtakes", "Overtakes", "Whom it is ahead of from which k on, and was not before", number=False),
    ]
    rows, source = [], []
    for name in frames.names(ranks, "candidate", order):
        won = changes[changes["ahead"] == name]
        words = ", ".join(f"{row.behind} from k = {row.k}" for row in won.itertuples())
        places = [at[name, k] for k in shown]
        cells = [Cell(plain(name)), *(Cell(f"{place:g}", place) for place in places), Cell(plain(words))]
        rows.append(Row(cells, name))
        named = {f"rank_{k}": place for k, place in zip(shown, places, strict=True)}
        source.append({"candidate": name, **named, "overtakes": words})
    return Table("budgets", "Rank against the tuning budget", columns, rows, pd.DataFrame(source))
