"""`optbench new`: a complete distribution with one component, which installs, passes its tests and runs at once.

Templates are in `templates/` (Jinja2): what all kinds share, and in `templates/kinds/` the modules. Each component
comes with a suite that compares it with what it should beat.
"""

import os
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from optbench.contract.errors import OptbenchError
from optbench.contract.hookspecs import CONTRACT
from optbench.registry.registry import Registry
from optbench.scaffold.names import KINDS, Names, names_of

__all__ = ["KINDS", "commands", "new", "rendered", "told", "write"]

#: template -> file, for every kind; names in braces are those of `Names`
SHARED = {
    "pyproject.toml.j2": "pyproject.toml",
    "README.md.j2": "README.md",
    "gitignore.j2": ".gitignore",
    "test.yml.j2": ".github/workflows/test.yml",
}
COMPONENT = {"compare.toml.j2": "compare.toml"}
OPTIMIZER = {
    "asv.conf.json.j2": "asv.conf.json",
    "benchmarks.py.j2": "benchmarks/__init__.py",
    "track.py.j2": "benchmarks/track.py",
}


def new(name: str, kind: str, out: str | Path | None, registry: Registry) -> tuple[Path, Names]:
    """Write the distribution of a component of one of KINDS; its folder, and all its names.

    out   the folder; default: the distribution's name, in the current one

    Raises `OptbenchError` for a kind that there is not, for a name that is no name or taken, and for a folder that is
    not empty; then nothing is written.
    """
    names = names_of(name, kind, registry)
    folder = Path(out) if out is not None else Path(names.distribution)
    write(folder, rendered(names))
    return folder, names


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files, by their paths, into a new folder; `OptbenchError` where it is not empty, or cannot be written."""
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OptbenchError(f"{folder} is there already and not empty: choose another folder with --out")
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise OptbenchError(f"{folder}: cannot write there: {error.strerror or error}") from error


def rendered(names: Names) -> dict[str, str]:
    """Every file of the distribution, by its path within the folder."""
    kind = names.kind
    templates = dict(SHARED)
    if kind == "suite":
        templates["kinds/suite.py.j2"] = f"{names.module}/__init__.py"
        templates["kinds/suite.toml.j2"] = f"{names.module}/{names.component}.toml"
    else:
        templates[f"kinds/{kind}.py.j2"] = f"{names.module}.py"
        templates.update(COMPONENT)
    if kind == "optimizer":
        templates.update(OPTIMIZER)
    templates["test.py.j2"] = f"tests/test_{names.module}.py"
    variables = {
        **asdict(names), "plural": f"{names.base}s", "contract": CONTRACT, "commands": commands(names),
        "verdict": verdict(names),
    }  # fmt: skip
    return {path: environment().get_template(template).render(variables) for template, path in templates.items()}


@cache
def environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("optbench.scaffold"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )


def commands(names: Names) -> list[str]:
    """What to do with the new folder, in order."""
    run = verdict(names).replace("--against reference", "--candidate adam")
    return ['pip install -e ".[test]"', "pytest", f"optbench check {names.distribution}", f"optbench run {run}"]


def verdict(names: Names) -> str:
    """Words of the `optbench run` that compares it with what it should beat."""
    optimizer = f"quick --candidate {names.component} --against reference"
    return {"optimizer": optimizer, "suite": names.component}.get(names.kind, "compare.toml")


def told(folder: Path, names: Names) -> str:
    """What the command line says at the end."""
    where = os.path.relpath(folder)
    return "\n".join([f"made {where}: now", f"  cd {where}", *(f"  {command}" for command in commands(names))])
