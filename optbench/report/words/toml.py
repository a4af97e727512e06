"""The suite as run, in the language that suites are written in."""

from typing import Any


def as_toml(value: Any) -> str:
    """TOML of nested settings. What is None is left out: TOML has no word for it, and it means the default."""
    import tomlkit

    return tomlkit.dumps(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value if v is not None]
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def inline(value: Any) -> str:
    """A value on one line, as it stands behind an equals sign."""
    import tomlkit

    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {inline(one)}" for name, one in value.items() if one is not None) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(inline, value)) + "]"
    return tomlkit.item(_plain(value)).as_string()
