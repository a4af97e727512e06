"""Results to an entry: a folder with the packed results, a card, the licence and the source of what was handed in."""

import datetime
import hashlib
import re
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optbench.board.card import Card, made, written
from optbench.board.entry import ARCHIVE, CARD, fingerprint, opened
from optbench.contract.errors import OptbenchError
from optbench.registry.registry import registry
from optbench.results.archives import opened as store_of
from optbench.results.archives import pack
from optbench.results.results import Results
from optbench.store.store import Store

#: of a distribution and its version, as a trial names its providers
PROVIDER = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*) (?P<version>[0-9][A-Za-z0-9.!+_-]*)")


@dataclass(frozen=True)
class Submitted:
    """The folder of an entry, its card, the bytes of its archive, and the fingerprint of what it is about."""

    folder: Path
    card: Card
    size: int
    fingerprint: str


def submit(
    folder: str | Path,
    out: str | Path,
    authors: Sequence[str],
    licence: str,
    version: str = "1",
    name: str | None = None,
    title: str | None = None,
    description: str = "",
    link: str = "",
    candidates: Sequence[str] = (),
    requires: Sequence[str] = (),
) -> Submitted:
    """Make the entry of a run's results as a folder within `out`, called by its name and version.

    name, title   default: the first candidate's
    candidates    what the entry is about; default: what the run is about (its focus), else all that were run here but
                  the baseline
    requires      what must be installed to run it again, where that is not the version of a plugin that the trials name
    `OptbenchError` where the run is not finished, a text is not what it must be, or the entry is there already.
    """
    with store_of(folder) as path:
        results = Results(path)
        with Store(path, readonly=True) as store:
            missing = {a.trial.key for a in store.assignments()} - store.finished()
            providers = {p for trial in store.first_trials().values() for p in trial.providers.values()}
        if missing:
            raise OptbenchError(f"{folder}: {len(missing)} planned trials are missing: `optbench run` goes on with it")
        about = list(candidates) or _about(results)
        handed = {str(guest["provider"]) for guest in results.guests}
        named = [m for p in sorted(providers) if (m := PROVIDER.fullmatch(p))]
        plugins = [m for m in named if m["name"] not in {"optbench", *handed}]
        source = _source(results, about)
        known = {table["name"]: table for table in results.suite.get("candidates", ())}
        first = known.get(about[0], {}) if about else {}
        values: dict[str, Any] = {
            "name": name or re.sub(r"[^a-z0-9]+", "-", about[0].lower()).strip("-")[:60],
            "version": version, "title": title or str(first.get("title") or about[0]), "authors": list(authors),
            "licence": licence, "date": _date(path), "candidates": about, "sha256": "0" * 64,
            "description": description, "link": link,
            "requires": list(requires) or [f"{m['name']}=={m['version']}" for m in plugins],
            "components": [one for one, _ in source.values()] + _plugged(results, about),
        }  # fmt: skip
        card = made(values)
        place = Path(out) / card.id
        if place.exists():
            raise OptbenchError(f"{place}: there is an entry already; give another --entry-version")
        try:
            place.mkdir(parents=True)
            size = pack(path, place / ARCHIVE, finish=_without_places, candidates={*about, *_own(results)})
            card = made({**values, "sha256": hashlib.sha256((place / ARCHIVE).read_bytes()).hexdigest()})
            (place / CARD).write_text(written(card), encoding="utf-8")
            (place / "LICENSE").write_text(_licence(card), encoding="utf-8")
            for file, (_, text) in source.items():
                (place / "source").mkdir(exist_ok=True)
                (place / "source" / file).write_text(text, encoding="utf-8", newline="")
            with ExitStack() as stack:  # as the board will read it
                mark = fingerprint([opened(place, stack).identity(one) for one in card.candidates])
        except OSError as error:
            raise OptbenchError(f"{place}: cannot be written: {error.strerror or error}") from None
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
    return Submitted(place, card, size, mark)


def _about(results: Results) -> list[str]:
    """What the run is about: its focus, else what was run here but the baseline."""
    own = _own(results)
    return results.focus or [name for name in own if name != results.baseline] or own


def _own(results: Results) -> list[str]:
    """What was run here, and the baseline; stored results that stand beside it are not this entry's to tell."""
    theirs = set(results.reference.get("candidates", ())) - {results.baseline}
    return [str(table["name"]) for table in results.suite.get("candidates", ()) if table["name"] not in theirs]


def _date(path: Path) -> str:
    """The day on which the last trial was finished."""
    with Store(path, readonly=True) as store:
        ends = [o.finished for key in store.finished() if (o := store.origin(key)) is not None and o.finished]
    now = datetime.datetime.now(datetime.UTC)
    return (datetime.datetime.fromtimestamp(max(ends), datetime.UTC) if ends else now).date().isoformat()


def _source(results: Results, about: Sequence[str]) -> dict[str, tuple[str, str]]:
    """{file: (its component, its text)} of what was handed in as a file, of the candidates that the entry is about."""
    named = str([table for table in results.suite["candidates"] if table["name"] in about])
    found: dict[str, tuple[str, str]] = {}
    for guest in results.guests:
        file = re.split(r"[/\\]", str(guest["place"]))[-1]
        if file.endswith(".py") and repr(guest["name"]) in named:
            found[file] = (f"source/{file}:{str(guest['name']).rpartition(':')[2]}", str(guest["text"]))
    return found


def _plugged(results: Results, about: Sequence[str]) -> list[str]:
    """Components of plugins that the candidates name, for the conformance kit."""
    found: dict[str, None] = {}
    plugins = registry()
    for table in results.suite["candidates"]:
        for kind in ("optimizer", "schedule", "initializer", "normalizers", "regularizers"):
            value = table.get(kind) if table["name"] in about else None
            for one in value if isinstance(value, list) else [value] if value else []:
                entry = plugins.components[kind if kind.endswith("s") else f"{kind}s"].get(one["name"])
                if entry is not None and entry.guest is None and entry.plugin.partition(":")[0] != "optbench":
                    found[one["name"]] = None
    return list(found)


def _without_places(copy: Store) -> None:
    """Where files lay on whose machine is nobody's matter: within the entry they are in `source`."""
    guests = copy.get("guests") or []
    for guest in guests:
        if guest.get("place"):
            guest["place"] = "source/" + re.split(r"[/\\]", str(guest["place"]))[-1]
    copy.set("guests", guests)


def _licence(card: Card) -> str:
    return (
        f"SPDX-License-Identifier: {card.licence}\n\n"
        f"The results and texts of this entry, by {', '.join(card.authors)}, may be used under the terms of\nhttps://spdx.org/licenses/{card.licence}.html\n"
    )
