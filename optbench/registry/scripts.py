"""Components in a file: "./mine.py:Lion", or "./mine.py" where it has one.

A file is executed once, as it is; executed again only when its bytes have changed. While it is, its folder is
importable, as with `python mine.py`, and nothing is written beside it.
"""

import hashlib
import linecache
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from optbench.contract.components import Component
from optbench.contract.errors import OptbenchError, near
from optbench.contract.text import visible
from optbench.registry.faults import one_line

PATH = re.compile(r"(?P<file>.*\.py)(?::(?P<object>[^:/\\]*))?", re.DOTALL)


@dataclass(frozen=True)
class Script:
    """A file that was executed."""

    path: Path
    digest: str
    text: str
    module: ModuleType

    @property
    def components(self) -> dict[str, type[Component]]:
        """The component classes that are written in it, by name; bases that others there build on are left out."""
        found = {
            name: value
            for name, value in vars(self.module).items()
            if isinstance(value, type) and issubclass(value, Component) and value.__module__ == self.module.__name__
        }
        bases = {base for value in found.values() for base in value.__mro__[1:]}
        finished = {name: value for name, value in found.items() if value not in bases or value.name}
        return {value.__name__: value for value in finished.values()}


_LOADED: dict[Path, Script] = {}


def is_path(name: str) -> bool:
    """Whether a component's name is the path of a file, with or without what it is called there."""
    return PATH.fullmatch(name) is not None


def find(name: str, folder: Path) -> tuple[Script, Any]:
    """(file, object) of "./mine.py:Lion" or "./mine.py", relative to `folder`. `OptbenchError` with what to mend."""
    match = PATH.fullmatch(name)
    if match is None:
        raise OptbenchError(f"{name!r} is no file of Python: expected ./mine.py:Lion, or ./mine.py where it has one")
    script = load(folder / Path(match["file"]).expanduser(), match["file"])
    found, called = script.components, match["object"]
    file = match["file"]
    if called is None:
        if len(found) == 1:
            return script, next(iter(found.values()))
        if found:
            raise OptbenchError(f"{file} has several components: write {' or '.join(f'{file}:{n}' for n in found)}")
        raise OptbenchError(
            f"{file} has no component: a class such as Lion(optbench.Optimizer); of a class or function of another "
            f"library say its name, {file}:NAME"
        )
    if not called:
        raise OptbenchError(f"{name!r}: the name of a component is missing behind the colon")
    if not hasattr(script.module, called):
        names = found or [n for n in vars(script.module) if not n.startswith("_")]
        raise OptbenchError(f"{file} has no {called!r}; {near(called, names)}")
    return script, getattr(script.module, called)


def has(script: Script) -> str:
    """The end of a message about an object of a file that is no component."""
    names = script.components
    return f"{script.path.name} has {', '.join(names)}" if names else f"{script.path.name} has none"


def load(path: Path, told: str) -> Script:
    """The file, executed; `told` is what the user called it. `OptbenchError` with the line of what is wrong."""
    path = path.resolve()
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        beside = [p.name for p in path.parent.glob("*.py")] if path.parent.is_dir() else []
        hint = near(path.name, beside) if beside else ""
        raise OptbenchError(f"there is no file {told}" + (f"; {hint}" if hint.startswith("did") else "")) from None
    except OSError as error:
        raise OptbenchError(f"{told} cannot be read: {error.strerror or error}") from None
    digest = hashlib.sha256(content).hexdigest()
    known = _LOADED.get(path)
    if known is not None and known.digest == digest:
        return known
    _LOADED[path] = script = _executed(path, content, digest, told)
    return script


def _executed(path: Path, content: bytes, digest: str, told: str) -> Script:
    # Not by its own name: a file may be called as a library is. A name of each path: two may be called alike.
    name = f"{path.stem}@{hashlib.sha256(str(path).encode()).hexdigest()[:8]}".replace(".", "_")
    spec = spec_from_file_location(name, path, loader=SourceFileLoader(name, str(path)))
    assert spec is not None
    module = module_from_spec(spec)
    try:
        text = content.decode("utf-8-sig")
        code = compile(content, str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        raise OptbenchError(f"{told}, line {error.lineno}: not Python: {error.msg}") from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise OptbenchError(f"{told}: not UTF-8 text (line {line}, byte {error.start})") from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise OptbenchError(f"{told}: not Python: {one_line(error)}") from None
    # Without a time: the source stays the one that was executed, whatever becomes of the file.
    linecache.cache[str(path)] = (len(content), None, text.splitlines(keepends=True), str(path))
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        with importable(path.parent):
            exec(code, vars(module))
    except (Exception, SystemExit) as error:  # whatever the file does
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before
        raise OptbenchError(visible(f"{told}{_line_of(error, path)}: {one_line(error)}")) from error
    return Script(path, digest, text, module)


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Have a folder's modules importable, before all others, and nothing written beside them."""
    before = sys.dont_write_bytecode
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before
        if str(folder) in sys.path:
            sys.path.remove(str(folder))


def _line_of(error: BaseException, path: Path) -> str:
    """The last line of the file that an error went through."""
    line, frame = 0, error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == str(path):
            line = frame.tb_lineno
        frame = frame.tb_next
    return f", line {line}" if line else ""
