"""What is better or worse in the second of two runs, and how sure that is: the rows of a comparison's table."""

from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.results.side_by_side import Pair
from optbench.statistics.holm import ALPHA

if TYPE_CHECKING:
    import pandas as pd

    from optbench.statistics import Paired

BEFORE, AFTER = "before", "after"
#: workloads of a candidate together
ALL = "all"
COLUMNS = (
    *("candidate", "workload", "metric", "before", "after", "effect", "low", "high", "unit", "p", "p_holm", "p_equal"),
    *("pairs", "verdict", "reason"),
)
MENDABLE = ("error", "crashed", "timeout")
#: why equal, where nothing had to be tested
SAME = "same bits"


def judged_rows(pair: Pair) -> "pd.DataFrame":
    """The table of a `Comparison`."""
    import pandas as pd

    rows = tested(pair) + timed(pair) + failed(pair)
    table = pd.DataFrame(rows, columns=[c for c in COLUMNS if c not in ("p_holm", "verdict", "reason")])
    return judged(table, pair.same_places, alpha_of(pair))


def alpha_of(pair: Pair) -> float:
    """5 %, or the level of the last look where either run added seeds until all was decided; of two the stricter."""
    return min(r.level.difference if r.level.seeds else ALPHA for r in (pair.a, pair.b))


def tested(pair: Pair) -> list[tuple[Any, ...]]:
    """Rows of steps and final results: each workload, and all of a candidate's."""
    import pandas as pd

    from optbench.statistics.compare import effect_and_p, equal_p, margin_of
    from optbench.statistics.pairs import seed_pairs

    alpha = alpha_of(pair)
    rows: list[tuple[Any, ...]] = []
    for candidate in dict.fromkeys(c for _, c in pair.places):
        works = [w for w, c in pair.places if c == candidate]
        parts = []
        for word, results in ((BEFORE, pair.a), (AFTER, pair.b)):
            t = results.trials
            parts.append(t[(t["candidate"] == candidate) & t["workload"].isin(works)].assign(candidate=word))
        both = pd.concat(parts, ignore_index=True)
        for metric in ("steps", "final"):
            pairs = seed_pairs(both, metric)
            if pairs.candidates != [BEFORE, AFTER]:
                continue
            groups = dict(zip(pairs.workloads, pairs.differences(1, 0), strict=True))
            groups = {w: group for w, group in groups.items() if len(group)}
            values = seed_values(pairs)
            margin = margin_of(pairs, pair.b.margins)
            families = [(w, [w]) for w in groups]
            if len(families) > 1:
                families.append((ALL, list(groups)))
            for workload, names in families:
                chosen = [groups[name] for name in names]
                effect, p = effect_and_p(chosen, alpha, 1 - alpha)
                same = equal_p(pairs, 1, 0, margin, [pairs.workloads.index(name) for name in names], alpha)
                middle = (np.nan, np.nan)
                if workload != ALL:
                    cell = values[:, pairs.workloads.index(workload)].reshape(2, -1)
                    middle = tuple(np.nanmedian(cell, axis=1) if pairs.ratio else np.nanmean(cell, axis=1))
                total = sum(map(len, chosen))
                rows.append((candidate, workload, metric, *middle, *pairs.told(effect), pairs.unit, p, same, total))
    return rows


def seed_values(pairs: "Paired") -> np.ndarray:
    """(candidates, workloads, seeds): results, or times: of a ladder geometric means, misses the least they can be."""
    values = pairs.values
    if values.ndim == 4:
        known = ~np.isnan(values)
        number = known.sum(axis=-1)
        values = np.where(known, values, 0.0).sum(axis=-1) / np.where(number, number, np.nan)
    return np.exp(values) if pairs.ratio else values


def timed(pair: Pair) -> list[tuple[Any, ...]]:
    costs = [
        {(w, c): row for w, c, *row in results.costs.itertuples(index=False)} for results in (pair.a, pair.b)
    ]
    rows: list[tuple[Any, ...]] = []
    for place in pair.places:
        if place in costs[0] and place in costs[1]:
            (s, low, high, _), (t, after_low, after_high, _) = costs[0][place], costs[1][place]
            if s > 0 and low > 0:
                ratios = (t / s, after_low / high, after_high / low)
                rows.append((place[1], place[0], "seconds", s, t, *ratios, "ratio", np.nan, np.nan, 0))
    return rows


def failed(pair: Pair) -> list[tuple[Any, ...]]:
    """Rows where trials fail now that did not, or no more: errors and crashes are nobody's arithmetic."""
    counts = []
    for results in (pair.a, pair.b):
        t = results.trials[results.trials["outcome"].isin(MENDABLE)]
        counts.append(t.groupby(["workload", "candidate"]).size())
    rows: list[tuple[Any, ...]] = []
    for place in pair.places:
        before, after = (int(c.get(place, 0)) for c in counts)
        if before != after:
            change = (before, after, after - before, np.nan, np.nan, "difference", np.nan, np.nan, 0)
            rows.append((place[1], place[0], "outcomes", *change))
    return rows


def judged(table: "pd.DataFrame", same: set[tuple[str, str]], alpha: float = ALPHA) -> "pd.DataFrame":
    """The table with p_holm, p_equal corrected, verdict and reason. Where bits are the same nothing is tested, nor
    corrected for: that is equal."""
    from optbench.statistics.compare import word
    from optbench.statistics.holm import holm

    table = table.copy()
    table["p_holm"], table["verdict"], table["reason"] = np.nan, "", ""
    works = table[table["workload"] != ALL].groupby("candidate")["workload"].unique().to_dict()

    def is_same(candidate: str, workload: str) -> bool:
        names = works.get(candidate, []) if workload == ALL else [workload]
        return len(names) > 0 and all((candidate, name) in same for name in names)

    places = list(zip(table["candidate"], table["workload"], strict=True))
    equal = np.array([is_same(*place) for place in places], dtype=bool)
    compared = table["metric"].isin(["steps", "final"]).to_numpy()
    table.loc[equal & compared, ["verdict", "reason"]] = ["equal", SAME]
    tested = compared & ~equal
    if tested.any():
        table.loc[tested, "p_holm"] = holm(table.loc[tested, "p"])
        table.loc[tested, "p_equal"] = holm(table.loc[tested, "p_equal"])
        words = [word(row, alpha) for row in table[tested].to_dict("records")]
        table.loc[tested, ["verdict", "reason"]] = words
    for index, row in table[table["metric"] == "outcomes"].iterrows():
        known = not row["before"] or not row["after"]
        table.loc[index, "verdict"] = ("worse" if row["after"] else "better") if known else "undecided"
    return table[list(COLUMNS)]
