"""Components from what somebody has in hand: a class, an instance, a file. Each becomes a guest of the registry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from types import FunctionType
from typing import Any

from optbench.contract.arguments import short
from optbench.contract.components import Component
from optbench.contract.errors import OptbenchError
from optbench.registry import scripts, sources
from optbench.registry.accepted import KINDS, check_component, check_whole, kind_of
from optbench.registry.foreign import import_object
from optbench.registry.guest import Guest
from optbench.registry.reach import Reach, is_own
from optbench.registry.registry import Registry
from optbench.registry.travel import PYTHON, packed, unpacked


@dataclass(frozen=True)
class Invited:
    """A component that is registered now.

    kind       in the plural
    name       that it is registered under
    own        what its class calls itself; else that name
    settings   of an instance, all of them; None of a class
    """

    kind: str
    name: str
    own: str
    settings: dict[str, Any] | None = None


def invite(registry: Registry, thing: Any, folder: str | Path = ".") -> Invited:
    """Register a component class, an instance, a class of a library that a plugin adapts, or the path of a file.

    folder   that paths are relative to
    `OptbenchError` where it is none of these, or cannot be sent to other processes.
    """
    if isinstance(thing, str):
        script, found = scripts.find(thing, Path(folder))
        return _invited(registry, found, script, called=thing.rpartition(":")[2])
    return _invited(registry, thing)


def named(registry: Registry, kind: str, name: str, folder: str | Path = ".") -> str:
    """The registered name of what a name stands for: of a path the guest's, of any other name itself.

    kind   that is asked for, in the plural
    A file with several components needs no name where one of them is of this kind.
    """
    match = scripts.PATH.fullmatch(name)
    if match is None:
        return name
    file = Path(folder) / Path(match["file"]).expanduser()
    if name in registry.components[kind] and not file.exists():
        return name
    if match["object"] is None:
        whole = scripts.load(file, name)
        fitting = [n for n, cls in whole.components.items() if issubclass(cls, KINDS[kind])]
        if len(fitting) == 1:
            name = f"{name}:{fitting[0]}"
    invited = invite(registry, name, folder)
    if invited.kind != kind:
        raise OptbenchError(f"{name} is {_a(invited.kind)}, not {_a(kind)}")
    return invited.name


def admit(registry: Registry, guests: Iterable[Guest]) -> list[str]:
    """Register guests of another process here; a message for each that cannot be."""
    problems = []
    for guest in guests:
        if guest in registry.guests:  # a worker in this process: unpickling would change the class that is here
            continue
        try:
            registry.welcome(guest, _component(registry, guest.name, unpacked(guest)), sent=True)
        except OptbenchError as error:
            problems.append(str(error))
    return problems


def recall(registry: Registry, records: Iterable[Mapping[str, Any]], given: Iterable[Any] = ()) -> None:
    """Register guests that a store names (`Guest.record`): from what is given, under the names that the store has, and
    from the files that they were read from, where these are as they were and in the current folder or below: a
    store may come from anybody, and is not to choose among the programs of a machine. Its source is never executed.

    given   as of `invite`, or the path of a module, "package.module:Lion"
    `OptbenchError` where the store names nothing like it.
    """
    records = list(records)
    for thing in given:
        script, found = None, thing
        if isinstance(thing, str) and scripts.is_path(thing):
            script, found = scripts.find(thing, Path())
        elif isinstance(thing, str):
            found, _ = import_object(thing)
        called = str(getattr(found, "__qualname__", str(thing).rpartition(":")[2])).rpartition("<locals>.")[2]
        names = [record["name"] for record in records if record["name"].rpartition(":")[2] == called]
        if not names:
            known = ", ".join(record["name"] for record in records) or "nothing was handed in"
            raise OptbenchError(f"{called or short(thing)} is none of the components that were handed in: {known}")
        for name in names:
            _invited(registry, found, script, name)
    for record in records:
        place = Path(record["place"])
        if record["name"] in registry.components.get(record["kind"], {}) or not record["place"]:
            continue
        try:
            here = place.resolve().is_relative_to(Path.cwd())
            if here and sources.digest_of_file(place) == record["digest"]:
                invite(registry, f"{place}:{record['name'].rpartition(':')[2]}", place.parent)
        except (OSError, OptbenchError):  # whoever needs it is told that it is not there
            continue


def united(records: Iterable[Mapping[str, Any]], guests: Iterable[Guest]) -> list[dict[str, Any]]:
    """What a store keeps of guests: what it had, and these."""
    found = {(record["kind"], record["name"]): dict(record) for record in records}
    return list({**found, **{(guest.kind, guest.name): guest.record for guest in guests}}.values())


def _invited(
    registry: Registry, thing: Any, script: scripts.Script | None = None, name: str = "", called: str = ""
) -> Invited:
    """`name` is what it is registered under, where that is known; `called` what its file calls it."""
    instance = isinstance(thing, Component)
    found = type(thing) if instance else thing
    settings = _settings(registry, thing) if instance else None
    known = _known(registry, found)
    if known is not None and not name:
        guest = registry.entry(*known).guest
        return Invited(*known, (guest.own if guest is not None else "") or known[1], settings)
    if isinstance(found, type) and "handed_in" in vars(found):  # the registered form of what was edited since
        found = vars(found)["handed_in"]
    if not (isinstance(found, type) and issubclass(found, Component)):
        adapted = registry.adapt(found, None)
        if adapted is None:
            raise OptbenchError(_no_component(found, script))
        if isinstance(adapted, str):
            return Invited(_kind_of_name(registry, adapted), adapted, adapted)
    name = name or _name(found, script, called)
    reach = Reach(found)
    if script is not None:
        _check_imports(name, script, reach)
    component = _component(registry, name, found)
    kind = kind_of(component)
    assert kind is not None
    check_component(kind, component)
    check_whole(kind, component)
    guest = Guest(
        kind, name, _code(found, reach), name.rpartition(":")[0], packed(found, reach, name), PYTHON,
        own=found.name if isinstance(found, type) and issubclass(found, Component) else "",
        place=str(script.path) if script else "",
        digest=script.digest if script else "",
        text=script.text if script else "\n\n".join(reach.texts.values()),
    )  # fmt: skip
    registry.welcome(guest, component)
    return Invited(kind, name, guest.own or name, settings)


def _settings(registry: Registry, instance: Component) -> dict[str, Any]:
    """The settings of an instance; those within it are registered, too."""
    found = instance.settings()
    for name in found:
        inner = getattr(instance, name)
        if isinstance(inner, Component):
            invited = _invited(registry, inner)
            found[name] = {"name": invited.name, **(invited.settings or {})}
    return found


def _check_imports(name: str, script: scripts.Script, reach: Reach) -> None:
    """Refuse imports of what lies beside a file when its functions are called: no worker would find it."""
    for module in sorted(reach.late):
        top = module.partition(".")[0]
        beside = script.path.parent / top
        if (beside.with_suffix(".py").is_file() or beside.is_dir()) and PathFinder.find_spec(top) is None:
            raise OptbenchError(
                f"{name} imports {module} within a function, where no worker process would find it: import it at the "
                "top of the file, and it travels along"
            )


def _known(registry: Registry, found: Any) -> tuple[str, str] | None:
    """(kind, name) of a class that is registered, as a plugin's or a guest's."""
    kind, name = kind_of(found), getattr(found, "name", None)
    entry = registry.components[kind].get(name) if kind is not None and isinstance(name, str) else None
    return (str(kind), str(name)) if entry is not None and entry.component is found else None


def _component(registry: Registry, name: str, found: Any) -> type[Component]:
    """The component class of this name; of a component class one that differs in its name alone."""
    if isinstance(found, type) and issubclass(found, Component):
        if kind_of(found) is None:
            raise OptbenchError(f"{name}: a component is one of the kinds {', '.join(KINDS)}")
        kept = ("__doc__", "__module__", "__qualname__", "__dataclass_params__", "special_cases", "expected_failures")
        own = {key: vars(found)[key] for key in kept if key in vars(found)}
        return type(found.__name__, (found,), {**own, "name": name, "handed_in": found})
    component = registry.adapt(found, name)
    if component is None or isinstance(component, str):
        raise OptbenchError(f"no plugin here makes a component of {name}; is the one that did it installed?")
    return component


def _name(found: Any, script: scripts.Script | None, called: str) -> str:
    own: Any = getattr(found, "__qualname__", called if script is not None else None)
    if not isinstance(own, str):
        raise OptbenchError(f"{short(found)} has no name: give the class or the function that makes it")
    where = script.path.name if script is not None else str(found.__module__)
    where = where.rpartition("@")[0] + ".py" if "@" in where else where
    return "_".join(f"{where}:{own.rpartition('<locals>.')[2]}".split())


def _code(found: Any, reach: Reach) -> str:
    module = str(getattr(found, "__module__", ""))
    if not isinstance(found, (type, FunctionType)):  # an object: what it holds
        return reach.fingerprint
    return reach.fingerprint if is_own(module) else sources.fingerprint(module, module.partition(".")[0])


def _no_component(found: Any, script: scripts.Script | None) -> str:
    called = getattr(found, "__qualname__", None) or short(found)
    if script is not None:
        return f"{script.path.name}:{called} is no component; {scripts.has(script)}"
    what = "a class" if isinstance(found, type) else f"of type {type(found).__name__}"
    return (
        f"{called} is {what} and no component: subclass optbench.Optimizer, Schedule, Initializer, Normalizer or "
        "Regularizer; classes of other libraries need their plugin (optbench-torch, optbench-optax, …)"
    )


def _kind_of_name(registry: Registry, name: str) -> str:
    tables = (registry.components, registry.unavailable)
    return next((kind for table in tables for kind in KINDS if name in table[kind]), "optimizers")


def _a(kind: str) -> str:
    singular = kind.removesuffix("s")
    return f"an {singular}" if singular[0] in "aeiou" else f"a {singular}"
