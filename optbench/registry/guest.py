"""A component that was handed in: a class of a notebook, of a script or of a file, which no distribution offers."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Guest:
    """What a process needs to have the component, too, and what a store keeps of it.

    kind      of component, in the plural
    name      that it is registered under, such as "mine.py:Lion", "__main__:Lion", "package.module:Lion"
    code      the fingerprint of its code: see `optbench.registry.reach`
    provider  where it is from: "mine.py", "__main__", "package.module"
    payload   itself, pickled by value
    python    the version that it was pickled by, "3.12": no other can read its code
    own       the name that its class gives itself; empty where it has none
    place     the file that it was read from; empty for a class of a program or a notebook
    digest    of that file's bytes (SHA-256)
    text      its source, for people: never executed
    """

    kind: str
    name: str
    code: str
    provider: str
    payload: bytes = field(repr=False)
    python: str
    own: str = ""
    place: str = ""
    digest: str = ""
    text: str = field(default="", repr=False)

    @property
    def record(self) -> dict[str, Any]:
        """What a store keeps of it."""
        names = ("kind", "name", "code", "provider", "own", "place", "digest", "text")
        return {name: getattr(self, name) for name in names}
