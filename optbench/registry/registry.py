"""Loads plugins, keeps broken ones from breaking others, and finds components by name.

Not pluggy's own `load_setuptools_entrypoints`: there one failing import stops every plugin, and a repeated
entry-point name is skipped in silence.
"""

import os
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.metadata import EntryPoint
from typing import Any

import pluggy

from optbench.contract import hookspecs
from optbench.contract.components import Component
from optbench.contract.errors import OptbenchError, near
from optbench.contract.hookspecs import Deferred, Unavailable
from optbench.contract.hyperparameters import ComponentError
from optbench.contract.text import visible
from optbench.registry import sources
from optbench.registry.accepted import KINDS, check_component, check_name, checked, kind_of
from optbench.registry.faults import Problem, one_line
from optbench.registry.guest import Guest
from optbench.registry.installed import GROUP, installed_entry_points, own_version
from optbench.registry.known import elsewhere
from optbench.registry.making import build
from optbench.registry.scripts import is_path

HOOKS = tuple(name for name in dir(hookspecs) if name.startswith("optbench_"))


@dataclass(frozen=True)
class Entry:
    """A registered component and who provides it."""

    kind: str
    source: type[Component] | Deferred
    plugin: str
    distribution: str
    version: str
    guest: Guest | None = None

    @cached_property
    def component(self) -> type[Component]:
        """The class; `OptbenchError` where one that was to be made when asked for cannot be made."""
        if not isinstance(self.source, Deferred):
            return self.source
        where = f"{self.kind.removesuffix('s')} {self.source.name!r} of {self.plugin}"
        return checked(self.kind, self.source.name, where, self.source.make)

    @property
    def code(self) -> str:
        """The fingerprint of its code: see `sources`, and `reach` for a guest's."""
        if self.guest is not None:
            return self.guest.code
        return sources.fingerprint(self.component.__module__, self.distribution)

    @property
    def provider(self) -> str:
        """What decides its results besides its settings: distribution, version, and the library behind a bridge."""
        bridge = self.component.bridge
        return f"{self.distribution} {self.version}".rstrip() + (f" via {bridge}" if bridge else "")


@dataclass
class Plugin:
    """A loaded entry point, for `optbench plugins`."""

    name: str
    distribution: str
    version: str
    offers: dict[str, list[str]] = field(default_factory=dict)


class Registry:
    """All components by kind and name, suites and reference results by name, and the problems met on the way."""

    def __init__(self) -> None:
        self.manager = pluggy.PluginManager(GROUP)
        self.manager.add_hookspecs(hookspecs)
        self.components: dict[str, dict[str, Entry]] = {kind: {} for kind in KINDS}
        self.suites: dict[str, tuple[Any, str]] = {}
        #: name of a suite -> (the folder of its reference results, the plugin)
        self.references: dict[str, tuple[Any, str]] = {}
        self.plugins: dict[str, Plugin] = {}
        self.problems: list[Problem] = []
        #: kind -> name -> (what a plugin says of it, the plugin)
        self.unavailable: dict[str, dict[str, tuple[Unavailable, str]]] = {kind: {} for kind in KINDS}
        #: prefix of names -> (what makes components of them, the plugin)
        self.resolvers: dict[str, tuple[Callable[[str, str], type[Component]], str]] = {}
        self._resolved: dict[tuple[str, str], Entry] = {}

    # ------------------------------------------------------------------------------------------------ loading

    def load(self, entry_points: Iterable[tuple[EntryPoint, str, str]]) -> "Registry":
        """Load (entry point, distribution, version) each by itself, and collect what it offers."""
        for point, distribution, number in entry_points:
            name = f"{distribution}:{point.name}"
            if not name.isprintable():
                self._problem(visible(name), "import", OptbenchError("a plugin's name is a printable text"), strict())
                continue
            try:
                module = point.load()
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # a module may also exit when it is imported
                self._problem(name, "import", error, strict())
                continue
            self.register(module, name, distribution, number, strict())
        return self

    def register(
        self, module: Any, name: str, distribution: str, number: str, strict: bool = False
    ) -> None:
        """Register one plugin object under `distribution:name`; problems are kept, or raised if `strict`."""
        if self.manager.has_plugin(name):
            self._problem(name, "hooks", OptbenchError("this entry point is given twice"), strict)
            return
        stage = "contract"
        try:
            contract = getattr(module, "OPTBENCH_CONTRACT", hookspecs.CONTRACT)
            if contract != hookspecs.CONTRACT:
                raise OptbenchError(
                    f"written for contract {contract!r}, this optbench has contract {hookspecs.CONTRACT}"
                )
            stage = "hooks"
            self._check_hooks(module)
            self.manager.register(module, name)
            self.manager.check_pending()
        except Exception as error:
            if self.manager.has_plugin(name):
                self.manager.unregister(name=name)
            self._problem(name, stage, error, strict)
            return
        self.plugins[name] = Plugin(name, distribution, number)
        self._collect(name, strict)
        if any(i.plugin_name == name for i in self.manager.hook.optbench_trial_finished.get_hookimpls()):
            self.plugins[name].offers["observers"] = ["optbench_trial_finished"]

    def _check_hooks(self, module: Any) -> None:
        # pluggy accepts a misspelt hook in silence until somebody asks, and never sees one without its mark.
        for attribute in dir(module):
            options = self.manager.parse_hookimpl_opts(module, attribute)
            if options is not None:
                hook = options.get("specname") or attribute
                if hook not in HOOKS:
                    raise OptbenchError(f"there is no hook {hook!r}; {near(hook, HOOKS)}")
            elif attribute in HOOKS:
                home = getattr(getattr(module, attribute), "__module__", None)
                if home is not None and home == getattr(module, "__name__", ""):
                    raise OptbenchError(f"{attribute} is not marked with @hookimpl")

    def _collect(self, name: str, strict: bool) -> None:
        for kind in (*KINDS, "suites", "references", "resolvers"):
            hook = getattr(self.manager.hook, f"optbench_{kind}")
            for implementation in hook.get_hookimpls():
                if implementation.plugin_name != name:
                    continue
                # Each implementation by itself: one that raises hides no other.
                try:
                    offered: Any = implementation.function() or []
                    offered = list(offered.items() if kind == "resolvers" else offered)
                except (Exception, SystemExit) as error:
                    self._problem(name, "collect", error, strict, f"optbench_{kind}: ")
                    continue
                for item in offered:
                    try:
                        self._add(kind, item, name)
                    except Exception as error:
                        self._problem(name, "component", error, strict)

    def _add(self, kind: str, item: Any, plugin: str) -> None:
        owner = self.plugins[plugin]
        if isinstance(item, Unavailable) and kind in KINDS:
            check_name(kind, item.name, item.name)
            self.unavailable[kind].setdefault(item.name, (item, plugin))
            return
        if kind == "resolvers":
            prefix, function = item
            named = isinstance(prefix, str) and prefix and ":" not in prefix and prefix.isprintable()
            if not (named and callable(function)):
                raise OptbenchError(f"optbench_resolvers gave {item!r}, not a prefix without a colon and a function")
            label, table, item = prefix, self.resolvers, (function, plugin)
        elif kind == "suites":
            if not hasattr(item, "read_bytes"):
                raise OptbenchError(f"optbench_suites gave {item!r}, not a file from importlib.resources")
            label, table, item = item.name.removesuffix(".toml"), self.suites, (item, plugin)
            check_name(kind, label, label)
        elif kind == "references":
            if not (hasattr(item, "is_dir") and item.is_dir()):
                raise OptbenchError(f"optbench_references gave {item!r}, not a folder from importlib.resources")
            label, table, item = item.name, self.references, (item, plugin)
            check_name(kind, label, label)
        else:
            if isinstance(item, Deferred):
                check_name(kind, item.name, item.name)
            else:
                check_component(kind, item)
            label, table = item.name, self.components[kind]  # type: ignore[assignment]
            item = Entry(kind, item, plugin, owner.distribution, owner.version)
        if label in table:
            taken: Any = table[label]
            other = taken.plugin if isinstance(taken, Entry) else taken[1]
            singular = kind.removesuffix("s")
            raise OptbenchError(
                f"the {singular} name {label!r} is taken by {other}; {plugin} must choose another"
            )
        table[label] = item
        owner.offers.setdefault(kind, []).append(label)

    def _problem(
        self, plugin: str, stage: str, error: BaseException, strict: bool, prefix: str = ""
    ) -> None:
        if strict:
            error.add_note(f"in plugin {plugin} ({stage})")
            raise error
        lines = "".join(traceback.format_exception(error))
        self.problems.append(Problem(plugin, stage, prefix + one_line(error), lines))

    # ---------------------------------------------------------------------------------------------- resolving

    def entry(self, kind: str, name: str) -> Entry:
        """The entry of this kind (plural) and name; else an error that says why and lists near names."""
        table = self.components[kind]
        if name in table:
            return table[name]
        if self.resolves(name):
            return self._resolve(kind, name)
        if name in self.unavailable[kind]:
            record, plugin = self.unavailable[kind][name]
            raise OptbenchError(
                f"the {kind.removesuffix('s')} {name!r} of {plugin} cannot be used: {record.reason}"
            )
        message = f"there is no {kind.removesuffix('s')} {name!r}; {self._near(kind, name)}"
        # Only broken plugins may be the reason; a problem that names the component is named first.
        broken = sorted(self.problems, key=lambda problem: name not in str(problem))
        if broken:
            message += " (not loaded: " + "; ".join(map(str, broken[:3])) + ")"
        raise OptbenchError(message)

    @property
    def guests(self) -> list[Guest]:
        """The components that were handed in: other processes need them, too."""
        return [e.guest for table in self.components.values() for e in table.values() if e.guest is not None]

    def welcome(self, guest: Guest, component: type[Component], sent: bool = False) -> None:
        """Register a component that was handed in. The last of one name and one place holds: it may be edited.

        sent   by another process: what an earlier run had sent gives way
        """
        known = self.components[guest.kind].get(guest.name)
        if known is not None:
            other = known.guest
            if other is None or (not sent and other.place != guest.place and other.code != guest.code):
                where = "plugin " + known.plugin if other is None else other.place or other.provider
                raise OptbenchError(f"{guest.name} is the name of one of {where}: give the file or the class another")
        check_component(guest.kind, component)
        if known is not None and known.guest is not None:
            before = (known.code, known.guest.place, known.guest.own, known.component.hyperparameters())
            if before == (guest.code, guest.place, guest.own, component.hyperparameters()):
                return  # again the same: objects of it stay what they are
        entry = Entry(guest.kind, component, guest.provider, guest.provider, "", guest)
        self.components[guest.kind][guest.name] = entry

    def adapt(self, found: Any, name: str | None) -> type[Component] | str | None:
        """What a plugin makes of a class or function of another library: a component of this name, or the name of
        a registered one; None where no plugin knows it. Without a name, whether one does."""
        for implementation in self.manager.hook.optbench_adapts.get_hookimpls():
            values = {"found": found, "name": name or "adapted"}
            try:
                made: Any = implementation.function(*(values[argument] for argument in implementation.argnames))
            except OptbenchError:
                raise
            except Exception as error:
                raise OptbenchError(f"plugin {implementation.plugin_name}: {one_line(error)}") from error
            if made is not None:
                return made
        return None

    def _near(self, kind: str, name: str) -> str:
        if is_path(name):
            others = [k for k in KINDS if name in self.components[k]]
            if others:
                return f"it is one of the {', '.join(others)}"
            return f"it is of a file that was not given (as a candidate, or by --component ./{name})"
        prefix, colon, _ = name.partition(":")
        if colon and prefix not in self.resolvers:
            return f"no plugin resolves the prefix {prefix!r}: {near(prefix, self.resolvers)}"
        return self.hint(name, self.components[kind], [kind])

    def hint(self, name: str, names: Iterable[str], kinds: Iterable[str] = KINDS) -> str:
        """The end of a message about an unknown name: near ones of these, and where one of the kinds (plural) has it
        that comes with a plugin which is not loaded here."""
        names = list(names)
        here = near(name, names)
        there = elsewhere(name, kinds, {plugin.distribution for plugin in self.plugins.values()}, names)
        return here if not there else f"{here} {there}" if here.startswith("did") else there

    def resolves(self, name: str) -> bool:
        """Whether the name is one that a plugin's resolver makes a component of: PREFIX:REST."""
        prefix, colon, rest = name.partition(":")
        return bool(colon and rest) and prefix in self.resolvers

    def kind_of(self, name: str) -> str:
        """The kind, in the plural, that a resolver takes a name for where nobody says one: it is asked for the kind "".

        An optimizer where the resolver has no answer to that; the error of asking for one says what is wrong.
        """
        resolve, _ = self.resolvers[name.partition(":")[0]]
        try:
            found = resolve("", name)
        except Exception:  # whatever a stranger's resolver does with a kind that it does not know
            return "optimizers"
        return kind_of(found) or "optimizers"

    def _resolve(self, kind: str, name: str) -> Entry:
        if (kind, name) not in self._resolved:
            resolve, plugin = self.resolvers[name.partition(":")[0]]
            where = f"{kind.removesuffix('s')} {name!r} of {plugin}"
            component = checked(kind, name, where, lambda: resolve(kind, name))
            owner = self.plugins[plugin]
            self._resolved[kind, name] = Entry(kind, component, plugin, owner.distribution, owner.version)
        return self._resolved[kind, name]

    def used(self, part: str) -> Entry:
        """The entry of a part of a trial, as its `providers` have it: "optimizer:adam"."""
        kind, _, name = part.partition(":")
        return self.entry(f"{kind}s", name)

    def code(self, part: str) -> str:
        """The fingerprint here of "engine", what trains, or of a part of a trial, as its `sources` have it."""
        return sources.engine() if part == "engine" else self.used(part).code

    def create(self, kind: str, settings: Mapping[str, Any]) -> Any:
        """A component from {"name": …, **settings}; tables with a name within it become components too."""
        values = dict(settings)
        if "name" not in values:
            raise ComponentError(f"{kind.removesuffix('s')}: the setting 'name' is missing, got {values!r}")
        component = self.entry(kind, values.pop("name")).component
        return build(component, {k: self._inner(kind, v) for k, v in values.items()})

    def _inner(self, kind: str, value: Any) -> Any:
        return self.create(kind, value) if isinstance(value, Mapping) and "name" in value else value

    def observe(self, trial: Any, run: Any, assignments: tuple[Any, ...] = ()) -> None:
        """Tell every observer of a finished trial; one that raises is named and called no more."""
        hook = self.manager.hook.optbench_trial_finished
        for implementation in hook.get_hookimpls():
            try:
                values = {"trial": trial, "run": run, "assignments": assignments}
                implementation.function(*(values[name] for name in implementation.argnames))
            except (Exception, SystemExit) as error:
                self.manager.unregister(name=implementation.plugin_name)
                self._problem(implementation.plugin_name, "observe", error, strict())


def strict() -> bool:
    """Whether problems are raised: plugin authors set OPTBENCH_STRICT=1."""
    return os.environ.get("OPTBENCH_STRICT") == "1"


@cache
def registry() -> Registry:
    """The registry of this process, loaded at first use."""
    found = Registry()
    points = installed_entry_points(found.problems)
    if not any(name == "optbench" for _, name, _ in points):
        points.insert(0, own_entry_point())  # run from a checkout that is not installed
    return found.load(points)


def built_in() -> Registry:
    """A new registry of what optbench itself offers, without any other plugin."""
    return Registry().load([own_entry_point()])


def own_entry_point() -> tuple[EntryPoint, str, str]:
    """The built-ins come through the same door as a stranger's plugin."""
    return EntryPoint("builtin", "optbench.builtin", GROUP), "optbench", own_version()
