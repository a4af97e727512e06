"""All looks, one behind the other."""

from collections.abc import Iterator
from pathlib import Path

from optbench.lab.doctor.controls import controls
from optbench.lab.doctor.finding import Finding
from optbench.lab.doctor.installed import plugins, versions
from optbench.lab.doctor.machine import disk, load_and_clock, processors
from optbench.registry.registry import Registry


def examine(registry: Registry, folder: Path, quick: bool = False) -> Iterator[Finding]:
    """Each finding as it is made.

    folder   where results go
    quick    without the controls, which take some seconds of training
    """
    yield from versions(registry)
    yield from plugins(registry)
    yield from disk(folder)
    yield from processors()
    yield from load_and_clock()
    if not quick:
        yield from controls(registry)
