"""The tree is the architecture: rooms import one way, and no file is in a circle, plugins included."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: Bottom first: a room imports only rooms before it. CONTRIBUTING shows them in this order.
ROOMS = (
    "contract", "language", "bridging", "nn", "registry", "trials", "suite", "tuning", "store", "training", "running",
    "statistics", "results", "lab", "report", "testing", "board", "builtin", "scaffold", "api", "referee", "cli",
)  # fmt: skip


def trees():
    """{top package: its folder}: optbench and every plugin."""
    found = {"optbench": ROOT / "optbench"}
    for project in sorted((ROOT / "plugins").glob("*/pyproject.toml")):
        name = project.parent.name.replace("-", "_")
        for place in (project.parent / name, project.parent / "src" / name, project.parent / f"{name}.py"):
            if place.exists():
                found[name] = place
    return found


@cache
def modules():
    """{dotted name: file} of all trees."""
    found = {}
    for name, place in trees().items():
        for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
            parts = [name, *path.relative_to(place).with_suffix("").parts] if place.is_dir() else [name]
            found[".".join(p for p in parts if p != "__init__")] = path
    return found


def typing_only(node):
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imports(text, known):
    """Dotted names of `known` that a module's text imports, anywhere in it, with the line of each.

    What is imported for types alone counts, too: it says what a file must know of.
    """
    found = {}
    for node in ast.walk(ast.parse(text)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in known else node.module for name in names]
        found |= {name: node.lineno for name in names if name in known}
    return found


@cache
def graph():
    known = modules()
    return {name: imports(path.read_text(encoding="utf-8"), known) for name, path in known.items()}


def room(name):
    """The room of a module of optbench; None for the face, which names what is in all of them."""
    parts = name.split(".")
    return parts[1] if parts[0] == "optbench" and len(parts) > 1 else None


def upward(graph):
    """Imports of a room from one that stands later."""
    place = {name: number for number, name in enumerate(ROOMS)}
    return [
        f"{name}:{line} imports {other}"
        for name, found in graph.items()
        for other, line in found.items()
        if room(name) and room(other) and place[room(other)] > place[room(name)]
    ]


def circles(graph):
    """Sets of modules of which each reaches itself (strongly connected components of two and more; Tarjan 1972)."""
    index, low, stack, found = {}, {}, [], []

    def visit(name):
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in graph[name]:
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            component = [stack.pop()]
            while component[-1] != name:
                component.append(stack.pop())
            if len(component) > 1 or name in graph[name]:
                found.append(sorted(component))

    for name in graph:
        if name not in index:
            visit(name)
    return found


def test_the_top_holds_the_public_face_and_rooms():
    top = {path.name for path in (ROOT / "optbench").iterdir() if path.name != "__pycache__"}
    assert top == {"__init__.py", "api.py", "py.typed", *ROOMS} - {"api"}


def test_rooms_import_one_way():
    assert upward(graph()) == []


def test_no_file_is_in_a_circle():
    assert circles(graph()) == []


def test_only_the_registry_knows_the_built_ins():
    assert [
        f"{name} imports {other}"
        for name, found in graph().items()
        for other in found
        if room(other) == "builtin" and room(name) != "builtin" and not name.startswith("optbench_")
    ] == []


@pytest.mark.parametrize("made", [
    {"optbench.nn.x": {"optbench.store.y": 3}, "optbench.store.y": {}},
    {"optbench.contract.x": {"optbench.cli": 1}, "optbench.cli": {}},
])  # fmt: skip
def test_an_arrow_upwards_is_seen(made):
    assert len(upward(made)) == 1


def test_circles_are_seen():
    made = {"a": {"b": 1}, "b": {"c": 1}, "c": {"a": 1}, "d": {"a": 1}, "e": {"e": 1}}
    assert circles(made) == [["a", "b", "c"], ["e"]]


def test_contributing_shows_the_rooms_in_this_order():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = [line.split("`")[1].rstrip("/") for line in text.splitlines() if line.startswith("| `")]
    assert tuple(name.removesuffix(".py") for name in table if name.removesuffix(".py") in ROOMS) == ROOMS
