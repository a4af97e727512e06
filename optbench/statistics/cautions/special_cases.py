"""A candidate is beaten by what it contains: momentum at beta = 0 is SGD.

A general method that is well tuned never loses to its special case; where it does, its ranges or the budget decided.
Two that are equal within the suite's margin have not lost to each other, whichever's medians are ahead.

Reference: Choi et al. 2019, On Empirical Comparisons of Optimizers for Deep Learning.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.statistics.cautions.common import Caution, by_name, searched_space, text
from optbench.statistics.cells import final_runs
from optbench.statistics.compare import MARGINS
from optbench.statistics.level import FIXED, Level
from optbench.trials.trial import FINISHED

if TYPE_CHECKING:
    import pandas as pd

    from optbench.registry.registry import Registry

#: {optimizer: ((special case, the settings that make it), …)}, as components declare `special_cases`
Cases = Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]]


def declared_cases(suite: Mapping[str, Any], registry: "Registry") -> dict[str, Any]:
    """`cases` of the suite's optimizers as their classes declare them; nothing of those that are not installed.

    Limits are left out (they have a third item): Adam is momentum at an epsilon that nobody would search.
    """
    found = {}
    for candidate in suite.get("candidates", []):
        optimizer = candidate.get("optimizer")
        if isinstance(optimizer, Mapping):
            with suppress(OptbenchError):
                component = registry.entry("optimizers", optimizer["name"]).component
                found[optimizer["name"]] = tuple(
                    case for case in vars(component).get("special_cases", ()) if len(case) == 2
                )
    return {name: cases for name, cases in found.items() if cases}


def special_cases(
    suite: Mapping[str, Any], trials: "pd.DataFrame", cases: Cases, level: Level = FIXED
) -> Iterator[Caution]:
    trials = final_runs(trials)
    ran = trials.groupby("candidate", sort=False)["workload"].unique()
    candidates = [c for c in suite.get("candidates", []) if isinstance(c.get("optimizer"), Mapping)]
    for general in candidates:
        for special in candidates:
            settings = _settings_of(general, special, cases)
            if settings is None or not {general["name"], special["name"]} <= set(ran.index):
                continue
            shared = [w for w in ran[general["name"]] if w in set(ran[special["name"]])]
            margin = {**MARGINS, **(suite.get("equal") or {})}["time"]
            two = trials[trials["candidate"].isin((general["name"], special["name"]))]
            behind = _behind(general["name"], special["name"], two, shared, level, margin)
            if behind and not _equal(general["name"], special["name"], two, suite.get("equal"), level):
                made = ", ".join(f"{path} = {text(value)}" for path, value in settings.items())
                what = f"{special['name']}, its special case{f' at {made}' if made else ''}"
                message = behind.format(what) + _left_out(suite, general, shared[0], settings)
                yield Caution("special-case", shared[0] if len(shared) == 1 else "", general["name"], message)


def _settings_of(general: Mapping[str, Any], special: Mapping[str, Any], cases: Cases) -> Mapping[str, Any] | None:
    """The settings at which the first candidate is the second one; None where it is not."""
    if general["name"] == special["name"]:
        return None
    rest = ("schedule", "initializer", "normalizers", "regularizers", "batch_size")
    if any(general.get(field) != special.get(field) for field in rest):
        return None
    outer = general["optimizer"]
    for name, settings, *_ in cases.get(outer["name"], ()):
        inner = outer.get("inner")
        wanted = inner.get("name") if name == "inner" and isinstance(inner, Mapping) else name
        if special["optimizer"]["name"] == wanted:
            # With these very settings, fixed, it is no more general than the other.
            fixed = all(outer.get(k) == v and k not in outer.get("search", {}) for k, v in settings.items())
            return None if fixed else settings
    return None


def _behind(
    general: str, special: str, trials: "pd.DataFrame", shared: list[str], level: Level, margin: float
) -> str:
    """How the general candidate is behind, with {} for the special one; empty where it is not.

    Significantly: the verdict on the claim that the special case is better, over all workloads. Else by medians:
    behind on more workloads than ahead, and in the geometric mean of the ratios: of times by the margin of equality or
    more, since less is what chance does to one of two that are level.
    """
    from optbench.statistics.claims import judge

    metric, names = _comparable(general, special, trials, shared)
    if not names:
        return ""
    what = {"steps_to_target": "steps to target"}.get(metric, metric.replace("_", " "))
    where = f"over {len(names)} workloads" if len(names) > 1 else ""
    verdict = judge({"better": special, "worse": general, "workloads": names, "metric": metric}, trials, level=level)
    if verdict.verdict == "supported":
        digits = "{:.0%} [{:.0%}, {:.0%}]" if verdict.unit == "relative" else "{:.3g} [{:.3g}, {:.3g}]"
        size = digits.format(verdict.effect, verdict.low, verdict.high)
        return " ".join(filter(None, ("loses to {}, significantly:", size, f"more {what}", where)))
    middle = _medians(trials, metric, names, (general, special))
    ours, other = middle[general].to_numpy(), middle[special].to_numpy()
    worse, better = int((ours > other).sum()), int((ours < other).sum())
    solved = np.isfinite(ours) & np.isfinite(other) & (ours > 0) & (other > 0)
    factor = float(np.exp(np.mean(np.log(ours[solved] / other[solved])))) if solved.any() else math.inf
    if worse <= better or factor < (1 + margin if metric == "steps_to_target" else 1):
        return ""
    count = f"on {worse} of {len(names)} workloads" if len(names) > 1 else ""
    return " ".join(filter(None, ("is behind {}, by the median", what, count, "(not significant)")))


def _equal(
    general: str, special: str, trials: "pd.DataFrame", margins: Mapping[str, float] | None, level: Level
) -> bool:
    """Whether both are equal in speed, by a question about these two alone."""
    from optbench.statistics.questions import question

    if trials["target_metric"].isna().all():
        return False
    found = question(trials, "steps", [(general, special)], [general, special], margins, level.equality).comparisons
    return bool(found) and found[0].word == "equal"


def _comparable(
    general: str, special: str, trials: "pd.DataFrame", shared: list[str]
) -> tuple[str, list[str]]:
    """The metric that both are compared in, and the workloads on which anything can be said."""
    rows = trials[trials["workload"].isin(shared)]
    reached = rows.groupby("workload", sort=False)["steps_to_target"].apply(lambda t: bool(np.isfinite(t).any()))
    if rows["target_metric"].notna().any():
        return "steps_to_target", [name for name in shared if reached.get(name)]
    for metric in ("final_validation_loss", "final_train_loss"):
        there = rows.groupby("workload", sort=False)[metric].apply(lambda v: bool(v.notna().any()))
        if there.any():
            return metric, [name for name in shared if there.get(name)]
    return "final_train_loss", []


def _medians(trials: "pd.DataFrame", metric: str, names: list[str], two: tuple[str, str]) -> "pd.DataFrame":
    """Medians of final runs: a row a workload, a column a candidate; a run without a result is infinitely bad."""
    rows = trials[trials["workload"].isin(names) & trials["candidate"].isin(two)]
    values = rows[metric].astype(float).where(rows["outcome"].isin(FINISHED), math.inf).fillna(math.inf)
    with np.errstate(invalid="ignore"):  # the mean of two infinite middle values
        groups = values.groupby([rows["workload"], rows["candidate"]], sort=False)
        return groups.median().fillna(math.inf).unstack("candidate").reindex(names)


def _left_out(
    suite: Mapping[str, Any], general: Mapping[str, Any], workload: str, settings: Mapping[str, Any]
) -> str:
    """Whether the general method could have found the special case."""
    space = searched_space(general, by_name(suite, "workloads").get(workload), suite.get("tuning") or {})
    notes = []
    for path, value in settings.items():
        searched = space.get(f"optimizer.{path}") if space else None
        if searched is None:
            notes.append(f"{path} was not searched")
        elif searched.scale != "choice" and not searched.low <= value <= searched.high:
            notes.append(f"its range of {path}, {searched.low:g} … {searched.high:g}, leaves that out")
    return f"; {', '.join(notes)}" if notes else ""
