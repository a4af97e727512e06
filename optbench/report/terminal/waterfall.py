"""The steps from one candidate to another, in the terminal."""

from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from optbench.report import frames
from optbench.report.tables.waterfall import effect_text, step_table
from optbench.report.words.numbers import plain
from optbench.results.explaining.explanation import Explanation
from optbench.results.explaining.words import share_text
from optbench.statistics.waterfall import WHOLE

TITLES = {"steps": "Steps to target, a ratio: below 1 is faster", "final": "Final result: above 0 is better"}
#: of a heading of each order
ORDERS = {"forward": "as shown", "reverse": "in reverse"}


def tables(found: Explanation) -> list[Any]:
    """What the terminal shows: what they differ in, the steps of speed and result over all workloads, sentences."""
    changed = _table("From {} to {}", found.a, found.b)
    for heading in ("step", "setting", found.a, found.b):
        changed.add_column(plain(heading), overflow="fold", max_width=30)
    for row in step_table(found.settings, found.steps, found.a, found.b).rows:
        changed.add_row(*(Text(cell.text) for cell in row.cells[:4]))
    shown: list[Any] = [changed]
    for metric, rows in found.table.groupby("metric", sort=False):
        first = rows[rows["workload"] == rows["workload"].iloc[0]]
        shown.append(_waterfall(found, str(metric), frames.records(first)))
    shown += [Text(plain(f"{name}: {note}")) for name, note in found.steps if note]
    shown += [Text(plain(f"note: {note}")) for note in found.notes]
    return [*shown, *(Text(plain(sentence)) for sentence in found.sentences())]


def _waterfall(found: Explanation, metric: str, rows: list[dict[str, Any]]) -> Table:
    made = _table(TITLES[metric])
    orders = found.orders if len(found.orders) > 1 else ()
    made.add_column("step", overflow="fold", max_width=30)
    for heading in ("effect", "share", *(ORDERS[order] for order in orders)):
        made.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        alone = [effect_text(row, f".{order}") for order in orders]
        share = "" if row["step"] == WHOLE else share_text(row)
        made.add_row(Text(plain(row["step"])), effect_text(row), share, *alone)
    return made


def _table(title: str, *names: str) -> Table:
    said = Text(plain(title.format(*names)))
    return Table(
        box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), collapse_padding=True, title=said, title_justify="left"
    )
