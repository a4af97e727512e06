"""What commands print alike."""

from typing import Any


def show_leaderboard(results: Any) -> None:
    from rich.console import Console

    from optbench.report.terminal.claims import verdict_table
    from optbench.report.terminal.leaderboard import leaderboard_table
    from optbench.report.terminal.lines import (
        caution_lines,
        claim_lines,
        held_out_lines,
        interaction_lines,
        ruleset_lines,
        verdict_lines,
    )
    from optbench.report.topics import only_lesson
    from optbench.report.words.controls import controls_verdict
    from optbench.report.words.origins import reference_lines
    from optbench.report.words.sealed import sealed_lines
    from optbench.report.words.standing import environment_lines, standing_lines
    from optbench.report.words.until import needed_lines, until_sentences

    # Of candidates that share no workloads nobody is first: then the verdicts are the result.
    lesson = only_lesson(results.suite)
    if not lesson:
        for line in verdict_lines(results.verdict()):
            print(line)
    Console().print(verdict_table(results.claims(), results.suite) if lesson else leaderboard_table(results))
    for line in (
        *(controls_verdict(results.claims())[1] if results.suite.get("controls") else ()),
        *([] if lesson else claim_lines(results.claims())),
        *ruleset_lines(results.suite),
        *reference_lines(results),
        *standing_lines(results),
        *environment_lines(results),
        *interaction_lines(results.interactions(), results.suite),
        *held_out_lines(results.variants()),
        *sealed_lines(results),
        *until_sentences(results),
        *([] if lesson else needed_lines(results)),
        *caution_lines(results.cautions()),
    ):
        print(line)


def show(renderables: Any, soft_wrap: bool = False) -> None:
    """Print what rich can show; with `soft_wrap` lines are as long as they are, for what is copied from there."""
    from rich.console import Console

    console = Console()
    for renderable in renderables:
        console.print(renderable, soft_wrap=soft_wrap)
