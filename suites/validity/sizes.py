"""Does the order hold over widths: `python suites/validity/sizes.py FOLDER [--into docs/validity.md] [--figure FILE]`.

FOLDER is a run of sizes.toml, or of any suite whose workloads are named FAMILY-wWIDTH. Kendall's tau-b between our
orders at every two widths of a family, with intervals over studies (or seeds), and of every method the slope of its
effect:

    log(time of the method / time of the base) = a + slope log2(width)

by least squares through the widths' means. The slope is a contrast of means, so that its standard error is known
without the line being true: SE^2 = sum of c_w^2 s_w^2 / n_w, degrees of freedom after Satterthwaite (1946).
"""

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from optbench.contract.errors import OptbenchError
from optbench.results.archives import load
from optbench.results.results import Results
from optbench.statistics.bootstrap import CONFIDENCE, percentile_interval, t_interval
from optbench.statistics.pairs import seed_pairs
from validity.card import put, table
from validity.orders import FEWEST, Ours, log_ratios, ours, replicates, tau_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BEGIN, END = "<!-- the study in size: suites/validity/sizes.py -->", "<!-- end of the study in size -->"
NAME = re.compile(r"(.+)-w(\d+)")
BASE = "adam"
SEED = 20261127


@dataclass(frozen=True)
class Between:
    """Tau-b between our orders of `methods` at two widths of a family; on "all" the order is that of all families."""

    family: str
    widths: tuple[int, int]
    methods: int
    tau: float
    low: float
    high: float


@dataclass(frozen=True)
class Slope:
    """How a method's ratio to the base goes with the width, in one family.

    ratios   (width, ratio of times, its interval's ends): Student's over studies or seeds
    slope    of the logarithm of the ratio, a doubling of the width
    """

    family: str
    method: str
    ratios: tuple[tuple[int, float, float, float], ...]
    slope: float
    low: float
    high: float

    @property
    def word(self) -> str:
        """By the slope's interval, and the side that the effect is on at the smallest width.

        An effect whose own interval holds 1 there can neither fade nor grow: it moves. One that is told to be on the
        other side at the largest width has turned.
        """
        if not (self.low > 0 or self.high < 0):
            return "no trend told"
        _, ratio, low, high = self.ratios[0]
        if low <= 1 <= high or np.isnan(low):
            return "moves to slower" if self.slope > 0 else "moves to faster"
        if (np.log(ratio) > 0) == (self.slope > 0):
            return "grows"
        _, _, last_low, last_high = self.ratios[-1]
        if last_low > 1 if ratio < 1 else last_high < 1:
            return "turns to slower" if ratio < 1 else "turns to faster"
        return "fades"


def families(workloads: Sequence[str]) -> dict[str, dict[int, str]]:
    """{family: {width: workload}}, widths ascending; of families with two widths or more."""
    found: dict[str, dict[int, str]] = {}
    for name in workloads:
        if match := NAME.fullmatch(name):
            found.setdefault(match[1], {})[int(match[2])] = name
    return {family: dict(sorted(widths.items())) for family, widths in found.items() if len(widths) > 1}


def between(found: Ours, rng: np.random.Generator) -> list[Between]:
    """Every two widths of each family; then, of families with the same number of widths, first to first and so on."""
    methods = found.complete
    if len(methods) < FEWEST:
        raise OptbenchError(f"{len(methods)} candidates ran on every workload; tau asks for {FEWEST}")
    of = families(found.workloads)
    if not of:
        raise OptbenchError("no workloads of one family at two widths: their names are FAMILY-wWIDTH")
    rows = []
    for family, widths in of.items():
        for a, b in combinations(widths, 2):
            rows.append(_between(found, methods, family, (a, b), ([widths[a]], [widths[b]]), rng))
    shapes = {len(widths) for widths in of.values()}
    if len(of) > 1 and len(shapes) == 1:
        places = [list(widths.values()) for widths in of.values()]
        for i, j in combinations(range(shapes.pop()), 2):
            names = [names[i] for names in places], [names[j] for names in places]
            rows.append(_between(found, methods, "all", (i, j), names, rng))
    return rows


def _between(
    found: Ours,
    methods: list[str],
    family: str,
    widths: tuple[int, int],
    names: tuple[list[str], list[str]],
    rng: np.random.Generator,
) -> Between:
    sides = [found.of(methods, part) for part in names]
    tau = float(tau_rows(sides[0].means()[None], sides[1].means())[0])
    low = high = float("nan")
    if min(side.values.shape[2] for side in sides) > 1:
        drawn = [replicates(side.values, rng, workloads=False) for side in sides]
        taus = np.array([tau_rows(x[None], y)[0] for x, y in zip(*drawn, strict=True)])
        low, high = (float(end) for end in percentile_interval(taus, CONFIDENCE))
    return Between(family, widths, len(methods), tau, low, high)


def slopes(results: Results, base: str = BASE) -> list[Slope]:
    """Of every candidate but the base in every family; OptbenchError where the base did not run."""
    pairs = seed_pairs(results.trials, "steps")
    if base not in pairs.candidates:
        raise OptbenchError(f"--base {base}: not among {', '.join(pairs.candidates)}")
    rows = []
    for family, widths in families(pairs.workloads).items():
        at = [pairs.workloads.index(name) for name in widths.values()]
        for method in pairs.candidates:
            if method != base:
                logs = [row[~np.isnan(row)] for row in log_ratios(pairs, method, base)[0][at]]
                if all(map(len, logs)):
                    rows.append(slope(family, method, list(widths), logs))
    return rows


def slope(family: str, method: str, widths: Sequence[int], logs: Sequence[np.ndarray]) -> Slope:
    """From logarithms of ratios at each width, one array a width; intervals NaN where a width has a single pair."""
    from scipy.special import stdtrit

    x = np.log2(np.array(widths, dtype=float))
    contrast = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    ends = [np.exp(t_interval(row)) for row in logs]
    ratios = tuple(
        (width, float(np.exp(row.mean())), float(low), float(high))
        for width, row, (low, high) in zip(widths, logs, ends, strict=True)
    )
    found = float(contrast @ np.array([row.mean() for row in logs]))
    if min(map(len, logs)) < 2:
        return Slope(family, method, ratios, found, float("nan"), float("nan"))
    parts = np.array([c**2 * row.var(ddof=1) / len(row) for c, row in zip(contrast, logs, strict=True)])
    if not parts.any():
        return Slope(family, method, ratios, found, found, found)
    relative = parts / parts.max()
    freedom = relative.sum() ** 2 / sum(p**2 / (len(row) - 1) for p, row in zip(relative, logs, strict=True))
    half = float(stdtrit(freedom, (1 + CONFIDENCE) / 2) * np.sqrt(parts.sum()))
    return Slope(family, method, ratios, found, found - half, found + half)


def figure(found: Sequence[Slope], base: str = BASE) -> "Figure":
    """A panel a family: ratios to the base over the width, with their intervals."""
    import seaborn as sns
    from matplotlib.figure import Figure

    names, methods = (list(dict.fromkeys(getattr(row, key) for row in found)) for key in ("family", "method"))
    colours = dict(zip(methods, sns.color_palette("colorblind", len(methods)), strict=True))
    made = Figure(figsize=(3.6 * len(names), 3.4), layout="constrained")
    panels = made.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for panel, name in zip(panels, names, strict=True):
        rows = [row for row in found if row.family == name]
        for place, row in enumerate(rows):
            widths, ratios, lows, highs = (np.array(column) for column in zip(*row.ratios, strict=True))
            aside = widths * 2.0 ** (0.05 * (place - (len(rows) - 1) / 2))  # so that bars do not hide each other
            colour = colours[row.method]
            panel.plot(aside, ratios, "o-", color=colour, markersize=4, label=row.method)
            panel.vlines(aside, lows, highs, color=colour, linewidth=1, alpha=0.6)
        panel.axhline(1, color="grey", linewidth=0.8)
        panel.set(title=name, xlabel="width")
        panel.set_xscale("log", base=2)
        panel.set_yscale("log", base=2)
        panel.set_xticks(widths, [str(width) for width in widths])
        panel.minorticks_off()
        panel.yaxis.set_major_formatter("{x:g}")
    panels[0].set_ylabel(f"time to the targets / {base}'s")
    made.legend(*panels[0].get_legend_handles_labels(), loc="outside right center")
    return made


def markdown(orders: Sequence[Between], found: Sequence[Slope], base: str = BASE) -> str:
    """Tau between widths, then ratios and slopes."""

    def interval(value: float, low: float, high: float) -> str:
        return f"{value:.2f}" + ("" if np.isnan(low) else f" [{low:.2f}, {high:.2f}]")

    lines = ["Kendall's tau-b between our orders at two widths, 95 % interval:", ""]
    rows = []
    for row in orders:
        a, b = row.widths
        told = f"width {a + 1} and {b + 1} of each" if row.family == "all" else f"{a} and {b}"
        rows.append([row.family, told, str(row.methods), interval(row.tau, row.low, row.high)])
    lines += table(["family", "widths", "methods", "tau-b"], rows)
    if found:
        lines += [f"Ratios of steps to {base}'s, and their slope a doubling of the width (natural logarithm):", ""]
        rows = [
            [
                row.family,
                row.method,
                ", ".join(f"{width}: {interval(*ratio)}" for width, *ratio in row.ratios),
                interval(row.slope, row.low, row.high),
                row.word,
            ]
            for row in found
        ]
        lines += table(["family", "method", "ratio by width", "slope", "word"], rows)
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="a run's folder, its store, or archives of it")
    parser.add_argument("--base", default=BASE, help="the candidate that ratios are to")
    parser.add_argument("--into", type=Path, help="put the tables into this page, between their marks")
    parser.add_argument("--figure", type=Path, help="draw ratios over widths to this file")
    given = parser.parse_args(arguments)
    try:
        results = load(given.folder)
        timed = bool(results.trials["target_metric"].notna().any())
        orders = between(ours(results.trials, "time" if timed else "final"), np.random.default_rng(SEED))
        found = slopes(results, given.base) if timed else []
        text = markdown(orders, found, given.base)
        if not timed:
            text += "\nBy final results: the workloads have no targets.\n"
        if given.into:
            put(text, given.into, BEGIN, END)
        else:
            print(text)
        if given.figure and found:
            figure(found, given.base).savefig(given.figure, dpi=150)
    except OptbenchError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
