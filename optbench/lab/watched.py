"""One watched training, in memory or from its folder: read without its components, for pages and files."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.contract import arguments
from optbench.contract.context import Measurement
from optbench.contract.errors import OptbenchError
from optbench.contract.hookspecs import CONTRACT
from optbench.contract.layout import Layout
from optbench.results.export import export_table
from optbench.store.store import STORE
from optbench.training import checkpoint
from optbench.trials.trial import Trial

if TYPE_CHECKING:
    import pandas as pd

CHECKPOINT = "checkpoint.npz"
#: columns of `Watched.curves` before those of the single tensors
FIELDS = tuple(Measurement.__dataclass_fields__)


@dataclass
class Norms:
    """Euclidean norms of a model's tensors, at each evaluation.

    names, roles   of the tensors, as in `Layout`
    steps, values  of each evaluation the step, and a norm a tensor: of the parameters that are trained, not of averages
    """

    names: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    values: list[list[float]] = field(default_factory=list)

    def note(self, step: int, params: np.ndarray, layout: Layout) -> None:
        """Add those of these parameters, once a step."""
        self.names, self.roles = [t.name for t in layout], [t.role for t in layout]
        if not self.steps or self.steps[-1] < step:
            wide = params.astype(np.float64)
            self.steps.append(step)
            self.values.append([float(np.linalg.norm(wide[tensor.slice])) for tensor in layout])

    def saved(self) -> dict[str, Any]:
        return {"names": self.names, "roles": self.roles, "steps": list(self.steps), "values": np.array(self.values)}

    @classmethod
    def of(cls, saved: Mapping[str, Any] | None) -> "Norms":
        """What `saved` gave; none where a checkpoint has none, as those of earlier versions."""
        if saved is None:
            return cls()
        if not isinstance(saved, Mapping):
            raise TypeError("norms are no mapping")
        names, roles, steps = (list(saved[name]) for name in ("names", "roles", "steps"))
        values = np.asarray(saved["values"], dtype=float)
        if not (all(isinstance(text, str) for text in names + roles) and all(isinstance(n, int) for n in steps)):
            raise TypeError("names, roles or steps of norms")
        if len(names) != len(roles) or values.size != len(steps) * len(names):
            raise ValueError("as many norms as steps and tensors")
        return cls(names, roles, steps, values.tolist())

    def of_role(self, role: str) -> np.ndarray:
        """(evaluations, tensors of this role)."""
        kept = [k for k, found in enumerate(self.roles) if found == role]
        return np.array(self.values, dtype=float).reshape(len(self.steps), len(self.names))[:, kept]

    def whole(self) -> np.ndarray:
        """(evaluations,): of all parameters together."""
        table = np.array(self.values, dtype=float).reshape(len(self.steps), len(self.names))
        with np.errstate(over="ignore", invalid="ignore"):  # it may have diverged
            return np.asarray(np.sqrt((table**2).sum(axis=1)))


@dataclass(frozen=True)
class Watched:
    """One training of `optbench train`: its settings, its measurements, and how it stands.

    history      measurements, one an evaluation
    changes      [{"step": n, "set": {path: [old, new]}}, …]: what was changed after that step
    norms        of its tensors
    metric       what the metric of a measurement is called
    outcome      "done", "stopped" (by its own rule), "diverged", "error", "timeout"; "interrupted" by Ctrl-C; "" while
                 it trains, or where it was cut off
    message, traceback     of the outcome
    step, budget           steps made, and those that it was to make (0: not known)
    step_saved   the step that its checkpoint is of; -1 where there is none
    age          seconds since the checkpoint was written
    test         (loss, metric) on the test split; NaN where that was not read
    tests        how often the test split was read
    kept         index of the measurement whose parameters were tested; -1: the last
    parameters   their number
    """

    folder: Path
    trial: Trial
    history: Sequence[Measurement]
    changes: Sequence[Mapping[str, Any]]
    norms: Norms
    metric: str
    outcome: str
    message: str = ""
    traceback: str = ""
    step: int = 0
    budget: int = 0
    step_saved: int = -1
    age: float = 0.0
    test: tuple[float, float] = (float("nan"), float("nan"))
    tests: int = 0
    kept: int = -1
    parameters: int = 0

    @property
    def workload(self) -> str:
        """The workload's name."""
        return str(self.trial.workload["name"])

    @property
    def optimizer(self) -> str:
        """The optimizer's name."""
        return str(self.trial.components["optimizer"]["name"])

    @property
    def ended(self) -> bool:
        """Whether it came to an end of its own."""
        return self.outcome not in ("", "interrupted")

    @property
    def curves(self) -> "pd.DataFrame":
        """A row an evaluation: the fields of `Measurement`, what was changed after it, and norms of the parameters.

        changed       settings that hold from the next step on, as JSON {path: [old, new]}; "" for none
        weight_norm   of all parameters; `norm.NAME` of one tensor. NaN where they were not recorded
        """
        import json

        import pandas as pd

        table = pd.DataFrame([vars(m) for m in self.history], columns=list(FIELDS))
        told: dict[int, dict[str, Any]] = {}
        for change in self.changes:
            told.setdefault(int(change["step"]), {}).update(change["set"])
        table["changed"] = [json.dumps(told[step]) if step in told else "" for step in table["step"]]
        norms = pd.DataFrame(
            np.array(self.norms.values, dtype=float).reshape(len(self.norms.steps), len(self.norms.names)),
            index=self.norms.steps,
            columns=[f"norm.{name}" for name in self.norms.names],
        )
        norms.insert(0, "weight_norm", self.norms.whole())
        return table.join(norms[~norms.index.duplicated()], on="step")

    def export(self, format: str, out: str | Path | None = None) -> str | None:
        """Write `curves` to the file `out`, or return them as text where it is None.

        format   "csv", "json" or "parquet" (a binary format, which needs a file and pyarrow)
        """
        return export_table(
            self.curves, arguments.text("format", format), None if out is None else arguments.path("out", out)
        )


def holds_training(folder: Path) -> bool:
    """Whether this is the folder of an `optbench train`, whole or with the checkpoint before the last alone."""
    names = (CHECKPOINT, checkpoint.previous(Path(CHECKPOINT)).name)
    return any((folder / name).is_file() for name in names) and not (folder / STORE).exists()


def read(folder: Path) -> Watched:
    """The training that a folder holds: neither its components nor its data are needed.

    Raises `OptbenchError` where there is none, or where its checkpoint is broken or of another version.
    """
    if not folder.is_dir():
        raise OptbenchError(f"{folder}: {'not a folder' if folder.exists() else 'there is no such folder'}")
    if not holds_training(folder):
        what = "the results of a run" if (folder / STORE).exists() else f"no {CHECKPOINT}"
        raise OptbenchError(f"{folder}: not the folder of an `optbench train`: it holds {what}")
    path = folder / CHECKPOINT
    state = checkpoint.load(path)
    trial = trial_of(state, path)
    try:
        return _read(folder, state, trial, time.time() - path.stat().st_mtime)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise OptbenchError(f"{path}: from another version of optbench ({error!r})") from error


def _read(folder: Path, state: Mapping[str, Any], trial: Trial, age: float) -> Watched:
    training = state["training"]
    end = state.get("end") or {}
    history = [Measurement(*row) for row in (end["history"] if "history" in end else training["history"])]
    outcome = end.get("outcome") or state.get("outcome") or ("done" if _spent(trial, history) else "")
    return Watched(
        folder,
        trial,
        history,
        list(state["changes"]),
        Norms.of(end.get("norms", state.get("norms"))),
        str(state.get("metric", "metric")),
        str(outcome),
        str(end.get("message") or state.get("message") or ""),
        str(end.get("traceback", "")),
        int(end.get("step", training["step"])),
        int(state.get("steps", 0)),
        int(training["step"]),
        max(age, 0.0),
        tuple(end.get("test", (float("nan"), float("nan")))),
        int(end.get("tests", state.get("tests", 0))),
        int(end.get("kept", training["kept"])),
        int(training["params"].size),
    )


def _spent(trial: Trial, history: Sequence[Measurement]) -> bool:
    """Whether the budget is spent, for checkpoints that do not say how their training ended."""
    if not history:
        return False
    steps, epochs = trial.workload.get("steps"), trial.workload.get("epochs")
    if steps:
        return history[-1].step >= int(steps)
    return bool(epochs) and history[-1].epoch >= float(epochs or 0)


#: fields of a checkpoint beside its trial and its training; those after the first may lack in earlier versions
FIELD_TYPES: dict[str, tuple[type, ...]] = {
    "changes": (list,),
    "outcome": (str, type(None)),
    "message": (str, type(None)),
    "metric": (str,),
    "tests": (int,),
    "steps": (int,),
    "guests": (list,),
}


def check_fields(state: Mapping[str, Any]) -> None:
    """Raise KeyError or TypeError where a field lacks, or is not what a training writes there."""
    for name, kinds in FIELD_TYPES.items():
        value = state["changes"] if name == "changes" else state.get(name, kinds[0]())
        if not isinstance(value, kinds) or (isinstance(value, int) and value < 0):
            raise TypeError(f"{name} is {value!r:.60}")
    for change in state["changes"]:
        if not (isinstance(change["step"], int) and isinstance(change["set"], Mapping)):
            raise TypeError(f"a change is {change!r:.60}")


def trial_of(state: Any, path: Path) -> Trial:
    """The trial that a checkpoint is of."""
    try:
        trial = Trial(**state["trial"])
        contract, _ = trial.contract, state["training"]["params"].shape
        check_fields(state)
    except (LookupError, TypeError, AttributeError) as error:
        raise OptbenchError(f"{path}: not the checkpoint of an `optbench train`") from error
    if not isinstance(contract, type(CONTRACT)) or contract != CONTRACT:
        raise OptbenchError(f"{path}: of contract {contract!r}, this optbench has contract {CONTRACT}")
    return trial
