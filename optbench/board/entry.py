"""An entry's folder, read as what a stranger has written: nothing in it is executed, and sizes are limited.

An entry is a folder with `card.toml` and `results.sqlite.xz`, and maybe `source/` for who looks or runs it again. Other
files are not looked at. What is refused is told in one sentence, and leaves all other entries as they are.
"""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.board.card import Card, read
from optbench.contract.errors import OptbenchError
from optbench.contract.text import visible
from optbench.results.archives import unpacked
from optbench.results.results import Results
from optbench.store.schema import guard
from optbench.store.store import Store
from optbench.trials.trial import FINISHED, canonical

if TYPE_CHECKING:
    import pandas as pd

CARD, ARCHIVE = "card.toml", "results.sqlite.xz"
#: bytes of a card, of an archive, and of what that unpacks to
CARD_SIZE, ARCHIVE_SIZE, STORE_SIZE = 50_000, 50_000_000, 500_000_000
#: of one board the most entries; of one entry the most candidates, workloads, trials and recorded
#: numbers of a trial, and letters of what it says of
#: its suite and of the environment
ENTRIES, CANDIDATES, WORKLOADS, TRIALS, COLUMNS, LETTERS = 5_000, 100, 100, 100_000, 400, 4_000_000
#: parts of a candidate, by the kinds of components that they are
KINDS = {
    "optimizer": "optimizer", "schedule": "schedule", "initializer": "initializer", "normalizers": "normalizer",
    "regularizers": "regularizer",
}  # fmt: skip


@dataclass(frozen=True)
class Refused:
    """An entry that is not shown, and why."""

    folder: str
    reason: str


@dataclass
class Entry:
    """An entry that was read.

    folder      where it is; None of a reference that comes with optbench
    archive     its file; None of a reference
    results     opened from a temporary file
    suite       the name of its suite, "" where the store does not say
    reference   what names it on the command line, "reference/quick"; "" of a submission
    sources     {candidate: {what: fingerprint of its source}}; data and engine included
    contracts   of components, that its trials were made with
    """

    card: Card
    results: Results
    folder: Path | None = None
    archive: Path | None = None
    suite: str = ""
    reference: str = ""
    sources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    contracts: frozenset[int] = frozenset()

    @property
    def id(self) -> str:
        return self.card.id

    @cached_property
    def candidates(self) -> dict[str, dict[str, Any]]:
        """The candidates of the results, by name."""
        return {str(table["name"]): table for table in self.results.suite["candidates"]}

    @cached_property
    def finals(self) -> "pd.DataFrame":
        """Its trials on fresh seeds, sealed variants left out: each candidate has its own."""
        sealed = [w["name"] for w in self.results.suite["workloads"] if w.get("sealed")]
        trials = self.results.trials
        kept: pd.DataFrame = trials[(trials["phase"] == "final") & ~trials["workload"].isin(sealed)]
        return kept

    @property
    def ruleset(self) -> str:
        return str(self.results.suite.get("ruleset") or "tuned")

    def fingerprint(self, candidate: str) -> str:
        """Of a candidate's definition and of the source that ran."""
        return fingerprint([self.identity(candidate)])

    def fingerprint_of_all(self) -> str:
        """Of everything that the entry is about."""
        return fingerprint([self.identity(name) for name in self.card.candidates])

    def identity(self, candidate: str) -> str:
        """Equal for candidates that are the same settings, ranges and code."""
        table = {name: value for name, value in self.candidates[candidate].items() if name != "title"}
        return canonical([table, dict(self.sources.get(candidate, {}))])

    def kinds(self, candidate: str) -> list[str]:
        """What kinds of components the candidate states."""
        table = self.candidates[candidate]
        return [kind for part, kind in KINDS.items() if table.get(part)]


def fingerprint(texts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()[:12]


def folders(places: Iterable[str | Path]) -> Iterator[Path | Refused]:
    """The folders of entries in these: each that has a card itself, else those within it, in order of their names."""
    for place in map(Path, places):
        if not place.is_dir():
            raise OptbenchError(f"{place}: there is no such folder of entries")
        if (place / CARD).exists():
            yield place
            continue
        found = sorted(one for one in place.iterdir() if not one.name.startswith("."))
        if len(found) > ENTRIES:
            raise OptbenchError(f"{place}: {len(found):,} entries; at most {ENTRIES:,}")
        for one in found:
            if one.is_symlink():
                yield Refused(one.name, "it is a symbolic link")
            elif one.is_dir():
                yield one


def entries(places: Iterable[str | Path], stack: ExitStack) -> tuple[list[Entry], list[Refused]]:
    """All entries of these folders, and what was refused; `stack` keeps what they were unpacked to."""
    good: dict[str, Entry] = {}
    refused: list[Refused] = []
    for folder in folders(places):
        if isinstance(folder, Refused):
            refused.append(folder)
            continue
        try:
            entry = opened(folder, stack)
            if entry.id in good:
                raise OptbenchError(f"an entry {entry.id} is in {good[entry.id].folder} already")
            good[entry.id] = entry
        except Exception as error:  # whatever a stranger's file leads to: the others are shown all the same
            refused.append(Refused(folder.name, reason(error, folder)))
    return list(good.values()), refused


def reason(error: Exception, folder: Path) -> str:
    """Why, in one line, without this machine's paths."""
    text = str(error) if isinstance(error, OptbenchError) else f"cannot be read ({type(error).__name__}: {error})"
    for path in (str(folder.absolute()), str(folder)):
        text = text.replace(f"{path}{os.sep}", "")
    return visible(text if len(text) <= 500 else f"{text[:500]}…")


def opened(folder: Path, stack: ExitStack) -> Entry:
    """The entry in a folder; `OptbenchError` (or what its content raises) where it is to be refused."""
    try:
        card = read(content(folder / CARD, CARD_SIZE).decode("utf-8"))
    except UnicodeDecodeError:
        raise OptbenchError(f"{CARD}: not UTF-8") from None
    archive = folder / ARCHIVE
    digest = hashlib.sha256(content(archive, ARCHIVE_SIZE)).hexdigest()
    if digest != card.sha256:
        raise OptbenchError(f"{ARCHIVE}: not the file that the card is about (its SHA-256 is another)")
    path = stack.enter_context(unpacked(archive, STORE_SIZE))
    try:
        return complete(Entry(card, Results(path), folder, archive))
    except OptbenchError as error:
        raise OptbenchError(str(error).replace(str(path), ARCHIVE)) from None


def content(path: Path, largest: int) -> bytes:
    """The bytes of an ordinary file; a link, a pipe or a device could be anything, and is not opened."""
    try:
        found = path.lstat()
    except OSError as error:
        raise OptbenchError(f"{path.name}: {error.strerror}") from None
    if not stat.S_ISREG(found.st_mode):
        raise OptbenchError(f"{path.name}: not an ordinary file")
    if found.st_size > largest:
        raise OptbenchError(f"{path.name}: {found.st_size:,} bytes; at most {largest:,}")
    with path.open("rb") as file:
        return file.read(largest)


def complete(entry: Entry) -> Entry:
    """The entry with what its store says, once that is shown to be what a run writes, and of a bearable size."""
    results, card = entry.results, entry.card
    with guard(results.path), Store(results.path, readonly=True) as store:
        if store.finished_count() > TRIALS:
            raise OptbenchError(f"{ARCHIVE}: {store.finished_count():,} trials; at most {TRIALS:,}")
        entry.contracts = store.contracts()
        entry.suite = str(store.get("name") or "")
        entry.sources = _sources(store)
    suite = results.suite
    for kind, most in (("candidates", CANDIDATES), ("workloads", WORKLOADS)):
        tables = suite.get(kind)
        if not isinstance(tables, list) or not tables:
            raise OptbenchError(f"{ARCHIVE}: the store does not say which {kind} were run")
        if len(tables) > most:
            raise OptbenchError(f"{ARCHIVE}: {len(tables)} {kind}; at most {most}")
        names = [table.get("name") for table in tables]
        if not all(isinstance(name, str) and 0 < len(name) <= 100 for name in names) or len(set(names)) < len(names):
            raise OptbenchError(f"{ARCHIVE}: names of {kind} must be different texts of at most 100 letters")
    for what, value in (("suite", suite), ("environment", results.environment), ("guests", results.guests)):
        if len(canonical(value)) > LETTERS:
            raise OptbenchError(f"{ARCHIVE}: what it says of its {what} is longer than {LETTERS:,} letters")
    for name in card.candidates:
        if name not in entry.candidates:
            raise OptbenchError(f"{CARD}: candidates: there is no {name!r} in the results")
    _check_runs(entry)
    return entry


def _sources(store: Store) -> dict[str, dict[str, str]]:
    """{candidate: {what: fingerprint}} over all workloads."""
    found: dict[str, dict[str, str]] = {}
    for (_, candidate), trial in store.first_trials().items():
        found.setdefault(candidate, {}).update({str(k): str(v) for k, v in trial.sources.items()})
    return found


def _check_runs(entry: Entry) -> None:
    """Runs are of the suite's candidates and workloads, and finished ones ended in numbers."""
    finals = entry.finals
    if len(finals.columns) > COLUMNS:
        raise OptbenchError(f"{ARCHIVE}: {len(finals.columns)} columns of numbers a trial; at most {COLUMNS}")
    works = {w["name"] for w in entry.results.suite["workloads"]}
    unknown = (set(finals["candidate"]) - set(entry.candidates)) | (set(finals["workload"]) - works)
    if unknown:
        raise OptbenchError(f"{ARCHIVE}: it has runs of {sorted(unknown)[0]!r}, which its suite does not know")
    missing = [name for name in entry.card.candidates if name not in set(finals["candidate"])]
    if missing:
        raise OptbenchError(f"{ARCHIVE}: there is no finished run on a fresh seed of {missing[0]!r}")
    ended = finals[finals["outcome"].isin(FINISHED)]
    for name in (n for n in ended if str(n).startswith("final_")):
        if np.isinf(ended[name].to_numpy(dtype=float)).any():
            raise OptbenchError(f"{ARCHIVE}: a finished run ended with an infinite {name}")
