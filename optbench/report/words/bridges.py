"""What bridges to foreign libraries take of each step: beside calibrated seconds, which contain it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

#: workload -> candidate -> {"library", "seconds"}, as `optbench.results.results.Results.bridges`
Bridges = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass
class Toll:
    """What a bridge takes, over workloads (and candidates).

    library   whose arithmetic it is: "torch", or a user's own module
    micro     microseconds of a step
    shares    the same in percent of a step, where that is known
    """

    library: str
    candidates: list[str] = field(default_factory=list)
    micro: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        share = f", {_between(self.shares)} % of its time" if self.shares else ""
        return f"{_between(self.micro)} µs of each step{share}"


def toll_of(bridges: Bridges, candidate: str, costs: pd.DataFrame | None = None) -> Toll | None:
    """The toll of one candidate; None where the arithmetic is its own.

    costs   as `Results.costs`: (workload, candidate, seconds_per_step)
    """
    known = _known(costs)
    toll = None
    for workload, candidates in bridges.items():
        if candidate not in candidates:
            continue
        record = candidates[candidate]
        toll = toll or Toll(str(record["library"]).split(" ")[0], [candidate])
        seconds = float(record["seconds"])
        toll.micro.append(1e6 * seconds)
        if (whole := known.get((workload, candidate), 0.0)) > 0:
            toll.shares.append(100 * seconds / whole)
    return toll


def tolls(bridges: Bridges, candidates: list[str], costs: pd.DataFrame | None = None) -> list[Toll]:
    """One toll a library, in the order of `candidates`."""
    found: dict[str, Toll] = {}
    for candidate in candidates:
        if one := toll_of(bridges, candidate, costs):
            whole = found.setdefault(one.library, Toll(one.library))
            whole.candidates += one.candidates
            whole.micro += one.micro
            whole.shares += one.shares
    return list(found.values())


def note(found: list[Toll]) -> str:
    """What "via torch" means for the seconds of these candidates; empty where there are none."""
    if not found:
        return ""
    each = "; ".join(f"to {toll.library} {toll}" for toll in found)
    return (
        "A candidate that is marked via has its arithmetic from that library. Its calibrated seconds contain the "
        f"bridge, measured around an optimizer that does nothing: {each}."
    )


def _known(costs: pd.DataFrame | None) -> dict[tuple[str, str], float]:
    if costs is None or "seconds_per_step" not in costs:
        return {}
    names = zip(costs["workload"], costs["candidate"], strict=True)
    return dict(zip(names, map(float, costs["seconds_per_step"]), strict=True))


def _between(values: list[float]) -> str:
    low, high = (f"{float(f'{value:.2g}'):g}" for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"
