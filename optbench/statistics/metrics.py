"""From runs to tables: steps to target, final values, calibrated seconds.

Rules, once and for all tables:

- Time to target is that of the first evaluation point that meets the target; a miss is infinite. Only a run that
  ended well (done or stopped) can meet it: one that met it and diverged afterwards left nothing to use: a miss.
- Final values are those of the measurement that the run kept. A run without a result has NaN there, and statistics
  count it as the worst.
- Runs on a held-out variant name its base in `variant_of`; on other workloads it is None.
- Calibrated seconds are steps times the candidate's calibrated cost of a step; measured seconds are another column.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from optbench.contract.components import walk
from optbench.contract.errors import OptbenchError, near
from optbench.store.packing import COLUMNS, FIELDS, HEAD, INTEGERS, WIDTH, check
from optbench.store.store import Store
from optbench.trials.trial import FINISHED, NOT_IN_KEY

if TYPE_CHECKING:
    import pandas as pd

Direction = Literal["lower", "higher"]
SPLITS = ("train", "validation", "test")
ID = ("workload", "candidate", "phase", "study", "number", "seed", "key")
KINDS = {
    "optimizer": "optimizer",
    "schedule": "schedule",
    "initializer": "initializer",
    "normalizer": "normalizers",
    "regularizer": "regularizers",
}
TO_TARGET = ("steps_to_target", "gradients_to_target", "epochs_to_target", "seconds_to_target")
FINAL = tuple(f"final_{split}_{what}" for split in SPLITS for what in ("loss", "metric"))
#: the columns of the trials' table, before one `metric.NAME` for each number that runs recorded
TRIAL_COLUMNS = (
    *(*ID, "outcome", *KINDS, "hyperparameters", "selected"),
    *("steps", "epochs", "gradients", "seconds", "target_metric", "target_value"),
    *(*TO_TARGET, "seconds_per_step", *FINAL, "generalization_gap", "metric", "variant_of", "message", "traceback"),
)
#: a target's metric: the field of a measurement that holds it
TARGETS = {
    f"{split}_{name}": f"{split}_{'loss' if name == 'loss' else 'metric'}"
    for split in ("train", "validation")
    for name in ("loss", "accuracy", "r2")
}


# ----------------------------------------------------------------------------------------------- names and directions


def column(metric: str) -> str:
    """The trials' column of a metric by any of its names: final_test_accuracy is final_test_metric."""
    head, _, last = metric.rpartition("_")
    return f"{head}_metric" if head.startswith("final_") and last in ("accuracy", "r2") else metric


def direction(metric: str) -> Direction | None:
    """Whether lower or higher values of a metric are better; None where its name does not say (metric.NAME)."""
    name = column(metric)
    if name in ("solved", *(f for f in FINAL if f.endswith("metric"))):
        return "higher"
    if name in (
        *FINAL,
        *TO_TARGET,
        "generalization_gap",
        "steps",
        "epochs",
        "gradients",
        "seconds",
        "seconds_per_step",
    ):
        return "lower"
    return None


def metric_name(workload: Mapping[str, Any]) -> str:
    """What the metric of a workload is: accuracy, r2, or value for an analytic function (which has only a loss)."""
    if workload.get("function") is not None:
        return "value"
    return "r2" if workload.get("loss") == "mean_squared_error" else "accuracy"


def hyperparameters(components: Mapping[str, Any]) -> dict[str, Any]:
    """A trial's settings by path, as suites write them: optimizer.lr, optimizer.inner.beta, regularizers.l2.rate."""
    flat: dict[str, Any] = {}
    for kind, value in components.items():
        for table in value if isinstance(value, (list, tuple)) else (value,):
            prefix = f"{kind}." if value is table else f"{kind}.{table['name']}."
            for key, setting in table.items():
                if isinstance(setting, dict):
                    flat |= walk(setting, f"{prefix}{key}.")
                elif key != "name":
                    flat[prefix + key] = setting
    return flat


def names(components: Mapping[str, Any], kind: str) -> str:
    """The name of a kind's component; of several, joined with +; "none" where there is none."""
    value = components.get(kind) or ()
    if isinstance(value, (list, tuple)):
        return "+".join(table["name"] for table in value) or "none"
    return value["name"]


# --------------------------------------------------------------------------------------------------- blobs to numbers


@dataclass(frozen=True)
class Block:
    """The numbers of many runs, one after another.

    numbers   all blobs joined, float64
    start     where each run's numbers start
    curve     where its measurements start
    count     how many it has
    """

    numbers: np.ndarray
    start: np.ndarray
    curve: np.ndarray
    count: np.ndarray

    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """(run, offset) of each measurement of all runs in turn."""
        run = np.repeat(np.arange(len(self.count)), self.count)
        within = np.arange(len(run)) - np.repeat(np.cumsum(self.count) - self.count, self.count)
        return run, self.curve[run] + WIDTH * within

    def field(self, name: str, row: np.ndarray) -> np.ndarray:
        """One field of measurement number `row` of each run; NaN where it is negative."""
        at = self.curve + WIDTH * row + FIELDS.index(name)
        return np.where(row >= 0, self.numbers[np.where(row >= 0, at, 0)], np.nan)


def decode(rows: Iterable[tuple[int, str, int, bytes]]) -> Block:
    """A block from (count, names of metrics as JSON, checksum, blob); ValueError where they disagree."""
    rows = list(rows)
    lengths_of = {text: len(json.loads(text)) for text in {text for _, text, _, _ in rows}}
    metrics = [lengths_of[text] for _, text, _, _ in rows]
    for (measurements, _, checksum, blob), further in zip(rows, metrics, strict=True):
        check(blob, further, measurements, checksum)
    numbers = np.frombuffer(b"".join(blob for *_, blob in rows), dtype="<f8").astype(float, copy=False)
    lengths = np.array([len(blob) // 8 for *_, blob in rows], dtype=np.int64)
    start = np.cumsum(lengths) - lengths
    count = np.array([count for count, *_ in rows], dtype=np.int64)
    return Block(numbers, start, start + HEAD + np.array(metrics, dtype=np.int64), count)


def first_met(block: Block, targets: list[tuple[str, float] | None]) -> np.ndarray:
    """The number of the first measurement of each run that meets its target; -1 where none does.

    A target is (metric, value) or None. Losses are met at or below the value, accuracy and R^2 at or above it.
    """
    field = np.zeros(len(targets), dtype=np.int64)
    sign = np.ones(len(targets))
    value = np.full(len(targets), np.nan)
    for i, target in enumerate(targets):
        if target is not None:
            name = TARGETS[target[0]]
            field[i] = FIELDS.index(name)
            sign[i] = -1.0 if name.endswith("loss") else 1.0
            value[i] = target[1]
    run, at = block.rows()
    met = sign[run] * block.numbers[at + field[run]] >= sign[run] * value[run]
    hits = np.flatnonzero(met)[::-1]
    first = np.full(len(targets), -1)
    first[run[hits]] = (at[hits] - block.curve[run[hits]]) // WIDTH  # written backwards: the first hit stays
    return first


# ------------------------------------------------------------------------------------------------------------- tables


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


def varied_settings(store: Store) -> dict[int, dict[str, Any]]:
    """Settings of a workload that its trials do not share, such as a searched batch size, by number of the text."""
    workloads: dict[str, dict[int, dict[str, Any]]] = {}
    for workload, number in store.workloads():
        settings = {k: v for k, v in store.settings(number).items() if k not in NOT_IN_KEY}
        workloads.setdefault(workload, {})[number] = dict(walk(settings))
    varied: dict[int, dict[str, Any]] = {}
    for texts in workloads.values():
        paths = {path for flat in texts.values() for path in flat}
        changing = [p for p in sorted(paths) if len({json.dumps(f.get(p)) for f in texts.values()}) > 1]
        for number, flat in texts.items():
            varied[number] = {p: flat[p] for p in changing if p in flat}
    return varied


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
    data["target_value"] = np.array([np.nan if t is None else t[1] for t in wanted])
    met = np.where(good, first_met(block, wanted), -1)
    missed = np.where([t is None for t in wanted], np.nan, np.inf)
    for name, field in zip(TO_TARGET, ("step", "gradients", "epoch"), strict=False):
        data[name] = np.where(met >= 0, block.field(field, met), missed)
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
    by_metric = data["final_train_metric"] - data["final_test_metric"]
    by_loss = data["final_test_loss"] - data["final_train_loss"]
    data["generalization_gap"] = np.where(np.isnan(data["final_train_metric"]), by_loss, by_metric)
    data["message"], data["traceback"] = chunk["message"], chunk["traceback"]
    return data | _further(chunk["metrics"], block)


def _further(texts: list[str], block: Block) -> dict[str, np.ndarray]:
    """A column metric.NAME for each further number; NaN for runs that did not record it."""
    columns: dict[str, np.ndarray] = {}
    for text in dict.fromkeys(texts):
        runs = np.array([i for i, other in enumerate(texts) if other == text])
        for offset, name in enumerate(json.loads(text)):
            values = columns.setdefault(f"metric.{name}", np.full(len(texts), np.nan))
            values[runs] = block.numbers[block.start[runs] + HEAD + offset]
    return columns


def _target(settings: Mapping[str, Any]) -> tuple[str, float] | None:
    target = settings.get("target")
    if target is None:
        return None
    if target["metric"] not in TARGETS:
        where = f"workload {settings.get('name')!r}: target: unknown metric {target['metric']!r}"
        raise OptbenchError(f"{where}; {near(target['metric'], TARGETS)}")
    return target["metric"], float(target["value"])
