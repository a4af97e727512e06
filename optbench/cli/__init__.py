"""The command line: parse, call, print. A file a command, or a few of a kind; the work is in what they call."""

import sys

import typer

# Imported for their commands, in the order in which `--help` shows them.
# isort: off
from optbench.cli import run  # noqa: F401
from optbench.cli import lesson  # noqa: F401
from optbench.cli import plan  # noqa: F401
from optbench.cli import status  # noqa: F401
from optbench.cli import report  # noqa: F401
from optbench.cli import figures  # noqa: F401
from optbench.cli import pack  # noqa: F401
from optbench.cli import board  # noqa: F401
from optbench.cli import targets  # noqa: F401
from optbench.cli import compare  # noqa: F401
from optbench.cli import explain  # noqa: F401
from optbench.cli import summary  # noqa: F401
from optbench.cli import merge  # noqa: F401
from optbench.cli import reproduce  # noqa: F401
from optbench.cli import listing  # noqa: F401
from optbench.cli import show  # noqa: F401
from optbench.cli import export  # noqa: F401
from optbench.cli import checks  # noqa: F401
from optbench.cli import new  # noqa: F401
from optbench.cli import train  # noqa: F401
from optbench.cli import data  # noqa: F401
from optbench.cli import frameworks  # noqa: F401
from optbench.cli import doctor  # noqa: F401

from optbench.cli import version  # noqa: F401

# isort: on
from optbench.cli.app import app
from optbench.cli.guard import Stopped, guarded
from optbench.running.interrupts import INTERRUPTED, Interrupts
from optbench.running.streams import prepare

__all__ = ["app", "guarded", "main"]


def main(arguments: list[str] | None = None) -> None:
    """The console script. Errors that a user can mend are one message and exit status 2."""
    prepare()
    try:
        with Interrupts(ending=arguments is None) as interrupts:
            status = guarded(lambda: _stoppable(arguments, interrupts))
    except KeyboardInterrupt:  # in the midst of what `guarded` says
        status = INTERRUPTED
    sys.exit(status)


def _stoppable(arguments: list[str] | None, interrupts: Interrupts) -> int:
    """`KeyboardInterrupt`, whatever Typer (a silent status) or a library (an error of its own) has made of it."""
    try:
        status = _invoke(arguments)
    except Stopped:
        raise
    except Exception:
        if not interrupts.raised:
            raise
        status = INTERRUPTED
    if status == INTERRUPTED and interrupts.raised:
        raise KeyboardInterrupt
    return status


def _invoke(arguments: list[str] | None) -> int:
    try:
        return int(app(arguments, standalone_mode=False, prog_name="optbench") or 0)
    except typer.Exit as stop:
        return stop.exit_code
