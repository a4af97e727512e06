"""Many workloads together: ranks, what can be told apart, and what so few workloads can tell at all."""

from functools import partial

import pandas as pd

from optbench.report import figures
from optbench.report.parts import Picture, Section
from optbench.report.sections.context import Context
from optbench.report.tables.versus import SHOWN
from optbench.report.tables.versus import pairs as pair_table
from optbench.report.words.numbers import number, plain
from optbench.statistics.numerals import listing


def rank_sections(about: Context) -> list[Section]:
    """Friedman's test, Wilcoxon-Holm over all pairs, and the chance to beat the baseline."""
    table, higher, what = compared(about)
    if table.shape[0] < 2 or table.shape[1] < 2:
        return []
    from optbench.statistics import cliques, critical_difference, friedman, power_statement, wilcoxon_holm

    alpha = about.level.difference
    test = friedman(table, higher)
    pairs = wilcoxon_holm(table, alpha, higher)
    groups = cliques(test.ranks, pairs)
    critical = critical_difference(*table.shape)
    decided = int((pairs["verdict"] != "undecided").sum())
    differ = "at least one candidate differs" if test.f_p <= alpha else "no difference is shown"
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
            tables=[pair_table(pairs, higher)],
            kind="legend",
            paragraphs=[power_statement(*table.shape)],
            notes=[
                f"Friedman's test: F = {number(test.f)}, p = {number(test.f_p)} (Iman and Davenport 1980) over "
                f"{test.workloads} workloads: {differ}. Nemenyi's critical difference is {critical:.2f} ranks, and "
                "depends on who takes part.",
                *([f"Shown are {SHOWN} of {len(pairs)} pairs, the clearest; the CSV file has all."]
                  if len(pairs) > SHOWN else []),
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
