"""Reads suites: by name from plugins, by path from disk. Every mistake in a file is one `OptbenchError`."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from optbench.contract.errors import OptbenchError, near
from optbench.registry.registry import Registry
from optbench.suite.checks import batch_problems, metric_problems, name_problems
from optbench.suite.document import Suite
from optbench.suite.grid import crossed, design_problems
from optbench.suite.problems import explain, place, refuse
from optbench.suite.rulesets import search_problems
from optbench.suite.scripted import welcomed
from optbench.suite.variants import bases_of, inherited, variant_problems

#: Bytes of a suite's file at most: the largest of ours has 60 kB, and a device has no end.
LARGEST = 5 * 10**6


def load(suite: str | Path, registry: Registry) -> Suite:
    """The suite of this name, or in this TOML file: a path ends in .toml or contains a separator."""
    text, path = source(suite, registry)
    if path is None:
        return parse(text, registry.suites[str(suite)][0].name, registry)
    return parse(text, str(path), registry, path.parent)


def source(suite: str | Path, registry: Registry) -> tuple[str, Path | None]:
    """The text of a suite, and the path that it was given by; None for one by name, which belongs to a plugin."""
    if isinstance(suite, Path) or suite.endswith(".toml") or "/" in suite or "\\" in suite:
        return _read(Path(suite)), Path(suite)
    if suite not in registry.suites:
        message = f"there is no suite {suite!r}; {near(suite, registry.suites)}"
        broken = [str(p) for p in registry.problems if suite in str(p)]
        if broken:
            message += f" (not loaded: {broken[0]})"
        if Path(f"{suite}.toml").is_file():
            message += f" (for the file in this folder write {suite}.toml)"
        raise OptbenchError(message)
    file, plugin = registry.suites[suite]
    try:
        content = file.read_bytes()
    except OSError as error:
        raise OptbenchError(f"suite {suite!r} of plugin {plugin} cannot be read: {error}") from None
    return _decode(content, file.name), None


def parse(text: str, origin: str, registry: Registry, folder: Path | None = None) -> Suite:
    """The suite in a TOML text; `origin` is the file's name for messages.

    folder   that its data, and the files of its components, are relative to; None: it may name no such file
    """
    raw = read(text, origin)
    if folder is not None:
        raw, problems = welcomed(anchored(raw, folder), folder, registry)
        if problems:
            raise refuse(origin, problems)
    return validate(raw, origin, registry)


def anchored(raw: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """A suite's table whose datasets' paths, relative to the folder of the suite's file, are absolute."""
    tables = raw.get("workloads")
    if not isinstance(tables, list):
        return dict(raw)

    def placed(table: Any) -> Any:
        if not isinstance(table, Mapping):
            return table
        found = {key: placed(value) for key, value in table.items()}
        if isinstance(path := found.get("path"), str) and path and "\0" not in path:
            found["path"] = str((folder / Path(path).expanduser()).absolute())
        return found

    works = [w | {"dataset": placed(w["dataset"])} if isinstance(w, dict) and "dataset" in w else w for w in tables]
    return {**raw, "workloads": works}


def read(text: str, origin: str) -> dict[str, Any]:
    """The table in a TOML text."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise OptbenchError(f"{origin}: not TOML: {error}") from None
    except ValueError as error:  # a date such as 2026-13-01
        raise OptbenchError(f"{origin}: not TOML: {error}") from None


def validate(raw: Mapping[str, Any], origin: str, registry: Registry) -> Suite:
    """The suite in a table, as TOML gives it or as a store keeps it."""
    problems: list[str] = []
    suite, whole = None, raw
    raw, crossing, wrong = crossed(inherited(raw), registry)
    if wrong is not None or crossing:
        raise refuse(origin, [*(explain(wrong, whole) if wrong is not None else ()), *crossing])
    try:
        suite = Suite.model_validate(raw, context={"registry": registry})
    except ValidationError as error:
        problems += _once(explain(error, raw), raw)
    problems += [*name_problems(raw), *design_problems(raw), *variant_problems(raw), *search_problems(raw)]
    if suite is not None and not problems:
        problems += metric_problems(suite, registry)
        problems += batch_problems(suite, registry)
    if suite is None or problems:
        raise refuse(origin, problems)
    return suite.tuning_free() if suite.ruleset == "tuning-free" else suite


def _once(problems: list[str], raw: Mapping[str, Any]) -> list[str]:
    """Without those that a variant only has of its base, where they are told."""
    repeated = set()
    for number, base in bases_of(raw).items():
        here, there = place(raw, ("workloads", number)), place(raw, ("workloads", base))
        repeated |= {here + text.removeprefix(there) for text in problems if text.startswith(f"{there}:")}
    return [text for text in problems if text not in repeated]


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise OptbenchError(f"{path}: larger than any suite: more than {LARGEST // 10**6} MB")
        return _decode(content, str(path))
    except FileNotFoundError:
        siblings = [p.name for p in path.parent.glob("*.toml")] if path.parent.is_dir() else []
        hint = near(path.name, siblings) if siblings else ""
        raise OptbenchError(
            f"there is no file {path}" + (f"; {hint}" if hint.startswith("did") else "")
        ) from None
    except OSError as error:
        raise OptbenchError(f"{path} cannot be read: {error.strerror or error}") from None


def _decode(content: bytes, origin: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise OptbenchError(f"{origin}: not UTF-8 text (line {line}, byte {error.start})") from None
