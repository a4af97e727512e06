"""Trials and measurements to keep in a store."""

from optbench.contract.context import Measurement
from optbench.trials.trial import Trial


def trial(seed=0, name="digits", target=0.9, rate=0.1):
    workload = {
        "name": name,
        "loss": "mean_squared_error",
        "target": {"metric": "train_loss", "value": target},
    }
    return Trial(
        workload, {"optimizer": {"name": "sgd", "lr": rate}}, seed, {"optimizer:sgd": "optbench 0.1"}
    )


def measurement(step, loss=1.0):
    return Measurement(step, step / 10, step, step * 0.5, 0.1, loss, 0.5, loss, 0.5, 1.0)
