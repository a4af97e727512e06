"""Stores as files to be kept and passed on: small, compressed, never unpickled.

`pack` writes a store again without its free pages, thins the curves of tuning trials to what the tables need, and
compresses the file with xz. Curves of the final runs stay whole, to the bit. What a name such as `--against` gives
stands for: a folder of a run, a store's file, such an archive, or the reference results that come with optbench.
"""

import lzma
import os
import tempfile
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib.resources import as_file
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from optbench.contract.errors import OptbenchError, near
from optbench.registry.registry import registry
from optbench.results.results import Results
from optbench.results.thinning import lean as leaned
from optbench.results.thinning import thin
from optbench.results.uniting import check_contracts, unite_costs, unite_words, united_suite
from optbench.store import packing
from optbench.store.store import STORE, Store
from optbench.trials.trial import Trial

ENDING = ".sqlite.xz"
#: what an archive from a stranger may grow to, and what unpacking it may take, in bytes
LARGEST, MEMORY = 4 * 2**30, 256 * 2**20
REFERENCE = "reference"
Named = TypeVar("Named", Path, Traversable)


@contextmanager
def opened(
    name: str | Path, suite: str | None = None, workloads: Collection[str] | None = None
) -> Iterator[Path]:
    """The store's file that a name stands for; an archive, or a folder of them, is unpacked into a temporary one.

    suite       the suite whose reference results "reference" means ("reference/quick" says so itself); None: the only
                ones that there are
    workloads   nothing else is asked for: of archives of a workload each, the others' may be left out
    OptbenchError where there is none, with what there is.
    """
    what, _, which = str(name).partition("/")
    if what == REFERENCE and not Path(name).exists():
        with shipped(which or suite, workloads) as archives, joined(archives) as path:
            yield path
    elif str(name).endswith(".xz"):
        with unpacked(Path(name)) as path:
            yield path
    else:
        path = Path(name)
        archives = sorted(path.glob(f"*{ENDING}")) if path.is_dir() else []
        if archives and not (path / STORE).exists():
            with joined(_of(archives, workloads)) as inner:
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
    """The folder for the report of what a name stands for: a run's own; of quick.sqlite.xz `quick`, beside it.

    A folder of archives alone is no run's: nothing is written among them.
    """
    path = Path(name)
    if (path / STORE).exists():
        return path
    if not path.is_file():
        raise OptbenchError(f"{name}: these results have no folder of their own: say with --out where the page goes")
    return path.with_name(path.name.removesuffix(ENDING)) if path.name.endswith(ENDING) else path.parent


def shipped(suite: str | None, workloads: Collection[str] | None = None) -> AbstractContextManager[list[Path]]:
    """The archives of a suite's reference results that come with optbench or a plugin, in a clone as installed.

    suite       None: of the only one that there is
    workloads   of these only, where there are some of theirs
    """
    folders = {name: folder for name, (folder, _) in registry().references.items()}
    kept = {n: found for n, f in folders.items() if (found := [a for a in f.iterdir() if a.name.endswith(ENDING)])}
    if suite is None and len(kept) == 1:  # a store that does not say what its suite was called
        (suite,) = kept
    if suite not in kept:
        if suite is None and kept:
            told = " or ".join(f"{REFERENCE}/{name}" for name in sorted(kept))
            raise OptbenchError(f"{REFERENCE}: there are reference results of several suites here: say {told}")
        which = f" of suite {suite!r}" if suite else ""
        raise OptbenchError(
            f"there are no reference results here{which}; {near(str(suite), kept)} (those of suites that are too "
            "large to come with optbench are in the distribution optbench-references)"
        )
    return _on_disk(_of(kept[suite], workloads))


def _of(archives: Sequence[Named], workloads: Collection[str] | None) -> list[Named]:
    """Those of some workloads, by their names; all where none is asked for or there."""
    found = [a for a in archives if workloads is None or a.name.removesuffix(ENDING) in workloads]
    return found or list(archives)


@contextmanager
def _on_disk(archives: Sequence[Traversable]) -> Iterator[list[Path]]:
    with ExitStack() as stack:
        yield [stack.enter_context(as_file(archive)) for archive in archives]


@contextmanager
def joined(archives: Sequence[Path]) -> Iterator[Path]:
    """The store in an archive, or in several of one suite together, in a temporary file.

    OptbenchError where they are not of one suite, or hold the same workload.
    """
    if len(archives) == 1:
        with unpacked(archives[0]) as path:
            yield path
        return
    with tempfile.TemporaryDirectory(prefix="optbench-") as folder, ExitStack() as stack:
        path = Path(folder) / STORE
        places = {str(a): stack.enter_context(unpacked(a)) for a in archives}
        stores = {name: stack.enter_context(Store(place, readonly=True)) for name, place in places.items()}
        suite = whole_suite(stores)
        check_contracts(stores)
        with Store(path, create=True) as target:
            unite_words(target, stores, suite)
            for store in stores.values():
                target.absorb(store)
            unite_costs(target, stores)
        yield path


def whole_suite(stores: Mapping[str, Store]) -> dict[str, Any]:
    """The suite of archives that hold different workloads of it, these in its order."""
    holders: dict[str, str] = {}
    for name, store in stores.items():
        for workload in (store.get("suite") or {}).get("workloads", ()):
            other = holders.setdefault(workload["name"], name)
            if other != name:
                raise OptbenchError(f"{other} and {name} both hold workload {workload['name']}: merge them")
    suite = united_suite(stores)
    parts = [part for store in stores.values() if (part := store.get("part"))]
    # one that was packed later knows more of the whole
    parts.sort(key=lambda part: -len(part["workloads"]))
    place = {name: number for part in parts[:1] for number, name in enumerate(part["workloads"])}
    suite["workloads"] = sorted(suite["workloads"], key=lambda w: place.get(w["name"], len(place)))
    told = [claim for part in parts for claim in part["claims"] if set(claim.get("workloads") or ()) <= holders.keys()]
    suite["claims"] = list({claim["statement"]: claim for claim in [*told, *suite.get("claims", ())]}.values())
    return suite


@contextmanager
def unpacked(archive: Path, largest: int | None = None) -> Iterator[Path]:
    """The store in an archive, in a temporary file.

    largest   bytes that it may unpack to; default LARGEST
    """
    largest = LARGEST if largest is None else largest
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
                    if size > largest:
                        raise OptbenchError(f"{archive}: it unpacks to more than {largest / 2**30:.3g} GiB: refused")
                    target.write(data)
        except lzma.LZMAError as error:
            raise OptbenchError(f"{archive}: not an archive of a store ({error})") from None
        except OSError as error:
            raise OptbenchError(f"{archive}: cannot be read: {error.strerror or error}") from None
        yield path


def pack(
    folder: str | Path,
    out: str | Path,
    workloads: Collection[str] | None = None,
    lean: bool = False,
    finish: Callable[[Store], None] = lambda copy: None,
    candidates: Collection[str] | None = None,
) -> int:
    """Write the results of a folder into an archive; its size in bytes. The folder is left as it is.

    workloads, candidates   only these; None: all
    lean                    less of each run: see `optbench.results.thinning`
    finish                  what is done to the copy before it is compressed
    """
    out = Path(out)
    if not out.name.endswith(ENDING):
        raise OptbenchError(f"--out {out}: an archive's name ends with {ENDING}")
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    with opened(folder) as source, tempfile.TemporaryDirectory(prefix="optbench-") as place:
        small = Path(place) / STORE
        with Store(source, readonly=True) as store, Store(small, create=True) as copy, copy.together():
            copy_all(store, copy, workloads, lean, candidates)
            finish(copy)
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


def copy_all(
    store: Store,
    copy: Store,
    workloads: Collection[str] | None,
    lean: bool,
    candidates: Collection[str] | None = None,
) -> None:
    """The plan and what came of it; runs that no plan asks for stay behind."""
    names = ("title", "name", "environment", "problems", "until", "pace", "guests", "sealed")
    for name in names:
        if (value := store.get(name)) is not None:
            copy.set(name, value)

    def wanted(workload: str) -> bool:
        return workloads is None or workload in workloads

    def taken(candidate: str) -> bool:
        return candidates is None or candidate in candidates

    suite = store.get("suite")
    if suite is not None and workloads is not None:
        # what is said of workloads of other archives, too, waits for them
        copy.set("part", {"workloads": [w["name"] for w in suite["workloads"]], "claims": suite["claims"]})
        claims = [c for c in suite["claims"] if all(map(wanted, c.get("workloads") or ()))]
        suite |= {"workloads": [w for w in suite["workloads"] if wanted(w["name"])], "claims": claims}
    reference = store.get("reference")
    if suite is not None and candidates is not None:
        claims = [c for c in suite["claims"] if all(map(taken, (c["better"], c["worse"], *(c.get("than") or ()))))]
        suite |= {"candidates": [c for c in suite["candidates"] if taken(c["name"])], "claims": claims}
    if reference and candidates is not None:
        reference |= {"candidates": [name for name in reference["candidates"] if taken(name)]}
    if suite is not None:
        copy.set("suite", suite)
    if reference is not None:
        copy.set("reference", reference)
    for name in ("bridges", "costs_of", "load"):
        if of := {workload: value for workload, value in (store.get(name) or {}).items() if wanted(workload)}:
            copy.set(name, of)
    copy.set("thinned", True)
    assignments = [a for a in store.assignments() if wanted(a.workload) and taken(a.candidate)]
    copy.assign(assignments)
    chosen = store.selected().items()
    copy.select_all((*place, key) for place, key in chosen if wanted(place[0]) and taken(place[1]))
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
        if lean:
            row, arrays = packing.pack(leaned(packing.unpack(row, {}), trials, key in final)), []
        elif key not in final:
            row, arrays = packing.pack(thin(packing.unpack(row, {}), trials)), []
        copy.add_packed([(trials[0], row, arrays)], [origin])
    copy.copy_costs(store, lambda workload, candidate: wanted(workload) and taken(candidate))
