"""Candidates against each other: the pairs that were asked about, and all pairs over workloads."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from optbench.report import frames
from optbench.report.tables.table import CANDIDATE, Cell, Column, Row, Table, sized
from optbench.report.words.numbers import number, plain
from optbench.statistics.numerals import percent
from optbench.statistics.sentences import effect_text

if TYPE_CHECKING:
    from optbench.statistics import Standing



#: question: (heading of its effect, explanation)
HEADS = {
    "time": ("Speed", "Steps to target, times those of the second, with its 95 % interval; below 1 is faster"),
    "result": ("Result", "Final result less that of the second, with its 95 % interval; above 0 is better"),
}
#: beyond so many pairs only those with the baseline are shown, of all pairs over workloads the clearest
SHOWN = 120


def versus(standing: "Standing") -> Table:
    """A row a pair that was asked about, both questions beside each other."""
    asked = list(dict.fromkeys((c.candidate, c.against) for q in standing.questions for c in q.comparisons))
    if len(asked) > SHOWN and standing.baseline:
        asked = [pair for pair in asked if standing.baseline in pair]
    columns = [CANDIDATE, Column("against", "Against", number=False)]
    # the words of looks have no p
    tested = {q.name: any(c.p == c.p for c in q.comparisons) for q in standing.questions}
    for q in standing.questions:
        often = "" if tested[q.name] else ", however often one looked"
        said = f"At 5 %, corrected for {len(q.comparisons)} comparisons{often}"
        columns += [Column(f"{q.name}_effect", *HEADS[q.name]), Column(f"{q.name}_word", "Word", said, number=False)]
        if tested[q.name]:
            same = f"Of equality within {percent(q.margin)}: two one-sided tests"
            columns += [
                Column(f"{q.name}_p", "p", "Of a difference, corrected: largest t under flipped signs"),
                Column(f"{q.name}_p_equal", "p (equal)", same),
            ]
    rows, sheet = [], []
    for candidate, against in asked:
        cells = [Cell(plain(candidate)), Cell(plain(against))]
        values: dict[str, Any] = {"candidate": candidate, "against": against}
        reasons: dict[str, str] = {}
        for q in standing.questions:
            c = q.between(candidate, against)
            if c is None:
                cells += [Cell("–")] * (4 if tested[q.name] else 2)
                continue
            cells += [sized(effect_text(q, c), c.effect), Cell(c.word)]
            if tested[q.name]:
                cells += [sized(number(c.p), c.p), sized(number(c.p_equal), c.p_equal)]
            reasons |= {HEADS[q.name][0].lower(): c.reason} if c.reason else {}
            values |= {f"{q.name}_{name}": value for name, value in vars(c).items() if name not in values}
        rows.append(Row(cells, candidate, note=plain(_noted(reasons, len(standing.questions)))))
        sheet.append(values)
    return Table("versus", "Who is told apart from whom", columns, rows, pd.DataFrame(sheet))


def _noted(reasons: dict[str, str], questions: int) -> str:
    """Why each question is open: once where it is the same of all."""
    if len(reasons) == questions and len(set(reasons.values())) == 1:
        return next(iter(reasons.values()))
    return "; ".join(f"{what}: {reason}" for what, reason in reasons.items())


def pairs(table: pd.DataFrame, higher: bool) -> Table:
    """A row a pair over all workloads, the clearest first and at most `SHOWN`.

    higher   whether they are compared by results
    """
    effect = (
        Column("effect", "Difference", "Median over workloads of the first's minus the second's normalized result")
        if higher
        else Column("effect", "Ratio", "Median over workloads of the first's steps over the second's")
    )
    columns = [
        Column("first", "First", number=False),
        Column("second", "Second", number=False),
        effect,
        Column("wins", "Wins", "Workloads on which the first was better"),
        Column("losses", "Losses", "Workloads on which the second was better"),
        Column("ties", "Ties", "Workloads on which both were equal, or both missed"),
        Column("p_holm", "p (Holm)", "Of Wilcoxon's exact signed-rank test, corrected for all pairs"),
        Column("verdict", "Verdict", "Whether the first is told apart from the second at 5 %", number=False),
    ]
    rows = []
    for pair in frames.records(table.sort_values("p_holm", kind="stable").head(SHOWN)):
        cells = [
            Cell(plain(pair["first"])),
            Cell(plain(pair["second"])),
            sized(number(pair["effect"]), pair["effect"]),
            *(sized(str(pair[c]), pair[c]) for c in ("wins", "losses", "ties")),
            sized(number(pair["p_holm"]), pair["p_holm"]),
            Cell(str(pair["verdict"])),
        ]
        rows.append(Row(cells, str(pair["first"])))
    return Table("pairs", "Pairs of candidates over all workloads", columns, rows, table)
