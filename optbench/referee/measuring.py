"""All measurements of the referee as one tidy table."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.referee import aa, coverage, power
from optbench.referee.worlds import World

if TYPE_CHECKING:
    import pandas as pd

SEEDS = (5, 10, 20, 30)
COLUMNS = ("part", "what", "method", "printed", "world", "seeds", "value", "error", "count")
#: is told what is measured now
Told = Callable[[str], None]


def measure(
    worlds: dict[str, list[World]],
    comparisons: int = 1000,
    samples: int = 1000,
    seeds: Sequence[int] = SEEDS,
    spread: Sequence[float] = (0.2, 0.2, 0.3, 0.4),
    correlation: float = 0.5,
    seed: int = 0,
    told: Told = lambda text: None,
) -> "pd.DataFrame":
    """One row a measurement; see COLUMNS.

    worlds        {"trained": [...], "made up": [...]}: those of one group share `comparisons` and `samples` evenly
    comparisons   A/A comparisons of each procedure, group and number of seeds: by steps and by final results in turn
    samples       of each interval, world and number of seeds; also of each power
    spread, correlation   what the power is computed for: of logarithms of times, a workload each, between paired seeds
    error         the standard error of `value`, a share of `count`
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    rows: list[tuple[Any, ...]] = []

    def add(part: str, what: str, method: str, printed: bool, world: str, n: int, value: float, count: int) -> None:
        error = math.sqrt(max(value * (1 - value), 0.0) / count)
        rows.append((part, what, method, printed, world, n, value, error, count))

    for name, procedure in aa.PROCEDURES.items():
        told(f"A/A: {name}")
        for n in seeds:
            for group, members in worlds.items():
                turns = [(world, by) for world in members for by in ("steps", "final")]
                each = max(comparisons // len(turns), 1)
                rates = [aa.false_rate(procedure, world, n, each, rng, by) for world, by in turns]
                add("A/A", name, "", True, group, n, float(np.mean(rates)), each * len(turns))
    for interval in coverage.INTERVALS:
        told(f"interval: {interval.quantity}, {interval.method}")
        for n in seeds:
            for world in (world for members in worlds.values() for world in members):
                share = coverage.covered(interval, world, n, samples, rng)
                about = interval.quantity, interval.method, interval.printed
                add("interval", *about, world.name, n, share, samples)
    told("power")
    for pairs in sorted({0.0, round(float(correlation), 2)}):
        for n in power.SEEDS:
            for name, share in power.power(spread, n, pairs, samples, rng).items():
                add("power", name, f"correlation {pairs:g}", True, "normal logarithms", n, share, samples)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def tables(frame: "pd.DataFrame") -> str:
    """The same as Markdown, for docs/statistics.md."""
    seeds = sorted(frame.loc[frame["part"] == "A/A", "seeds"].unique())
    heads = [f"{n} seeds" for n in seeds]
    lines = ["Differences found among equals, of 5 % allowed:", "", *head("procedure", "results", *heads)]
    found = frame[frame["part"] == "A/A"]
    for (what, world), rows in found.groupby(["what", "world"], sort=False):
        lines.append(line(what, world, *(f"{100 * v:.1f} %" for v in rows.sort_values("seeds")["value"])))
    count = int(found["count"].max()) if len(found) else 0
    lines += ["", f"Each of {count:,} comparisons. Intervals that hold the truth, of 95 % promised:", ""]
    lines += head("quantity", "interval", *heads)
    intervals = frame[frame["part"] == "interval"]
    for (what, method), rows in intervals.groupby(["what", "method"], sort=False):
        mark = "**" if rows["printed"].iloc[0] else ""
        cells = []
        for n in seeds:
            values = 100 * rows.loc[rows["seeds"] == n, "value"]
            cells.append(f"{mark}{values.mean():.1f}{mark} ({values.min():.0f} to {values.max():.0f})")
        lines.append(line(what, f"{mark}{method}{mark}", *cells))
    lines += ["", "Speed-ups of 10 % found:", ""]
    powers = frame[frame["part"] == "power"]
    lines += head("procedure", "seeds of both", *(f"{n} seeds" for n in sorted(powers["seeds"].unique())))
    for (what, method), rows in powers.groupby(["what", "method"], sort=False):
        lines.append(line(what, method, *(f"{100 * v:.0f} %" for v in rows.sort_values("seeds")["value"])))
    return "\n".join(lines) + "\n"


def head(*cells: str) -> list[str]:
    return [line(*cells), line(*("---" for _ in cells))]


def line(*cells: object) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"
