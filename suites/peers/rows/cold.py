"""A sweep of 8 optimizers x 4 rates from the start of a process to its result: imports and compilation count."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from optbench.builtin.datasets.digits import Digits
from optbench.builtin.networks.mlp import MLP
from peers.rows.base import Family, Row
from peers.sweep import EPOCHS, OPTIMIZERS, RATES_EACH
from peers.timing import Contender, stopwatch
from peers.work import Work

WORK = Work(Digits(), MLP(hidden=(64, 32)), batch=64)


class Process(Contender):
    """A whole Python process a step; its result is the final validation accuracy of every trial.

    `parameters` gives the mean accuracy: trajectories of hundreds of steps differ in their last bits and more.
    """

    def __init__(self, module: str, arguments: list[str], note: str):
        self.command = [sys.executable, "-m", module, *arguments]
        self.note = note
        self.accuracies = np.zeros(1)

    def run(self, steps: int) -> float:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

        def once() -> None:
            done = subprocess.run(self.command, env=environment, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(f"{' '.join(self.command)} failed: {done.stderr.strip()[-500:]}")
            self.accuracies = np.array(json.loads(done.stdout))

        return sum(stopwatch(once) for _ in range(steps))

    def parameters(self) -> np.ndarray:
        return self.accuracies.mean(keepdims=True)


class JaxProcess(Process):
    """JAX's, which finds its data, weights and batches in a file."""

    def __init__(self, names: list[str]):
        self.folder = tempfile.TemporaryDirectory()
        file = Path(self.folder.name) / "sweep.npz"
        trials = RATES_EACH * len(names)
        arrays = WORK.arrays(trials, EPOCHS)
        views = WORK.network.layout.views(arrays.start)
        x_validation, targets = WORK.data.examples("validation")
        contents = dict(
            x=arrays.x.reshape(len(arrays.x), -1),
            labels=arrays.labels.astype(np.int32),
            x_validation=x_validation.reshape(len(x_validation), -1),
            validation=targets.argmax(axis=1),
            batches=arrays.batches.astype(np.int32),
            tensors=len(views),
            **{f"tensor{i}": view for i, view in enumerate(views.values())},
        )
        np.savez(file, allow_pickle=False, **contents)
        note = "a process; vmap over rates, a compilation an optimizer"
        super().__init__("peers.sweep_jax", [str(file), *names], note)

    def close(self) -> None:
        self.folder.cleanup()


def ours(names: list[str]) -> Callable[[], Contender]:
    note = f"a process; {RATES_EACH * len(names)} trials as a worker runs them, {EPOCHS} epochs"
    return lambda: Process("peers.sweep", names, note)


EVERY = list(OPTIMIZERS)
TITLE = f"the same sweep from process start to result, {{}} x {RATES_EACH} rates, {EPOCHS} epochs"

FAMILY = Family(
    rows=(Row(TITLE.format("8 optimizers"), "JAX vmap + scan", 0.1, under="jax", needs=("jax", "optax")),),
    makers={"ours": ours(EVERY), "jax": lambda: JaxProcess(EVERY)},
    unit="sweep",
    rounds=5,
    slot=0.0,
    warm_up=0.0,
    check_steps=lambda: 1,
    tolerance=0.01,
)
