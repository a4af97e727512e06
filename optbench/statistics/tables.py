"""From a store's runs to tables: steps to target, final values, calibrated seconds.

Rules, once and for all tables:

- Time to target is when the curve first crosses it, a line between measurements (`optbench.trials.crossing`), and no
  less than one step; a miss is infinite. Only a run that ended well (done or stopped) can meet it: one that met it and
  diverged afterwards left nothing to use: a miss.
- Of a ladder of targets it is the geometric mean of the times to all of them, infinite where one was missed;
  `steps_to_target.1`, `gradients_to_target.1` and so on are those of each, from the easiest on.
- Final values are those of the measurement that the run kept. A run without a result has NaN there, and statistics
  count it as the worst.
- Runs on a held-out variant name its base in `variant_of`; on other workloads it is None.
- Calibrated seconds are steps times the candidate's calibrated cost of a step; measured seconds are another column.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.contract.errors import OptbenchError, near
from optbench.contract.metric import lower_is_better
from optbench.statistics.blocks import Block, crossed, decode
from optbench.statistics.metrics import ID, KINDS, TARGETS, TRIAL_COLUMNS, metric_name, rung_column
from optbench.statistics.settings import hyperparameters, names, varied_settings
from optbench.store.packing import COLUMNS, HEAD, INTEGERS, WIDTH
from optbench.store.store import Store
from optbench.trials.trial import FIELDS, FINISHED, SPLITS, TO_TARGET

if TYPE_CHECKING:
    import pandas as pd


def trial_frame(store: Store, phase: str | None = None) -> "pd.DataFrame":
    """One row an assignment that has a run, of one phase or both; see TRIAL_COLUMNS and the rules above."""
    import pandas as pd

    costs = {(w, c): seconds for w, c, seconds, *_ in store.costs()}
    selected = {(*where, key) for where, key in store.selected().items()}
    varied = varied_settings(store)
    chunks = [_trial_chunk(rows, store, costs, selected, varied) for rows in store.planned_runs(phase)]
    further = sorted({name for chunk in chunks for name in chunk} - set(TRIAL_COLUMNS))
    # joined before pandas sees them: it guesses types from columns that are empty in one chunk and not in another
    data: dict[str, Any] = {}
    for name in (*TRIAL_COLUMNS, *further):
        parts = [chunk.get(name, np.full(len(chunk["key"]), np.nan)) for chunk in chunks]
        lists = not parts or isinstance(parts[0], list)
        data[name] = [value for part in parts for value in part] if lists else np.concatenate(parts)
    return pd.DataFrame(data)


def curve_frame(store: Store, phase: str | None = None) -> "pd.DataFrame":
    """One row a measurement of an assignment that has a run: its ID and the fields of a measurement."""
    import pandas as pd

    ids: dict[str, list[Any]] = {name: [] for name in ID}
    counts: list[np.ndarray] = []
    parts: list[np.ndarray] = []
    for rows in store.planned_runs(phase):
        chunk = _columns(rows)
        block = _block(chunk)
        _, at = block.rows()
        counts.append(block.count)
        parts.append(block.numbers[at[:, None] + np.arange(WIDTH)].T.copy())
        for name in ID:
            ids[name] += chunk[name]
    if not counts:
        return pd.DataFrame({name: [] for name in (*ID, *FIELDS)})
    run = np.repeat(np.arange(len(ids["key"])), np.concatenate(counts))
    data: dict[str, Any] = {name: pd.Series(values).take(run).array for name, values in ids.items()}
    for i, name in enumerate(FIELDS):
        values = np.concatenate([part[i] for part in parts])
        data[name] = values.astype(np.int64) if name in INTEGERS else values
    return pd.DataFrame(data, copy=False)


def cost_frame(store: Store) -> "pd.DataFrame":
    """Calibrated costs of a step, in seconds, with their spread."""
    import pandas as pd

    return pd.DataFrame(
        store.costs(), columns=["workload", "candidate", "seconds_per_step", "low", "high", "samples"]
    )


#: what `Store.planned_runs` gives, and of which types
TYPES = {
    "workload": str, "candidate": str, "phase": str, "study": int, "number": int, "key": str, "settings": int,
    "components": str, "seed": int,
    **dict(zip(COLUMNS, (str, int, int, str, str, str, int, bytes), strict=True)),
}  # fmt: skip


def _columns(rows: list[tuple[Any, ...]]) -> dict[str, list[Any]]:
    columns = dict(zip(TYPES, map(list, zip(*rows, strict=True)), strict=True))
    for (name, kind), values in zip(TYPES.items(), columns.values(), strict=True):
        if set(map(type, values)) != {kind}:  # SQLite keeps any type in any column
            raise TypeError(f"a {name} is no {kind.__name__}")
    return columns


def _block(chunk: Mapping[str, list[Any]]) -> Block:
    return decode(zip(chunk["count"], chunk["metrics"], chunk["checksum"], chunk["numbers"], strict=True))


def _trial_chunk(
    rows: list[tuple[Any, ...]],
    store: Store,
    costs: Mapping[tuple[str, str], float],
    selected: set[tuple[str, str, int, str]],
    varied: Mapping[int, dict[str, Any]],
) -> dict[str, Any]:
    chunk = _columns(rows)
    block = _block(chunk)
    # runs on fresh seeds share their settings
    components = {text: json.loads(text) for text in set(chunk["components"])}
    kinds_of = {text: [names(c, kind) for kind in KINDS.values()] for text, c in components.items()}
    flat = {text: hyperparameters(c) for text, c in components.items()}
    encode = json.JSONEncoder(ensure_ascii=False).encode
    settings = {number: store.settings(number) for number in set(chunk["settings"])}
    targets = {number: _target(s) for number, s in settings.items()}
    kinds = {number: metric_name(s) for number, s in settings.items()}

    data: dict[str, Any] = {name: chunk[name] for name in ID} | {"outcome": chunk["outcome"]}
    for i, name in enumerate(KINDS):
        data[name] = [kinds_of[text][i] for text in chunk["components"]]
    data["hyperparameters"] = [
        encode(flat[text] | varied[number])
        for text, number in zip(chunk["components"], chunk["settings"], strict=True)
    ]
    places = list(zip(chunk["workload"], chunk["candidate"], chunk["study"], chunk["key"], strict=True))
    tuning = [phase == "tune" for phase in chunk["phase"]]
    data["selected"] = [tune and place in selected for place, tune in zip(places, tuning, strict=True)]

    good = np.isin(chunk["outcome"], FINISHED) & (block.count > 0)
    last = block.count - 1
    for name, field in (
        ("steps", "step"),
        ("epochs", "epoch"),
        ("gradients", "gradients"),
        ("seconds", "seconds"),
    ):
        data[name] = block.field(field, last)

    data["metric"] = [kinds[number] for number in chunk["settings"]]
    data["variant_of"] = [settings[number].get("variant_of") for number in chunk["settings"]]
    wanted = [targets[number] for number in chunk["settings"]]
    data["target_metric"] = [None if t is None else t[0] for t in wanted]
    data["target_value"] = np.array([np.nan if t is None else t[1][-1] for t in wanted])
    met = crossed(block, wanted)
    rungs: dict[str, np.ndarray] = {}
    for name, field in zip(TO_TARGET, ("step", "gradients", "epoch"), strict=False):
        each = np.where(good[:, None] | np.isnan(met[field]), met[field], np.inf)
        data[name] = mean_time(each)
        if each.shape[1] > 1 and field != "epoch":  # epochs are steps of another length
            rungs |= {rung_column(name, rung): times for rung, times in enumerate(each.T)}
    data["seconds_per_step"] = np.array([costs.get((w, c), np.nan) for w, c, *_ in places])
    with np.errstate(invalid="ignore"):  # no steps at no cost
        data["seconds_to_target"] = data["steps_to_target"] * data["seconds_per_step"]

    kept = np.array(chunk["kept"], dtype=np.int64)
    kept = np.where(good, np.where(kept < 0, last, np.minimum(kept, last)), -1)
    for split in SPLITS[:2]:
        for what in ("loss", "metric"):
            data[f"final_{split}_{what}"] = block.field(f"{split}_{what}", kept)
    for offset, what in enumerate(("loss", "metric")):
        data[f"final_test_{what}"] = np.where(good, block.numbers[block.start + offset], np.nan)
    sign = np.array([-1.0 if lower_is_better(kind) else 1.0 for kind in data["metric"]])
    by_metric = sign * (data["final_train_metric"] - data["final_test_metric"])
    by_loss = data["final_test_loss"] - data["final_train_loss"]
    data["generalization_gap"] = np.where(np.isnan(data["final_train_metric"]), by_loss, by_metric)
    data["message"], data["traceback"] = chunk["message"], chunk["traceback"]
    return data | rungs | _further(chunk["metrics"], block)


def mean_time(times: np.ndarray) -> np.ndarray:
    """(runs,) geometric means of times (runs, targets): infinite where one is, NaN of no targets."""
    known = ~np.isnan(times)
    number = known.sum(axis=1)
    with np.errstate(divide="ignore"):
        total = np.where(known, np.log(times), 0.0).sum(axis=1)
    means = np.exp(total / np.maximum(number, 1))
    return np.where(number > 1, means, np.where(number == 1, times[:, 0], np.nan))


def _further(texts: list[str], block: Block) -> dict[str, np.ndarray]:
    """A column metric.NAME for each further number; NaN for runs that did not record it."""
    columns: dict[str, np.ndarray] = {}
    for text in dict.fromkeys(texts):
        runs = np.array([i for i, other in enumerate(texts) if other == text])
        for offset, name in enumerate(json.loads(text)):
            values = columns.setdefault(f"metric.{name}", np.full(len(texts), np.nan))
            values[runs] = block.numbers[block.start[runs] + HEAD + offset]
    return columns


def _target(settings: Mapping[str, Any]) -> tuple[str, tuple[float, ...]] | None:
    """(metric, levels from the easiest to the hardest)."""
    target = settings.get("target")
    if target is None:
        return None
    if target["metric"] not in TARGETS and ":" not in target["metric"]:
        where = f"workload {settings.get('name')!r}: target: unknown metric {target['metric']!r}"
        raise OptbenchError(f"{where}; {near(target['metric'], TARGETS)}")
    return target["metric"], tuple(map(float, target.get("ladder") or (target["value"],)))
