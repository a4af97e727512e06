"""What explains the difference between two candidates, in sentences."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from optbench.statistics.numerals import listing, percent, points, ratio_with_interval
from optbench.statistics.waterfall import ALL, BOUNDS, REST, WHOLE

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]

#: a step whose share differs by more between the orders depends on what was changed before it
DEPENDS = 0.25
#: so many steps and losses are named
NAMED = 4
LEAST = "the least that it can have been"
#: the orders in words
TOLD = {"forward": "in the order shown", "reverse": "in reverse"}


def sentences(a: str, b: str, table: "pd.DataFrame", losses: "pd.DataFrame", workloads: int) -> list[str]:
    """Of speed and result each what the whole is and what explains it, over all workloads; then what was missed.

    workloads   how many there are
    """
    found = []
    for metric, rows in table.groupby("metric", sort=False):
        first = [_named(row) for row in rows[rows["workload"] == rows["workload"].iloc[0]].to_dict("records")]
        found += explained(a, b, str(metric), first, workloads)
    return [*found, *missed(losses)]


def explained(a: str, b: str, metric: str, rows: Sequence[Row], workloads: int) -> list[str]:
    """Of one metric, from its rows: the steps and the whole."""
    whole = next(row for row in rows if row["step"] == WHOLE)
    steps = [row for row in rows if row["step"] not in (WHOLE, REST)]
    what = "in speed" if metric == "steps" else "in the result"
    none = 1 if metric == "steps" else 0
    if not (whole["low"] - none) * (whole["high"] - none) > 0:
        return [f"{b} is not told apart from {a} {what}{_where(whole, workloads)}, {_size(whole, metric)}"]
    lead = _lead(a, b, metric, whole, workloads)
    if math.isnan(whole["share"]):
        return [f"of {lead}, no shares can be told: {whole['reason']}"]
    order = next((end for end in ("", *(f".{name}" for name in TOLD)) if not math.isnan(_share(steps[0], end))), None)
    if order is None:
        return [f"of {lead}, no shares can be told: {steps[0]['reason']}, so that steps belong together"]
    parts = [(row["step"], share_text(row, order)) for row in sorted(steps, key=lambda row: -abs(_share(row, order)))]
    told = [f"{step} explains {text}" if place == 0 else f"{step} {text}" for place, (step, text) in enumerate(parts)]
    alone = f" ({TOLD[order[1:]]}; in the other order {BOUNDS})" if order else ""
    return [f"of {lead}, {listing(told, NAMED)}{alone}", *_depends(rows)]


def share_text(row: Row, order: str = "") -> str:
    """77 % [60, 95], a share with its interval; - where there is none.

    order   ".forward" or ".reverse": in this alone
    """
    value, low, high = (row.get(f"{name}{order}", math.nan) for name in ("share", "share_low", "share_high"))
    if math.isnan(value):
        return "-"
    return f"{_whole(value)} %" + ("" if math.isnan(low) else f" [{_whole(low)}, {_whole(high)}]")


def missed(losses: "pd.DataFrame") -> list[str]:
    """A sentence a workload where states missed targets or failed, and what that means."""
    told = []
    for workload, rows in losses.groupby("workload", sort=False):
        parts = []
        for row in rows.to_dict("records"):
            ended = f" ({row['outcomes']})" if row["outcomes"] else ""
            count = row["missed"] or row["failed"]
            parts.append(f"{row['candidate']} in {count} of {row['runs']} runs{ended}")
        told.append(f"missed on {workload}: {listing(parts, NAMED)}")
    if told:
        told.append(f"a time that was missed counts as {LEAST}, a failed run's result as the worst")
    return told


def _lead(a: str, b: str, metric: str, whole: Row, workloads: int) -> str:
    """The 31 % that b is faster than a (0.69 [0.66, 0.72] times its steps)."""
    size, where = _size(whole, metric), _where(whole, workloads)
    if metric == "final":
        return f"the {size} by which {b} ends {'better' if whole['effect'] > 0 else 'worse'} than {a}{where}"
    share = percent(abs(1 - whole["effect"]))
    return f"the {share} that {b} is {'faster' if whole['effect'] < 1 else 'slower'} than {a}{where} ({size})"


def _size(whole: Row, metric: str) -> str:
    told = (ratio_with_interval if metric == "steps" else points)(whole["effect"], whole["low"], whole["high"])
    return f"{told} times its steps" if metric == "steps" else told


def _where(whole: Row, workloads: int) -> str:
    if whole["workload"] != ALL:
        return f" on {whole['workload']}"
    number = int(whole["workloads"])
    return "" if number == workloads else f" on {number} of {workloads} workloads"


def _depends(rows: Sequence[Row]) -> list[str]:
    """The step whose share depends most on the order, where that is much."""
    spread = {row["step"]: abs(_share(row, ".forward") - _share(row, ".reverse")) for row in rows}
    step = max((name for name in spread if spread[name] > DEPENDS), key=lambda name: spread[name], default=None)
    if step is None:
        return []
    row = next(row for row in rows if row["step"] == step)
    told = [f"{share_text(row, f'.{order}')} {words}" for order, words in TOLD.items()]
    return [f"{step} depends on what else was changed: {' and '.join(told)}; shares are means of both"]


def _share(row: Row, order: str) -> float:
    return float(row.get(f"share{order}", math.nan))


def _whole(share: float) -> int:
    return round(100 * share)


def _named(row: Mapping[Any, Any]) -> Row:
    return {str(name): value for name, value in row.items()}
