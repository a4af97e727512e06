"""Fingerprints of source code: what a trial's key knows of the code that made its result.

A fingerprint follows what can change bits: the statements of a module and of every module that it imports from where
its own code lives, directly or through others. Comments, docstrings and layout change nothing: what is compared is the
syntax tree, which is the same under every version of Python. Where a module has no source (a compiled extension), its
bytes count.

Of libraries from elsewhere (NumPy, torch) nothing is read: which version there was is part of a run's environment.
"""

import ast
import hashlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.machinery import ModuleSpec
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

#: rooms of optbench whose code computes results; the others plan, keep, tell
ROOMS = ("optbench.contract", "optbench.nn", "optbench.trials", "optbench.training", "optbench.builtin")
#: modules of these rooms whose code changes no bit of a result
IDLE = frozenset(
    {
        *("optbench.contract.errors", "optbench.contract.hookspecs", "optbench.trials.trial", "optbench.trials.bits"),
        *("optbench.training.awake", "optbench.training.blame", "optbench.training.checkpoint"),
        "optbench.training.memory",
    }
)
#: where a training begins: what these reach decides the result of every trial, whatever its components
ENGINE = (
    "optbench.training.assembly",
    "optbench.training.trainer",
    "optbench.trials.seeds",
)
LENGTH = 12


@cache
def fingerprint(module: str, home: str = "") -> str:
    """The fingerprint of a component's module, as it was when this process asked first.

    home   the distribution that it comes with: what it imports from that counts, too
    """
    return digest_of(reached(module, home))


@cache
def engine() -> str:
    """The fingerprint of what trains, apart from all components."""
    return digest_of(engine_modules())


@cache
def engine_modules() -> frozenset[str]:
    """The modules of what trains."""
    return frozenset(_closure(ENGINE, "optbench"))


def reached(module: str, home: str = "") -> set[str]:
    """The modules that count in the fingerprint of one, itself among them; those of the engine have their own."""
    return _closure([module], home) - engine_modules()


def digest_of(modules: Iterable[str]) -> str:
    """One fingerprint of modules."""
    digest = hashlib.sha256()
    for name in sorted(modules):
        digest.update(f"{name} {_module(name)[0]}\n".encode())
    return digest.hexdigest()[:LENGTH]


def digest(text: str) -> str:
    """One fingerprint of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def digest_of_file(path: Path) -> str:
    """The SHA-256 of its bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _closure(roots: Sequence[str], home: str) -> set[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting += [other for other in _module(name)[1] if counts(other, home)]
    return found


def counts(name: str, home: str) -> bool:
    """Whether a module that another imports counts in its fingerprint; `home` is the distribution of that."""
    top = name.partition(".")[0]
    if top == "optbench":
        return name not in IDLE and name.startswith(tuple(f"{room}." for room in ROOMS))
    return top == home.partition(":")[0].replace("-", "_") or top in _tops(home) or is_local(top)


@cache
def _tops(home: str) -> frozenset[str]:
    """The top-level names that a distribution installs."""
    try:
        files = distribution(home).files or [] if home else []
    except PackageNotFoundError:
        return frozenset()
    return frozenset(file.parts[0].removesuffix(".py") for file in files if file.suffix in (".py", ".so", ".pyd"))


@cache
def is_local(top: str) -> bool:
    """Whether a top-level module is a user's own: neither Python's nor installed among libraries."""
    if top in sys.stdlib_module_names or top in sys.builtin_module_names:
        return False
    spec = _spec(top)
    place = (spec.origin or next(iter(spec.submodule_search_locations or ()), None)) if spec else None
    return place is not None and not {"site-packages", "dist-packages"} & set(Path(place).parts)


def _spec(name: str) -> ModuleSpec | None:
    module = sys.modules.get(name)
    if module is not None:
        return getattr(module, "__spec__", None)
    try:
        return find_spec(name)
    except (ImportError, AttributeError, ValueError):  # of a parent that is none, or has no spec
        return None


@cache
def _module(name: str) -> tuple[str, tuple[str, ...]]:
    """(digest, imported modules) of one module."""
    path = _file(name)
    if path is None:
        return "", ()
    try:
        content = path.read_bytes()
        tree = ast.parse(content) if path.suffix == ".py" else None
    except (OSError, SyntaxError, ValueError):
        return "", ()
    if tree is None:
        return hashlib.sha256(content).hexdigest(), ()
    digest = hashlib.sha256("\0".join(statements(tree)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest(), tuple(dict.fromkeys(_imports(tree, name, path.name == "__init__.py")))


def _file(name: str) -> Path | None:
    """The file that a module is read from; that of a notebook's `__main__` is none."""
    spec = _spec(name)
    origin = spec.origin if spec is not None else getattr(sys.modules.get(name), "__file__", None)
    return Path(origin) if origin and Path(origin).is_file() else None


def statements(tree: ast.AST) -> list[str]:
    """A syntax tree without places, docstrings and what is empty: these differ between versions of Python."""
    found: list[str] = []
    _state(tree, found)
    return found


def _state(node: object, found: list[str]) -> None:
    """Append what there is of a node: every process that trains reads a hundred thousand, so no generators here."""
    if isinstance(node, ast.AST):
        kind = type(node)
        found.append(kind.__name__)
        for field in kind._fields:
            value = getattr(node, field, None)
            if value is None or field in ("type_comment", "kind", "ctx") or value == []:
                continue
            if field == "body" and isinstance(value, list) and _is_docstring(value[0]):
                value = value[1:]
            found.append(field)
            _state(value, found)
        found.append(".")
    elif isinstance(node, list):
        for item in node:
            _state(item, found)
    else:
        found.append(repr(node))


def _is_docstring(node: object) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _imports(tree: ast.Module, name: str, package: bool) -> Iterator[str]:
    """Names of the modules that a module imports, wherever in it; of a package's names, the modules that hold them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                parts = name.split(".")
                parts = parts[: len(parts) - node.level + package]
                source = ".".join([*parts, source] if source else parts)
            for alias in node.names:
                if source == "optbench":
                    yield _public(alias.name)
                elif _spec(f"{source}.{alias.name}") is not None if _is_package(source) else False:
                    yield f"{source}.{alias.name}"
                else:
                    yield source


def _is_package(name: str) -> bool:
    module = sys.modules.get(name)
    return module is not None and hasattr(module, "__path__")


def _public(name: str) -> str:
    """The module behind one of optbench's public names."""
    return str(sys.modules["optbench"]._homes().get(name, "optbench"))
