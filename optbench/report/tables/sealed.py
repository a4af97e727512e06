"""Sealed variants: leads on them beside those on their bases."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from optbench.report import frames
from optbench.report.tables.table import CANDIDATE, Cell, Column, Row, Table, sized
from optbench.report.words.numbers import plain
from optbench.report.words.sealed import WORDS, effect_text

QUESTIONS = {"time": "How fast", "result": "How well"}
AGAINST = Column("against", "Against", number=False)
QUESTION = Column("question", "Question", number=False)
LEADS = (
    Column("lead", "On the variants", "Its lead there: how many times as fast, or how much better the final result"),
    Column("lead_on_bases", "On the base", "The same on the workload that settings were selected on"),
)
CHANGE = Column("change", "Change", "The first over the second, or less it")


def sealed(table: pd.DataFrame) -> Table:
    """A row a comparison, from `Results.sealed`."""
    rows = []
    for values in frames.records(table):
        cells = [*_head(values), *_leads(values), sized(effect_text(values, "change"), values["change"])]
        cells += [sized(f"{values['p_change']:.2g}", values["p_change"])]
        cells += [Cell(WORDS.get(str(values["word"]), str(values["word"])))]
        rows.append(Row(cells, str(values["candidate"])))
    test = Column("p_change", "p", "Of sign flips, that the lead did not change, corrected for all rows of a question")
    word = Column("word", "The lead", number=False)
    return Table("sealed", "Sealed variants", [CANDIDATE, AGAINST, QUESTION, *LEADS, CHANGE, test, word], rows, table)


def sealed_each(table: pd.DataFrame, words: Mapping[str, str]) -> Table:
    """A row a variant and comparison, from `Results.sealed_each`.

    words   {variant: what it is}
    """
    rows = []
    for values in frames.records(table):
        name = str(values["workload"])
        told = Cell(plain(words.get(name, name)))
        rows.append(Row([*_head(values), told, *_leads(values)], str(values["candidate"]), name))
    variant = Column("workload", "Variant", number=False)
    columns = [CANDIDATE, AGAINST, QUESTION, variant, *LEADS]
    return Table("sealed-each", "Sealed variants, one by one", columns, rows, table)


def _head(values: Mapping[str, Any]) -> list[Cell]:
    names = [Cell(plain(str(values[column]))) for column in ("candidate", "against")]
    return [*names, Cell(QUESTIONS[str(values["question"])])]


def _leads(values: Mapping[str, Any]) -> list[Cell]:
    return [sized(effect_text(values, end), values[f"lead{end}"]) for end in ("", "_on_bases")]
