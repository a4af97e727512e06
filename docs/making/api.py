"""A page for each public name, from its docstring: autodoc reads it, `docstrings` turns it."""

import builtins
import inspect
import re
import sys
from functools import cache
from importlib import import_module
from typing import Any

from docutils import nodes
from sphinx.pycode import ModuleAnalyzer

from making.docstrings import inline, rst, summary
from making.pages import Pages
from making.tables import contents, heading, table

#: module -> what its page begins with
MODULES = {
    "optbench": "What scripts and notebooks call, and the contracts that components keep.",
    "optbench.testing": "The conformance kit, and what else a plugin's tests need.",
    "optbench.statistics": "How optbench compares: functions of arrays and tables, with the sources of their formulas.",
    "optbench.report": "Figures and the page, from tables.",
    "optbench.bridging": "What bridges to models of other libraries share.",
}
#: libraries whose names stand in signatures; they have sites of their own
OTHERS = {"numpy", "np", "pandas", "pd", "matplotlib", "pluggy", "scipy", "types", "rich", "pydantic", "pytest"}


@cache
def homes() -> dict[str, str]:
    """{name: module} of all public names; one that two modules have is that of the first."""
    found: dict[str, str] = {}
    for module in MODULES:
        for name in import_module(module).__all__:
            found.setdefault(name, module)
    return found


def linked(code: str) -> str:
    """A public name as a link: `Optimizer`, `optbench.run`, `statistics.iqm`, `Context.factor`'s class not."""
    name = code.removesuffix("()")
    module, _, last = name.rpartition(".")
    home = homes().get(last)
    if home is None or (module and not home.endswith(module)):
        return ""
    return f":py:obj:`{code} <{home}.{last}>`"


def docstring(app: Any, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    """autodoc-process-docstring"""
    lines[:] = rst("\n".join(lines), linked).splitlines()


def resolved(app: Any, env: Any, node: Any, content: nodes.Element) -> nodes.Element | None:
    """missing-reference: types in signatures are public names, or have no page here."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    last = target.rpartition(".")[2]
    home = homes().get(last)
    if home is not None and f"{home}.{last}" != target:
        domain = env.get_domain("py")
        return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", f"{home}.{last}", node, content)
    root = re.split(r"[.[]", target)[0]
    if root in {"optbench"} | OTHERS | sys.stdlib_module_names or hasattr(builtins, root) or node.get("py:module"):
        return content
    return None


def directive(module: str, name: str) -> list[str]:
    value = getattr(import_module(module), name)
    if inspect.isclass(value):
        bases = [b.__name__ for b in value.__mro__[1:-1] if b.__name__ in homes()]
        own = ["    :show-inheritance:"] if bases else []
        return [f".. autoclass:: {module}.{name}", "    :members:", *own]
    if inspect.isfunction(value):
        return [f".. autofunction:: {module}.{name}"]
    said = rst(comment(name, value), linked).splitlines()
    shown = [f"    :value: {value!r}"] if isinstance(value, (int, str)) else []
    body = [f"    {line}".rstrip() for line in [*said, "", *held(value)]]
    return [f".. py:data:: {module}.{name}", *shown, "", *body]


def comment(name: str, value: Any) -> str:
    """What the comment above a constant says, where it is assigned."""
    for module in [m for m in list(sys.modules.values()) if getattr(m, "__name__", "").startswith("optbench")]:
        if vars(module).get(name) is value:
            found = ModuleAnalyzer.for_module(module.__name__).find_attr_docs().get(("", name))
            if found:
                return "\n".join(found).strip()
    return inspect.getdoc(value) or "" if callable(value) else ""


def held(value: Any) -> list[str]:
    """What a constant holds, each with its page."""
    link = lambda one: linked(one.__name__) or f"``{one.__name__}``"  # noqa: E731
    if isinstance(value, tuple) and all(map(inspect.isfunction, value)):
        return [f"- {link(one)}: {inline(summary(one.__doc__), linked)}" for one in value]
    if isinstance(value, dict) and all(map(inspect.isclass, value.values())):
        return [f"- ``{name}``: {link(one)}" for name, one in value.items()]
    return []


def what(module: str, name: str) -> str:
    """What a name is, in a sentence."""
    value = getattr(import_module(module), name)
    if inspect.isclass(value) or inspect.isfunction(value):
        return inline(summary(value.__doc__), linked)
    return inline(summary(comment(name, value)), linked) or "a constant"


def home_of(value: Any) -> str:
    """The file that defines it, in the repository."""
    module = getattr(inspect.unwrap(value) if callable(value) else value, "__module__", "") or ""
    return f"{module.replace('.', '/')}.py" if module.startswith("optbench") else ""


def made(pages: Pages) -> None:
    for module, sentence in MODULES.items():
        folder = f"reference/api/{module}"
        names = import_module(module).__all__
        for name in names:
            home = home_of(getattr(import_module(module), name))
            lines = [
                *heading(f"{module}.{name}"),
                *directive(module, name),
                "",
                *([f"Defined in ``{home}``.", ""] if home else []),
                f":doc:`All names of {module} <index>`",
                "",
            ]
            pages.write(f"{folder}/{name}.rst", "\n".join(lines))
        listed = sorted(names, key=lambda n: (n.isupper(), n.lower()))
        rows = [(f":doc:`{name} <{name}>`", what(module, name)) for name in listed]
        lines = [*heading(module), sentence, "", *table(("", ""), rows, (30, 70)), *contents(names)]
        pages.write(f"{folder}/index.rst", "\n".join(lines))
