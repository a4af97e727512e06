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
from optbench.statistics.numerals import listing, percent

#: a question in a sentence
SPOKEN = {"time": "speed", "result": "the result"}


def _sentence(line: str) -> str:
    """With a capital, but where it begins with a name: "mlp: its source changed"."""
    head = line.partition(" ")[0]
    return f"{line}." if head.endswith(":") else f"{line[:1].upper()}{line[1:]}."


def board_sections(about: Context) -> list[Section]:
    """The leaderboard, the table of workloads, and where who is quick."""
    results = about.results
    bridges, costs = getattr(results, "bridges", None) or {}, getattr(results, "costs", None)
    told = note(tolls(bridges, [str(name) for name in about.board.index], costs))
    notes = [told] if told else []
    told_of = (*reference_lines(results), *standing_lines(results), *environment_lines(results))
    notes += map(_sentence, told_of)
    parts = [
        Section(
            "leaderboard",
            "Leaderboard",
            "Candidates by score, with 95 % intervals over seeds. The order alone decides nothing: who is told apart "
            "from whom is said by paired tests.",
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
    """Who is told apart from whom."""
    standing = about.standing
    if standing is None or not any(q.comparisons for q in standing.questions):
        return []
    told, total = (sum(n) for n in zip(*((q.told, len(q.comparisons)) for q in standing.questions), strict=True))
    asked = (
        f"Asked was for {listing([plain(n) for n in standing.focus])} against every other, and p is corrected for "
        "these comparisons alone."
        if standing.focus
        else "Nobody is in focus: every pair is compared, and p is corrected for all of them."
    )
    margins = " and ".join(f"{percent(q.margin)} in {SPOKEN[q.name]}" for q in standing.questions)
    return [
        Section(
            "versus",
            "Who is told apart from whom",
            "Paired by seed: with the same seed all start from the same weights and see the same mini-batches. Speed "
            "is the first's time over the second's (below 1 is faster), the result the first's less the second's: "
            f"means over workloads, with 95 % intervals over seeds. {asked} Equal is a finding: within {margins}. "
            "Undecided is none.",
            tables=[versus(standing)],
            kind="legend",
            open=True,
            gist=f"{told} of {total} comparisons are decided",
        )
    ]
