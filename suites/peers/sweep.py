"""A sweep of optimizers and rates: the settings, which ours and JAX's cold start share, and our run of it.

Run as a module it trains the sweep and prints the final validation accuracies as JSON: `python -m peers.sweep`.
"""

import json
import sys

import numpy as np

EPOCHS = 20
RATES_EACH = 4
#: name, and the rates' lowest and highest
OPTIMIZERS = {
    "adam": (1e-4, 1e-2),
    "sgd": (1e-2, 1.0),
    "heavy-ball": (1e-3, 1e-1),
    "nesterov": (1e-3, 1e-1),
    "adagrad": (1e-3, 1e-1),
    "rmsprop": (1e-4, 1e-2),
    "adamax": (1e-4, 1e-2),
    "adamw": (1e-4, 1e-2),
}


def settings(names: list[str]) -> list[tuple[str, float]]:
    """(optimizer, rate) of every trial."""
    return [(n, float(r)) for n in names for r in np.geomspace(*OPTIMIZERS[n], RATES_EACH)]


def main(names: list[str]) -> None:
    from optbench.running import worker
    from peers.trials import digits_trial

    pairs = settings(names)
    trials = [digits_trial(name, {"lr": rate}, seed + 1, EPOCHS) for seed, (name, rate) in enumerate(pairs)]
    runs = worker.run(trials)
    print(json.dumps([run.measurements[-1].validation_metric for run in runs]))


if __name__ == "__main__":
    main(sys.argv[1:])
