"""The board for other programs: `data/board.json`, its JSON Schema beside it, and tables as Parquet."""

import json
import math
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.board.entry import Entry, Refused
from optbench.board.league import League
from optbench.contract.text import visible
from optbench.results.export import exported, harmless

if TYPE_CHECKING:
    import pandas as pd

#: of the layout of board.json: another number where a reader would have to change
SCHEMA = 1
COMPARED = ("effect", "low", "high", "low_all", "high_all", "p", "p_equal", "word", "pairs", "workloads", "reason")


def board(entries: Sequence[Entry], leagues: Sequence[League], refused: Sequence[Refused]) -> dict[str, Any]:
    """The whole board as plain data, as `board.schema.json` describes it; numbers that are not finite are null."""
    of = {entry.id: league.id for league in leagues for entry in league.entries}
    return _plain(
        {
            "schema": SCHEMA,
            "made_by": f"optbench {version('optbench')}",
            "entries": [entry_data(entry, of.get(entry.id)) for entry in entries],
            "leagues": [league_data(league) for league in leagues],
            "refused": [{"folder": one.folder, "reason": one.reason} for one in refused],
        }
    )


def entry_data(entry: Entry, league: str | None) -> dict[str, Any]:
    """What is known of an entry; `league` is None of a version that is not its latest."""
    card = entry.card
    return {
        "id": entry.id, "name": card.name, "version": card.version, "title": card.title, "authors": list(card.authors),
        "licence": card.licence, "date": card.date, "description": card.description, "link": card.link,
        "candidates": [
            {"name": name, "kinds": entry.kinds(name), "fingerprint": entry.fingerprint(name),
             "settings": entry.candidates[name], "sources": dict(entry.sources.get(name, {}))}
            for name in card.candidates
        ],
        "requires": list(card.requires), "sha256": card.sha256, "suite": entry.suite, "ruleset": entry.ruleset,
        "reference": bool(entry.reference), "league": league, "environment": entry.results.environment,
        "page": f"entries/{entry.id}/index.html",
        "archive": None if entry.reference else f"entries/{entry.id}/results.sqlite.xz",
    }  # fmt: skip


def league_data(league: League) -> dict[str, Any]:
    """A league's rows, best first, and its comparisons."""
    lines = {line.label: line for line in league.lines}
    speed, result = league.groups("time"), league.groups("result")
    return {
        "id": league.id, "title": league.title, "ruleset": league.ruleset, "baseline": league.baseline,
        "headline": league.standing.headline(), "sentences": league.standing.sentences(),
        "families": league.families,
        "rows": [
            {
                "label": str(label), "entry": lines[str(label)].entry.id, "candidate": lines[str(label)].candidate,
                "own": lines[str(label)].own, "also_in": [e.id for e in lines[str(label)].others],
                "kinds": lines[str(label)].kinds, "speed_group": speed.get(str(label)),
                "result_group": result.get(str(label)), **values,
            }
            for label, values in zip(league.board.index, league.board.to_dict("records"), strict=True)
        ],
        "comparisons": [
            {"question": q.name, "margin": q.margin, "candidate": c.candidate, "against": c.against,
             **{name: getattr(c, name) for name in COMPARED}}
            for q in league.standing.questions
            for c in q.comparisons
        ],
        "by_workload": league.by_workload.to_dict("records"),
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """For strict JSON: no number that is not finite, and no text that cannot be seen through."""
    if isinstance(value, Mapping):
        return {visible(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return value
    return visible(value, keep="\n\t") if isinstance(value, str) else value


def trials(entries: Sequence[Entry], of: Mapping[str, str]) -> "pd.DataFrame":
    """The runs on fresh seeds of all entries: entry, version and league before the columns of `optbench export`.

    of   {entry: its league}
    """
    import pandas as pd

    frames = []
    for entry in entries:
        table = exported(entry.finals.reset_index(drop=True)).drop(columns=["traceback", "selected"])
        for place, (name, value) in enumerate(
            {"entry": entry.id, "entry_version": entry.card.version, "league": of.get(entry.id, "")}.items()
        ):
            table.insert(place, name, value)
        frames.append(table)
    names = list(dict.fromkeys(name for frame in frames for name in frame))
    frames = [frame.dropna(axis=1, how="all") for frame in frames]
    return harmless(pd.concat(frames, ignore_index=True).reindex(columns=names)) if frames else pd.DataFrame()


def write(
    folder: Path, entries: Sequence[Entry], leagues: Sequence[League], refused: Sequence[Refused]
) -> dict[str, Any]:
    """Write all of it into a folder; the board as plain data. Without pyarrow there is no Parquet."""
    folder.mkdir(parents=True, exist_ok=True)
    found = board(entries, leagues, refused)
    text = json.dumps(found, allow_nan=False, ensure_ascii=False, indent=1)
    (folder / "board.json").write_text(text + "\n", encoding="utf-8")
    (folder / "board.schema.json").write_text(schema(), encoding="utf-8")
    if parquet():
        of = {entry.id: league.id for league in leagues for entry in league.entries}
        trials(entries, of).to_parquet(folder / "trials.parquet", index=False, engine="pyarrow")
        rows(leagues).to_parquet(folder / "leaderboard.parquet", index=False, engine="pyarrow")
    return found


def rows(leagues: Sequence[League]) -> "pd.DataFrame":
    """The leaderboards of all leagues as one table."""
    import pandas as pd

    found = [{"league": one["id"], **row} for one in map(league_data, leagues) for row in one["rows"]]
    for row in found:
        row |= {"kinds": " ".join(row["kinds"]), "also_in": " ".join(row["also_in"])}
    return pd.DataFrame(found)


def parquet() -> bool:
    """Whether Parquet can be written."""
    try:
        import pyarrow  # type: ignore[import-untyped]  # noqa: F401
    except ImportError:
        return False
    return True


def schema() -> str:
    """The text of board.schema.json."""
    return (files("optbench.board") / "board.schema.json").read_text(encoding="utf-8")
