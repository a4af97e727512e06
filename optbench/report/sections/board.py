"""The leaderboard and the numbers behind it."""

from functools import partial

from optbench.report import figures
from optbench.report.parts import Picture, Section
from optbench.report.sections.context import Context
from optbench.report.tables.leaderboard import leaderboard, marked
from optbench.report.tables.versus import versus
from optbench.report.tables.workloads import by_workload
from optbench.report.words.bridges import note, tolls
from optbench.report.words.numbers import plain
from optbench.report.words.origins import reference_lines
from optbench.report.words.standing import environment_lines, standing_lines


def board_sections(about: Context) -> list[Section]:
    """The leaderboard, the table of workloads, and where who is quick."""
    results = about.results
    bridges, costs = getattr(results, "bridges", None) or {}, getattr(results, "costs", None)
    told = note(tolls(bridges, [str(name) for name in about.board.index], costs))
    notes = [told] if told else []
    told_of = (*reference_lines(results), *standing_lines(results), *environment_lines(results))
    notes += [f"{line[:1].upper()}{line[1:]}." for line in told_of]
    parts = [
        Section(
            "leaderboard",
            "Leaderboard",
            "Candidates by score, with 95 % intervals over seeds. The order alone decides nothing: who is told apart "
            "from the first is said by paired tests.",
            kind="legend",
            tables=[marked(leaderboard(about.board, bridges, costs), results)]
            if len(about.board)
            else [],
            notes=notes if len(about.board) else ["There is nothing to rank yet."],
            open=True,
            gist="scores, ratios and results of all candidates",
        )
    ]
    if not len(about.finals):
        return parts
    parts += _versus(about)
    parts.append(
        Section(
            "heat-map",
            "Workloads and candidates",
            "Who is quick where: median steps to target as a multiple of the workload's best.",
            [
                Picture(
                    "heat-map",
                    "Heat map of candidates and workloads: steps to target over the workload's best.",
                    "",
                    partial(figures.heat_map, about.trials, order=about.order, styles=about.styles),
                )
            ],
            group="Speed",
            gist="who is quick where",
        )
    )
    table = results.workload_table() if hasattr(results, "workload_table") else None
    if table is not None and len(table):
        parts.append(
            Section(
                "workloads",
                "Results by workload",
                "The numbers of every candidate on every workload, from runs on fresh seeds.",
                kind="legend",
                tables=[by_workload(table, about.order, results)],
                group="Speed",
                gist="every number, to sort and filter",
            )
        )
    return parts


def _versus(about: Context) -> list[Section]:
    """The first against each other candidate."""
    standing = about.standing
    if standing is None or not len(standing.versus):
        return []
    apart = int((standing.versus["verdict"] == "better").sum())
    leader = plain(standing.leader)
    what = (
        f"{leader}'s time over theirs, below 1 is quicker"
        if standing.unit == "ratio"
        else f"{leader}'s result less theirs, above 0 is better"
    )
    return [
        Section(
            "versus",
            "The first against the others",
            "Paired by seed: with the same seed all start from the same weights and see the same mini-batches. Effects "
            f"are {what}: mean over workloads, with a 95 % interval over seeds. Since the data chose who is first, p "
            "is corrected for all pairs of candidates (Holm); undecided does not mean equal.",
            tables=[versus(standing.versus, standing.unit)],
            kind="legend",
            gist=f"{leader} is told apart from {apart} of {len(standing.versus)}",
        )
    ]
