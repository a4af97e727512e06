"""`optbench --version`: what is installed."""

from typing import Annotated, Any

import typer

from optbench.cli.app import app
from optbench.cli.printing import show_json
from optbench.contract.errors import OptbenchError
from optbench.contract.text import visible


@app.callback(invoke_without_command=True)
def whole(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Versions of optbench, Python, NumPy, its BLAS, and plugins.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --version: one JSON object, for programs.")] = False,
) -> None:
    if version:
        from optbench.lab.about.installation import installation
        from optbench.registry.registry import registry

        found = installation(registry())
        if as_json:
            show_json(found)
        else:
            print("\n".join(map(visible, version_lines(found))))
        raise typer.Exit(0)
    if as_json:
        raise OptbenchError("--json: give it behind a command that prints a table, or with --version")
    if context.invoked_subcommand is None:
        raise OptbenchError("a command is missing; try: optbench --help")


def version_lines(found: dict[str, Any]) -> list[str]:
    """A line a part."""
    lines = [
        f"optbench {found['optbench']} (component contract {found['contract']})",
        f"Python {found['python']}",
        f"NumPy {found['numpy']}",
    ]
    for one in found["blas"]:
        kernel = f", {one['kernel']} kernels" if one["kernel"] else ""
        threads = f", {one['threads']} thread{'' if one['threads'] == 1 else 's'}"
        lines.append(f"{one['library']} {one['version']}{kernel}{threads if one['threads'] else ''}")
    lines += [f"{plugin['name']} {plugin['version']}" for plugin in found["plugins"]]
    return lines
