"""Errors that a user can mend are one message and exit status 2."""

import sys
from collections.abc import Callable
from typing import Any

import typer

from optbench.cli.app import app
from optbench.contract.errors import OptbenchError, near
from optbench.contract.text import visible
from optbench.running.interrupts import INTERRUPTED
from optbench.running.streams import Lost

#: the exit status of what a closed pipe ended, as shells tell it: 128 and the number of SIGPIPE
BROKEN_PIPE = 141
#: of a command that did what it should, but for figures that could not be drawn
UNDRAWN = 3


class Stopped(Exception):
    """Ctrl-C ended a command in order; the message says what is kept."""


def guarded(call: Callable[[], int]) -> int:
    """The exit status of a call; what a user can mend, or stopped, is said in one message."""
    try:
        status = call()
        sys.stdout.flush()  # what fails only now is said as all else is, and not by the interpreter at its exit
        return status
    except OptbenchError as error:
        print(visible(f"error: {error}", keep="\n"), file=sys.stderr)
        return 2
    except (KeyboardInterrupt, typer.Abort, Stopped) as stop:
        print(str(stop) or "stopped", file=sys.stderr)
        return INTERRUPTED
    except Lost as lost:
        if lost.quiet:  # whoever read the output has gone (`| head`): nothing is left to say
            return BROKEN_PIPE
        print(f"error: standard output cannot be written: {lost}", file=sys.stderr)
        return 2
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        return usage(error)


def usage(error: Any) -> int:
    """A wrong word on the command line: say so, with the nearest valid one."""
    message = error.format_message()
    wrong = message.rpartition("'")[0].rpartition("'")[2]
    if "No such command" in message and "Did you mean" not in message:
        message += " " + near(wrong, [c.name or c.callback.__name__ for c in app.registered_commands])  # type: ignore[union-attr]
    message, listed, valid = message.replace("Value error, ", "").partition(" is not one of ")
    if listed:
        names = valid.strip(".").replace("'", "").split(", ")
        message += f"{listed}{valid.strip('.')}; {near(message.rpartition(chr(39))[0].rpartition(chr(39))[2], names)}"
    context = getattr(error, "ctx", None)
    told = f"error: {message}" + (f"\ntry: {context.command_path} --help" if context else "")
    print(visible(told, keep="\n"), file=sys.stderr)
    return 2
