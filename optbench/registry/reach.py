"""The fingerprint of one class or function, and of what it reaches: what a notebook or a script hands in.

A module's fingerprint (`sources`) would change with every plot that stands beside the class. So here what counts is
what the class can reach by name from where its code is a user's own: its bases, the functions, classes and constants
that its methods name, those that these name, and so on, through every module that is not installed. Of code the syntax
tree counts, as in `sources`; where there is no source (a prompt, `python -c`), or not the one that runs, its bytecode,
which another version of Python makes otherwise. Of values the content counts: of constants, of what a closure holds, of
arrays.
"""

import dis
import hashlib
import io
import pickle
import sys
import types
from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any

import numpy as np

from optbench.registry import sources
from optbench.registry.installed import installed_entry_points
from optbench.registry.located import behind, class_node, function_node, functions_of, is_generated

#: of a class's namespace: what Python writes, or what was read already
SKIPPED = frozenset(
    {
        *("__module__", "__qualname__", "__doc__", "__dict__", "__weakref__", "__annotations__", "__firstlineno__"),
        *("__dataclass_fields__", "__dataclass_params__", "__match_args__", "__static_attributes__", "__annotate__"),
        *("__annotations_cache__", "__abstractmethods__", "_abc_impl", "__annotate_func__", "__parameters__"),
        *("__orig_bases__", "__type_params__", "__static_attributes__", "__conditional_annotations__", "__slots__"),
    }
)
PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis), type(NotImplemented))


def is_own(module: str) -> bool:
    """Whether a module is a user's own: a notebook, a script, a file that no distribution installed."""
    top = module.partition(".")[0]
    if top == "optbench" or (top in sys.stdlib_module_names and top != "__main__"):
        return False
    found = sys.modules.get(module)
    if module == "__main__" or found is None or getattr(found, "__spec__", None) is None:
        return True
    return sources.is_local(top) and top not in _plugins()


@cache
def _plugins() -> frozenset[str]:
    """The top modules of installed plugins, also of those installed from a checkout: every process has them."""
    return frozenset(point.module.partition(".")[0] for point, _, _ in installed_entry_points())


class Reach:
    """What an object reaches.

    homes   modules of a user's own that it has code or values of
    texts   source texts by name, itself first
    late    modules that its functions import when they are called
    met     (name, value) of all that was met on the way, for a word on what cannot be sent
    """

    def __init__(self, root: Any):
        self.homes: set[str] = set()
        self.texts: dict[str, str] = {}
        self.late: set[str] = set()
        self.met: list[tuple[str, Any]] = []
        self._records: dict[str, str] = {}
        self._modules: set[str] = set()
        self._labels: dict[int, str] = {}
        self._open: set[int] = set()
        self._alive: list[Any] = []  # an id is one object's only while it lives
        self._root = self.describe(root)

    @property
    def fingerprint(self) -> str:
        """Equal where all that is reached is equal."""
        lines = [self._root, *(f"{label} {text}" for label, text in sorted(self._records.items()))]
        modules = sorted(self._modules - sources.engine_modules())
        lines += [sources.digest_of(modules)] if modules else []
        return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[: sources.LENGTH]

    # -------------------------------------------------------------------------------------------------- values

    def describe(self, value: Any) -> str:
        """A text that is equal for equal content; what has code of a user's own gets a record, and is named."""
        if type(value) in PLAIN:
            return repr(value)
        if id(value) in self._labels:
            return self._labels[id(value)]
        if isinstance(value, types.FunctionType):
            return self._coded(value, "function", self._function)
        if isinstance(value, type):
            return self._coded(value, "class", self._class)
        if isinstance(value, types.ModuleType):
            return self._module(value)
        if isinstance(value, (types.BuiltinFunctionType, np.ufunc)):
            return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', value.__name__)}"
        if id(value) in self._open:
            return "itself"
        self._open.add(id(value))
        try:
            return self._content(value)
        finally:
            self._open.discard(id(value))

    def _content(self, value: Any) -> str:
        cls = type(value)
        if isinstance(value, np.ndarray) and not value.dtype.hasobject:
            return f"array {value.dtype.str} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
        if array := _as_array(value):
            return f"{cls.__name__} {array}"
        if isinstance(value, np.generic):
            return f"{value.dtype.str} {value.item()!r}"
        if cls is list or isinstance(value, tuple):
            return f"{cls.__name__}({', '.join(map(self.describe, value))})"
        if cls in (set, frozenset):
            return f"{cls.__name__}({', '.join(sorted(map(self.describe, value)))})"
        if isinstance(value, Mapping) and cls in (dict, types.MappingProxyType):
            return "{" + ", ".join(f"{self.describe(k)}: {self.describe(v)}" for k, v in value.items()) + "}"
        if isinstance(value, types.CodeType):
            return self._bytecode(value)
        if isinstance(value, types.MethodType):
            return f"method({self.describe(value.__func__)}, {self.describe(value.__self__)})"
        if isinstance(value, partial):
            return f"partial({self.describe(value.func)}, {self.describe(value.args)}, {self.describe(value.keywords)})"
        inner = behind(value)
        if len(inner) != 1 or inner[0] is not value:
            return f"{cls.__name__}({', '.join(map(self.describe, inner))})"
        return self._object(value)

    def _object(self, value: Any) -> str:
        """Any other object: its class, and what it holds."""
        cls = type(value)
        named = self.describe(cls)
        for inner in ("__wrapped__", "py_func"):  # of compiled functions
            if callable(getattr(value, inner, None)):
                return f"{named} {self.describe(getattr(value, inner))}"
        if not is_own(cls.__module__):
            try:
                return f"{named} {hashlib.sha256(_pickled(value)).hexdigest()}"
            except Exception:  # whatever a stranger's class does; what cannot be sent is told of later
                pass
        state = {**getattr(value, "__dict__", {})}
        for base in cls.__mro__:
            names = vars(base).get("__slots__", ())
            for name in [names] if isinstance(names, str) else names:
                if hasattr(value, name):
                    state[name] = getattr(value, name)
        return f"{named} {self.describe(state)}"

    def _module(self, module: types.ModuleType) -> str:
        """A module as a whole: where nobody can tell what of it is used."""
        name = module.__name__
        if is_own(name):
            return self._coded(module, "module", self._everything)
        if sources.counts(name, ""):
            self._modules |= sources.reached(name)
        return f"module {name}"

    def _everything(self, module: types.ModuleType, name: str) -> str:
        names = sorted(key for key in vars(module) if not key.startswith("__"))
        return " ".join(f"{key} = {self.describe(vars(module)[key])}" for key in names)

    # ---------------------------------------------------------------------------------------------------- code

    def _coded(self, value: Any, what: str, read: Any) -> str:
        """A function or class: by name where it is a library's, with a record where it is a user's own."""
        whole = isinstance(value, types.ModuleType)
        module = str(value.__name__ if whole else getattr(value, "__module__", None) or "")
        name = value.__name__ if whole else value.__qualname__
        own = is_own(module)
        if not own:
            if sources.counts(module, ""):
                self._modules |= sources.reached(module)
            if "<locals>" not in name:  # what a library makes in a call differs by what it was called with
                return f"{what} {module}.{name}"
        label, number = f"{what} {name}", 2
        while label in self._records:
            label, number = f"{what} {name} {number}", number + 1
        if own:
            self.homes.add(module)
        self._labels[id(value)] = label
        self._alive.append(value)
        self._records[label] = ""
        self._records[label] = read(value, name)
        return label

    def _function(self, function: types.FunctionType, name: str) -> str:
        found = function_node(function)
        if found is not None:
            self.texts.setdefault(name, found[1])
        code = self._tree(found[0]) if found is not None else self._bytecode(function.__code__)
        return " ".join([code, *self._uses(function)])

    def _class(self, cls: type, name: str) -> str:
        found = class_node(cls)
        parts = [self._tree(found[0]) if found is not None else "no source"]
        if found is not None:
            self.texts.setdefault(name, found[1])
        parts += [f"of {self.describe(base)}" for base in cls.__bases__]
        parts += [f"made by {self.describe(type(cls))}"] if type(cls) is not type else []
        covered = set(map(id, functions_of(cls))) if found is not None else set()
        for key, value in sorted(vars(cls).items()):
            if key in SKIPPED or (isinstance(value, types.FunctionType) and is_generated(value, cls)):
                continue
            inner = behind(value)
            if inner and all(id(one) in covered for one in inner):  # their text is in the class's
                parts += [text for one in inner for text in self._uses(one)]
            else:
                self.met.append((f"{name}.{key}", value))
                parts.append(f"{key} = {self.describe(value)}")
        return " ".join(parts)

    def _uses(self, function: types.FunctionType) -> Iterator[str]:
        """What a function holds, and what it names in its module."""
        yield from (f"default {self.describe(value)}" for value in function.__defaults__ or ())
        yield from (f"{key} default {self.describe(value)}" for key, value in (function.__kwdefaults__ or {}).items())
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            if name == "__class__":
                continue
            try:
                value = cell.cell_contents
            except ValueError:  # not assigned yet
                continue
            self.met.append((name, value))
            yield f"{name} = {self.describe(value)}"
        for name, value in self._named(function.__code__, function.__globals__):
            self.met.append((name, value))
            yield f"{name} = {self.describe(value)}"

    def _named(self, code: types.CodeType, names: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """(name, value) of the globals that code names, of modules' attributes those: `helpers.sign`, not all of it."""
        steps = list(dis.get_instructions(code))
        for number, step in enumerate(steps):
            if step.opname == "IMPORT_NAME" and isinstance(step.argval, str):
                self.late.add(step.argval)
                module = sys.modules.get(step.argval)
                if module is not None and is_own(step.argval):
                    self._module(module)
            if step.opname not in ("LOAD_GLOBAL", "LOAD_NAME") or step.argval not in names:
                continue
            name, value = step.argval, names[step.argval]
            if name.startswith("__"):
                continue
            for after in steps[number + 1 :]:
                if not isinstance(value, types.ModuleType) or after.opname not in ("LOAD_ATTR", "LOAD_METHOD"):
                    break
                if not hasattr(value, after.argval):
                    break
                if is_own(value.__name__):
                    self.homes.add(value.__name__)
                name, value = f"{name}.{after.argval}", getattr(value, after.argval)
            yield name, value
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                yield from self._named(constant, names)

    def _tree(self, node: Any) -> str:
        return hashlib.sha256("\0".join(sources.statements(node)).encode("utf-8", "surrogatepass")).hexdigest()

    def _bytecode(self, code: types.CodeType) -> str:
        constants = [self.describe(one) for one in code.co_consts]
        names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
        text = f"{code.co_code.hex()} {names} {constants} {code.co_flags} {code.co_argcount} {code.co_kwonlyargcount}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _as_array(value: Any) -> str:
    """The content of another library's array (a tensor), whose pickle may hold where it lies; else nothing."""
    if isinstance(value, (np.ndarray, np.generic)) or not hasattr(type(value), "__dlpack__"):
        return ""
    try:
        array = np.asarray(value.detach() if hasattr(value, "detach") else value)
    except Exception:  # on another device, or of a dtype that NumPy has not
        return ""
    return f"{array.dtype.str} {array.shape} {hashlib.sha256(array.tobytes()).hexdigest()}"


def _pickled(value: Any) -> bytes:
    """As `pickle.dumps`, but with the content of other libraries' arrays in their place."""
    file = io.BytesIO()
    pickler = _Pickler(file, 4)
    pickler.dump(value)
    return file.getvalue()


class _Pickler(pickle.Pickler):
    def persistent_id(self, value: Any) -> str | None:
        return _as_array(value) or None
