"""An analytic function, as a problem to train: no data, no network, the same descent."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from optbench.contract.function import Function
from optbench.contract.layout import Layout, Tensor
from optbench.training.problem import Scores, generator_state
from optbench.trials.seeds import stream


class FunctionProblem:
    """An analytic function: one vector of variables a row, no data."""

    steps_per_epoch = 1

    def __init__(self, function: Function, seeds: Sequence[int], dtype: np.dtype):
        starts = [function.initial(stream(seed, "initialization")) for seed in seeds]
        size = len(starts[0])
        self.function, self.seeds = function, list(seeds)
        self.bounded = type(function).project is not Function.project
        self.layout = Layout([Tensor("point", (size,), "point", 1, 1, 0, 0)])
        self.params = np.array(starts, dtype)
        self.grads = np.zeros_like(self.params)
        self.values = [0.0] * len(seeds)
        self.noises = [stream(seed, "noise") for seed in seeds]
        self.before: list[dict[str, Any]] = [{} for _ in seeds]
        self.number = 0

    def next_batch(self, step: int) -> None:
        self.number = step

    def gradient(self) -> None:
        for row, rng in enumerate(self.noises):
            self.before[row] = generator_state(rng)
            self.values[row], self.grads[row] = self._at(self.params[row], rng)

    def _at(self, w: np.ndarray, rng: np.random.Generator) -> tuple[float, np.ndarray]:
        return self.function.value_and_gradient(w.astype(np.float64), self.number, rng)

    def loss(self, row: int) -> float:
        return self.values[row]

    def probe(self, row: int, at: np.ndarray, out: np.ndarray) -> float:
        # The same noise again: a probe is another point of the same random function.
        rng = np.random.default_rng()
        rng.bit_generator.state = self.before[row]
        value, out[...] = self._at(at, rng)
        return value

    def evaluate(self, row: int, params: np.ndarray) -> Scores:
        nan = float("nan")
        return self.function.value(params.astype(np.float64)) - self.function.minimum, nan, nan, nan

    def test(self, row: int, params: np.ndarray) -> tuple[float, float]:
        return float("nan"), float("nan")

    def project(self, row: int, vector: np.ndarray) -> None:
        self.function.project(vector)

    @property
    def stack(self) -> int:
        return len(self.params)

    def select(self, rows: Sequence[int]) -> "FunctionProblem":
        chosen = FunctionProblem(self.function, [self.seeds[k] for k in rows], self.params.dtype)
        chosen.params[...] = self.params[list(rows)]
        return chosen

    def save(self, row: int) -> dict[str, Any]:
        return {"generators": {"noise": generator_state(self.noises[row])}}

    def load(self, row: int, saved: dict[str, Any]) -> None:
        self.noises[row].bit_generator.state = saved["generators"]["noise"]
