"""The syntax tree of a function or a class that is there, if its source is the one that it was made from.

A file may have changed since it was imported. So the source is compiled again, and it counts only if it gives the very
code that the function has.
"""

import ast
import dataclasses
import linecache
import reprlib
import warnings
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
#: what `dataclass` writes into a class, from text that is nobody's
GENERATED = frozenset({"__init__", "__repr__", "__eq__", "__hash__", "__setattr__", "__delattr__", "__replace__"})


def function_node(function: FunctionType) -> tuple[ast.AST, str] | None:
    """(tree, source text) of a function; None where there is no source, or another one."""
    code = function.__code__
    text = _text(code.co_filename)
    known = _compiled(code.co_filename, text)
    if known is None or known[1].get((code.co_qualname, code.co_firstlineno)) != code:
        return None
    nodes: list[ast.AST] = []
    for node in ast.walk(known[0]):
        named = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == code.co_name
        nameless = isinstance(node, ast.Lambda) and code.co_name == "<lambda>"
        if (named or nameless) and _first_line(node) == code.co_firstlineno:
            nodes.append(node)
    return (nodes[0], _segment(text, nodes[0])) if len(nodes) == 1 else None


def class_node(cls: type) -> tuple[ast.AST, str] | None:
    """(tree, source text) of a class by the methods that it has; None where there is no source, or another one."""
    methods = [function for function in functions_of(cls) if function.__code__.co_filename != "<string>"]
    if not methods:
        return None
    name = methods[0].__code__.co_filename
    text = _text(name)
    known = _compiled(name, text)
    if known is None:
        return None
    lines = []
    for method in methods:
        code = method.__code__
        if code.co_filename != name or known[1].get((code.co_qualname, code.co_firstlineno)) != code:
            return None
        lines.append(code.co_firstlineno)
    path = cls.__qualname__.rpartition("<locals>.")[2].split(".")
    found = [
        node
        for node in _classes(known[0], path)
        if _first_line(node) <= min(lines) and max(lines) <= (node.end_lineno or 0)
    ]
    return (found[-1], _segment(text, found[-1])) if found else None


def functions_of(cls: type) -> Iterator[FunctionType]:
    """The functions that were written into a class's body, also those behind properties and the like."""
    for value in list(vars(cls).values()):
        for function in behind(value):
            if isinstance(function, FunctionType) and written_in(function, cls):
                yield function


def behind(value: Any) -> list[Any]:
    """What a descriptor or a wrapper calls; of anything else, itself."""
    if isinstance(value, (staticmethod, classmethod)):
        return behind(value.__func__)
    if isinstance(value, property):
        return [f for part in (value.fget, value.fset, value.fdel) if part is not None for f in behind(part)]
    if type(value).__name__ in ("cached_property", "_lru_cache_wrapper"):
        return behind(getattr(value, "func", None) or getattr(value, "__wrapped__", None))
    return [value]


def written_in(function: FunctionType, cls: type) -> bool:
    """Whether a function was written into the body of a class, and is neither another's nor `dataclass`'s."""
    return function.__qualname__.startswith(f"{cls.__qualname__}.") and not is_generated(function, cls)


def is_generated(function: FunctionType, cls: type) -> bool:
    """Whether `dataclass` made a method."""
    made = "__dataclass_params__" in vars(cls) and function.__name__ in GENERATED
    return made and function.__code__.co_filename in ("<string>", dataclasses.__file__, reprlib.__file__)


def _classes(tree: ast.AST, path: list[str]) -> Iterator[ast.ClassDef]:
    """Classes of this name within classes of these names, wherever else they are."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == path[0]:
            if len(path) == 1:
                yield node
            else:
                yield from (inner for child in node.body for inner in _classes(child, path[1:]))


def _text(name: str) -> str:
    linecache.checkcache(name)
    return "".join(linecache.getlines(name))


@lru_cache(maxsize=64)
def _compiled(name: str, text: str) -> tuple[ast.Module, dict[tuple[str, int], CodeType]] | None:
    """(tree, {(qualified name, first line): code}) of a source."""
    if not text:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they were told when it was first compiled
            tree = ast.parse(text)
            code = compile(text, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    found: dict[tuple[str, int], CodeType] = {}
    waiting = [code]
    while waiting:
        one = waiting.pop()
        found[one.co_qualname, one.co_firstlineno] = one
        waiting += [constant for constant in one.co_consts if isinstance(constant, CodeType)]
    return tree, found


def _first_line(node: ast.AST) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min(line.lineno for line in (node, *decorators))


def _segment(text: str, node: ast.AST) -> str:
    lines = text.splitlines()
    end = getattr(node, "end_lineno", None) or len(lines)
    return "\n".join(lines[_first_line(node) - 1 : end]) + "\n"
