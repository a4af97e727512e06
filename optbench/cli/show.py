"""What commands print alike."""

from typing import Any


def show_leaderboard(results: Any) -> None:
    from rich.console import Console

    from optbench.report.origins import reference_lines
    from optbench.report.terminal import caution_lines, held_out_lines, leaderboard_table, ruleset_lines
    from optbench.report.verdicts import only_lesson, verdict_table

    # Of candidates that share no workloads nobody is first: then the verdicts are the result.
    lesson = only_lesson(results.suite)
    Console().print(verdict_table(results.claims()) if lesson else leaderboard_table(results))
    for line in (
        *ruleset_lines(results.suite),
        *reference_lines(results),
        *held_out_lines(results.variants()),
        *caution_lines(results.cautions()),
    ):
        print(line)


def show(renderables: Any) -> None:
    from rich.console import Console

    console = Console()
    for renderable in renderables:
        console.print(renderable)
