"""A plausible store of made-up trials, quickly: for tests of the report, benchmarks of large stores, documentation.

Nothing is trained. A run's accuracy rises from 0.1 to a plateau at a pace that depends on candidate, workload and seed;
a rate far above a workload's best diverges.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.store.packing import WIDTH, Row, pack_values
from optbench.store.store import STORE, Store
from optbench.trials.trial import FIELDS, Assignment, Trial

NAMES = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "lion")
SETS = ("digits-mlp", "digits-cnn", "mnist-mlp", "breast-cancer", "two-moons")
EVALUATIONS = 20
STEPS_BETWEEN = 22
CHANCE = 0.1
Phase = Literal["tune", "final"]
STEPS = FIELDS.index("step")


def synthetic_store(
    path: str | Path,
    candidates: int | Sequence[str] = 6,
    workloads: int | Sequence[str] = 5,
    seeds: int = 5,
    trials: int = 8,
    seed: int = 0,
    row: Row | None = None,
) -> Path:
    """Write a store with `trials` tuning trials and `seeds` final ones of each candidate on each workload.

    path    a folder, made if need be, or a file whose name ends with .sqlite; must not hold a store yet
    candidates, workloads    their names or their number
    seed    chooses all numbers; the same arguments give the same results
    row     what every trial came to, as `pack_values` makes it; default: drawn
    Returns the store's path.
    """
    path = Path(path)
    path = path if path.suffix == ".sqlite" else path / STORE
    if path.exists():
        raise OptbenchError(f"{path}: there is a store already; made-up trials would mix with its own")
    candidates, workloads = _named(candidates, NAMES), _named(workloads, SETS)
    rng = np.random.default_rng(seed)
    settings = [_workload(name) for name in workloads]
    pace = np.exp(rng.normal(0, 0.35, len(candidates)))  # how quick each candidate is everywhere
    best = 10 ** rng.uniform(-3, -1, len(candidates))
    providers = {"optimizer": "synthetic 1"}
    with Store(path, create=True) as store:
        store.set("suite", _suite(candidates, settings, seeds, trials))
        store.set("title", "Synthetic: made-up trials")
        store.made_in({"note": "made up, nothing was trained"})
        store.set("problems", [])
        for workload in settings:
            plateau = rng.uniform(0.96, 0.995)
            ease = np.exp(rng.normal(0, 0.3))
            assigned: list[Assignment] = []
            packed: list[Row] = []
            selected: list[tuple[str, str, int, str]] = []
            for number, candidate in enumerate(candidates):
                own = np.exp(rng.normal(0, 0.25))  # and on this workload
                tuned = best[number] * 10 ** rng.uniform(-2, 1.2, trials)
                order = np.argsort(np.abs(np.log(tuned / best[number])))
                chosen = float(tuned[order[0]]) if trials else float(best[number])
                rates = [*tuned.tolist(), *[chosen] * seeds]
                drawn = _runs(np.array(rates) / best[number], pace[number] * own * ease, plateau, rng)
                packed += drawn if row is None else [row] * len(rates)
                for i, rate in enumerate(rates):
                    tuning = i < trials
                    components = _components(candidate, rate)
                    trial = Trial(workload, components, 0 if tuning else i - trials + 1, providers)
                    place = i if tuning else i - trials
                    phase: Phase = "tune" if tuning else "final"
                    assigned.append(Assignment(workload["name"], candidate, phase, 0, place, trial))
                if trials:
                    key = assigned[int(order[0]) - len(rates)].trial.key
                    selected.append((workload["name"], candidate, 0, key))
            store.assign(assigned)
            store.select_all(selected)
            store.add_packed((a.trial, row, ()) for a, row in zip(assigned, packed, strict=True))
        store.add_costs(
            (w, c, s, 0.95 * s, 1.1 * s, 7)
            for w in workloads
            for c, s in zip(candidates, rng.uniform(5e-5, 2e-4, len(candidates)).tolist(), strict=True)
        )
    return path


def _named(given: int | Sequence[str], names: Sequence[str]) -> list[str]:
    if not isinstance(given, int):
        return list(given)
    return [
        names[i] if i < len(names) else f"{names[i % len(names)]}-{i // len(names) + 1}" for i in range(given)
    ]


def _workload(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "title": name.replace("-", " ").title(),
        "dataset": {"name": name},
        "network": {"kind": "mlp", "hidden": [64, 32]},
        "function": None,
        "loss": "softmax_cross_entropy",
        "batch_size": 64,
        "epochs": EVALUATIONS,
        "target": {"metric": "validation_accuracy", "value": 0.9},
        "dtype": "float32",
    }


def _components(candidate: str, rate: float) -> dict[str, Any]:
    return {
        "optimizer": {"name": candidate, "lr": rate},
        "schedule": {"name": "constant"},
        "initializer": {"name": "he"},
        "normalizers": [],
        "regularizers": [],
    }


def _suite(candidates: list[str], workloads: list[dict[str, Any]], seeds: int, trials: int) -> dict[str, Any]:
    return {
        "title": "Synthetic: made-up trials",
        "description": "Nothing was trained: the curves were drawn from a formula.",
        "seeds": seeds,
        "seed": 0,
        "baseline": candidates[0] if candidates else None,
        "tuning": {"method": "quasirandom", "trials": trials, "studies": 1},
        "workloads": workloads,
        "candidates": [{"name": name, "title": name} for name in candidates],
        "claims": [
            {
                "statement": f"{better} reaches the target in fewer steps than {worse}",
                "topic": "Optimizers",
                "workload": workload["name"],
                "better": better,
                "worse": worse,
                "metric": "steps_to_target",
                "source": "made up",
            }
            for better, worse, workload in zip(candidates[1:], candidates, workloads, strict=False)
        ],
    }


def _runs(rates: np.ndarray, pace: float, plateau: float, rng: np.random.Generator) -> list[Row]:
    """Runs at rates given as multiples of the best one."""
    count, points = len(rates), EVALUATIONS + 1
    step = STEPS_BETWEEN * np.arange(points)
    speed = pace * np.exp(rng.normal(0, 0.15, count) - np.log(rates) ** 2 / 8)
    rise = 1 - np.exp(-speed[:, None] * step / 120)
    noise = rng.normal(0, 0.004, (count, points))
    train = CHANCE + (plateau - CHANCE) * rise
    validation = np.clip(train - 0.02 * rise + noise, 0, 1)
    curves = np.empty((count, points, WIDTH))
    fields = {
        "step": step,
        "epoch": step / STEPS_BETWEEN,
        "gradients": step,
        "seconds": step * 1e-4,
        "rate": rates[:, None] * 0.01,
        "train_loss": -np.log(train),
        "train_metric": train,
        "validation_loss": -np.log(np.maximum(validation, 1e-3)),
        "validation_metric": validation,
        "gradient_norm": 1 - 0.9 * rise,
    }
    for i, name in enumerate(FIELDS):
        curves[:, :, i] = fields[name]
    diverged = rates > 8
    test = validation[:, -1] - 0.005
    rows = []
    for i in range(count):
        if diverged[i]:
            kept = curves[i, : int(rng.integers(2, 6))].copy()
            kept[-1, FIELDS.index("train_loss")] = np.nan
            message = f"not finite at step {int(kept[-1, STEPS])}"
            rows.append(pack_values("diverged", kept, len(kept) - 1, (np.nan, np.nan), message=message))
        else:
            result = (float(-np.log(max(test[i], 1e-3))), float(test[i]))
            rows.append(pack_values("done", curves[i], points - 1, result, {"weight_norm": float(speed[i])}))
    return rows
