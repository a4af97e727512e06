"""Trials' tables that no run made, with results that are known."""

import math

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def trials():
    """See `table`."""
    return table


@pytest.fixture
def grid():
    """See `exact`."""
    return exact


@pytest.fixture
def noisy():
    """See `noise`."""
    return noise


def table(rows, **shared):
    """A table from (workload, candidate, seed, steps, accuracy); NaN accuracy is a diverged run."""
    defaults = {
        "phase": "final",
        "study": 0,
        "target_metric": "validation_accuracy",
        "target_value": 0.9,
        "metric": "accuracy",
        "seconds_per_step": 0.1,
        "final_train_loss": 0.1,
    }
    frame = pd.DataFrame(
        rows, columns=["workload", "candidate", "seed", "steps_to_target", "final_test_metric"]
    )
    frame = frame.assign(**{**defaults, **shared})
    finite = frame["steps_to_target"].where(np.isfinite(frame["steps_to_target"]))
    frame["steps"] = 100.0 if finite.isna().all() else 2 * finite.max()
    frame["gradients_to_target"] = 2 * frame["steps_to_target"]
    frame["gradients"] = 2 * frame["steps"]
    frame["outcome"] = np.where(frame["final_test_metric"].isna(), "diverged", "done")
    for column in ("final_validation_metric", "generalization_gap"):
        frame[column] = frame["final_test_metric"]
    frame["seconds_to_target"] = frame["steps_to_target"] * frame["seconds_per_step"]
    return frame


def exact(times, seeds=5, accuracy=0.9):
    """Each candidate takes times[candidate][workload] steps with every seed."""
    return table(
        [
            (f"w{w}", candidate, seed, float(steps), accuracy if math.isfinite(steps) else math.nan)
            for candidate, row in times.items()
            for w, steps in enumerate(row)
            for seed in range(seeds)
        ]
    )


def noise(paces, workloads=4, seeds=10, spread=0.2, seed=0, accuracy=0.9):
    """Each candidate takes `paces[candidate]` times a log-normal time with every seed of every workload."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"w{w}", name, s, float(100 * pace * rng.lognormal(0, spread)), float(accuracy + 0.01 * rng.normal()))
        for w in range(workloads)
        for name, pace in paces.items()
        for s in range(seeds)
    ]
    return table(rows)
