"""The steps from one candidate to another, as tables of the page and of the terminal."""

from typing import Any

import pandas as pd

from optbench.report import frames
from optbench.report.tables.table import Cell, Column, Row, Table, sized
from optbench.report.words.numbers import count, interval, plain, ratio
from optbench.report.words.settings import text
from optbench.results.explaining.words import share_text
from optbench.statistics.numerals import points
from optbench.statistics.waterfall import ALL, WHOLE

#: by metric: what effects are, in a table's head
EFFECTS = {"steps": "Times the steps", "final": "Final result, difference"}
ORDERS = {"forward": "In the order shown", "reverse": "In reverse"}


def waterfall_table(table: pd.DataFrame, metric: str, name: str, title: str) -> Table:
    """A row a workload and step: effect and share with their intervals, and in each order alone."""
    found = table[table["metric"] == metric]
    orders = [order for order in ORDERS if f"effect.{order}" in table]
    orders = orders if len(orders) > 1 else []
    columns = [
        Column("workload", "Workload", number=False),
        Column("step", "Step", number=False),
        Column("effect", f"{EFFECTS[metric]}, 95 % interval"),
        Column("share", "Share, 95 % interval"),
        *(Column(f"effect.{order}", ORDERS[order]) for order in orders),
        Column("pairs", "Seeds", "Of the workload with the fewest"),
        Column("reason", "Why no share", number=False),
    ]
    rows = [
        Row(
            [
                Cell("all" if row["workload"] == ALL else plain(row["workload"])),
                Cell(plain(row["step"])),
                sized(effect_text(row), row["effect"]),
                sized("" if row["step"] == WHOLE else share_text(row), row["share"]),
                *(sized(effect_text(row, f".{order}"), row[f"effect.{order}"]) for order in orders),
                sized(count(row["pairs"]), row["pairs"]),
                Cell(plain(row["reason"])),
            ]
        )
        for row in frames.records(found)
    ]
    if not (found["reason"] != "").any():
        columns, rows = columns[:-1], [Row(row.cells[:-1]) for row in rows]
    return Table(name, title, columns, rows, found, swatches=False)


def effect_text(row: dict[str, Any], order: str = "") -> str:
    """0.69 [0.66, 0.72] of times, +0.8 % [+0.3, +1.3] of results; of one order without its interval."""
    if row["unit"] == "difference":
        return points(row[f"effect{order}"], *((row["low"], row["high"]) if not order else (float("nan"),) * 2))
    return interval(row, "effect", "low", "high") if not order else ratio(row[f"effect{order}"])


def step_table(settings: pd.DataFrame, steps: tuple[tuple[str, str], ...], a: str, b: str) -> Table:
    """A row a step and setting: its value of a, of b; of several workloads and studies the least and the largest."""
    columns = [
        Column("step", "Step", number=False),
        Column("setting", "Setting", number=False),
        Column("a", plain(a), number=False),
        Column("b", plain(b), number=False),
        Column("note", "Note", number=False),
    ]
    rows = []
    for name, note in steps:
        theirs = settings[settings["step"] == name]
        for setting, group in theirs.groupby("setting", sort=False):
            cells = [name, setting, *(values_text(list(group[end])) for end in ("a", "b")), note]
            rows.append(Row([Cell(plain(cell)) for cell in cells]))
    title = f"What {plain(a)} and {plain(b)} differ in"
    return Table("explain-settings", title, columns, rows, settings, swatches=False)


def values_text(values: list[Any]) -> str:
    """A value; of several the least and the largest, or how many there are."""
    told = list(dict.fromkeys(map(_value, values)))
    if len(told) == 1:
        return told[0]
    if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        return f"{_value(min(values))} to {_value(max(values))}"
    return f"{len(told)} values"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return " + ".join(map(_value, value)) or "none"
    if isinstance(value, dict):
        inner = ", ".join(f"{k}={text(v)}" for k, v in value.items() if k != "name")
        return f"{value['name']}({inner})" if inner else str(value["name"])
    return f"{value:.3g}" if isinstance(value, float) else text(value)
