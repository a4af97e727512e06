"""`optbench list` and `optbench plugins`: what is registered, and by whom."""

import json
import os
import shutil
import sys
from enum import StrEnum
from typing import Annotated

import typer

from optbench.cli.app import app
from optbench.cli.printing import show


class Kind(StrEnum):
    INITIALIZERS = "initializers"
    REGULARIZERS = "regularizers"
    OPTIMIZERS = "optimizers"
    SCHEDULES = "schedules"
    NORMALIZERS = "normalizers"
    DATASETS = "datasets"
    NETWORKS = "networks"
    FUNCTIONS = "functions"
    PROBLEMS = "problems"
    SUITES = "suites"


@app.command(name="list")
def list_(
    kind: Annotated[Kind | None, typer.Argument(help="What to list; everything without it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> int:
    """List what is registered: components, datasets, networks, functions, problems, suites."""
    from optbench.registry.listing import listing, listing_lines

    found = listing([kind.value] if kind else [k.value for k in Kind])
    if as_json:
        print(json.dumps(found[kind.value] if kind else found, indent=2))
    else:
        dimmed = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        print("\n".join(listing_lines(found, shutil.get_terminal_size().columns, dimmed)))
    return 0


@app.command()
def plugins(as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False) -> int:
    """List every distribution with plugins: its version, what it offers, its problems."""
    from optbench.registry.listing import plugin_list, plugin_table

    if as_json:
        print(json.dumps(plugin_list(), indent=2))
    else:
        show(plugin_table())
    return 0
