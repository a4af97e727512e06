"""Candidates did not get the same: tuning, dimensions and decades to cover with it, gradients a step, runs."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from optbench.statistics.cautions.common import Caution, by_name, others, searched_space, short, usual
from optbench.statistics.cells import final_runs

if TYPE_CHECKING:
    import pandas as pd

#: gradient evaluations a step from which a candidate works noticeably more than one a step
MORE_GRADIENTS = 1.05
#: so many times the decades of most others make a difference: with eight trials on digits, MNIST and spirals a rate
#: searched over 2, 3 and 4 decades took 8, 12 and 17 % more steps than the best one (Adam; SGD 11, 13 and 18 %)
WIDER = 1.4


def unequal(suite: Mapping[str, Any], trials: "pd.DataFrame") -> Iterator[Caution]:
    """Differences in what candidates got on one workload."""
    tuning, candidates, workloads = suite.get("tuning") or {}, by_name(suite, "candidates"), by_name(suite, "workloads")
    tune, final = trials[trials["phase"] == "tune"], final_runs(trials)
    tried = tune.groupby(["workload", "candidate", "study"]).size().groupby(["workload", "candidate"]).max()
    ended = final.groupby(["workload", "candidate"]).size()
    gradients = (final["gradients"] / final["steps"]).groupby([final["workload"], final["candidate"]]).median()
    for workload in dict.fromkeys(final["workload"]):
        names = list(dict.fromkeys(final.loc[final["workload"] == workload, "candidate"]))
        counts = {name: int(tried.get((workload, name), 0)) for name in names}
        tuned = [name for name in names if counts[name]]
        methods = {n: (candidates.get(n, {}).get("tuning") or {}).get("method") or tuning.get("method") for n in names}
        spaces = {n: searched_space(candidates.get(n), workloads.get(workload), tuning) for n in tuned}
        dimensions = {n: len(found) for n, found in spaces.items() if found is not None}
        most = max((int(ended[workload, name]) for name in names), default=0)
        for name in names:
            for message in (
                _budget(name, counts, methods, tuned),
                _dimensions(name, dimensions, spaces) or _decades(name, spaces),
                _gradients(float(gradients.get((workload, name), 1.0)), names),
                _batches(candidates.get(name) or {}, names),
            ):
                if message:
                    yield Caution("unequal", workload, name, message)
            count = int(ended[workload, name])
            if count < most:
                who = "the other has" if len(names) == 2 else "others have"
                message = f"has {count} final runs, {who} {most}: comparisons use seeds that both have"
                yield Caution("unequal", workload, name, message)
    failed = tune[tune["outcome"].isin(("error", "crashed", "timeout"))]
    for (workload, name), rows in failed.groupby(["workload", "candidate"], sort=False):
        words = " and ".join(f"{n} {outcome}" for outcome, n in Counter(rows["outcome"]).items())
        message = f"failed tuning trials ({words}): less of its budget was of use"
        yield Caution("unequal", str(workload), str(name), message)


def _budget(name: str, counts: Mapping[str, int], methods: Mapping[str, Any], tuned: list[str]) -> str:
    if not tuned or len(counts) < 2:
        return ""
    if not counts[name]:
        return f"runs on its defaults, while {'the other was' if len(counts) == 2 else 'others were'} tuned"
    method = usual(methods[n] for n in tuned)
    if methods[name] != method:
        who = others([methods[n] for n in tuned if n != name], method)
        return f"is tuned by {methods[name]} search, {who} by {method}"
    alike = [counts[n] for n in tuned if methods[n] == method]
    if counts[name] < max(alike):
        who = "the other" if len(tuned) == 2 else "others"
        return f"was tuned with {counts[name]} trials, {who} with {max(alike)}"
    return ""


def _dimensions(name: str, dimensions: Mapping[str, int], spaces: Mapping[str, Any]) -> str:
    if name not in dimensions or len(set(dimensions.values())) < 2:
        return ""
    own, most = dimensions[name], usual(dimensions.values())
    if own == most:
        return ""
    what = f"searches {own} hyperparameter{'s' if own > 1 else ''} ({', '.join(map(short, spaces[name]))})"
    who = others([found for n, found in dimensions.items() if n != name], most)
    return f"{what}, {who} {most}: the same budget covers {'less' if own > most else 'more'} of its space"


def _decades(name: str, spaces: Mapping[str, Any]) -> str:
    """Of candidates that search one hyperparameter: its range, where most others' is much narrower or wider."""
    found = {n: width for n, space in spaces.items() if space is not None and (width := _width(space))}
    if name not in found or len(found) < 3:
        return ""
    own, most = found[name], usual(found.values())
    if not max(own / most, most / own) > WIDER:
        return ""
    what = f"searches {', '.join(map(short, spaces[name]))} over {own:.2g} decades"
    who = others([width for n, width in found.items() if n != name], most)
    return f"{what}, {who} {most:.2g}: its trials lie {'farther apart' if own > most else 'closer'}"


def _width(space: Mapping[str, Any]) -> float:
    """Decades of the only hyperparameter; 0 of several, or of one that is not searched on a log scale."""
    if len(space) != 1:
        return 0.0
    (hyper,) = space.values()
    return round(math.log10(hyper.high / hyper.low), 1) if hyper.scale == "log" else 0.0


def _gradients(ratio: float, names: list[str]) -> str:
    if len(names) < 2 or not ratio > MORE_GRADIENTS:
        return ""
    who = "the other" if len(names) == 2 else "others"
    return f"evaluates {ratio:.3g} gradients a step: a step of it costs more than one of {who}"


def _batches(candidate: Mapping[str, Any], names: list[str]) -> str:
    size = candidate.get("batch_size")
    if size is None or len(names) < 2:
        return ""
    own = "a searched batch size" if isinstance(size, Mapping) else f"batches of its own ({size})"
    return f"has {own}: compare it in epochs, a step of it sees other numbers of examples"


def everywhere(found: Iterator[Caution], trials: "pd.DataFrame") -> Iterator[Caution]:
    """The same caution on all of a candidate's workloads becomes one of them all."""
    ran = final_runs(trials).groupby("candidate")["workload"].nunique()
    groups: dict[tuple[str, str], list[Caution]] = {}
    for caution in found:
        groups.setdefault((caution.candidate, caution.message), []).append(caution)
    for (candidate, message), group in groups.items():
        if len(group) > 1 and len(group) >= ran.get(candidate, 0):
            yield Caution(group[0].kind, "", candidate, message)
        else:
            yield from group
