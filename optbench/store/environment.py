"""What a run ran on: versions, processor, linear algebra, commit."""

import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from optbench.contract.hyperparameters import walk
from optbench.registry.registry import Registry

PACKAGES = ("optbench", "numpy", "scipy", "pandas", "scikit-learn", "mlxtend", "seaborn", "matplotlib", "optuna")
#: of an environment: what the bits of a result, or the settings that are tried, may depend on; the likeliest first
DECISIVE = (
    *("blas", "packages.numpy", "packages.scipy", "packages.optuna", "packages.optbench", "processor", "python"),
)


def environment(registry: Registry) -> dict[str, Any]:
    """Plain data for the store and the report."""
    import numpy as np
    from threadpoolctl import threadpool_info

    np.ones((2, 2)) @ np.ones((2, 2))
    pools = [pool for pool in threadpool_info() if pool.get("user_api") == "blas"]
    # SciPy brings one of its own, which may or may not be loaded yet: the networks' is NumPy's
    pools = [pool for pool in pools if "numpy" in pool.get("filepath", "")] or pools
    blas = [
        f"{pool.get('internal_api', '?')} {pool.get('version') or ''} {pool.get('architecture') or ''}".strip()
        for pool in pools
    ]
    return {
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": processor(),
        "machine": machine(),
        "cores": os.cpu_count(),
        "blas": ", ".join(dict.fromkeys(blas)) or "none found",
        "commit": commit(),
        "code": code(),
        "packages": {name: installed(name) for name in PACKAGES},
        "plugins": sorted({f"{p.distribution} {p.version}" for p in registry.plugins.values()}),
    }


def fields(environment: Mapping[str, Any]) -> dict[str, str]:
    """An environment's fields by path, such as packages.numpy, as text: for comparing two of them."""
    return {
        path: ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else "" if value is None else str(value)
        for path, value in walk(environment)
    }


def differences(there: Mapping[str, Any], here: Mapping[str, Any], of: Iterable[str]) -> list[tuple[str, str, str]]:
    """(field, there, here) of the fields in which two environments differ."""
    before, now = fields(there), fields(here)
    return [(name, before.get(name, ""), now.get(name, "")) for name in of if before.get(name, "") != now.get(name, "")]


def processor() -> str:
    """The processor's name. Read from Linux itself: the libraries for it take two seconds to be portable."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def machine() -> str:
    """Tells machines of one kind apart without naming them: reports are published."""
    return hashlib.sha256(platform.node().encode("utf-8", "replace")).hexdigest()[:8]


def code() -> str:
    """A digest of optbench's own source: between two commits its version stays the same, and bits may not."""
    digest = hashlib.sha256()
    folder = Path(__file__).parents[1]
    for path in sorted(folder.rglob("*.py")):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def commit() -> str:
    """The commit of the folder that the run was started in, with `+` where it has changes; empty outside git."""
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"],
            capture_output=True, text=True, timeout=5, check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()
