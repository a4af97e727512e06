"""Folders of entries to a site: every file of it, and what was refused."""

import datetime
import hashlib
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from optbench.board import data, pages
from optbench.board.card import Card
from optbench.board.cite import cff
from optbench.board.entry import ARCHIVE, Entry, Refused, complete, entries, reason
from optbench.board.league import League, history, leagues
from optbench.contract.errors import OptbenchError
from optbench.registry.registry import registry
from optbench.results.archives import joined, shipped
from optbench.results.results import Results
from optbench.store.store import Store

TITLE = "The board"


@dataclass(frozen=True)
class Built:
    """What was built: entries that are shown, leagues of them, and what was refused.

    parquet   whether tables were written as Parquet, too
    """

    page: Path
    entries: list[Entry]
    leagues: list[League]
    refused: list[Refused]
    parquet: bool


def build(
    folders: Sequence[str | Path], out: str | Path, references: Sequence[str] = (), title: str = TITLE
) -> Built:
    """Write the site of these folders of entries; the same entries give the same site.

    out          a new folder, or one that a board was written to before: what was in that is replaced
    references   names of suites whose reference results are shown as entries, too
    `OptbenchError` where there is no folder, or the site cannot be written. An entry that cannot be read is told in
    `refused` and on the page, and the others are shown.
    """
    out = Path(out)
    with ExitStack() as stack:
        found, refused = entries(folders, stack)
        found = [*(reference(name, stack) for name in references), *found]
        try:
            _empty(out)
            return _write(out, found, refused, title)
        except OSError as error:
            raise OptbenchError(f"--out {out}: cannot be written: {error.strerror or error}") from None


def _empty(out: Path) -> None:
    """Make the folder, without what a board before has left: another file of somebody's is never removed."""
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / "data" / "board.json").is_file())):
        raise OptbenchError(f"--out {out}: there is something else than a board: choose another folder")
    for name in ("entries", "leagues", "data"):
        if (out / name).is_dir() and not (out / name).is_symlink():
            shutil.rmtree(out / name)
    out.mkdir(parents=True, exist_ok=True)


def _write(out: Path, found: list[Entry], refused: list[Refused], title: str) -> Built:
    good: list[Entry] = []
    own: dict[str, dict[str, Any]] = {}
    for entry in found:
        place = out / "entries" / entry.id
        try:
            own[entry.id] = pages.drawn(entry, place)
            good.append(entry)
        except OSError:
            raise
        except Exception as error:  # a store that is one, and still says what no run would
            shutil.rmtree(place, ignore_errors=True)
            refused.append(Refused(entry.folder.name if entry.folder else entry.id, reason(error, place)))
    ranked = leagues(good)
    for entry in good:
        league = next((one for one in ranked if entry in one.entries), None)
        past = history(entry, good, league) if league is not None else None
        place = out / "entries" / entry.id
        (place / "index.html").write_text(pages.entry_page(entry, own[entry.id], league, past), encoding="utf-8")
        (place / "CITATION.cff").write_text(cff(entry.card), encoding="utf-8")
        if entry.archive is not None:
            shutil.copyfile(entry.archive, place / ARCHIVE)
    shown = [pages.shown(league, number, out) for number, league in enumerate(ranked)]
    data.write(out / "data", good, ranked, refused)
    parquet = data.parquet()
    (out / "index.html").write_text(pages.index(title, shown, good, refused, parquet), encoding="utf-8")
    (out / "compare.html").write_text(pages.compare_page(title, ranked), encoding="utf-8")
    return Built(out / "index.html", good, ranked, refused, parquet)


def reference(name: str, stack: ExitStack) -> Entry:
    """A suite's reference results that come with optbench or a plugin, as an entry."""
    suite = name.removeprefix("reference/")
    with shipped(suite) as archives:
        digest = hashlib.sha256(b"".join(archive.read_bytes() for archive in archives)).hexdigest()
        results = Results(stack.enter_context(joined(archives)))
    plugin = registry().references[suite][1].partition(":")[0]
    with Store(results.path, readonly=True) as store:
        ends = [o.finished for key in store.finished() if (o := store.origin(key)) is not None and o.finished]
    day = datetime.datetime.fromtimestamp(max(ends, default=0), datetime.UTC).date()
    number = str((results.environment.get("packages") or {}).get("optbench") or version("optbench"))
    card = Card(
        f"reference-{suite}", number, f"Reference results of {suite}", (plugin,), "BSD-3-Clause", day.isoformat(),
        tuple(str(c["name"]) for c in results.suite["candidates"]), digest,
        "Results that come with the suite, made by its maintainers.",
    )  # fmt: skip
    return complete(Entry(card, results, reference=f"reference/{suite}", suite=suite))
