"""A selected setting lies at an end of its searched range: a wider one may do better."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from optbench.statistics.cautions.common import Caution, by_name, searched_space, short, text
from optbench.tuning.scales import to_unit
from optbench.tuning.space import Space, at_edge

if TYPE_CHECKING:
    import pandas as pd


def edges(suite: Mapping[str, Any], trials: "pd.DataFrame") -> Iterator[Caution]:
    """Selected settings at an end of their range; of several studies one row, with their number."""
    candidates, workloads = by_name(suite, "candidates"), by_name(suite, "workloads")
    selected = trials[trials["selected"].astype(bool)]
    for (workload, name), rows in selected.groupby(["workload", "candidate"], sort=False):
        space = searched_space(candidates.get(str(name)), workloads.get(str(workload)), suite.get("tuning") or {})
        if space is None:
            continue
        ends: dict[tuple[str, str], list[Any]] = {}
        for encoded in rows["hyperparameters"]:
            settings = json.loads(encoded)
            known = Space({path: hyper for path, hyper in space.items() if path in settings})
            for path in at_edge(known, settings):
                end = "high" if to_unit(space[path], settings[path]) > 0.5 else "low"
                ends.setdefault((path, end), []).append(settings[path])
        for (path, end), values in ends.items():
            hyper = space[path]
            told = f"{short(path)} = {', '.join(map(text, dict.fromkeys(values)))}"
            many = f" in {len(values)} of {len(rows)} studies" if len(rows) > 1 else ""
            message = f"selected {told}{many}, at the {end} end of its searched range {hyper.low:g} … {hyper.high:g}"
            yield Caution("edge", str(workload), str(name), message)
