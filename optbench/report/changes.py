"""A comparison of two runs: as tables of the terminal, within 80 columns, and as a section of the page."""

from typing import Any

import pandas as pd
from rich import box
from rich.table import Table as RichTable
from rich.text import Text

from optbench.report.parts import Section
from optbench.report.table import Cell, Column, Row, Table
from optbench.report.terminal import interval, plain, ratio
from optbench.results.comparison import Comparison
from optbench.results.judging import ALL

NAMES = {"steps": "steps to target", "final": "final result", "seconds": "seconds a step", "outcomes": "failed trials"}
#: rows of differences that the terminal lists; the page and the JSON have all
LISTED = 12


def headline(found: Comparison) -> str:
    """The result in a sentence."""
    if found.same:
        total = int(found.bits["trials"].sum())
        return f"the same bits: all {total} paired trials"
    counts = {word: found.count(word) for word in ("worse", "better", "undecided", "same bits")}
    words = [f"{count} {word}" for word, count in counts.items() if count]
    same, total = int(found.bits["same"].sum()), int(found.bits["trials"].sum())
    return f"{', '.join(words) or 'nothing to judge'}; {same} of {total} paired trials have the same bits"


def rows_of(found: Comparison) -> list[dict[str, Any]]:
    """A row a candidate and workload, and one for all of a candidate: effects and words of each metric."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for record in found.table.to_dict("records"):
        row = rows.setdefault((record["candidate"], record["workload"]), {"words": {}})
        row[record["metric"]] = record
        if record["verdict"]:
            row["words"][record["metric"]] = record["verdict"]
    order = sorted(rows, key=lambda place: (place[0], place[1] != ALL))
    return [{"candidate": place[0], "workload": place[1], **rows[place]} for place in order]


def verdict(words: dict[str, str]) -> str:
    """One phrase for the words of several metrics: worse before better before undecided."""
    if set(words.values()) <= {"same bits"}:
        return "same bits" if words else ""
    said = [f"{word} ({metric})" for word in ("worse", "better") for metric, w in words.items() if w == word]
    return ", ".join(said) or "undecided"


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
        ("Workload by workload", [r for r in rows if r["workload"] != ALL and verdict(r["words"]) != "same bits"]),
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


def effects(title: str, rows: list[dict[str, Any]], workload: bool) -> RichTable:
    table = RichTable(
        box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), collapse_padding=True, title=title, title_justify="left"
    )
    for heading in ("candidate", "workload") if workload else ("candidate",):
        table.add_column(heading, overflow="ellipsis", no_wrap=True, max_width=16)
    for heading in ("steps ×", "final ±", "s/step ×"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", max_width=18 if workload else 26)
    for row in rows:
        same = verdict(row["words"]) == "same bits"
        steps, final = row.get("steps"), row.get("final")
        cells = [ratio(steps["effect"]) if workload and steps and not same else effect(steps, same),
                 signed(final) if workload and not same else effect(final, same),
                 ratio(row["seconds"]["effect"]) if "seconds" in row else "-"]  # fmt: skip
        heads = [row["candidate"], row["workload"]] if workload else [row["candidate"]]
        table.add_row(*(Text(plain(h)) for h in heads), *map(Text, cells), Text(plain(verdict(row["words"]))))
    return table


def signed(record: dict[str, Any] | None) -> str:
    return "-" if record is None or pd.isna(record["effect"]) else f"{record['effect']:+.4f}"


def short(value: Any) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 30 else text[:29] + "…"


def section(found: Comparison) -> Section:
    """The comparison on the page of `after`."""
    notes = [*found.notes]
    for word, sets in (("Added", found.added), ("Missing", found.missing)):
        notes += [f"{word} {kind}: {', '.join(names)}." for kind, names in sets.items() if names]
    sheets = [judged(found)]
    for name, title, frame in (
        ("changed-settings", "Settings that were selected differently", found.settings),
        ("changed-outcomes", "Outcomes whose numbers changed", found.outcomes),
        ("changed-environment", "What differs in the environments", found.environments),
    ):
        if len(frame):
            sheets.append(listed(name, title, frame))
    return Section(
        "changes",
        "What changed",
        f"This run beside {plain(found.before)}, trials paired by seed. Steps and seconds are multiples of what they "
        "were there, below 1 is quicker; final results are differences on a scale from 0 to 1, above 0 is better. "
        "Intervals are 95 %, words follow Holm's correction over the whole table; the cost of a step is told without "
        "a word.",
        tables=sheets,
        notes=notes,
        group="Comparison",
        gist=headline(found),
    )


def judged(found: Comparison) -> Table:
    rows = []
    for values in found.table.to_dict("records"):
        record = {str(name): value for name, value in values.items()}
        number = [float(record[name]) for name in ("before", "after", "effect")]
        cells = [
            Cell(plain(record["candidate"])),
            Cell("all workloads" if record["workload"] == ALL else plain(record["workload"])),
            Cell(NAMES[record["metric"]]),
            Cell("" if pd.isna(number[0]) else short(number[0]), number[0]),
            Cell("" if pd.isna(number[1]) else short(number[1]), number[1]),
            Cell(interval(record, "effect", "low", "high"), number[2]),
            Cell(str(record["pairs"] or ""), float(record["pairs"])),
            Cell(record["verdict"]),
        ]
        rows.append(Row(cells, note=record["reason"]))
    columns = [
        Column("candidate", "Candidate", number=False),
        Column("workload", "Workload", number=False),
        Column("metric", "What", number=False),
        Column("before", "Before", "Median over seeds of steps; mean of final results"),
        Column("after", "After"),
        Column("effect", "Change", "With its 95 % interval"),
        Column("pairs", "Pairs", "Runs with the same seed"),
        Column("verdict", "Verdict", number=False),
    ]
    return Table("changes", "What changed, candidate by candidate", columns, rows, found.table, swatches=False)


def listed(name: str, title: str, frame: pd.DataFrame) -> Table:
    columns = [Column(str(c), str(c).capitalize(), number=False) for c in frame]
    rows = [Row([Cell(plain(short(value))) for value in record]) for record in frame.itertuples(index=False)]
    return Table(name, title, columns, rows, frame, swatches=False)
