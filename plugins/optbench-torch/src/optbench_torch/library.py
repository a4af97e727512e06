"""What is installed of torch and pytorch_optimizer, found out without importing either (two seconds and more)."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

#: import name -> how one installs it
HOW = {"torch": "pip install torch", "pytorch_optimizer": "pip install 'optbench-torch[pytorch-optimizer]'"}


@cache
def torch_module() -> Any:
    """torch, imported when it is first used, on one thread like everything that is timed."""
    import torch

    torch.set_num_threads(1)
    return torch


@cache
def folder(package: str) -> Path | None:
    """Where a top-level package lies; None where it is not installed."""
    spec = find_spec(package)
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


@cache
def installed(package: str) -> str:
    """"torch 2.13.0"; the name alone where nobody knows the version."""
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return package


def behind(package: str) -> str:
    """The libraries, with their versions, that decide what a class of this package computes."""
    return installed("torch") if package == "torch" else f"{installed(package)}, {installed('torch')}"


def missing(package: str, file: str) -> str:
    """Why a class of `package`, which stands in `file`, cannot be used; empty where it can."""
    for name in ("torch", package):
        if folder(name) is None:
            return f"{name} is not installed ({HOW[name]})"
    home = folder(package)
    return "" if home is not None and (home / file).exists() else f"{installed(package)} does not have it"
