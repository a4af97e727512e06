"""Where trials were made: one environment as a list, several as a table of what differs."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from optbench.contract.hyperparameters import walk
from optbench.language import N_
from optbench.language import gettext as _
from optbench.report.tables.table import Cell, Column, Row, Table
from optbench.report.words.numbers import plain


def flat(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Nested settings as rows (path, text); lists in one line."""
    return [(plain(path), "–" if value in (None, "") else plain(_text(value))) for path, value in walk(values)]


def environment_tables(results: Any) -> list[Table]:
    """Where trials were made in several environments: how many in each, and what differs between them."""
    found = getattr(results, "environments", None) or []
    if len(found) < 2:
        return []
    flat = [{path: _text(value) for path, value in walk(environment)} for environment, _ in found]
    names = [n for n in dict.fromkeys(n for f in flat for n in f) if len({f.get(n, "") for f in flat}) > 1]
    data = [[f"{count:,}", *(f.get(name, "") for name in names)] for f, (_, count) in zip(flat, found, strict=True)]
    columns = [Column("trials", N_("Trials")), *(Column(n, plain(n), number=False) for n in names)]
    rows = [
        Row([Cell(texts[0], float(count)), *(Cell(plain(text)) for text in texts[1:])])
        for texts, (_, count) in zip(data, found, strict=True)
    ]
    source = pd.DataFrame(data, columns=[c.name for c in columns])
    return [Table("environments", _("Trials by environment, where they differ"), columns, rows, source, swatches=False)]


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
