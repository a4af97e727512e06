"""A comparison of two runs."""

from typing import Any

import pandas as pd
from rich import box
from rich.table import Table
from rich.text import Text

from optbench.report.words.changes import headline, short
from optbench.report.words.numbers import interval, plain, ratio
from optbench.results.comparison import Comparison
from optbench.results.judging import ALL, SAME

#: rows of differences that the terminal lists; the page and the JSON have all
LISTED = 12


def rows_of(found: Comparison) -> list[dict[str, Any]]:
    """A row a candidate and workload, and one for all of a candidate: effects and words of each metric."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for record in found.table.to_dict("records"):
        row = rows.setdefault((record["candidate"], record["workload"]), {"words": {}, "same": True})
        row[record["metric"]] = record
        if record["verdict"]:
            row["words"][record["metric"]] = record["verdict"]
            row["same"] &= record["reason"] == SAME
    order = sorted(rows, key=lambda place: (place[0], place[1] != ALL))
    return [{"candidate": place[0], "workload": place[1], **rows[place]} for place in order]


def verdict(words: dict[str, str]) -> str:
    """One phrase for the words of several metrics: what is worse before what is better before what is open."""
    if set(words.values()) <= {"equal"}:
        return "equal" if words else ""
    order = ("slower", "worse", "faster", "better", "undecided")
    return ", ".join(f"{word} ({metric})" for word in order for metric, w in words.items() if w == word)


def unchanged(row: dict[str, Any]) -> bool:
    """Whether all paired trials have the same bits."""
    return bool(row["words"]) and row["same"]


def effect(record: dict[str, Any] | None, same: bool) -> str:
    if record is None or same:
        return "=" if record is not None else "-"
    return interval(record, "effect", "low", "high")


def tables(found: Comparison) -> list[Any]:
    """What the terminal shows: rich tables and lines."""
    shown: list[Any] = [Text(plain(f"before: {found.before}")), Text(plain(f"after:  {found.after}"))]
    rows = rows_of(found)
    for title, chosen in (
        ("All workloads of a candidate", [r for r in rows if r["workload"] == ALL]),
        ("Workload by workload", [r for r in rows if r["workload"] != ALL and not unchanged(r)]),
    ):
        if chosen:
            shown.append(effects(title, chosen, title.startswith("W")))
    told = [
        ("settings selected differently", found.settings, ("candidate", "workload", "setting")),
        ("outcomes", found.outcomes, ("candidate", "workload", "outcome")),
        ("environment", found.environments, ("field",)),
    ]
    for name, frame, heads in told:
        lines = [
            f"  {' '.join(str(r[h]) for h in heads)}: {short(r['before'])} -> {short(r['after'])}"
            for r in frame.head(LISTED).to_dict("records")
        ]
        if lines:
            more = f"  and {len(frame) - LISTED} more" if len(frame) > LISTED else ""
            shown.append(Text("\n".join([f"{name}:", *map(plain, lines), *([more] if more else [])])))
    for word, sets in (("added", found.added), ("missing", found.missing)):
        shown += [Text(plain(f"{word} {kind}: {', '.join(names)}")) for kind, names in sets.items() if names]
    shown += [Text(plain(f"note: {note}")) for note in found.notes]
    shown.append(Text(plain(headline(found))))
    return shown


def effects(title: str, rows: list[dict[str, Any]], workload: bool) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), collapse_padding=True, title=title, title_justify="left"
    )
    for heading in ("candidate", "workload") if workload else ("candidate",):
        table.add_column(heading, overflow="ellipsis", no_wrap=True, max_width=16)
    for heading in ("steps ×", "final ±", "s/step ×"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", max_width=18 if workload else 26)
    for row in rows:
        same = unchanged(row)
        steps, final = row.get("steps"), row.get("final")
        cells = [ratio(steps["effect"]) if workload and steps and not same else effect(steps, same),
                 signed(final) if workload and not same else effect(final, same),
                 ratio(row["seconds"]["effect"]) if "seconds" in row else "-"]  # fmt: skip
        heads = [row["candidate"], row["workload"]] if workload else [row["candidate"]]
        table.add_row(*(Text(plain(h)) for h in heads), *map(Text, cells), Text(plain(verdict(row["words"]))))
    return table


def signed(record: dict[str, Any] | None) -> str:
    return "-" if record is None or pd.isna(record["effect"]) else f"{record['effect']:+.4f}"
