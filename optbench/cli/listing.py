"""`optbench list` and `optbench plugins`: what is registered, and by whom."""

import os
import shutil
import sys
from enum import StrEnum
from typing import Annotated

import typer

from optbench.cli.app import app
from optbench.cli.options import AsJson
from optbench.cli.printing import show, show_json


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
    as_json: AsJson = False,
) -> int:
    """List what is registered: components, datasets, networks, functions, problems, suites."""
    from optbench.registry.listing import listing, listing_lines

    found = listing([kind.value] if kind else [k.value for k in Kind])
    if as_json:
        show_json(found[kind.value] if kind else found)
    else:
        dimmed = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        print("\n".join(listing_lines(found, shutil.get_terminal_size().columns, dimmed)))
    return 0


@app.command()
def plugins(as_json: AsJson = False) -> int:
    """List every distribution with plugins: its version, what it offers, its problems."""
    from optbench.registry.listing import plugin_list, plugin_table

    if as_json:
        show_json(plugin_list())
    else:
        show(plugin_table())
    return 0
