"""Reference results of suites that are too large to come with optbench: a folder a suite, an archive a workload."""

from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable

from optbench import hookimpl

OPTBENCH_CONTRACT = 1


@hookimpl
def optbench_references() -> Sequence[Traversable]:
    return [inner for inner in files(__name__).iterdir() if inner.is_dir() and not inner.name.startswith("_")]
