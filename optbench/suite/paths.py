"""Settings by path: "inner.lr" is the lr of what is within."""

from collections.abc import Mapping
from typing import Any


def put(settings: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The settings with the one at `path` changed; the given ones stay as they are."""
    head, _, rest = path.partition(".")
    return {**settings, head: put(settings[head], rest, value) if rest else value}


def get(settings: Mapping[str, Any], path: str) -> Any:
    """The setting at `path`; raises KeyError."""
    head, _, rest = path.partition(".")
    if rest and not isinstance(settings[head], Mapping):
        raise KeyError(path)
    return get(settings[head], rest) if rest else settings[head]
