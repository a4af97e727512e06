"""Trials of the digits network as plain data, as a suite would make them."""

from typing import Any

from optbench.trials.trial import Trial


def digits_trial(optimizer: str, settings: dict[str, Any], seed: int, epochs: int) -> Trial:
    """64-64-32-10 on digits, batch 64, with one optimizer and rate; evaluated at the start and the end only."""
    workload = {
        "name": "digits-mlp",
        "dataset": {"name": "digits"},
        "network": {"name": "mlp", "hidden": [64, 32], "activation": "relu"},
        "function": None,
        "loss": None,
        "batch_size": 64,
        "epochs": epochs,
        "steps": None,
        "evaluate_every": 10**9,
        "dtype": "float32",
        "split": {},
        "diagnostics": False,
    }
    components = {
        "optimizer": {"name": optimizer, **settings},
        "schedule": {"name": "constant"},
        "initializer": {"name": "he"},
        "normalizers": [],
        "regularizers": [],
    }
    return Trial(workload, components, seed, {})
