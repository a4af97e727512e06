"""All measurements of the referee as one tidy table."""

import math
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.referee import aa, coverage, power
from optbench.referee.worlds import World

if TYPE_CHECKING:
    import pandas as pd

SEEDS = (5, 10, 20, 30)
COLUMNS = ("part", "what", "method", "question", "printed", "world", "seeds", "value", "error", "count")
#: what is measured, by the name of a part
PARTS = (*aa.PARTS, "interval", "power")
QUESTIONS = {"time": "steps", "result": "final"}
#: the tables of false words
TITLES = {
    "A/A": "Differences found among equals, of 5 % allowed",
    "A/A, looks": "The same where one looks again and again up to so many seeds, and stops at the first word",
    "margin": "Equality found one margin apart, of 5 % allowed",
}
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
    parts: Sequence[str] = PARTS,
) -> "pd.DataFrame":
    """One row a measurement; see COLUMNS.

    worlds        {"trained": [...], "made up": [...]}: those of one group share `comparisons` and `samples` evenly
    comparisons   of equals by each procedure, question, group and number of seeds
    samples       of each interval, world and number of seeds; also of each power
    spread, correlation   what the power is computed for: of logarithms of times, a workload each, between paired seeds
    question      time or result, of comparisons of equals
    parts         some of `PARTS`; each draws from a stream of its own
    error         the standard error of `value`, a share of `count`
    """
    import pandas as pd

    rows: list[tuple[Any, ...]] = []

    def stream(part: str) -> np.random.Generator:
        return np.random.default_rng([seed, PARTS.index(part)])

    def add(
        part: str, what: str, method: str, question: str, printed: bool, world: str, n: int, value: float, count: int
    ) -> None:
        error = math.sqrt(max(value * (1 - value), 0.0) / count)
        rows.append((part, what, method, question, printed, world, n, value, error, count))

    for part, procedures in aa.PARTS.items():
        rng = stream(part)
        for name, procedure in procedures.items() if part in parts else ():
            told(f"{part}: {name}")
            for n in seeds:
                for (group, members), (question, by) in product(worlds.items(), QUESTIONS.items()):
                    each = max(comparisons // len(members), 1)
                    rates = [aa.false_rate(procedure, world, n, each, rng, by) for world in members]
                    add(part, name, "", question, True, group, n, float(np.mean(rates)), each * len(members))
    rng = stream("interval")
    for interval in coverage.INTERVALS if "interval" in parts else ():
        told(f"interval: {interval.quantity}, {interval.method}")
        for n in seeds:
            for world in (world for members in worlds.values() for world in members):
                share = coverage.covered(interval, world, n, samples, rng)
                about = interval.quantity, interval.method, "", interval.printed
                add("interval", *about, world.name, n, share, samples)
    rng = stream("power")
    for pairs in sorted({0.0, round(float(correlation), 2)}) if "power" in parts else ():
        told(f"power, seeds of both correlated by {pairs:g}")
        for n in power.SEEDS:
            for name, share in power.power(spread, n, pairs, samples, rng).items():
                add("power", name, f"correlation {pairs:g}", "", True, "normal logarithms", n, share, samples)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def together(path: Path, frame: "pd.DataFrame") -> "pd.DataFrame":
    """What was measured now, with the other parts of a table that was written before."""
    import pandas as pd

    if path.exists():
        before = pd.read_csv(path).fillna({"method": "", "question": ""})
        frame = pd.concat([frame, before[~before["part"].isin(frame["part"])]])
    return frame.sort_values("part", key=lambda parts: parts.map(PARTS.index), kind="stable").reset_index(drop=True)


def tables(frame: "pd.DataFrame") -> str:
    """The same as Markdown, for docs/statistics.md."""
    seeds = sorted(frame.loc[frame["part"] != "power", "seeds"].unique())
    heads = [f"{n} seeds" for n in seeds]
    lines: list[str] = []
    for part, title in TITLES.items():
        found = frame[frame["part"] == part]
        if not len(found):
            continue
        count = int(found["count"].max())
        lines += [f"{title} (time, result; each of {count:,} comparisons):", "", *head("procedure", "results", *heads)]
        for (what, world), rows in found.groupby(["what", "world"], sort=False):
            values = rows.pivot(index="seeds", columns="question", values="value").sort_index()[list(QUESTIONS)]
            lines.append(line(what, world, *(f"{100 * a:.1f}, {100 * b:.1f} %" for a, b in values.to_numpy())))
        lines.append("")
    intervals = frame[frame["part"] == "interval"]
    if len(intervals):
        lines += ["Intervals that hold the truth, of 95 % promised:", "", *head("quantity", "interval", *heads)]
    for (what, method), rows in intervals.groupby(["what", "method"], sort=False):
        mark = "**" if rows["printed"].iloc[0] else ""
        cells = []
        for n in seeds:
            values = 100 * rows.loc[rows["seeds"] == n, "value"]
            cells.append(f"{mark}{values.mean():.1f}{mark} ({values.min():.0f} to {values.max():.0f})")
        lines.append(line(what, f"{mark}{method}{mark}", *cells))
    powers = frame[frame["part"] == "power"]
    if not len(powers):
        return "\n".join(lines) + "\n"
    lines += ["", "Speed-ups of 10 % found:", ""]
    lines += head("procedure", "seeds of both", *(f"{n} seeds" for n in sorted(powers["seeds"].unique())))
    for (what, method), rows in powers.groupby(["what", "method"], sort=False):
        lines.append(line(what, method, *(f"{100 * v:.0f} %" for v in rows.sort_values("seeds")["value"])))
    return "\n".join(lines) + "\n"


def head(*cells: str) -> list[str]:
    return [line(*cells), line(*("---" for _ in cells))]


def line(*cells: object) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"
