"""Made-up stores with known differences, to be compared."""

import numpy as np

from optbench.contract.context import Measurement
from optbench.store.store import Store
from optbench.trials.trial import Assignment, Run, Trial

WORKLOADS = ("w1", "w2", "w3")


def made(folder, factors, seeds=10, lr=0.1, target=0.9, version="1.0", failing=(), workloads=WORKLOADS):
    """A store in which each candidate meets the target after 100 steps times its factor, give or take 10 %."""
    settings = {
        w: {"name": w, "dataset": "d", "loss": "softmax_cross_entropy", "epochs": 5,
            "target": {"metric": "validation_accuracy", "value": target}}
        for w in workloads
    }  # fmt: skip
    with Store(folder / "store.sqlite", create=True) as store:
        suite = {"title": "t", "seeds": seeds, "baseline": "a", "tuning": {"trials": 1},
                 "workloads": list(settings.values()), "candidates": [{"name": c} for c in factors]}  # fmt: skip
        store.set("suite", suite)
        store.set("title", "t")
        store.made_in({"python": version, "packages": {"numpy": "2.0"}})
        for c, (candidate, factor) in enumerate(factors.items()):
            for w, workload in enumerate(settings.values()):
                for seed in range(seeds + 1):
                    rng = np.random.default_rng([c, w, seed])
                    components = {"optimizer": {"name": candidate, "lr": lr}}
                    trial = Trial(workload, components, seed, {"optimizer": f"p {version}"})
                    met = round(100 * factor * np.exp(rng.normal(0, 0.1)))
                    points = [(0, 0.1), (met, 0.95), (1000, 0.95 + rng.normal(0, 0.001) - 0.001 * factor)]
                    curve = tuple(Measurement(s, s / 200, s, s * 1e-3, lr, 1 - a, a, 1 - a, a, 1.0) for s, a in points)
                    run = Run("done", curve, 2, 0.1, points[-1][1])
                    if candidate in failing:
                        run = Run("error", curve[:1], message="broken")
                    phase = "tune" if seed == 0 else "final"
                    store.assign([Assignment(workload["name"], candidate, phase, 0, max(0, seed - 1), trial)])
                    store.add(trial, run)
                    if seed == 0:
                        store.select(workload["name"], candidate, 0, trial.key)
                store.add_costs([(workload["name"], candidate, 1e-4 * factor, 0.9e-4 * factor, 1.1e-4 * factor, 7)])
    return folder
