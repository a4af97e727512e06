"""What is installed here: versions, linear algebra, plugins."""

import os
import platform
from importlib.metadata import version
from typing import Any

from optbench.contract.hookspecs import CONTRACT
from optbench.registry.installed import own_version
from optbench.registry.registry import Registry

#: what decides how many threads linear algebra takes, or which of its kernels
VARIABLES = (
    *("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "GOTO_NUM_THREADS", "OPENBLAS_CORETYPE"),
    *("OPENBLAS_VERBOSE", "OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY", "KMP_AFFINITY"),
)


def installation(registry: Registry) -> dict[str, Any]:
    """Versions as plain data.

    optbench, python, numpy   versions
    contract                  the number of the component contract
    blas                      NumPy's linear algebra: [{"library", "version", "kernel", "threads"}]
    plugins                   distributions with plugins that were loaded: [{"name", "version"}]
    """
    plugins = {p.distribution: p.version for p in registry.plugins.values() if p.distribution != "optbench"}
    return {
        "optbench": own_version(),
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "contract": CONTRACT,
        "blas": blas(),
        "plugins": [{"name": name, "version": number} for name, number in sorted(plugins.items())],
    }


def blas() -> list[dict[str, Any]]:
    """The libraries that NumPy's products run in, with the kernel that they chose and their threads."""
    import numpy as np
    from threadpoolctl import threadpool_info

    np.ones((2, 2)) @ np.ones((2, 2))
    pools = [pool for pool in threadpool_info() if pool.get("user_api") == "blas"]
    # SciPy brings one of its own, which may or may not be loaded: the networks' is NumPy's
    pools = [pool for pool in pools if "numpy" in pool.get("filepath", "")] or pools
    return [
        {
            "library": pool.get("internal_api") or "unknown",
            "version": pool.get("version") or "",
            "kernel": pool.get("architecture") or "",
            "threads": pool.get("num_threads"),
        }
        for pool in pools
    ]


def variables() -> dict[str, str]:
    """Those of the environment's variables above that are set."""
    return {name: os.environ[name] for name in VARIABLES if name in os.environ}
