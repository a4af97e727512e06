"""The installation: versions, linear algebra and what holds it back, plugins."""

from collections.abc import Iterator

from optbench.lab.about.installation import installation, variables
from optbench.lab.doctor.finding import Finding
from optbench.registry.registry import Registry

#: variables that bind threads to processors: workers then share one
BINDING = ("OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY", "KMP_AFFINITY")


def versions(registry: Registry) -> Iterator[Finding]:
    """Versions, the linear algebra of NumPy, and variables of the environment that decide about it."""
    found = installation(registry)
    yield Finding("ok", "versions", f"optbench {found['optbench']}, Python {found['python']}, NumPy {found['numpy']}")
    for one in found["blas"]:
        told = f"{one['library']} {one['version']}, {one['kernel'] or 'unknown'} kernels, {one['threads']} threads"
        yield Finding("ok", "BLAS", f"{told}; trials take one each")
    if not found["blas"]:
        do = "products may be slow: install NumPy's wheel, pip install numpy"
        yield Finding("caution", "BLAS", "NumPy's products run in no library that is known", do)
    for name, value in variables().items():
        do = ""
        if name == "OPENBLAS_CORETYPE":
            do = f"unset {name}: the library chooses the widest kernels by itself, and bits are those of others here"
        elif name in BINDING and value.lower() not in ("false", "none", "disabled"):
            do = f"unset {name}: worker processes may all be bound to one processor"
        yield Finding("caution" if do else "ok", "environment", f"{name}={value}", do)


def plugins(registry: Registry) -> Iterator[Finding]:
    """Plugins that were loaded, and those that were not, with the reason."""
    others = [name for name in registry.plugins if name != "optbench:builtin"]
    told = f": {', '.join(others)}" if others else ""
    yield Finding("ok", "plugins", f"{len(others)} beside the built-in ones{told}")
    for problem in registry.problems:
        do = "mend or uninstall it; OPTBENCH_STRICT=1 optbench plugins shows where"
        yield Finding("fault", "plugins", str(problem), do)
