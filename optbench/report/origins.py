"""Sentences about results that were not all made here: a reference, machines, scaled seconds."""

from dataclasses import replace
from typing import Any

import pandas as pd

from optbench.contract.hyperparameters import walk
from optbench.report.table import Cell, Column, Row, Table
from optbench.report.terminal import plain


def reference_lines(results: Any) -> list[str]:
    """Which candidates are stored results, what they were made with, and what that means for seconds."""
    said = getattr(results, "reference", None) or {}
    lines = []
    if said:
        environment = said.get("environment") or {}
        version = (environment.get("packages") or {}).get("optbench")
        made = f"optbench {version}" if version else "an optbench that did not say its version"
        commit = f", commit {environment['commit']}" if environment.get("commit") else ""
        names = ", ".join(map(str, said.get("candidates", ())))
        lines.append(f"reference ({said.get('name')}; {made}{commit}): {names}: stored results, not run here")
        lines += map(str, said.get("notes", ()))
    lines += scaled_lines(getattr(results, "scaled", ()), bool(said))
    return [plain(line) for line in lines]


def scaled_lines(scaled: Any, reference: bool) -> list[str]:
    """How seconds of other machines were made comparable."""
    if not scaled:
        return []
    candidates = list(dict.fromkeys(s.candidate for s in scaled))
    by = list(dict.fromkeys(name for s in scaled for name in s.by))
    lost = list(dict.fromkeys(s.candidate for s in scaled if not s.by))
    factors = sorted(s.factor for s in scaled if s.by)
    lines = []
    if factors:
        span = f"{factors[0]:.2f}" + (f" to {factors[-1]:.2f}" if factors[-1] - factors[0] >= 0.01 else "")
        whose = "The reference's" if reference else f"{', '.join(candidates)}:"
        lines.append(
            f"steps compare across machines and versions. {whose} seconds were measured elsewhere and are multiplied "
            f"by {span}: how much longer a step of {', '.join(by)} takes here, which was timed in both places"
        )
    if lost:
        lines.append(f"no seconds for {', '.join(lost)}: nothing was timed on both machines")
    return lines


def marked(table: Table, results: Any) -> Table:
    """The leaderboard with a word beside each candidate that was not run here."""
    names = {plain(name) for name in (getattr(results, "reference", None) or {}).get("candidates", ())}

    def word(row: Row) -> Row:
        if row.cells[0].text not in names:
            return row
        return replace(row, note=f"{row.note}, reference" if row.note else "reference")

    return replace(table, rows=[word(row) for row in table.rows])


def environment_tables(results: Any) -> list[Table]:
    """Where trials were made in several environments: how many in each, and what differs between them."""
    found = getattr(results, "environments", None) or []
    if len(found) < 2:
        return []
    flat = [{path: _text(value) for path, value in walk(environment)} for environment, _ in found]
    names = [n for n in dict.fromkeys(n for f in flat for n in f) if len({f.get(n, "") for f in flat}) > 1]
    data = [[f"{count:,}", *(f.get(name, "") for name in names)] for f, (_, count) in zip(flat, found, strict=True)]
    columns = [Column("trials", "Trials"), *(Column(n, plain(n), number=False) for n in names)]
    rows = [
        Row([Cell(texts[0], float(count)), *(Cell(plain(text)) for text in texts[1:])])
        for texts, (_, count) in zip(data, found, strict=True)
    ]
    source = pd.DataFrame(data, columns=[c.name for c in columns])
    return [Table("environments", "Trials by environment, where they differ", columns, rows, source, swatches=False)]


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
