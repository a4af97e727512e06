"""A page for each command, from its own help."""

import inspect
from typing import Any

import typer

from making.docstrings import inline, rst, summary
from making.pages import Pages
from making.tables import code, contents, heading, table
from optbench.cli import app


def made(pages: Pages) -> None:
    group: Any = typer.main.get_command(app)
    context = group.make_context("optbench", [], resilient_parsing=True)
    for name, command in group.commands.items():
        pages.write(f"reference/commands/{name}.rst", "\n".join(page(name, command, context)))
    names = sorted(group.commands)
    pages.write("reference/commands/index.rst", "\n".join([
        *heading("Commands"),
        inline(group.help or ""),
        "",
        *table(("command", "what it does"), (
            (f":doc:`optbench {name} <{name}>`", inline(summary(group.commands[name].help))) for name in names
        ), (25, 75)),
        "Each says the same by ``--help``. What a user can mend ends with exit status 2 and one message.",
        "",
        *contents(names),
    ]))  # fmt: skip


def page(name: str, command: Any, parent: Any) -> list[str]:
    context = command.make_context(name, [], parent=parent, resilient_parsing=True)
    usage = command.get_usage(context).removeprefix("Usage: ")
    shown = [p for p in command.get_params(context) if not getattr(p, "hidden", False)]
    arguments = [p for p in shown if p.param_type_name == "argument"]
    options = [p for p in shown if p.param_type_name == "option"]
    return [
        *heading(f"optbench {name}"),
        *code("text", usage),
        rst(inspect.cleandoc(command.help or "")),
        "",
        *([*heading("Arguments", "-"), *table(("name", "what"), map(row, arguments), (25, 75))] if arguments else []),
        *([*heading("Options", "-"), *table(("option", "what"), map(row, options), (25, 75))] if options else []),
    ]


def row(parameter: Any) -> tuple[str, str]:
    if parameter.param_type_name == "argument":
        label = parameter.metavar or parameter.name
    else:
        label = ", ".join([*parameter.opts, *parameter.secondary_opts])
    told = inline(" ".join((getattr(parameter, "help", "") or "").split()))
    default = parameter.default
    if default is None or callable(default) or default in (False, (), [], "") or type(default).__name__ == "Sentinel":
        return f"``{label}``", told
    return f"``{label}``", f"{told} (``{default}`` by default)"
