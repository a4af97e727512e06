"""Two runs side by side: which trials are pairs, and what differs between them before anything is tested.

Trials are paired by what they are for: workload, candidate, phase, study, number and seed.
"""

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.results.results import Results
from optbench.results.unlike import unlike
from optbench.store.environment import fields
from optbench.store.store import Store
from optbench.trials.bits import difference

if TYPE_CHECKING:
    import pandas as pd


class Pair:
    """Two results side by side."""

    def __init__(self, a: Results, b: Results):
        self.a, self.b, self.notes = a, b, []
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

    def settings(self) -> "pd.DataFrame":
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


def environments(a: Results, b: Results) -> "pd.DataFrame":
    """Fields of the environments that most trials were made in, where they differ."""
    import pandas as pd

    before, after = (
        fields(max(results.environments, key=lambda item: item[1], default=(results.environment, 0))[0])
        for results in (a, b)
    )
    names = [n for n in dict.fromkeys([*before, *after]) if before.get(n, "") != after.get(n, "")]
    rows = [(n, before.get(n, ""), after.get(n, "")) for n in names]
    return pd.DataFrame(rows, columns=["field", "before", "after"])
