"""How `optbench check` looks: of one component every check, of many a line each; of failures, what to change."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from optbench import testing
from optbench.testing import Result

if TYPE_CHECKING:
    from rich.console import Console

COLOURS = {"passed": "green", "failed": "bold red", "expected": "yellow", "skipped": "yellow"}


def every_check(console: "Console", results: Iterable[Result]) -> Iterator[Result]:
    """Print each result as it comes, under its component's name, and hand it on."""
    for component, group in groupby(results, key=lambda result: result.component):
        console.print(component, style="bold", markup=False, highlight=False)
        told: dict[str, str] = {}
        for result in group:
            _print(console, result, told)
            yield result


def every_component(console: "Console", results: Iterable[Result], quiet: bool = False) -> Iterator[Result]:
    """Print a line for each component as it is done, with its checks that did not pass, and hand the results on.

    quiet   nothing of components that passed
    """
    from rich.text import Text

    for component, group in groupby(results, key=lambda result: result.component):
        checks = list(group)
        others = [result for result in checks if result.verdict != "passed"]
        if others or not quiet:
            worst = min((r.verdict for r in checks), key=["failed", "expected", "skipped", "passed"].index)
            line = Text.assemble((component, "bold"), "  ", (summary(checks), COLOURS[worst]))
            console.print(line, soft_wrap=not console.is_terminal)
        told: dict[str, str] = {}
        for result in others:
            _print(console, result, told)
        yield from checks


def _print(console: "Console", result: Result, told: dict[str, str]) -> None:
    """told   message -> the check that had it: what raises everywhere is told once."""
    from rich.padding import Padding
    from rich.text import Text

    name = result.check.removeprefix("check_")
    line = Text.assemble("  ", (f"{result.verdict:8}", COLOURS[result.verdict]), f"  {name}")
    console.print(line, soft_wrap=not console.is_terminal)
    texts = [result.message] if result.message else []
    if (first := told.setdefault(result.message, name)) != name and result.message:
        texts = [f"as {first}"]
    elif result.verdict == "failed" and (rule := rule_of(result.check)):
        texts.insert(0, f"What must hold: {rule}")
    for text in texts:
        for paragraph in text.splitlines():
            if console.is_terminal:
                console.print(Padding(Text(paragraph), (0, 0, 0, 12)))
            else:  # whole lines, for those who search in a log
                console.print(Text(" " * 12 + paragraph), soft_wrap=True)


def rule_of(check: str) -> str:
    """What a check asks for, in a line; empty for what is no check of the kit, such as loading."""
    return (getattr(getattr(testing, check, None), "__doc__", None) or "").split("\n\n")[0].replace("\n   ", "")


def summary(results: list[Result]) -> str:
    """One line: how many of how many."""
    if not results:
        return "nothing here has checks: no component, no suite"
    count = Counter(result.verdict for result in results)
    passed, failed, total = count["passed"], count["failed"], len(results)
    checks = "check" if total == 1 else "checks"
    text = f"all {total} {checks} passed" if passed == total else f"{passed} of {total} {checks} passed"
    if failed:
        text = f"{failed} of {total} {checks} failed"
    if count["expected"]:
        text += f", {count['expected']} failed as expected"
    return text + (f", {count['skipped']} skipped" if count["skipped"] else "")
