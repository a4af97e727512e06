"""Names for a shell's completion: those that begin with what is written so far.

Read from the registry and from suites as TOML: nothing here may import what takes a second.
"""

from collections.abc import Iterable


def suites(incomplete: str) -> list[str]:
    """Registered suites, and suites' files in the folder that is being written."""
    from optbench.registry.registry import registry

    return [*_begin(registry().suites, incomplete), *_files(incomplete, ".toml")]


def workloads(incomplete: str) -> list[str]:
    """Workloads of registered suites."""
    from optbench.registry.catalogue import within
    from optbench.registry.registry import registry

    return _begin(within(registry(), "workloads"), incomplete)


def candidates(incomplete: str) -> list[str]:
    """Optimizers, candidates of registered suites, and files that may hold one."""
    from optbench.registry.catalogue import within
    from optbench.registry.registry import registry

    names = [*registry().components["optimizers"], *within(registry(), "candidates")]
    return [*_begin(names, incomplete), *_files(incomplete, ".py")]


def topics(incomplete: str) -> list[str]:
    """Topics of the course that `optbench lesson` shows when no other is asked for."""
    from optbench.registry.catalogue import slug, within
    from optbench.registry.registry import registry

    return _begin(map(slug, within(registry(), "topics", "fundamentals")), incomplete)


def of_kind(kind: str, incomplete: str) -> list[str]:
    """Components of a kind, in the plural."""
    from optbench.registry.registry import registry

    return _begin(registry().components[kind], incomplete)


def optimizers(incomplete: str) -> list[str]:
    """Optimizers, and files that may hold one."""
    return [*of_kind("optimizers", incomplete), *_files(incomplete, ".py")]


def schedules(incomplete: str) -> list[str]:
    """Schedules."""
    return of_kind("schedules", incomplete)


def initializers(incomplete: str) -> list[str]:
    """Initializers."""
    return of_kind("initializers", incomplete)


def normalizers(incomplete: str) -> list[str]:
    """Normalizers."""
    return of_kind("normalizers", incomplete)


def regularizers(incomplete: str) -> list[str]:
    """Regularizers."""
    return of_kind("regularizers", incomplete)


def datasets(incomplete: str) -> list[str]:
    """Datasets, and files of data."""
    found = of_kind("datasets", incomplete)
    return [*found, *(name for ending in (".csv", ".tsv", ".parquet", ".npz") for name in _files(incomplete, ending))]


def shown(incomplete: str) -> list[str]:
    """Whatever has a name."""
    from optbench.registry.catalogue import names
    from optbench.registry.registry import registry

    return _begin(names(registry()), incomplete)


def kinds(incomplete: str) -> list[str]:
    """The kinds of what has a name."""
    from optbench.registry.catalogue import NAMED

    return _begin(NAMED, incomplete)


def _begin(names: Iterable[str], incomplete: str) -> list[str]:
    # A shell takes a name with a blank for two words.
    return sorted({name for name in names if name.startswith(incomplete) and " " not in name})


def _files(incomplete: str, ending: str) -> list[str]:
    """Files of this ending, and folders, that begin with a path: a name alone is completed by names alone."""
    import os

    if "/" not in incomplete:
        return []
    folder, start = os.path.split(incomplete)
    try:
        with os.scandir(folder or "/") as found:
            entries = [(entry.name, entry.is_dir()) for entry in found if entry.name.startswith(start)]
    except OSError:
        return []
    place = folder if folder.endswith("/") else f"{folder}/"
    wanted = [(name, is_folder) for name, is_folder in entries if is_folder or name.endswith(ending)]
    return sorted(f"{place}{name}{'/' if is_folder else ''}" for name, is_folder in wanted)
