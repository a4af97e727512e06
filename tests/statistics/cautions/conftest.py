"""Suites and trials' tables whose faults are known."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from optbench.statistics import Comparison, Groups, Paired, Question, Standing, paired_effect

LR = {"low": 0.001, "high": 10.0, "scale": "log", "choices": [], "priority": 1}
BETA = {"low": 0.5, "high": 0.99, "scale": "log1m", "choices": [], "priority": 2}


def optimizer(name, search=None, **settings):
    return {"name": name, "lr": 0.1, **settings, "search": {"lr": LR} if search is None else search}


def candidate(name, **fields):
    rest = dict.fromkeys(("schedule", "initializer", "normalizers", "regularizers", "batch_size", "workloads"))
    return {"name": name, "optimizer": optimizer("sgd"), "tuning": {"method": None, "first": None}, **rest, **fields}


def suite(*candidates, workloads=("w",), **tuning):
    tables = [{"name": w, "batch_size": 64, "epochs": 10, "function": None} for w in workloads]
    return {
        "tuning": {"method": "quasirandom", "trials": 8, "studies": 1, "first": None, **tuning},
        "workloads": tables,
        "candidates": list(candidates),
    }


def rows(name, workload="w", steps=(10, 11, 12, 13, 14, 15), tuned=8, chosen=0.1, study=0, **columns):
    """Final runs that take these steps (infinite: missed), and `tuned` tuning trials, the first one selected."""
    table = []
    for number in range(len(steps) + tuned):
        tune = number >= len(steps)
        table.append(
            {
                "workload": workload, "candidate": name, "phase": "tune" if tune else "final", "study": study,
                "seed": 10_000 if tune else number + 1, "outcome": "done", "selected": number == len(steps),
                "steps": 100.0, "gradients": 100.0, "epochs": 10.0, "seconds_per_step": 1e-4, "metric": "accuracy",
                "target_metric": "validation_accuracy", "steps_to_target": 9.0 if tune else float(steps[number]),
                "final_validation_loss": 0.1, "final_train_loss": 0.1,
                "hyperparameters": json.dumps({"optimizer.lr": chosen, "optimizer.beta": 0.7}),
                **columns,
            }
        )  # fmt: skip
    return table


def standing(effect, word="undecided", noise=0.3, pairs=8, unit="ratio", focus=()):
    """a against b: differences of this mean and deviation on one workload."""
    ratio = unit == "ratio"
    size = math.log(effect) if ratio else effect
    spread = noise * math.sqrt((pairs - 1) / pairs)
    groups = size + spread * np.where(np.arange(pairs) % 2, 1.0, -1.0)
    values = np.stack([groups[None], np.zeros((1, pairs))])
    paired = Paired(["a", "b"], ["w"], values, np.zeros(values.shape, dtype=bool), ratio)
    found = paired_effect([groups])
    ends = np.array([found.mean, found.low, found.high])
    shown = np.exp(ends) if ratio else ends
    one = Comparison("a", "b", *map(float, shown), *map(float, shown[1:]), 1.0, 0.5, 0.5, word, pairs, 1)
    by, name = ("steps", "time") if ratio else ("final", "result")
    order = Groups([["a", "b"]], [], [])
    asked = Question(name, by, name, 0.05, (one,), order, ("w",), (noise,), pairs, 0.1, paired)
    return Standing(("a", "b"), tuple(focus), "b", (asked,))


@pytest.fixture
def make():
    """The builders by name."""

    class Builders:
        pass

    found = Builders()
    found.optimizer, found.candidate, found.suite = optimizer, candidate, suite
    found.rows, found.standing = rows, standing
    found.LR, found.BETA = LR, BETA
    found.trials = lambda *groups: pd.DataFrame([row for group in groups for row in group])
    found.noise = lambda seed, n: np.random.default_rng(seed).normal(0, 1, n)
    return found
