"""A table as the page shows it (sorted, filtered), and as files: CSV with all digits, LaTeX as shown."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optbench.results.export import harmless

#: what pdflatex does not know by itself, after everything else was escaped
SIGNS = {
    "×": r"$\times$",
    "∞": r"$\infty$",
    "−": "$-$",
    "–": "--",
    "²": r"\textsuperscript{2}",
    "µ": r"$\mu$",
    "…": r"\ldots{}",
    "←": r"$\leftarrow$",
    "→": r"$\rightarrow$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
}


@dataclass(frozen=True)
class Column:
    """`name` is the CSV's; a `number` column is set to the right and sorted by size."""

    name: str
    heading: str
    explanation: str = ""
    number: bool = True


@dataclass(frozen=True)
class Cell:
    """What is shown, and what it is sorted by: a number, or None for the text itself."""

    text: str
    value: float | None = None

    @property
    def order(self) -> str:
        """The value as an attribute of the page: empty where there is none."""
        if self.value is None or math.isnan(self.value):
            return ""
        return f"{self.value:.6g}".replace("inf", "Infinity")


@dataclass(frozen=True)
class Row:
    """Cells by column.

    candidate, workload   their names, later their keys on the page, by which the row is hidden
    note, tip             small print behind the head (or a verdict), and what that says when pointed at
    """

    cells: list[Cell]
    candidate: str = ""
    workload: str = ""
    note: str = ""
    tip: str = ""


@dataclass(frozen=True)
class Table:
    """`name` is its files'. The first column heads the rows; `swatches` shows the candidates' looks there."""

    name: str
    title: str
    columns: list[Column]
    rows: list[Row]
    source: pd.DataFrame = field(default_factory=pd.DataFrame)
    swatches: bool = True

    @property
    def judged(self) -> bool:
        """Whether rows have a verdict, which their notes are about."""
        return any(column.name == "verdict" for column in self.columns)

    def frame(self) -> pd.DataFrame:
        """The texts as shown, headings on top."""
        texts = [[cell.text for cell in row.cells] for row in self.rows]
        return pd.DataFrame(texts, columns=[column.heading for column in self.columns])


CANDIDATE = Column("candidate", "Candidate", number=False)
WORKLOAD = Column("workload", "Workload", number=False)


def filled(columns: Mapping[str, tuple[str, str]], source: pd.DataFrame) -> list[Column]:
    """The columns, {name: (heading, explanation)}, that have any value in the source."""
    return [Column(c, *told) for c, told in columns.items() if c in source and source[c].notna().any()]


def sized(text: str, value: Any) -> Cell:
    """A cell that is sorted by its value where that is a number."""
    return Cell(text, float(value) if isinstance(value, (int, float, np.number)) else None)


def save(table: Table, folder: Path) -> list[tuple[str, Path]]:
    """Write the table as NAME.csv and NAME.tex; returns (kind, path) of both."""
    csv, tex = folder / f"{table.name}.csv", folder / f"{table.name}.tex"
    harmless(table.source).to_csv(csv, index=False, encoding="utf-8")
    tex.write_text(latex(table), encoding="utf-8")
    return [("CSV", csv), ("LaTeX", tex)]


def latex(table: Table) -> str:
    """A tabular with booktabs' rules in a table environment; every text is escaped."""
    shown = table.frame()
    aligned = "".join("r" if column.number else "l" for column in table.columns)
    text = shown.to_latex(
        index=False, escape=True, column_format=aligned, label=f"tab:{table.name}", caption=_escaped(table.title)
    )
    for sign, command in SIGNS.items():
        text = text.replace(sign, command)
    return "% needs \\usepackage{booktabs}\n" + text


def _escaped(text: str) -> str:
    """A caption, which pandas takes as LaTeX."""
    special = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
    return "".join(special.get(c, f"\\{c}" if c in "&%$#_{}" else c) for c in text)
