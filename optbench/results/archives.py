"""Stores as files to be kept and passed on: small, compressed, never unpickled.

`pack` writes a store again without its free pages, thins the curves of tuning trials to what the tables need, and
compresses the file with xz. Curves of the final runs stay whole, to the bit. What a name such as `--against` gives
stands for: a folder of a run, a store's file, such an archive, or the reference results that come with optbench.
"""

import lzma
import os
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np

from optbench.contract.context import Measurement
from optbench.contract.errors import OptbenchError, near
from optbench.contract.metric import lower_is_better
from optbench.results.results import Results
from optbench.store import packing
from optbench.store.store import STORE, Store
from optbench.trials.trial import Run, Trial
from optbench.tuning.selecting import value_of

ENDING = ".sqlite.xz"
#: what an archive from a stranger may grow to, and what unpacking it may take, in bytes
LARGEST, MEMORY = 4 * 2**30, 256 * 2**20
#: measurements of a tuning trial that stay, besides those that tables use
POINTS = 8
REFERENCE = "reference"


@contextmanager
def opened(name: str | Path, suite: str | None = None) -> Iterator[Path]:
    """The store's file that a name stands for; an archive is unpacked into a temporary one.

    suite   the suite whose reference results "reference" means; None: the only ones that there are
    OptbenchError where there is none, with what there is.
    """
    if str(name) == REFERENCE and not Path(name).exists():
        with shipped(suite) as archive, unpacked(archive) as path:
            yield path
    elif str(name).endswith(".xz"):
        with unpacked(Path(name)) as path:
            yield path
    else:
        path = Path(name)
        archives = list(path.glob(f"*{ENDING}")) if path.is_dir() else []
        if len(archives) == 1 and not (path / STORE).exists():
            with unpacked(archives[0]) as inner:
                yield inner
        else:
            yield Results(path).path


def load(name: str | Path) -> Results:
    """The results that a name stands for, as for `opened`; what is unpacked stays for as long as they are used."""
    with ExitStack() as stack:
        results = Results(stack.enter_context(opened(name)))
        results.folder = Path(name)
        weakref.finalize(results, stack.pop_all().close)
    return results


def pages_of(name: str | Path) -> Path:
    """The folder for the report of what a name stands for: a run's own; of quick.sqlite.xz `quick`, beside it."""
    path = Path(name)
    if path.is_dir():
        return path
    if not path.exists():
        raise OptbenchError(f"{name}: these results have no folder of their own: say with --out where the page goes")
    return path.with_name(path.name.removesuffix(ENDING)) if path.name.endswith(ENDING) else path.parent


@contextmanager
def shipped(suite: str | None) -> Iterator[Path]:
    """The reference results of a suite that come with optbench, in a clone as in an installed wheel."""
    folder = files("optbench_suites") / REFERENCE
    found = list(folder.iterdir()) if folder.is_dir() else []
    kept = {f.name.removesuffix(ENDING): f for f in found if f.name.endswith(ENDING)}
    if suite is None and len(kept) == 1:  # a store that does not say what its suite was called
        (suite,) = kept
    if suite not in kept:
        which = f"of suite {suite!r}" if suite else "of no suite in particular: give a file"
        raise OptbenchError(f"optbench comes without reference results {which}; {near(str(suite), kept)}")
    with as_file(kept[suite]) as path:
        yield path


@contextmanager
def unpacked(archive: Path) -> Iterator[Path]:
    """The store in an archive, in a temporary file."""
    with tempfile.TemporaryDirectory(prefix="optbench-") as folder:
        path = Path(folder) / STORE
        try:
            with archive.open("rb") as source, path.open("wb") as target:
                unpacker = lzma.LZMADecompressor(memlimit=MEMORY)
                size = 0
                while not unpacker.eof:
                    chunk = source.read(2**16) if unpacker.needs_input else b""
                    if not chunk and unpacker.needs_input:
                        raise OptbenchError(f"{archive}: the archive is damaged: it was cut off")
                    data = unpacker.decompress(chunk, 2**20)
                    size += len(data)
                    if size > LARGEST:
                        raise OptbenchError(f"{archive}: it unpacks to more than {LARGEST >> 30} GiB: refused")
                    target.write(data)
        except lzma.LZMAError as error:
            raise OptbenchError(f"{archive}: not an archive of a store ({error})") from None
        except OSError as error:
            raise OptbenchError(f"{archive}: cannot be read: {error.strerror or error}") from None
        yield path


def pack(folder: str | Path, out: str | Path) -> int:
    """Write the results of a folder into an archive; its size in bytes. The folder is left as it is."""
    out = Path(out)
    if not out.name.endswith(ENDING):
        raise OptbenchError(f"--out {out}: an archive's name ends with {ENDING}")
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    with opened(folder) as source, tempfile.TemporaryDirectory(prefix="optbench-") as place:
        small = Path(place) / STORE
        with Store(source, readonly=True) as store, Store(small, create=True) as copy:
            copy_all(store, copy)
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            with lzma.open(part, "wb", preset=9 | lzma.PRESET_EXTREME) as target:
                target.write(small.read_bytes())
            part.replace(out)
        except OSError as error:
            raise OptbenchError(f"--out {out}: cannot be written: {error.strerror or error}") from None
        finally:
            part.unlink(missing_ok=True)
    return out.stat().st_size


def copy_all(store: Store, copy: Store) -> None:
    """The plan and what came of it; runs that no plan asks for stay behind."""
    names = ("title", "name", "suite", "environment", "problems", "bridges", "reference", "until", "pace", "guests")
    for name in names:
        if (value := store.get(name)) is not None:
            copy.set(name, value)
    copy.set("thinned", True)
    assignments = store.assignments()
    copy.assign(assignments)
    copy.select_all((*place, key) for place, key in store.selected().items())
    final = {a.trial.key for a in assignments if a.phase == "final"}
    # the same trial may be a workload's of another target: each needs its own points
    users: dict[str, list[Trial]] = {}
    for a in assignments:
        users.setdefault(a.trial.key, []).append(a.trial)
    for key, trials in users.items():
        found = store.packed(key)
        if found is None:
            continue
        row, arrays, origin = found
        if key not in final:
            run = packing.unpack(row, {})
            row, arrays = packing.pack(thin(run, trials)), []
        copy.add_packed([(trials[0], row, arrays)], [origin])
    copy.copy_costs(store)


def thin(run: Run, trials: list[Trial]) -> Run:
    """The run with the measurements that tables use (the first, those around each crossing of a target, the kept
    one, the last) and a few evenly spaced ones."""
    count = len(run.measurements)
    if not count:
        return run
    keep = {0, count - 1, *np.linspace(0, count - 1, POINTS).round().astype(int).tolist()}
    if run.kept >= 0:
        keep.add(run.kept)
    for trial in trials:
        keep |= crossings(run.measurements, trial.workload.get("target"))
    chosen = sorted(keep)
    kept = chosen.index(run.kept) if run.kept >= 0 else run.kept
    measurements = tuple(run.measurements[i] for i in chosen)
    return Run(run.outcome, measurements, kept, run.test_loss, run.test_metric, run.message, run.traceback, run.metrics)


def crossings(measurements: tuple[Measurement, ...], target: dict[str, Any] | None) -> set[int]:
    """The measurements between which a run first meets each level of its target."""
    if target is None:
        return set()
    lower = lower_is_better(target["metric"])
    values = [value_of(m, target["metric"]) for m in measurements]
    found = set()
    for level in target.get("ladder") or [target["value"]]:
        before = -1
        for number, value in enumerate(values):
            if value <= level if lower else value >= level:
                found |= {number, max(before, 0)}
                break
            before = number if value == value else before  # not a number: left out
    return found
