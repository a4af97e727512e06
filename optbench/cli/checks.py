"""`optbench gradcheck` and `optbench check`: is a component right?"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any

import typer

from optbench.cli import names as complete
from optbench.cli.app import app
from optbench.cli.options import AsJson
from optbench.cli.printing import show, show_json


@app.command()
def gradcheck(
    names: Annotated[list[str] | None, typer.Argument(help="Only these; everything without them.")] = None,
    as_json: AsJson = False,
) -> int:
    """Check every analytic gradient against central differences; exit status 1 where one is wrong."""
    from optbench.registry.registry import registry
    from optbench.testing.gradtable import check_all

    checks = check_all(registry(), names or None)
    if as_json:
        show_json({"ok": all(check.ok for check in checks), "checks": [asdict(check) for check in checks]})
    else:
        show(gradient_table(checks))
    return int(not all(check.ok for check in checks))


def gradient_table(checks: Iterable[Any]) -> Iterable[Any]:
    """The outcome of a gradient check, a row each."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("name", "kind", "difference", "verdict"):
        table.add_column(title, justify="right" if title == "difference" else "left", overflow="fold")
    for check in checks:
        verdict = Text("right", "green") if check.ok else Text(f"wrong: {check.message}", "red")
        table.add_row(Text(check.name), Text(check.kind), f"{check.difference:.1e}", verdict)
    yield table


@app.command()
def check(
    name: Annotated[
        str,
        typer.Argument(
            autocompletion=complete.shown,
            help="A distribution, component, suite, module, file, ./mine.py:Lion, or torch:my_module:Net.",
        ),
    ],
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only what did not pass.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Every check, also of many components.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Check that components keep the contract, and say what to change; exit status 1 where one does not."""
    from rich.console import Console

    from optbench.registry.registry import registry
    from optbench.testing import checking, checking_view

    target, console = checking.target(name, registry()), Console()
    if as_json:
        results = list(target.run())
        failed = any(result.verdict == "failed" for result in results)
        show_json({"ok": not failed, "summary": checking_view.summary(results), "checks": list(map(asdict, results))})
        return int(failed)
    if verbose or (target.single and not quiet):
        results = list(checking_view.every_check(console, target.run()))
    else:
        results = list(checking_view.every_component(console, target.run(), quiet))
    print(checking_view.summary(results))
    return int(any(result.verdict == "failed" for result in results))
