"""What a run could tell, and what it answered while seeds were added."""

import pandas as pd

from optbench.report import frames
from optbench.report.tables.table import Cell, Column, Row, Table, sized
from optbench.report.words.numbers import interval, number, plain
from optbench.report.words.until import least_words

QUESTIONS = {"time": "trains faster", "result": "ends better"}


def least(table: pd.DataFrame) -> Table:
    """A row a question and workload, from `optbench.statistics.telling.least_table`."""
    columns = [
        Column("workload", "Workload", number=False),
        Column("question", "Question", number=False),
        Column("noise", "Noise", "Standard deviation of a pair of seeds: of the logarithm of times, or of the result"),
        Column("seeds", "Seeds", "Pairs"),
        Column("comparisons", "Comparisons", "That the question has, and words are corrected for"),
        Column("least", "Least difference", "Told with 80 % power: of times the share that a slower one takes more"),
    ]
    rows = []
    for row in frames.records(table):
        cells = [
            Cell(plain(row["workload"])),
            Cell(QUESTIONS[str(row["question"])]),
            sized(number(float(row["noise"])), row["noise"]),
            *(sized(str(row[name]), row[name]) for name in ("seeds", "comparisons")),
            sized(least_words(row), row["least"]),
        ]
        rows.append(Row(cells))
    return Table("least", "The least difference that this run tells", columns, rows, table)


def answers(table: pd.DataFrame) -> Table:
    """A row a question, from `Results.answers`; what is open first."""
    columns = [
        Column("candidate", "Candidate", number=False),
        Column("against", "Against", number=False),
        Column("question", "Question", number=False),
        Column("word", "Word", "Of the first, corrected for all looks and comparisons of the question", number=False),
        Column("seeds", "After", "Seeds with which the word was spoken"),
        Column("effect", "Effect", "Ratio of times, or difference of results, corrected for stopping; 95 % interval"),
        Column("seen", "As seen", "The mean of all pairs so far"),
    ]
    rows = []
    for row in frames.records(table.sort_values("seeds", kind="stable")):
        cells = [
            *(Cell(plain(row[name])) for name in ("candidate", "against")),
            Cell(QUESTIONS[str(row["question"])]),
            Cell(plain(row["word"])),
            sized(str(row["seeds"] or "–"), row["seeds"]),
            sized(interval(row, "effect", "low", "high"), row["effect"]),
            sized(number(float(row["seen"])), row["seen"]),
        ]
        rows.append(Row(cells))
    return Table("answers", "What was asked, and when it was decided", columns, rows, table)
