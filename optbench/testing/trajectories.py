"""Whether two implementations of one method go the same way: a built-in and another library's, through its bridge."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from optbench.contract.components import Optimizer
from optbench.testing.base import expect
from optbench.testing.trainings import registry_of, training_of
from optbench.trials.trial import Trial

__all__ = ["trajectory_gap"]

WORKLOAD = {
    "name": "digits-mlp",
    "dataset": {"name": "digits"},
    "network": {"name": "mlp", "hidden": [64, 32], "activation": "relu"},
    "function": None,
    "loss": None,
    "batch_size": 64,
    "epochs": 0,
    "dtype": "float64",
    "split": {},
    "diagnostics": False,
}
COMPONENTS = {
    "optimizer": {"name": "sgd"},
    "initializer": {"name": "he"},
    "normalizers": [{"name": "standardize"}],
    "regularizers": [],
}


def trajectory_gap(
    ours: Optimizer, theirs: Optimizer, steps: int = 1000, schedule: Mapping[str, Any] | None = None
) -> float:
    """How far apart two optimizers are after so many steps on the digits, on the same mini-batches.

        max |a - b| / max |b|        a, b: the parameters to evaluate of `ours` and of `theirs`

    A 64-64-32-10 network of relus in float64, mini-batches of 64. Rounding errors of 1e-16 grow along the way: in a
    thousand steps two forms of one method stay below 1e-10 where the rate is far from chaos.

    schedule    a table such as {"name": "cosine", "end": 0.1}, of the budget `steps`; None: a constant rate

    Raises `CheckFailed` where an optimizer fails or diverges.
    """
    from threadpoolctl import threadpool_limits

    workload = {**WORKLOAD, "steps": steps, "evaluate_every": steps}
    trial = Trial(workload, {**COMPONENTS, "schedule": dict(schedule or {"name": "constant"})}, 3, {})
    ends = []
    with threadpool_limits(1):
        for optimizer in (ours, theirs):
            training = training_of([trial], registry_of(), optimizer=optimizer)
            row = training.rows[0]
            for _ in range(steps):
                training.step()
            expect(row.outcome is None, f"{optimizer.name}: {row.outcome}\n{row.traceback}")
            ends.append(optimizer.evaluation_params(row.params, row.state))
    return float(np.abs(ends[0] - ends[1]).max() / np.abs(ends[1]).max())
