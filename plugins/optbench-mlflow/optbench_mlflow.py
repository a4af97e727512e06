"""Every finished trial as a run in MLflow: an observer, which is one hook and what it does.

Where runs go is MLflow's own matter: MLFLOW_TRACKING_URI, or else its default (sqlite:///mlflow.db in the current
folder). The experiment is MLFLOW_EXPERIMENT_ID, or the one named MLFLOW_EXPERIMENT_NAME, or "optbench".
"""

import json
import logging
import math
import os
import re
import time
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from optbench import hookimpl

OPTBENCH_CONTRACT = 1

#: what a curve shows: fields of a measurement
CURVES = ("train_loss", "train_metric", "validation_loss", "validation_metric", "gradient_norm", "rate")
COUNTS = {"steps": "step", "epochs": "epoch", "gradients": "gradients", "seconds": "seconds"}
STATUS = {"done": "FINISHED", "stopped": "FINISHED", "timeout": "KILLED"}
#: what MLflow takes in one call: 1,000 entities, of which 100 parameters; and in one value
PARAMS_A_CALL, METRICS_A_CALL = 100, 900
LONGEST = 5000


@hookimpl
def optbench_trial_finished(trial, run, assignments):
    client, experiment = store()
    from mlflow.entities import Metric, Param

    end = round(1000 * time.time())
    spent = run.measurements[-1].seconds if run.measurements else 0.0
    start = end - round(1000 * spent)
    metrics = [
        Metric(name, value, start + round(1000 * seconds), step)
        for name, value, seconds, step in (*curves(run), *results(run, spent))
        if math.isfinite(value)  # the database has no infinity, and a metric that does not apply is NaN
    ]
    params = [Param(name, text) for name, text in parameters(trial).items()]
    made = client.create_run(experiment, start, tags(trial, run, assignments), run_name(trial, assignments))
    identity = made.info.run_id
    calls = max(math.ceil(len(metrics) / METRICS_A_CALL), math.ceil(len(params) / PARAMS_A_CALL))
    for k in range(calls):  # one, unless the curves are long
        client.log_batch(
            identity,
            metrics[k * METRICS_A_CALL : (k + 1) * METRICS_A_CALL],
            params[k * PARAMS_A_CALL : (k + 1) * PARAMS_A_CALL],
        )
    client.set_terminated(identity, STATUS.get(run.outcome, "FAILED"), end)


@cache
def store() -> tuple[Any, str]:
    """MLflow's client and the experiment's id. MLflow takes seconds to import: nobody but the first trial waits."""
    # A benchmark on one's own machine reports to nobody; whoever wants it sets the variable to false.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    from mlflow.tracking import MlflowClient

    # It tells of each table that it makes, amid the run's own lines.
    for name in ("mlflow.store.db.utils", "mlflow.tracking.fluent", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    client = MlflowClient()
    given = os.environ.get("MLFLOW_EXPERIMENT_ID")
    if given:
        return client, client.get_experiment(given).experiment_id
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME", "optbench")
    found = client.get_experiment_by_name(name)
    return client, found.experiment_id if found else client.create_experiment(name)


def run_name(trial: Any, assignments: Any) -> str:
    """adam/digits-mlp/final-2: candidate, workload, phase and number."""
    if not assignments:
        return f"{trial.components['optimizer']['name']}/{trial.workload['name']}"
    first = assignments[0]
    return f"{first.candidate}/{first.workload}/{first.phase}-{first.number}"


def tags(trial: Any, run: Any, assignments: Any) -> dict[str, str]:
    """What one filters by, as in tags.candidate = 'adam'. Candidates that share the trial are joined with +."""
    found = {"key": trial.key, "outcome": run.outcome, "workload": trial.workload["name"]}
    if assignments:
        found["candidate"] = "+".join(dict.fromkeys(a.candidate for a in assignments))
        found["phase"] = assignments[0].phase
        found["study"] = str(assignments[0].study)
    if run.message:
        found["message"] = run.message[:LONGEST]
    found["providers"] = ", ".join(sorted(set(trial.providers.values())))[:LONGEST]
    return found


def parameters(trial: Any) -> dict[str, str]:
    """Settings by path: optimizer = adam, optimizer.lr = 0.01, workload.batch_size = 64, seed = 1."""
    found = dict(flat(trial.components))
    found["seed"] = trial.seed
    found |= flat({"workload": trial.workload})
    return {valid(name): text(value)[:LONGEST] for name, value in found.items() if value is not None}


def flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested settings by path. A table's name stands for the table; tables in a list go by their place."""
    for key, value in settings.items():
        path = prefix.removesuffix(".") if key == "name" and prefix else prefix + key
        if isinstance(value, Mapping):
            yield from flat(value, f"{path}.")
        elif isinstance(value, (list, tuple)) and value and all(isinstance(v, Mapping) for v in value):
            for place, table in enumerate(value):
                yield from flat(table, f"{path}.{place}.")
        else:
            yield path, value


def text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def curves(run: Any) -> Iterator[tuple[str, float, float, int]]:
    """(name, value, seconds of training, step) of every measurement."""
    for m in run.measurements:
        for name in CURVES:
            yield name, float(getattr(m, name)), m.seconds, m.step


def results(run: Any, seconds: float) -> Iterator[tuple[str, float, float, int]]:
    """What `optbench export` calls it: final_…, of the measurement that was kept; totals; metric.NAME."""
    found: dict[str, float] = {"final_test_loss": run.test_loss, "final_test_metric": run.test_metric}
    step = 0
    if run.measurements:
        last, kept = run.measurements[-1], run.measurements[run.kept]
        step = last.step
        found |= {name: getattr(last, field) for name, field in COUNTS.items()}
        if run.outcome in ("done", "stopped"):
            found |= {f"final_{name}": getattr(kept, name) for name in CURVES[:4]}
    found |= {valid(f"metric.{name}"): value for name, value in run.metrics.items()}
    for name, value in found.items():
        yield name, float(value), seconds, step


def valid(name: str) -> str:
    """A name that MLflow takes."""
    return re.sub(r"[^/\w.\- :]", "_", name)[:250]
