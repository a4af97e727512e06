"""A component by its registered name, for scripts and notebooks."""

from collections.abc import Sequence
from typing import Any

from optbench.contract.arguments import text
from optbench.contract.errors import OptbenchError, near
from optbench.registry.accepted import KINDS
from optbench.registry.guests import invite
from optbench.registry.registry import Registry, registry
from optbench.registry.scripts import is_path


def get(name: str, /, *, kind: str | None = None, **settings: Any) -> Any:
    """The component that is registered under this name, with these settings; the others have their defaults.

    name   as suites and `optbench list` have it: "adam", "he", "two-moons", "torch/adamw"; or, with `kind`, what a
           plugin's prefix resolves: "torch:my_module:MyOptimizer"; or a file's, "./mine.py:Lion"
    kind   "optimizer", "schedule", …; needed only where several kinds have the name

    A wrapper's inner component is given as one, or as {"name": …, **its settings}. Raises `OptbenchError` for a name
    that there is not (with near ones), or that several kinds have, and for a setting that is not possible.

    >>> get("adam", lr=0.01).lr
    0.01
    >>> get("constant", kind="schedule").name
    'constant'
    """
    text("name", name, "a component's name, such as 'adam'")
    found = registry()
    if is_path(name):
        invited = invite(found, name)
        return found.create(invited.kind, {"name": invited.name, **settings})
    return found.create(_kind(found, name, kind), {"name": name, **settings})


def _kind(found: Registry, name: str, kind: str | None) -> str:
    """The kind, in the plural."""
    if kind is not None:
        plural = f"{text('kind', kind, 'a kind such as optimizer').removesuffix('s')}s"
        if plural not in KINDS:
            raise OptbenchError(f"there is no kind {kind!r}; {near(kind, [k.removesuffix('s') for k in KINDS])}")
        return plural
    # One that cannot be used here is found, too: then the registry says why.
    having = [k for k in KINDS if name in found.components[k]] or [k for k in KINDS if name in found.unavailable[k]]
    if len(having) == 1:
        return having[0]
    if having:
        raise OptbenchError(f"several kinds have the name {name!r}: give kind={_either(having)}")
    if found.resolves(name):
        raise OptbenchError(f"{name!r} may be of any kind: give kind={_either(list(KINDS))}")
    known = {n for k in KINDS for n in found.components[k]}
    broken = "".join(f" (not loaded: {problem})" for problem in found.problems[:3])
    raise OptbenchError(f"there is no component {name!r}; {found.hint(name, known)}{broken}")


def _either(kinds: Sequence[str]) -> str:
    return " or ".join(repr(kind.removesuffix("s")) for kind in kinds)
