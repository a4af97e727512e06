"""A workload of data that somebody has in hand: a file, arrays, a table of pandas."""

import hashlib
import io
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from optbench.contract import arguments
from optbench.contract.dataset import CLASSIFYING, Dataset
from optbench.contract.errors import OptbenchError
from optbench.contract.problem import Problem
from optbench.lab.holdings import dataset_named
from optbench.registry.guests import invite
from optbench.registry.registry import Registry
from optbench.suite import Suite, validate
from optbench.training.encoding import Reading, encoded
from optbench.training.preparation import Prepared, prepare
from optbench.training.split import Split
from optbench.trials.seeds import stream

#: steps of a workload of one's own, near enough, and epochs at most
STEPS, EPOCHS = 600, 100
#: the ladder of its targets, as shares of the loss of who knows the classes' frequencies or the mean alone
RUNGS = (0.6, 0.45, 0.35, 0.25, 0.18, 0.13, 0.09, 0.06)
#: evaluations of a run: times between them are only interpolated
EVALUATIONS = 100
DATA = "a file, a pair (x, y), a table of pandas with target, a dataset, or a problem"


def with_data(suite: Suite, data: Any, target: str | None, registry: Registry, folder: Path) -> Suite:
    """The suite's candidates on one workload of these data, instead of its own workloads.

    data     the path of a file, arrays (x, y), a pandas DataFrame with its `target`, a `Dataset`, or a `Problem`;
             arrays are kept in `folder` by their content, so that workers and later runs find them
    """
    if isinstance(data, Problem) or (isinstance(data, type) and issubclass(data, Problem)):
        table = problem(data, target, registry)
    else:
        table = workload(*_dataset(data, target, registry, folder), registry)
    name = table["name"]
    whole = {
        "title": f"{suite.title}: on {name}",
        "seeds": suite.seeds,
        "tuning": suite.tuning.model_dump(mode="json"),
        "workloads": [table],
        "candidates": [{"name": "sgd", "optimizer": "sgd"}],
    }
    own = validate(whole, name, registry)
    return suite.model_copy(
        update={"title": own.title, "workloads": own.workloads, "claims": (), "topics": (), "provenance": {}}
    )


def _dataset(data: Any, target: str | None, registry: Registry, folder: Path) -> tuple[dict[str, Any], str]:
    """(the dataset's table, the workload's name)."""
    more = {} if target is None else {"target": arguments.text("target", target)}
    if isinstance(data, Dataset):
        invited = invite(registry, data)
        return {"name": invited.name, **(invited.settings or {})}, _name(invited.own)
    if isinstance(data, Mapping) and "name" in data:
        return {**data, **more}, _name(str(data["name"]))
    if isinstance(data, (str, os.PathLike)):
        named = str(arguments.path("data", data, DATA))
        found = dataset_named(registry, named, more)
        settings = found.settings()
        if settings.get("path"):
            settings["path"] = str(Path(settings["path"]).expanduser().absolute())
        return {"name": found.name, **settings}, _name(Path(named).stem)
    if hasattr(data, "columns") and hasattr(data, "dtypes"):
        return _frame(data, target, folder), "data"
    pair = arguments.listed("data", data, DATA)
    if len(pair) != 2:
        raise OptbenchError(f"data must be {DATA}, got {len(pair)} things")
    if target is not None:
        raise OptbenchError("target names a column of a table, and these are arrays (x, y)")
    return _arrays(arguments.numbers("data[0]", pair[0]), pair[1], folder), "data"


def _name(text: str) -> str:
    kept = "".join(c if c.isalnum() or c in "-_." else "-" for c in text).strip("-.")
    return kept[:40] or "data"


def _frame(frame: Any, target: str | None, folder: Path) -> dict[str, Any]:
    table = encoded(frame, Reading(target or ""), "data")
    return {"name": "npz", "task": table.task, "path": _kept({"x": table.x, "y": table.y}, folder)}


def _arrays(x: np.ndarray, y: Any, folder: Path) -> dict[str, Any]:
    try:
        labels = np.asarray(y)
    except ValueError as error:
        raise OptbenchError(f"data[1] must be an array of numbers or labels: {error}") from None
    task = {}
    if labels.dtype.kind in "OUS":
        if not all(isinstance(v, str) for v in labels.ravel().tolist()):
            raise OptbenchError("data[1] must be an array of numbers or labels, got objects")
        names, labels = np.unique(labels.astype(str), return_inverse=True)
        task = {"task": "binary" if len(names) == 2 else "classification"}
    if x.ndim < 2 or len(x) != len(labels):
        raise OptbenchError(
            f"data must be (x, y) with x (examples, *features) and y of as many rows, got shapes {x.shape} and "
            f"{labels.shape}"
        )
    for name, array in (("data[0]", x), ("data[1]", labels)):
        if len(wrong := np.argwhere(~np.isfinite(array))):
            raise OptbenchError(f"{name} holds values that are not finite, the first at {wrong[0].tolist()}")
    return {"name": "npz", "path": _kept({"x": x, "y": labels}, folder), **task}


def _kept(arrays: dict[str, np.ndarray], folder: Path) -> str:
    """The path of a file with these arrays, named by their content."""
    digest = hashlib.sha256()
    for name, array in arrays.items():
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    place = folder / "data" / f"{digest.hexdigest()[:16]}.npz"
    if not place.exists():
        content = io.BytesIO()
        np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            part = place.with_suffix(f".{os.getpid()}")
            part.write_bytes(content.getvalue())
            part.replace(place)
        except OSError as error:
            raise OptbenchError(f"{place} cannot be written: {error.strerror or error}") from None
    return str(place.absolute())


def problem(given: Problem | type[Problem], target: str | None, registry: Registry) -> dict[str, Any]:
    """A workload of a problem of one's own: its targets are shares of the training loss that it starts with."""
    if target is not None:
        raise OptbenchError("target names a column of a table, and this is a problem")
    invited = invite(registry, given)
    settings = {"name": invited.name, **(invited.settings or {})}
    made = registry.create("problems", settings)
    first = made.initial(stream(0, "initialization"))
    dtype = "float32" if first is not None and first.dtype == np.float32 else "float64"
    table: dict[str, Any] = {
        "name": _name(invited.own),
        "problem": settings,
        "steps": STEPS,
        "evaluate_every": max(1, STEPS // EVALUATIONS),
        "dtype": dtype,
    }
    start = math.nan
    if first is not None:
        try:
            start = made.evaluate(first.astype(dtype), made.begin(stream(0, "noise", 1)))[0]
        except (TypeError, ValueError):  # what it gives is no number: it is told what must be when it is trained
            start = math.nan
    if math.isfinite(start) and start > 0:
        table["target"] = {"metric": "train_loss", "ladder": [float(f"{share * start:.3g}") for share in RUNGS]}
    return table


def workload(dataset: Mapping[str, Any], name: str, registry: Registry) -> dict[str, Any]:
    """A workload for data that nobody has tuned one for: a small network that reads them, and a ladder of targets.

    The targets are shares of the loss of a network that has learned the frequencies of the classes, or the mean, and
    nothing of the inputs: of log 2 for two equal classes, of 1 for a regression.
    """
    data = prepare(registry.create("datasets", dataset), Split(), dtype=np.float32)
    network = _network(data)
    batch = min(64, max(8, len(data.x_train) // 8))
    per_epoch = max(1, len(data.x_train) // batch)
    # A pass over one graph is one step.
    epochs = max(1, min(STEPS if data.edges is not None else EPOCHS, math.ceil(STEPS / per_epoch)))
    table: dict[str, Any] = {
        "name": name,
        "title": f"{name}, {network['kind']}",
        "dataset": dict(dataset),
        "network": network,
        "initializer": "he",
        "normalizers": [] if data.vocabulary or data.graphs else ["standardize"],
        "batch_size": batch if data.edges is None else "full",
        "epochs": epochs,
        "evaluate_every": max(1, epochs * per_epoch // EVALUATIONS),
    }
    if chance := _chance(data):
        table["target"] = {"metric": "train_loss", "ladder": [float(f"{share * chance:.3g}") for share in RUNGS]}
    return table


def _network(data: Prepared) -> dict[str, Any]:
    if data.edges is not None or data.graphs:
        return {"kind": "gin" if data.graphs else "gcn"}
    if data.vocabulary or data.task == "sequence":
        return {"kind": "gru", "units": 32}
    if data.task == "reconstruction":
        return {"kind": "autoencoder"}
    if len(data.shape) == 3 and min(data.shape[:2]) >= 8:
        return {"kind": "cnn", "channels": [8, 16]}
    return {"kind": "mlp", "hidden": [64, 32]}


def _chance(data: Prepared) -> float:
    """The training loss without the inputs; 0 where nobody can say."""
    if data.task == "nodes":
        counts = np.bincount(data.y_train[data.y_train >= 0].astype(int))
        return float(-np.sum(counts / counts.sum() * np.log(counts / counts.sum())))
    if data.task in CLASSIFYING:
        y = data.y_train.mean(axis=0, dtype=np.float64)
        shares = y if len(y) > 1 else np.array([1 - y[0], y[0]])
        return float(-np.sum(shares * np.log(np.maximum(shares, 1e-12))))
    if data.task == "regression":
        return 1.0
    return math.log(data.outputs) if data.task == "sequence" else 0.0
