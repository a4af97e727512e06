"""What commands print alike."""

import json
import math
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from optbench.cli.guard import UNDRAWN
from optbench.contract.text import visible


def show_json(value: Any) -> None:
    """One JSON document alone on the standard output. Numbers that JSON does not have, NaN and infinity, are null."""
    print(json.dumps(plain(value), allow_nan=False, indent=1))


def json_line(value: Any) -> str:
    """The same on a line, for what is told again and again."""
    return json.dumps(plain(value), allow_nan=False)


def results_document(results: Any) -> dict[str, Any]:
    """What `show_leaderboard` tells, and the tables behind it, as plain data."""
    return {
        "suite": results.suite.get("name") or results.title,
        "folder": results.folder,
        "baseline": results.baseline,
        "headline": results.verdict().headline(),
        "leaderboard": records(results.leaderboard().reset_index()),
        "workloads": records(results.workload_table()),
        "claims": records(results.claims()),
        "cautions": records(results.cautions()),
    }


def records(table: Any) -> list[dict[str, Any]]:
    """A data frame's rows."""
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def to_errors(text: str) -> None:
    """Say something that is not the answer: the standard output may go to a program."""
    print(text, file=sys.stderr, flush=True)


def warned(texts: Iterable[str]) -> int:
    """A warning for each figure that could not be drawn; the exit status of a command that did all else."""
    for text in (told := list(texts)):
        print(visible(f"warning: {text}", keep="\n"), file=sys.stderr)
    return UNDRAWN if told else 0


def plain(value: Any) -> Any:
    """What JSON can hold: NumPy's numbers as Python's, sets in order, whatever else is there as its text."""
    if hasattr(value, "tolist"):  # an array or a number of NumPy's, without importing it
        value = value.tolist()
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(map(plain, value), key=str)
    if isinstance(value, (list, tuple)):
        return list(map(plain, value))
    return value.as_posix() if isinstance(value, Path) else str(value)


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
