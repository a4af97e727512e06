"""What candidates and workloads of a lesson are called: by their titles where no two would be mistaken."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from optbench.language import gettext as _


def titles_of(suite: Mapping[str, Any], workloads: Sequence[str]) -> dict[str, str]:
    """{candidate's name: its title} of those that run on these workloads; names where titles would be mistaken.

    One title may stand for several candidates on different workloads ("He" at two rates), never on one.
    """
    here = [
        c for c in suite["candidates"] if c.get("workloads") is None or set(c["workloads"]) & set(workloads)
    ]
    titles = {c["name"]: c.get("title") or c["name"] for c in here}
    for workload in workloads:
        there = [titles[c["name"]] for c in here if c.get("workloads") is None or workload in c["workloads"]]
        if len(set(there)) < len(there):
            return {c["name"]: c["name"] for c in here}
    return titles


def places_of(works: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """{workload's name: its title}; names where two have one title."""
    places = {w["name"]: w.get("title") or w["name"] for w in works}
    return places if len(set(places.values())) == len(places) else {name: name for name in places}


def joined(names: str, places: Mapping[str, str]) -> str:
    """A claim's workloads, "a, b", by their titles; a list of many by their number."""
    found = [places.get(name, name) for name in names.split(", ")]
    return _("; ").join(found) if len(found) < 4 else _("{count} workloads").format(count=len(found))


def titled(frame: pd.DataFrame, places: Mapping[str, str], titles: Mapping[str, str]) -> pd.DataFrame:
    """The rows of these workloads and candidates, by their titles."""
    if not len(frame):
        return frame
    part = frame[frame["workload"].isin(places) & frame["candidate"].isin(titles)]
    # panels in the suite's order, not in that of the runs
    order = {name: number for number, name in enumerate(places)}
    part = part.sort_values("workload", key=lambda names: names.map(order), kind="stable")
    return part.assign(workload=part["workload"].map(places), candidate=part["candidate"].map(titles))
