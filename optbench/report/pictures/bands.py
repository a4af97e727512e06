"""Learning curves over seeds: median and quartiles, computed here since a bootstrap would take minutes.

A run that diverged or failed counts as worst from then on (leaving it out would flatter its candidate); one that
stopped by its own rule keeps its last value.
"""

import numpy as np
import pandas as pd

from optbench.trials.trial import FINISHED

SHARE = 0.50
#: points of one curve in a figure; more are not seen, and a page of 400 curves must stay small
POINTS = 64


def summarize(values: np.ndarray, share: float = SHARE) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(median, low, high) over the last axis, by order statistics: infinities take part.

    low and high enclose at least the middle `share` of the values. NaN where all are NaN.
    """
    ordered = np.sort(values, axis=-1)  # NaN last
    count = np.sum(~np.isnan(ordered), axis=-1)
    last = np.maximum(count - 1, 0)
    tail = (1 - share) / 2

    def pick(place: np.ndarray) -> np.ndarray:
        return np.take_along_axis(ordered, place[..., None].astype(int), axis=-1)[..., 0]

    below, above = pick(last // 2), pick((last + 1) // 2)
    with np.errstate(invalid="ignore"):
        middle = np.where(below == above, below, (below + above) / 2)
    # rounded outwards: two seeds give the band between them
    low = pick(np.floor(tail * last + 1e-9))
    high = pick(np.ceil((1 - tail) * last - 1e-9))
    return middle, low, high


def band(curves: pd.DataFrame, value: str, outcomes: pd.Series | None = None, *, lower: bool) -> pd.DataFrame:
    """Columns step, middle, low, high, from the curves of one candidate on one workload.

    outcomes   the outcomes of these runs, by key; failed ones without any curve are worst throughout
    lower      whether less is better, so that worst is +inf
    """
    worst = np.inf if lower else -np.inf
    # pandas' unstack takes ten times as long, and a page has hundreds of these
    study, number = (pd.factorize(curves[name])[0] for name in ("study", "number"))
    run = (pd.factorize(curves["key"])[0] * (study.max(initial=0) + 1) + study) * (number.max(initial=0) + 1) + number
    run = pd.factorize(run)[0]
    steps, place = np.unique(curves["step"].to_numpy(dtype=float), return_inverse=True)
    matrix = np.full((len(steps), run.max(initial=-1) + 1), np.nan)
    matrix[place, run] = curves[value].to_numpy(dtype=float)
    # not every evaluation reads the validation split
    read = ~np.isnan(matrix).all(axis=1)
    matrix, steps = matrix[read], steps[read]
    keys = curves["key"].iloc[np.unique(run, return_index=True)[1]].tolist()
    ends = {} if outcomes is None else dict(zip(outcomes.index, outcomes, strict=True))
    for column, key in enumerate(keys):
        outcome = ends.get(key)
        if outcome is None:
            continue
        present = np.flatnonzero(~np.isnan(matrix[:, column]))
        after = present[-1] + 1 if len(present) else 0
        if outcome not in FINISHED:
            matrix[after:, column] = worst
        elif outcome == "stopped" and after:
            matrix[after:, column] = matrix[after - 1, column]
    if ends:
        known = set(keys)
        lost = sum(outcome not in FINISHED for key, outcome in ends.items() if key not in known)
        matrix = np.hstack([matrix, np.full((len(matrix), lost), worst)])
    if len(matrix) > POINTS:
        chosen = np.unique(np.linspace(0, len(matrix) - 1, POINTS).round().astype(int))
        matrix, steps = matrix[chosen], steps[chosen]
    middle, low, high = summarize(matrix)
    return pd.DataFrame({"step": steps, "middle": middle, "low": low, "high": high})
