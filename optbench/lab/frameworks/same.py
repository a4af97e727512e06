"""The programs of all frameworks run beside each other, each in a process of its own, and what differs."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from optbench.contract.errors import OptbenchError, near
from optbench.lab.frameworks import experiment

PROGRAMS = Path(__file__).parent / "programs"
#: relative difference below which two numbers are called equal: ten digits
EQUAL = 1e-10
#: on the processor, and without lines about its instructions
QUIET = {
    "JAX_PLATFORMS": "cpu",
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
}


@dataclass(frozen=True)
class Framework:
    """name, what it is called; needs, modules that must be there; install, the command that brings them."""

    name: str
    title: str
    needs: tuple[str, ...]
    install: str

    @property
    def program(self) -> str:
        """The text of its program."""
        return (PROGRAMS / f"in_{self.name}.py").read_text(encoding="utf-8")

    @property
    def missing(self) -> list[str]:
        """Which of its modules are not installed."""
        return [module for module in self.needs if find_spec(module) is None]


FRAMEWORKS = (
    Framework("numpy", "NumPy", (), ""),
    Framework("torch", "torch", ("torch",), "pip install torch"),
    Framework("jax", "JAX", ("jax", "optax"), "pip install jax optax"),
    Framework("tensorflow", "TensorFlow", ("tensorflow", "keras"), "pip install tensorflow"),
)


@dataclass(frozen=True)
class Training:
    """What a framework's program gave; where it did not run, `problem` says why, and the rest is empty.

    costs     (steps,): the mean cost of each step's mini-batch, before the step
    weights   W1, b1, W2, b2 at the end
    """

    framework: Framework
    version: str = ""
    costs: np.ndarray = field(default_factory=lambda: np.zeros(0))
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    problem: str = ""

    def differences(self, other: "Training") -> np.ndarray:
        """Of each step's cost, as a share of the other's, (steps,)."""
        return np.abs(self.costs - other.costs) / np.abs(other.costs)

    def difference(self, other: "Training") -> float:
        """The largest of these and of the tensors at the end, where it is the distance as a share of the length."""
        apart = [
            float(np.linalg.norm(self.weights[name] - tensor) / np.linalg.norm(tensor))
            for name, tensor in other.weights.items()
        ]
        return max(float(self.differences(other).max()), *apart)


def framework(name: str) -> Framework:
    """A framework by its name."""
    found = {one.name: one for one in FRAMEWORKS}
    if name not in found:
        raise OptbenchError(f"there is no program for {name!r}; {near(name, list(found))}")
    return found[name]


def same_training(names: Sequence[str] | None = None) -> list[Training]:
    """Run the programs of these frameworks, default all, at once; NumPy's is the first, and always among them.

    Each has a process of its own: JAX's 64 bits, TensorFlow's messages and memory stay there.
    """
    asked = [FRAMEWORKS[0], *(f for f in map(framework, names or [f.name for f in FRAMEWORKS]) if f.name != "numpy")]
    with tempfile.TemporaryDirectory(prefix="optbench-frameworks-") as place:
        folder = Path(place)
        data = experiment.save(folder / "data.npz")
        started = {f.name: _start(f, data, folder / f"{f.name}.npz") for f in asked if not f.missing}
        try:
            return [_ended(f, started.get(f.name), folder / f"{f.name}.npz") for f in asked]
        finally:
            for process in started.values():
                process.kill()
                process.wait()


def _start(framework: Framework, data: Path, result: Path) -> "subprocess.Popen[str]":
    program = str(PROGRAMS / f"in_{framework.name}.py")
    code = (
        f"import runpy, sys; sys.path[:] = {sys.path!r}; sys.argv[:] = {[program, str(data), str(result)]!r}; "
        f"runpy.run_path({program!r}, run_name='__main__')"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, **QUIET}, text=True, encoding="utf-8", errors="replace",
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def _ended(framework: Framework, process: "subprocess.Popen[str] | None", result: Path) -> Training:
    if process is None:
        return Training(framework, problem=f"not installed: {framework.install}")
    _, errors = process.communicate()
    if process.returncode:
        said = errors.strip().splitlines() or [f"exit status {process.returncode}"]
        return Training(framework, problem=f"failed: {said[-1]}")
    with np.load(result) as found:
        weights = {name: found[name] for name in ("W1", "b1", "W2", "b2")}
        return Training(framework, str(found["version"]), found["costs"], weights)
