"""Would you say the same tomorrow? A suite is tuned anew several times, and its findings are set side by side.

Each tuning has another root of the search's chance (`seed` of the suite), and so other points; budget, ranges and final
seeds are the same. What differs between them is what the chance of tuning does to a finding: Kendall's tau
between the orders of the candidates, who leads, and how far a candidate's times relative to the baseline's go apart.

That spread has two parts. With d(t, s) the difference of log times to the baseline in tuning t (of T) with final seed s
(of S), the same seeds in each, two-way analysis of variance gives

    d(t, s) = m + tuning(t) + seed(s) + rest(t, s)
    variance of the mean over seeds between tunings = luck^2 + rest^2 / S

so that luck^2 is this variance less the mean square of the rest over S, and no less than 0.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.referee.measuring import head, line
from optbench.statistics.pairs import Paired, seed_pairs
from optbench.statistics.rungs import Ladder, ladder_pairs

if TYPE_CHECKING:
    import pandas as pd

    from optbench.results.results import Results
    from optbench.suite import Suite

#: what candidates are ordered by
BY = ("time", "final")
COLUMNS = ("candidate", "by", "workload", "effect", "low", "high", "seed_noise", "over_seeds", "luck")
OVERALL = "all workloads"


@dataclass(frozen=True)
class Tunings:
    """The same suite, tuned several times.

    values     by time (mean log time to the targets, lower is better) and by final (normalized, higher is better):
               (tunings, candidates, workloads, final seeds), the mean over studies where there are several; NaN where a
               candidate does not run
    trainings  of one tuning, and the steps that these have: what it costs; seconds of training by workload
    """

    candidates: list[str]
    workloads: list[str]
    values: dict[str, np.ndarray]
    baseline: str
    trainings: int = 0
    steps: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    def scores(self, by: str) -> np.ndarray:
        """(tunings, candidates), higher is better: means over workloads and seeds."""
        means = np.nanmean(self.values[by], axis=(2, 3))
        return -means if by == "time" else means

    def tau(self, by: str) -> tuple[float, float]:
        """Kendall's tau between the orders of two tunings: mean and least over all pairs of tunings.

        0 where one of the two has all candidates level.
        """
        from scipy.stats import kendalltau

        found = np.nan_to_num([kendalltau(a, b).statistic for a, b in combinations(self.scores(by), 2)])
        return float(np.mean(found)), float(np.min(found))

    def leaders(self, by: str) -> list[str]:
        """Who is first in each tuning."""
        return [self.candidates[i] for i in self.scores(by).argmax(axis=1)]


def run(
    suite: "Suite",
    number: int,
    folder: Path,
    engine: str = "local",
    told: Callable[[str], None] = lambda text: None,
    **limits: Any,
) -> Tunings:
    """Runs the suite with `seed`, `seed` + 1, …; what `folder` holds of them is not run again.

    limits   candidates, workloads, seeds, trials: as of `optbench.run`
    """
    import optbench

    found = []
    for n in range(number):
        told(f"tuning {n + 1} of {number}")
        root = suite.model_copy(update={"seed": suite.seed + n})
        found.append(optbench.run(root, engine, folder / f"tuning-{n}", report=False, **limits))
    return gathered(found)


def gathered(found: "Sequence[Results]") -> Tunings:
    """From the results of runs that differ in the root of their chance alone."""
    first = found[0].suite
    names = [c["name"] for c in first["candidates"]]
    workloads = [w["name"] for w in first["workloads"] if not w.get("variant_of")]
    ladders = {
        w["name"]: Ladder(w["target"]["metric"], tuple(w["target"].get("ladder") or (w["target"]["value"],)))
        for w in first["workloads"]
        if w.get("target")
    }
    timed, final = [], []
    for results in found:
        times = partial(ladder_pairs, curves=results.measurements("final"), ladders=ladders)
        timed.append(_table(results.trials, names, workloads, times))
        final.append(_table(results.trials, names, workloads, partial(seed_pairs, by="final")))
    trials = found[0].trials
    return Tunings(
        names,
        workloads,
        {"time": np.stack(timed), "final": np.stack(final)},
        first.get("baseline") or names[0],
        len(trials),
        int(trials["steps"].sum()),
        {str(name): float(s) for name, s in trials.groupby("workload")["seconds"].sum().items()},
    )


def _table(
    trials: "pd.DataFrame", names: list[str], workloads: list[str], pairs: Callable[["pd.DataFrame"], Paired]
) -> np.ndarray:
    """(candidates, workloads, seeds): the mean over studies, each of which has the same final seeds."""
    runs = trials[trials["phase"] == "final"]
    studies = []
    for number in sorted(runs["study"].unique()):
        found = pairs(runs[runs["study"] == number])
        values = found.values if found.values.ndim == 3 else np.nanmean(found.values, axis=3)
        table = np.full((len(names), len(workloads), values.shape[2]), np.nan)
        at = np.ix_([names.index(c) for c in found.candidates], [workloads.index(w) for w in found.workloads])
        table[at] = values
        studies.append(table)
    return np.nanmean(studies, axis=0)


def spread(found: Tunings, by: str = "time") -> "pd.DataFrame":
    """One row a candidate and workload, and one for all workloads together; see COLUMNS.

    effect      mean difference to the baseline over all tunings: of log times, or of final results
    low, high   the least and the largest of any tuning
    seed_noise  standard deviation of one pair of runs over seeds, the tuning given
    over_seeds  that of their mean: what an interval over seeds shows
    luck        standard deviation between tunings that seeds do not explain
    """
    import pandas as pd

    values = found.values[by]
    base = values[:, found.candidates.index(found.baseline)]
    rows: list[tuple[Any, ...]] = []
    for c, name in enumerate(found.candidates):
        if name == found.baseline:
            continue
        d = values[:, c] - base
        known = [w for w in range(len(found.workloads)) if not np.isnan(d[:, w]).all()]
        parts = [split(d[:, w]) for w in known]
        for w, part in zip(known, parts, strict=True):
            rows.append((name, by, found.workloads[w], *part))
        whole = d[:, known].mean(axis=1)  # workloads have the same number of seeds: their mean is a pair, too
        rows.append((name, by, OVERALL, *split(whole)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def split(d: np.ndarray) -> tuple[float, ...]:
    """(effect, low, high, seed_noise, over_seeds, luck) of differences (tunings, seeds)."""
    d = d[:, ~np.isnan(d).any(axis=0)]
    tunings, seeds = d.shape
    means = d.mean(axis=1)
    noise = float(np.sqrt(d.var(axis=1, ddof=1).mean())) if seeds > 1 else 0.0
    rest = d - means[:, None] - d.mean(axis=0) + d.mean()
    square = float((rest**2).sum()) / max((tunings - 1) * (seeds - 1), 1)
    luck = float(np.sqrt(max(means.var(ddof=1) - square / seeds, 0.0))) if tunings > 1 else 0.0
    return float(d.mean()), float(means.min()), float(means.max()), noise, noise / float(np.sqrt(seeds)), luck


def table(found: Tunings, frame: "pd.DataFrame") -> str:
    """As Markdown: what agrees between tunings, and what a candidate's log ratio to the baseline owes to chance."""
    lines = [
        f"{len(found.values['time'])} tunings, each {found.trainings:,} trainings of {found.steps:,} steps",
        "",
        *head("order by", "mean Kendall's tau", "least", "leaders"),
    ]
    for by in BY:
        mean, least = found.tau(by)
        lines.append(line(by, f"{mean:.2f}", f"{least:.2f}", ", ".join(found.leaders(by))))
    base = f"times {found.baseline}'s"
    lines += ["", *head(base, "mean", "tunings from … to", "seed noise", "over seeds", "luck")]
    times = frame[frame["by"] == "time"]
    for name, rows in times.groupby("candidate", sort=False):
        whole, each = rows[rows["workload"] == OVERALL].iloc[0], rows[rows["workload"] != OVERALL]
        middle, low, high = np.exp(whole[["effect", "low", "high"]].astype(float))
        parts = (f"{np.sqrt((each[part] ** 2).mean()):.3f}" for part in ("seed_noise", "over_seeds", "luck"))
        lines.append(line(name, f"{middle:.2f}", f"{low:.2f} … {high:.2f}", *parts))
    each = times[times["workload"] != OVERALL]
    parts = (f"{np.sqrt((each[part] ** 2).mean()):.3f}" for part in ("seed_noise", "over_seeds", "luck"))
    lines.append(line("of a workload, root of the mean square", "", "", *parts))
    return "\n".join(lines) + "\n"
