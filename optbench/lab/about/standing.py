"""Where a component did well: its places among the candidates of the reference results that are installed.

Archives hold a workload each. They are read one at a time, and of each the final runs alone.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from importlib.resources import as_file
from typing import TYPE_CHECKING, Any

from optbench.contract.errors import OptbenchError
from optbench.registry.registry import Registry
from optbench.results.archives import ENDING, unpacked
from optbench.store.store import Store

if TYPE_CHECKING:
    import pandas as pd


def references(
    registry: Registry, suite: str | None = None, workload: str | None = None
) -> "Iterator[tuple[str, pd.DataFrame]]":
    """(suite, final runs) of each archive of reference results: of all suites or one, of all workloads or one."""
    from optbench.statistics.tables import trial_frame

    for name, (folder, _) in sorted(registry.references.items()):
        if suite not in (None, name):
            continue
        for archive in sorted(folder.iterdir(), key=lambda one: one.name):
            if not archive.name.endswith(ENDING) or workload not in (None, archive.name.removesuffix(ENDING)):
                continue
            try:
                with ExitStack() as stack:
                    path = stack.enter_context(unpacked(stack.enter_context(as_file(archive))))
                    yield name, trial_frame(stack.enter_context(Store(path, readonly=True)), "final")
            except OptbenchError:  # a damaged one hides no other; `optbench doctor` reads them, too
                continue


def standings(registry: Registry, kind: str, name: str) -> list[dict[str, Any]]:
    """A dict a suite and workload on which a candidate with this component ran; its best place first.

    suite, workload, candidate   the best candidate that has it
    place, of                    by the median time to the target, misses last; without a target by the median final
                                 test metric (of a function, loss); ties share the better place
    steps                        median steps to the target; None where it was missed or there is none
    result, metric               median final test metric; None where there is none
    """
    if kind not in ("optimizer", "schedule", "initializer", "normalizer", "regularizer"):
        return []
    found = []
    for suite, runs in references(registry):
        runs = runs[runs["variant_of"].isna()]
        if len(runs) == 0:
            continue
        has = runs[kind].map(lambda names: name in str(names).split("+"))
        if not has.any() or (kind != "optimizer" and has.all()):  # what all have tells nothing apart
            continue
        for workload, rows in runs.groupby("workload"):
            found += _placed(suite, str(workload), rows, set(runs.loc[has, "candidate"]))
    return sorted(found, key=lambda one: (one["place"] / one["of"], one["suite"], one["workload"]))


def _placed(suite: str, workload: str, rows: "pd.DataFrame", having: set[str]) -> list[dict[str, Any]]:
    import numpy as np

    from optbench.contract.metric import lower_is_better

    by = rows.groupby("candidate")
    metric = str(rows["metric"].iloc[0])
    times = by["steps_to_target"].median()
    results = by["final_test_metric"].median()
    if results.isna().all():
        results, metric = by["final_train_loss"].median(), "train_loss"
    targeted = rows["target_metric"].notna().any()
    sign = 1.0 if lower_is_better(metric) else -1.0
    score = times.fillna(np.inf) if targeted else (sign * results).fillna(np.inf)
    ours = score[score.index.isin(having)]
    if len(ours) == 0:
        return []
    best = str(ours.idxmin()) if np.isfinite(ours).any() else str(ours.index[0])
    steps, result = float(times[best]), float(results[best])
    return [
        {
            "suite": suite,
            "workload": workload,
            "candidate": best,
            "place": 1 + int((score < score[best]).sum()),
            "of": len(score),
            "steps": steps if np.isfinite(steps) else None,
            "result": result if np.isfinite(result) else None,
            "metric": metric,
        }
    ]


def noise(registry: Registry, suite: str, workload: str) -> dict[str, Any] | None:
    """How much seeds matter on a workload, by reference results; None where there are none.

    steps    standard deviation over seeds of ln(steps to the target), the median over candidates that reached it with
             every seed: 0.1 is about 10 %; None where nobody did
    result   standard deviation over seeds of the final test metric (of a function, loss), the median over candidates
    seeds, candidates   how many of each
    """
    import numpy as np

    for _, runs in references(registry, suite, workload):
        runs = runs[runs["workload"] == workload]
        if len(runs) == 0:
            return None
        steps, results = [], []
        for _, rows in runs.groupby("candidate"):
            times = rows["steps_to_target"].to_numpy(float)
            final = rows["final_test_metric"].to_numpy(float)
            final = rows["final_train_loss"].to_numpy(float) if np.isnan(final).all() else final
            if len(times) > 1 and np.isfinite(times).all() and (times > 0).all():
                steps.append(float(np.log(times).std(ddof=1)))
            if np.isfinite(final).sum() > 1:
                results.append(float(final[np.isfinite(final)].std(ddof=1)))
        return {
            "steps": float(np.median(steps)) if steps else None,
            "result": float(np.median(results)) if results else None,
            "seeds": int(runs["seed"].nunique()),
            "candidates": int(runs["candidate"].nunique()),
        }
    return None
