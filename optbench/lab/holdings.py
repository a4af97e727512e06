"""What a dataset holds, and what a trial makes of it: for `optbench data`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from optbench.contract.dataset import CLASSIFYING, Dataset
from optbench.contract.errors import OptbenchError
from optbench.registry.guests import named
from optbench.registry.registry import Registry
from optbench.training.preparation import Prepared, prepare
from optbench.training.split import Split
from optbench.trials.content import LENGTH
from optbench.trials.trial import SPLITS

#: datasets of a file, by the ending of its name
BY_SUFFIX = {".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".npz": "npz"}
#: kinds of input normalizers are left to workloads: here values are as they were loaded
SHOWN = 8


@dataclass(frozen=True)
class Holdings:
    """What `optbench data` shows, and `--json` prints.

    examples   by split
    classes    how many examples each has, by name or number; empty where there are none
    target     least, mean and greatest value of what a regression predicts, as it was loaded
    features   for the first few: name, least, mean and greatest value, of the training split
    """

    name: str
    source: str
    task: str
    loss: str
    metric: str
    shape: tuple[int, ...]
    outputs: int
    examples: dict[str, int]
    classes: dict[str, int]
    target: dict[str, float]
    features: list[dict[str, Any]]
    vocabulary: int
    categories: tuple[int, ...]
    sha256: str
    provenance: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def dataset_named(registry: Registry, name: str, settings: Mapping[str, Any]) -> Dataset:
    """A registered dataset, that of a file (`my.csv`, a Parquet table, an .npz), or a class in one (`./mine.py:Mine`),
    with these settings."""
    name = named(registry, "datasets", name)
    suffix = Path(name).suffix.lower()
    if name in registry.components["datasets"] or registry.resolves(name):
        return registry.create("datasets", {"name": name, **settings})
    if suffix in BY_SUFFIX:
        more = {"separator": "\t"} if suffix == ".tsv" else {}
        return registry.create("datasets", {"name": BY_SUFFIX[suffix], "path": name, **more, **settings})
    if Path(name).exists() or "/" in name or suffix:
        raise OptbenchError(
            f"{name}: a file of data is one of {', '.join(BY_SUFFIX)}; for others write a dataset in a plugin"
        )
    hint = registry.hint(name, registry.components["datasets"], ["datasets"])
    raise OptbenchError(f"there is no dataset {name!r}, nor a file of this name; {hint}")


def holdings(dataset: Dataset, split: Split = Split()) -> Holdings:
    """Load and split a dataset and say what it holds."""
    data = prepare(dataset, split, dtype=np.float64)
    x, _ = data.examples("train")
    names = [n for n in data.provenance.get("features", "").split(", ") if n]
    flat = x.reshape(len(x), -1)
    if len(names) != flat.shape[1]:
        names = [f"x{k}" for k in range(flat.shape[1])] if x.ndim == 2 and not data.vocabulary else []
    features = [
        {"name": n, "least": float(c.min()), "mean": float(c.mean()), "greatest": float(c.max())}
        for n, c in zip(names[:SHOWN], flat.T, strict=False)
    ]
    return Holdings(
        dataset.name, dataset.source, data.task, data.loss, data.metric, data.shape, data.outputs,
        {name: _count(data, name) for name in SPLITS}, _classes(data), _target(data), features,
        data.vocabulary, data.categories, data.provenance["sha256_arrays"][:LENGTH],
        {k: v for k, v in data.provenance.items() if k not in ("source", "features", "classes", "sha256_arrays")},
    )  # fmt: skip


def _count(data: Prepared, split: str) -> int:
    """Examples of a split; of one graph the nodes that have a class there."""
    x, y = data.examples(split)
    return int((y >= 0).sum()) if data.task == "nodes" else len(x)


def _classes(data: Prepared) -> dict[str, int]:
    if data.task not in CLASSIFYING:
        return {}
    y = np.concatenate([data.examples(split)[1] for split in SPLITS])
    if data.task == "nodes":
        y = np.eye(data.classes)[y[y >= 0].astype(int)]
    counts = y.sum(axis=0) if data.classes > 2 or y.shape[1] > 1 else np.array([len(y) - y.sum(), y.sum()])
    names = [n for n in data.provenance.get("classes", "").split(", ") if n]
    if len(names) != len(counts):
        names = [str(k) for k in range(len(counts))]
    return dict(zip(names, map(int, counts), strict=True))


def _target(data: Prepared) -> dict[str, float]:
    if data.task != "regression":
        return {}
    y = np.concatenate([data.examples(split)[1] for split in SPLITS]) * data.target_std + data.target_mean
    return {"least": float(y.min()), "mean": float(y.mean()), "greatest": float(y.max())}
