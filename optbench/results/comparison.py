"""What changed between two runs: of two commits, of two versions of a plugin, of two machines.

Runs of one candidate on one workload are paired by study and seed: with the same seed they start from the same weights
and see the same batches. Where all pairs have the same bits nothing changed, and no test is needed. Elsewhere the tests
of `optbench.statistics.compare` speak, on steps to target and on final results, for each workload and for all
workloads of a candidate together; Holm's correction is over all of them, so that two runs that differ by chance
alone are called different in at most 5 % of cases.

The cost of a step is told without a word: seven timings on one machine are no sample of machines.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.results.archives import opened
from optbench.results.reference import unlike
from optbench.results.results import Results
from optbench.store.store import Store
from optbench.trials.bits import difference

if TYPE_CHECKING:
    import pandas as pd

BEFORE, AFTER = "before", "after"
#: workloads of a candidate together
ALL = "all"
COLUMNS = (
    *("candidate", "workload", "metric", "before", "after", "effect", "low", "high", "unit", "p", "p_holm"),
    *("pairs", "verdict", "reason"),
)
MENDABLE = ("error", "crashed", "timeout")
ALPHA = 0.05


@dataclass(frozen=True)
class Comparison:
    """What `compare` found. `before` and `after` name the two; tables are pandas frames.

    table         a row a candidate, workload (or "all") and metric: steps (ratio of after to before, below 1 is
                  quicker), final (difference of normalized results, above 0 is better), seconds (of a step, ratio) and
                  outcomes (trials that failed for a reason other than their arithmetic). verdict: better, worse,
                  undecided, same bits; for seconds empty
    bits          a row a candidate and workload: paired trials, how many have the same bits, the first difference and
                  the largest relative one
    settings      selected settings that differ: candidate, workload, study, setting, before, after
    outcomes      numbers of trials by outcome that differ: candidate, workload, outcome, before, after
    environments  what differs in the environments: field, before, after
    added, missing   names of candidates and workloads that only `after` or only `before` has
    notes         what could not be compared, and why
    """

    before: str
    after: str
    table: "pd.DataFrame"
    bits: "pd.DataFrame"
    settings: "pd.DataFrame"
    outcomes: "pd.DataFrame"
    environments: "pd.DataFrame"
    added: dict[str, list[str]] = field(default_factory=dict)
    missing: dict[str, list[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def count(self, verdict: str) -> int:
        """Rows of `table` with this verdict."""
        return int((self.table["verdict"] == verdict).sum())

    @property
    def same(self) -> bool:
        """Whether all paired trials have the same bits, and nothing was added or is missing."""
        whole = bool((self.bits["same"] == self.bits["trials"]).all())
        return whole and len(self.bits) > 0 and not any((*self.added.values(), *self.missing.values()))

    def to_dict(self) -> dict[str, Any]:
        """For JSON: tables as lists of rows, numbers that are not finite as null."""
        tables = ("table", "bits", "settings", "outcomes", "environments")
        rows = {name: [_plain(r) for r in getattr(self, name).to_dict("records")] for name in tables}
        return {
            "before": self.before, "after": self.after, "same": self.same, "added": self.added, "missing": self.missing,
            "notes": list(self.notes), **rows,
        }  # fmt: skip


def compare(before: str | Path | Results, after: str | Path | Results) -> Comparison:
    """What changed from one run to another: folders, stores, archives, "reference", or `Results`.

    OptbenchError where one cannot be read, or where they share no candidate on a workload.
    """
    if isinstance(before, Results) and isinstance(after, Results):
        return _compare(before, after)
    if not isinstance(before, Results):
        with opened(before, None if isinstance(after, Results) else suite_name(after)) as path:
            return _named(compare(Results(path), after), before=str(before))
    with opened(after, suite_name(before.path)) as path:  # type: ignore[arg-type]
        return _named(compare(before, Results(path)), after=str(after))


def suite_name(store: str | Path) -> str | None:
    """Which suite's reference results a comparison with "reference" means: the one that was run."""
    if str(store) == "reference" and not Path(store).exists():
        return None
    with opened(store) as path, Store(path, readonly=True) as found:
        name = found.get("name")
        return name if isinstance(name, str) else None


def _named(found: Comparison, **names: str) -> Comparison:
    return Comparison(**{**vars(found), **names})


def _compare(a: Results, b: Results) -> Comparison:
    import pandas as pd

    pair = _Pair(a, b)
    rows = pair.tested() + pair.timed() + pair.failed()
    table = pd.DataFrame(rows, columns=[c for c in COLUMNS if c not in ("p_holm", "verdict", "reason")])
    table = judged(table, pair.same_places, pair.failures)
    return Comparison(
        str(a.folder), str(b.folder), table, pair.bits, pair.settings(), pair.outcomes(), environments(a, b),
        pair.only(b, a), pair.only(a, b), tuple(pair.notes),
    )  # fmt: skip


class _Pair:
    """Two results side by side."""

    def __init__(self, a: Results, b: Results):
        from optbench.contract.errors import OptbenchError

        self.a, self.b, self.notes = a, b, []
        self.failures: dict[tuple[str, str], str] = {}
        known = {w["name"]: w for w in a.suite.get("workloads", [])}
        changed = {}
        for workload in b.suite.get("workloads", []):
            path = unlike(known.get(workload["name"], workload), workload)
            if path:
                changed[workload["name"]] = path
                self.notes.append(f"workload {workload['name']} is another now, and not compared: its {path} differs")
        places = [set(zip(r.trials["workload"], r.trials["candidate"], strict=True)) for r in (a, b)]
        self.changed = changed
        self.places = sorted(place for place in places[0] & places[1] if place[0] not in changed)
        if not self.places:
            why = f": {'; '.join(self.notes)}" if self.notes else ""
            raise OptbenchError(f"{a.folder} and {b.folder} have no candidate on a workload in common{why}")
        budget = unlike(
            {k: a.suite.get(k) for k in ("seeds", "seed", "tuning")},
            {k: b.suite.get(k) for k in ("seeds", "seed", "tuning")},
        )
        if budget:
            self.notes.append(f"they were not tuned and judged alike: {budget} differs; pairs of seeds are compared")

    @cached_property
    def bits(self) -> "pd.DataFrame":
        """Trials paired by what they are for, compared bit by bit."""
        import pandas as pd

        ids = ["workload", "candidate", "phase", "study", "number", "seed"]
        frames = [r.trials[[*ids, "key", "hyperparameters"]] for r in (self.a, self.b)]
        # with other settings other bits are no news
        merged = frames[0].merge(frames[1], on=[*ids, "hyperparameters"], suffixes=("_a", "_b"))
        wanted = set(self.places)
        shared = [place in wanted for place in zip(merged["workload"], merged["candidate"], strict=True)]
        merged = merged[np.array(shared, dtype=bool)]
        totals = frames[0].merge(frames[1], on=ids).groupby(ids[:2]).size()
        found: dict[tuple[str, str], dict[str, Any]] = {
            place: {"candidate": place[1], "workload": place[0], "trials": int(totals.get(place, 0)), "same": 0,
                    "first": "", "relative": 0.0}
            for place in self.places
        }  # fmt: skip
        with Store(self.a.path, readonly=True) as one, Store(self.b.path, readonly=True) as other:
            thinned = bool(one.get("thinned") or other.get("thinned"))
            seen: dict[tuple[str, ...], Any] = {}
            rows = zip(*(merged[n].astype(str) for n in ("workload", "candidate", "key_a", "key_b")), strict=True)
            for workload, candidate, *keys in rows:
                if tuple(keys) not in seen:
                    first, second = one.run(keys[0]), other.run(keys[1])
                    if first is None or second is None:
                        continue
                    seen[tuple(keys)] = difference(first, second, thinned=thinned)
                where, place = seen[tuple(keys)], found[workload, candidate]
                if where is None:
                    place["same"] += 1
                else:
                    place["first"] = place["first"] or str(where)
                    place["relative"] = max(place["relative"], where.relative)
        return pd.DataFrame(list(found.values()))

    @property
    def same_places(self) -> set[tuple[str, str]]:
        whole = self.bits[(self.bits["same"] == self.bits["trials"]) & (self.bits["trials"] > 0)]
        return set(zip(whole["candidate"], whole["workload"], strict=True))

    def tested(self) -> list[tuple]:
        """Rows of steps and final results: each workload, and all of a candidate's."""
        import pandas as pd

        from optbench.statistics.compare import effect_and_p
        from optbench.statistics.pairs import seed_pairs

        rows: list[tuple] = []
        for candidate in dict.fromkeys(c for _, c in self.places):
            works = [w for w, c in self.places if c == candidate]
            parts = []
            for word, results in ((BEFORE, self.a), (AFTER, self.b)):
                t = results.trials
                parts.append(t[(t["candidate"] == candidate) & t["workload"].isin(works)].assign(candidate=word))
            both = pd.concat(parts, ignore_index=True)
            for metric in ("steps", "final"):
                pairs = seed_pairs(both, metric)
                if pairs.candidates != [BEFORE, AFTER]:
                    continue
                groups = dict(zip(pairs.workloads, pairs.differences(1, 0), strict=True))
                groups = {w: group for w, group in groups.items() if len(group)}
                values = np.exp(pairs.values) if pairs.ratio else pairs.values
                families: list[tuple[str, list[np.ndarray]]] = [(w, [group]) for w, group in groups.items()]
                if len(families) > 1:
                    families.append((ALL, list(groups.values())))
                for workload, chosen in families:
                    effect, p = effect_and_p(chosen)
                    ends = np.array([effect.mean, effect.low, effect.high])
                    shown = np.exp(ends) if pairs.ratio else ends
                    middle = (np.nan, np.nan)
                    if workload != ALL:
                        cell = values[:, pairs.workloads.index(workload)]
                        middle = tuple(np.nanmedian(cell, axis=1) if pairs.ratio else np.nanmean(cell, axis=1))
                    total = sum(map(len, chosen))
                    unit = "ratio" if pairs.ratio else "difference"
                    rows.append((candidate, workload, metric, *middle, *map(float, shown), unit, p, total))
        return rows

    def timed(self) -> list[tuple]:
        costs = [
            {(w, c): row for w, c, *row in results.costs.itertuples(index=False)} for results in (self.a, self.b)
        ]
        rows: list[tuple] = []
        for place in self.places:
            if place in costs[0] and place in costs[1]:
                (s, low, high, _), (t, after_low, after_high, _) = costs[0][place], costs[1][place]
                if s > 0 and low > 0:
                    ratios = (t / s, after_low / high, after_high / low)
                    rows.append((place[1], place[0], "seconds", s, t, *ratios, "ratio", np.nan, 0))
        return rows

    def failed(self) -> list[tuple]:
        """Rows where trials fail now that did not, or no more: errors and crashes are nobody's arithmetic."""
        counts = []
        for results in (self.a, self.b):
            t = results.trials[results.trials["outcome"].isin(MENDABLE)]
            counts.append(t.groupby(["workload", "candidate"]).size())
        rows: list[tuple] = []
        for place in self.places:
            before, after = (int(c.get(place, 0)) for c in counts)
            if before != after:
                change = (before, after, after - before, np.nan, np.nan, "difference", np.nan, 0)
                rows.append((place[1], place[0], "outcomes", *change))
                if not before or not after:
                    self.failures[place[1], place[0]] = "worse" if after else "better"
        return rows

    def settings(self) -> "pd.DataFrame":
        import json

        import pandas as pd

        chosen: list[dict[Any, dict[str, Any]]] = []
        for results in (self.a, self.b):
            t = results.trials[results.trials["selected"]]
            places = zip(t["candidate"], t["workload"], t["study"], strict=True)
            chosen.append(dict(zip(places, map(json.loads, t["hyperparameters"]), strict=True)))
        rows: list[tuple[Any, ...]] = []
        for place in chosen[0].keys() & chosen[1].keys():
            if (place[1], place[0]) in self.places:
                one, other = chosen[0][place], chosen[1][place]
                for name in dict.fromkeys([*one, *other]):
                    if one.get(name) != other.get(name):
                        rows.append((*place, name, one.get(name), other.get(name)))
        columns = ["candidate", "workload", "study", "setting", "before", "after"]
        return pd.DataFrame(rows, columns=columns).sort_values(columns[:4], ignore_index=True)

    def outcomes(self) -> "pd.DataFrame":
        import pandas as pd

        counts = [r.trials.groupby(["candidate", "workload", "outcome"]).size() for r in (self.a, self.b)]
        table = pd.concat(counts, axis=1, keys=["before", "after"]).fillna(0).astype(int)
        table = table[table["before"] != table["after"]].reset_index()
        shared = [(w, c) in self.places for w, c in zip(table["workload"], table["candidate"], strict=True)]
        return table[np.array(shared, dtype=bool)].reset_index(drop=True)

    def only(self, one: Results, other: Results) -> dict[str, list[str]]:
        """Names of candidates and workloads that only `one` has."""
        return {
            f"{kind}s": [n for n in dict.fromkeys(one.trials[kind]) if n not in set(other.trials[kind])]
            for kind in ("candidate", "workload")
        }


def judged(
    table: "pd.DataFrame", same: set[tuple[str, str]], failures: Mapping[tuple[str, str], str]
) -> "pd.DataFrame":
    """The table with p_holm, verdict and reason. Where bits are the same nothing is tested, nor corrected for."""
    from optbench.statistics.compare import why_undecided
    from optbench.statistics.ranks import holm

    table = table.copy()
    table["p_holm"], table["verdict"], table["reason"] = np.nan, "", ""
    works = table[table["workload"] != ALL].groupby("candidate")["workload"].unique().to_dict()

    def is_same(candidate: str, workload: str) -> bool:
        names = works.get(candidate, []) if workload == ALL else [workload]
        return len(names) > 0 and all((candidate, name) in same for name in names)

    places = list(zip(table["candidate"], table["workload"], strict=True))
    equal = np.array([is_same(*place) for place in places], dtype=bool)
    compared = table["metric"].isin(["steps", "final"]).to_numpy()
    table.loc[equal & compared, "verdict"] = "same bits"
    tested = compared & ~equal
    if tested.any():
        p = table.loc[tested, "p"].to_numpy(dtype=float)
        corrected = np.where(np.isnan(p), np.nan, holm(np.where(np.isnan(p), 1.0, p)))
        table.loc[tested, "p_holm"] = corrected
        for index in table.index[tested]:
            row = table.loc[index]
            neutral = 1.0 if row["unit"] == "ratio" else 0.0
            if row["p_holm"] <= ALPHA:
                better = (row["effect"] < neutral) == (row["unit"] == "ratio")
                table.loc[index, "verdict"] = "better" if better else "worse"
            else:
                inside = not (row["low"] > neutral or row["high"] < neutral)
                pairs = int(row["pairs"])
                table.loc[index, "verdict"] = "undecided"
                table.loc[index, "reason"] = why_undecided(inside, pairs, float(row["p"]), pairs, ALPHA)
    for index, place in zip(table.index, places, strict=True):
        if table.loc[index, "metric"] == "outcomes":
            table.loc[index, "verdict"] = failures.get(place, "undecided")
    return table[list(COLUMNS)]


def environments(a: Results, b: Results) -> "pd.DataFrame":
    """Fields of the environments that most trials were made in, where they differ."""
    import pandas as pd

    from optbench.contract.components import walk

    flat = []
    for results in (a, b):
        made = max(results.environments, key=lambda item: item[1], default=(results.environment, 0))[0]
        flat.append(dict(walk(made)))
    names = [n for n in dict.fromkeys([*flat[0], *flat[1]]) if flat[0].get(n) != flat[1].get(n)]
    return pd.DataFrame(
        [(n, _text(flat[0].get(n)), _text(flat[1].get(n))) for n in names], columns=["field", "before", "after"]
    )


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    found = {}
    for name, value in row.items():
        value = value.item() if isinstance(value, np.generic) else value
        found[str(name)] = None if isinstance(value, float) and not np.isfinite(value) else value
    return found
