"""A trial: everything that decides a result, as plain data; and a run: what came of it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Literal

import numpy as np

from optbench.contract.context import Measurement
from optbench.contract.hookspecs import CONTRACT

Settings = Mapping[str, Any]
Outcome = Literal["done", "diverged", "stopped", "timeout", "error", "crashed"]
OUTCOMES: tuple[Outcome, ...] = ("done", "diverged", "stopped", "timeout", "error", "crashed")
#: what a measurement has, in the order in which it is stored
FIELDS: tuple[str, ...] = tuple(f.name for f in fields(Measurement))
#: parts of the examples
SPLITS = ("train", "validation", "test")
#: what the time to a target is told in
TO_TARGET = ("steps_to_target", "gradients_to_target", "epochs_to_target", "seconds_to_target")
#: outcomes with a result at the end of training
FINISHED: tuple[Outcome, ...] = ("done", "stopped")

#: words about a workload or a candidate: they change no result
WORDS = ("title", "topic", "description", "family", "shows")
#: nor does what a workload is called, or what one hopes to reach
NOT_IN_KEY = ("name", "target", "variant_of", "metric", *WORDS)


def canonical(value: Any) -> str:
    """JSON with sorted keys, no blanks and shortest floats: equal settings give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def bare(workload: Settings) -> tuple[str, Settings] | None:
    """(kind, settings) of what a workload trains without dataset and network: a function, or a problem of one's own."""
    for kind in ("function", "problem"):
        if workload.get(kind):
            return f"{kind}s", workload[kind]
    return None


def placeless(dataset: Settings) -> dict[str, Any]:
    """A dataset's settings, and those of one within, without the path of a file."""
    return {k: placeless(v) if isinstance(v, Mapping) else v for k, v in dataset.items() if k != "path"}


@dataclass(frozen=True)
class Trial:
    """One candidate with fixed hyperparameters, one workload, one seed.

    workload     the suite's workload with every default filled in (see `optbench.suite.Workload`)
    components   {"optimizer": {"name": …, **settings}, "schedule": {…}, "initializer": {…},
                  "normalizers": [{…}], "regularizers": [{…}]}
    seed         chooses weights, batch order and noise; the same for all candidates
    providers    {"optimizer:adam": "optbench 0.1.0", …}: who provides each component
    sources      {"optimizer:adam": …, "engine": …, "data:digits": …}: fingerprints of the code of each component and
                 of what trains, and of what the dataset holds; empty where nobody recorded them
    """

    workload: Settings
    components: Settings
    seed: int
    providers: Settings
    contract: int = CONTRACT
    sources: Settings = field(default_factory=dict)

    @property
    def subject(self) -> dict[str, Any]:
        """What of the workload can change the result."""
        subject = {k: v for k, v in self.workload.items() if k not in NOT_IN_KEY}
        if any(label.startswith("data:") for label in self.sources):  # what a file holds, not where it lies
            subject["dataset"] = placeless(subject["dataset"])
        return subject

    @cached_property
    def key(self) -> str:
        """A hash of everything that can change the result: equal keys, equal runs."""
        parts = [self.subject, self.components, self.seed, self.providers, self.contract]
        text = canonical([*parts, self.sources] if self.sources else parts)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Run:
    """What came of a trial.

    outcome      done; diverged (NaN or infinity); stopped (early, by its own rule); pruned trials are stopped too;
                 timeout; error (a component raised: see traceback); crashed (its process died)
    measurements one an evaluation point, the first before any step
    kept         index of the measurement whose parameters are the result
    test_loss, test_metric     of those, read once, at the end; NaN without a result
    metrics      further numbers of the end of the run, by name (weight_norm, …)
    arrays       further arrays by name (per-layer statistics, the path on an analytic function)
    """

    outcome: Outcome
    measurements: tuple[Measurement, ...] = ()
    kept: int = -1
    test_loss: float = float("nan")
    test_metric: float = float("nan")
    message: str = ""
    traceback: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Assignment:
    """What a trial is for. Two candidates may share a trial, if their settings are the same.

    phase    "tune" (selected on) or "final" (fresh seeds, reported)
    study    number of the study; number: of the trial within its study and phase
    """

    workload: str
    candidate: str
    phase: Literal["tune", "final"]
    study: int
    number: int
    trial: Trial
