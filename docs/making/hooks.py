"""A page for each hook, with its example."""

import inspect
import re
import textwrap

from making.api import linked
from making.docstrings import inline, rst, summary
from making.pages import Pages
from making.tables import contents, heading, table
from optbench.contract import hookspecs
from optbench.registry.registry import HOOKS


def made(pages: Pages) -> None:
    for name in HOOKS:
        pages.write(f"reference/hooks/{name}.rst", "\n".join(page(name)))
    rows = [(f":doc:`{name} <{name}>`", inline(summary(getattr(hookspecs, name).__doc__), linked)) for name in HOOKS]
    pages.write("reference/hooks/index.rst", "\n".join([
        *heading("Hooks"),
        "Functions of a plugin's module, marked with :py:obj:`hookimpl <optbench.hookimpl>`; any of them will do.",
        ":doc:`/plugins` leads from nothing to a verdict.",
        "",
        *table(("hook", "what it gives"), rows, (35, 65)),
        *contents(HOOKS),
    ]))  # fmt: skip


def page(name: str) -> list[str]:
    hook = getattr(hookspecs, name)
    prose, _, example = inspect.cleandoc(hook.__doc__).partition("\nExample:\n")
    arguments = ", ".join(inspect.signature(hook).parameters)
    program = spaced([re.sub(r"^(>>>|\.\.\.) ?", "", line) for line in textwrap.dedent(example).splitlines()])
    return [
        *heading(name),
        *[".. code-block:: python", "", f"    {name}({arguments})", ""],
        rst(prose, linked),
        "",
        *heading("Example", "-"),
        *[".. code-block:: python", "", *(f"    {line}".rstrip() for line in program), ""],
    ]


def spaced(program: list[str]) -> list[str]:
    """With the empty lines that prompts leave no room for: before definitions, and behind those at the left."""
    lines: list[str] = []
    for line in program:
        before = lines[-1] if lines else ""
        begins = re.match(r" *(@|class |def )", line) is not None and not before.lstrip().startswith("@")
        ends = before.startswith(" ") and not line.startswith(" ")
        if before and (begins or ends) and not before.endswith(":"):
            lines.append("")
        lines.append(line)
    return lines
