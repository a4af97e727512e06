"""Many workloads together: ranks, what can be told apart, and what so few workloads can tell at all."""

from functools import partial

import pandas as pd

from optbench.report import figures
from optbench.report.parts import Picture, Section
from optbench.report.sections.context import Context
from optbench.report.style import number
from optbench.report.table import Cell, Column, Row, Table
from optbench.report.terminal import plain
from optbench.report.words import listing


def rank_sections(about: Context) -> list[Section]:
    """Friedman's test, Wilcoxon-Holm over all pairs, and the chance to beat the baseline."""
    table, higher, what = compared(about)
    if table.shape[0] < 2 or table.shape[1] < 2:
        return []
    from optbench.statistics import cliques, critical_difference, friedman, power_statement, wilcoxon_holm

    test = friedman(table, higher)
    pairs = wilcoxon_holm(table, higher=higher)
    groups = cliques(test.ranks, pairs)
    critical = critical_difference(*table.shape)
    decided = int((pairs["verdict"] != "undecided").sum())
    differ = "at least one candidate differs" if test.f_p <= 0.05 else "no difference is shown"
    parts = [
        Section(
            "ranks",
            "Over all workloads",
            f"Ranks by {what}, a workload a vote however many seeds it has. Bars join candidates that Wilcoxon's "
            "signed-rank test with Holm's correction does not tell apart.",
            [
                Picture(
                    "ranks",
                    "Average ranks of the candidates; bars join those that are not told apart.",
                    "",
                    partial(figures.rank_diagram, test.ranks, groups, critical, about.styles),
                )
            ],
            tables=[pair_table(pairs, about, higher)],
            kind="legend",
            paragraphs=[power_statement(*table.shape)],
            notes=[
                f"Friedman's test: F = {number(test.f)}, p = {number(test.f_p)} (Iman and Davenport 1980) over "
                f"{test.workloads} workloads: {differ}. Nemenyi's critical difference is {critical:.2f} ranks, and "
                "depends on who takes part.",
            ],
            group="Statistics",
            gist=f"{decided} of {len(pairs)} pairs told apart",
        )
    ]
    if about.baseline in list(table.index):
        parts += _improvement(about, higher)
    return parts


def compared(about: Context) -> tuple[pd.DataFrame, bool, str]:
    """(candidates x workloads, whether more is better, what the numbers are): times, else normalized results."""
    if about.scored.size:
        return about.scored, False, "median steps to target"
    if not len(about.finals):
        return pd.DataFrame(), True, ""
    from optbench.statistics import normalized

    values = about.finals.assign(value=normalized(about.finals))
    table = values.groupby(["candidate", "workload"], sort=False)["value"].mean().unstack("workload")
    return table, True, "mean final result"


def pair_table(pairs: pd.DataFrame, about: Context, higher: bool) -> Table:
    """A row a pair, what is decided first."""
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
    for pair in pairs.sort_values("p_holm", kind="stable").to_dict("records"):
        first = str(pair["first"])
        rows.append(
            Row(
                [
                    Cell(plain(first)),
                    Cell(plain(pair["second"])),
                    Cell(number(float(pair["effect"])), float(pair["effect"])),
                    *(Cell(str(pair[c]), float(pair[c])) for c in ("wins", "losses", "ties")),
                    Cell(number(float(pair["p_holm"])), float(pair["p_holm"])),
                    Cell(str(pair["verdict"])),
                ],
                about.styles[first].key if first in about.styles else "",
            )
        )
    return Table("pairs", "Pairs of candidates over all workloads", columns, rows, pairs)


def _improvement(about: Context, higher: bool) -> list[Section]:
    from optbench.statistics import improvements

    baseline = str(about.baseline)
    table = improvements(about.trials, baseline, by="final" if higher else "steps")
    if not len(table):
        return []
    apart = table[(table["low"] > 0.5) | (table["high"] < 0.5)]["candidate"]
    told = listing([str(n) for n in apart])
    return [
        Section(
            "improvement",
            "Chance to beat the baseline",
            f"How likely a run of a candidate beats one of {plain(baseline)} "
            f"{'at the end' if higher else 'to the target'}, the mean over workloads (Agarwal et al. 2021), with its "
            "95 % interval. At 0.5 nobody is better.",
            [
                Picture(
                    "improvement",
                    "Probability of improvement over the baseline with 95 % intervals, a row a candidate.",
                    "",
                    partial(figures.improvement_forest, table, baseline, **about.drawn),
                )
            ],
            group="Statistics",
            gist=f"told apart: {told}" if told else "nobody is told apart from it",
        )
    ]
