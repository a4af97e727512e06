"""Which measurement of "how fast" is calm: several of the same stored runs, by what paired seeds then decide.

    python -m optbench.referee --estimators FOLDER --out FOLDER

takes the results of a run (the more fresh seeds, the better: `optbench run quick --seeds 40`), and writes
estimators.csv and estimators.md. Each estimator's row says, from `seeds` seeds as a run would have them:

noise      standard deviation of the paired difference (of logarithms of times), median over pairs of candidates, a
           workload each; their median over workloads
signal     median over pairs and workloads of |mean difference| over that deviation: comparable where units are not
told       pairs told apart of all, workload by workload (Holm within the workload), and over all workloads
false      the same among equals: one candidate under several names, each with runs drawn from all its runs; the share
           of families in which any pair is told apart (of 5 % allowed): within a workload, and over all workloads
missed     share of the targets that were missed
"""

from collections.abc import Callable
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.referee.measuring import head, line
from optbench.statistics.cells import cells, final_runs
from optbench.statistics.compare import effect_and_p
from optbench.statistics.holm import ALPHA, holm
from optbench.statistics.ladder import EARLIEST, RUNGS
from optbench.statistics.pairs import Paired, seed_pairs
from optbench.statistics.rungs import Ladder, ladder_pairs, workload_ladder
from optbench.trials.trial import FINISHED

if TYPE_CHECKING:
    import pandas as pd

    from optbench.results.results import Results

COLUMNS = ("estimator", "workload", "noise", "signal", "told", "pairs", "false", "families", "missed")
OVERALL = "all together"
METRIC = "train_loss"


def estimators(results: "Results") -> dict[str, Paired]:
    """The same final runs by each estimator; on the workloads that have a target."""
    trials, curves = results.trials, results.measurements("final")
    now = seed_pairs(trials)
    runs = final_runs(trials).groupby("workload")
    main = {w: runs.get_group(w)[["target_metric", "target_value"]].iloc[0] for w in now.workloads}
    interpolated = {w: Ladder(row["target_metric"], (float(row["target_value"]),)) for w, row in main.items()}
    chosen = {w: workload_ladder(trials, curves, w, METRIC) for w in now.workloads}
    hardest = {w: Ladder(METRIC, found.levels[-1:]) for w, found in chosen.items()}
    late = {w: workload_ladder(trials, curves, w, METRIC, earliest=0.1) for w in now.workloads}
    even = {w: _even(curves, w, found.levels[-1]) for w, found in chosen.items()}
    return {
        "one target of the suite, at evaluations": now,
        "the same, interpolated": ladder_pairs(trials, curves, interpolated),
        "training loss, one target, interpolated": ladder_pairs(trials, curves, hardest),
        f"training loss, {RUNGS} targets even in its logarithm": ladder_pairs(trials, curves, even),
        f"training loss, {RUNGS} targets even in log time from 0.1 on": ladder_pairs(trials, curves, late),
        f"training loss, {RUNGS} targets even in log time from {EARLIEST:g} on": ladder_pairs(trials, curves, chosen),
        "area under the logarithm of the training loss": _areas(trials, curves, now.workloads),
    }


def _even(curves: "pd.DataFrame", workload: str, hardest: float) -> Ladder:
    """Targets even in the logarithm between the first value (the median over runs) and the hardest."""
    rows = curves[(curves["workload"] == workload) & (curves["phase"] == "final")]
    start = float(rows.sort_values("step").groupby("key")[METRIC].first().median())
    shares = np.arange(1, RUNGS + 1) / RUNGS
    return Ladder(METRIC, tuple(start * (hardest / start) ** shares))


def _areas(trials: "pd.DataFrame", curves: "pd.DataFrame", workloads: list[str]) -> Paired:
    """Mean over steps of -log loss, by trapezes: higher is better. A run that ended badly counts as the worst."""
    import pandas as pd

    runs = final_runs(trials)
    runs = runs[runs["workload"].isin(workloads)]
    areas = {}
    for key, rows in curves[curves["phase"] == "final"].groupby("key"):
        rows = rows[np.isfinite(rows[METRIC]) & (rows[METRIC] > 0)].sort_values("step")
        steps, loss = rows["step"].to_numpy(dtype=float), np.log(rows[METRIC].to_numpy())
        areas[key] = -float(np.trapezoid(loss, steps) / (steps[-1] - steps[0])) if len(steps) > 1 else np.nan
    values = pd.Series([areas.get(key, np.nan) for key in runs["key"]], index=runs.index)
    values = values.where(runs["outcome"].isin(FINISHED))
    values = values.fillna(values.groupby(runs["workload"]).transform("min"))
    names = list(dict.fromkeys(runs["candidate"]))
    array = cells(runs, values, names, workloads).values
    return Paired(names, workloads, array, np.zeros(array.shape, dtype=bool), False)


def compared(
    found: dict[str, Paired],
    seeds: int = 10,
    families: int = 100,
    seed: int = 0,
    told: Callable[[str], None] = lambda text: None,
) -> "pd.DataFrame":
    """One row an estimator and workload, and one for all together; see COLUMNS and the module's text.

    seeds      as many as a run would have: counts of pairs told apart are means over blocks of so many seeds
    families   among equals: so many of each candidate
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    rows: list[tuple[Any, ...]] = []
    for name, pairs in found.items():
        told(f"estimator: {name}")
        blocks = [slice(i, i + seeds) for i in range(0, pairs.values.shape[2] - seeds + 1, seeds)]
        words = np.mean([told_apart(_seeds(pairs, block)) for block in blocks], axis=0)
        false = np.mean(
            [
                told_apart(_equals(pairs, c, seeds, rng)) > 0
                for c in range(len(pairs.candidates))
                for _ in range(families)
            ],
            axis=0,
        )
        noise, signal = pair_noise(pairs)
        number = len(pairs.candidates) * (len(pairs.candidates) - 1) // 2
        count = families * len(pairs.candidates)
        missed = [float(m.mean()) for m in pairs.missed.swapaxes(0, 1)]
        for w, workload in enumerate(pairs.workloads):
            about = (noise[w], signal[w], words[w], number, false[w], count, missed[w])
            rows.append((name, workload, *map(float, about)))
        whole = (np.median(noise), np.median(signal), words[-1], number, false[-1], count, np.mean(missed))
        rows.append((name, OVERALL, *map(float, whole)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _seeds(pairs: Paired, block: "slice | np.ndarray") -> Paired:
    values, missed = pairs.values[:, :, block], pairs.missed[:, :, block]
    return Paired(pairs.candidates, pairs.workloads, values, missed, pairs.ratio)


def _equals(pairs: Paired, candidate: int, seeds: int, rng: np.random.Generator) -> Paired:
    """As many names as there are candidates, each with runs drawn from all runs of this one."""
    names, workloads, runs = pairs.values.shape[:3]
    at = rng.integers(runs, size=(names, workloads, seeds))
    pick = np.arange(workloads)[None, :, None]
    values, missed = pairs.values[candidate][pick, at], pairs.missed[candidate][pick, at]
    return Paired(pairs.candidates, pairs.workloads, values, missed, pairs.ratio)


def told_apart(pairs: Paired) -> np.ndarray:
    """(workloads + 1,) pairs told apart on each workload, Holm within it, and over all workloads."""
    groups = [pairs.differences(a, b) for a, b in combinations(range(len(pairs.candidates)), 2)]
    each = [[[group[w]] for group in groups] for w in range(len(pairs.workloads))]
    return np.array([_count(family) for family in (*each, groups)])


def _count(family: list[list[np.ndarray]]) -> int:
    p = np.array([effect_and_p([g for g in groups if len(g)])[1] for groups in family if any(map(len, groups))])
    return int(np.count_nonzero(holm(np.where(np.isnan(p), 1.0, p)) <= ALPHA))


def pair_noise(pairs: Paired) -> tuple[np.ndarray, np.ndarray]:
    """(workloads,) each: the median over pairs of the deviation, and of |mean| over it."""
    noise, signal = [], []
    for a, b in combinations(range(len(pairs.candidates)), 2):
        groups = pairs.differences(a, b)
        spread = np.array([group.std(ddof=1) for group in groups])
        noise.append(spread)
        with np.errstate(divide="ignore", invalid="ignore"):
            signal.append(np.abs([group.mean() for group in groups]) / spread)
    return np.median(noise, axis=0), np.nanmedian(signal, axis=0)


def table(frame: "pd.DataFrame") -> str:
    """The same as Markdown, for docs/statistics.md: a row an estimator."""
    lines = head(
        *("estimator", "noise", "signal / noise", "told apart", "false"),
        *("told apart over all", "false over all", "missed"),
    )
    for name, rows in frame.groupby("estimator", sort=False):
        each, whole = rows[rows["workload"] != OVERALL], rows[rows["workload"] == OVERALL].iloc[0]
        lines.append(
            line(
                *(name, f"{whole['noise']:.2f}", f"{whole['signal']:.2f}"),
                *(f"{each['told'].sum():.0f} of {each['pairs'].sum():.0f}", f"{100 * each['false'].mean():.1f} %"),
                *(f"{whole['told']:.1f} of {whole['pairs']:.0f}", f"{100 * whole['false']:.1f} %"),
                f"{100 * whole['missed']:.0f} %",
            )
        )
    return "\n".join(lines) + "\n"
