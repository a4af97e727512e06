"""A problem of one's own, or an analytic function, as what the trainer steps: no data, no network, the same descent."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from optbench.contract.components import Initializer, State
from optbench.contract.errors import OptbenchError
from optbench.contract.layout import Layout
from optbench.contract.problem import Problem
from optbench.training.initialization import initialize
from optbench.training.problem import Scores, generator_state
from optbench.trials.seeds import stream


class OwnProblem:
    """A stack of rows of one `Problem`, each with its own noise and memory."""

    steps_per_epoch = 1

    def __init__(
        self, problem: Problem, seeds: Sequence[int], initializers: Sequence[Initializer], dtype: np.dtype
    ):
        self.problem, self.seeds, self.initializers = problem, list(seeds), list(initializers)
        self.bounded = type(problem).project is not Problem.project
        self.layout = self._layout()
        self.params = np.zeros((len(seeds), self.layout.size), dtype)
        self.grads = np.zeros_like(self.params)
        for row, (seed, initializer) in enumerate(zip(seeds, initializers, strict=True)):
            self._start(self.params[row], initializer, stream(seed, "initialization"))
        self.values = [0.0] * len(seeds)
        self.noises = [stream(seed, "noise") for seed in seeds]
        self.states: list[State] = [problem.begin(stream(seed, "noise", 1)) for seed in seeds]
        #: each row's generator and state as they were before the present step
        self.before: list[tuple[dict[str, Any], State]] = [({}, {}) for _ in seeds]
        self.number = 0
        for row in range(len(seeds)):
            self._try(row)

    def _layout(self) -> Layout:
        layout = self.problem.layout()
        if not isinstance(layout, Layout) or layout.size == 0:
            raise self._wrong("layout", "an optbench.Layout with at least one parameter", layout)
        offset = 0
        for tensor in layout:
            if tensor.offset != offset:
                raise OptbenchError(
                    f"{self._name}: layout: tensor {tensor.name} starts at {tensor.offset}, but those before it end at "
                    f"{offset}: lay them one after the other, as Layout.of does"
                )
            offset += tensor.size
        return layout

    def _start(self, place: np.ndarray, initializer: Initializer, rng: np.random.Generator) -> None:
        first = self.problem.initial(rng)
        if first is None:
            initialize(place, self.layout, initializer, rng)
            return
        place[...] = self._vector("initial", first)
        if not np.isfinite(place).all():
            raise OptbenchError(f"{self._name}: initial gives parameters that are not finite")

    def _try(self, row: int) -> None:
        """Its first gradient, before anything is trained or evaluated: later on what is not finite is divergence."""
        self.before[row] = (generator_state(self.noises[row]), self.states[row])
        with np.errstate(all="ignore"):
            loss = self.probe(row, self.params[row], self.grads[row])
        if not (np.isfinite(loss) and np.isfinite(self.grads[row]).all()):
            raise OptbenchError(f"{self._name}: loss or gradient is not finite at the start")

    @property
    def _name(self) -> str:
        return f"{self.problem.kind} {self.problem.name}"

    def _wrong(self, method: str, expected: str, got: object) -> OptbenchError:
        shape = np.shape(got) if isinstance(got, np.ndarray) else type(got).__name__
        return OptbenchError(f"{self._name}: {method} must give {expected}, got {shape}")

    def _vector(self, method: str, given: Any) -> np.ndarray:
        vector = np.asarray(given)
        if vector.shape != (self.layout.size,) or vector.dtype.kind not in "fiu":
            expected = f"({self.layout.size},) real numbers, as its layout has"
            got = f"{vector.dtype} of shape {vector.shape}"
            raise OptbenchError(f"{self._name}: {method} must give {expected}, got {got}")
        return vector

    def next_batch(self, step: int) -> None:
        self.number = step

    def gradient(self) -> None:
        for row, rng in enumerate(self.noises):
            state = self.states[row]
            self.before[row] = (generator_state(rng), deepcopy(state) if state else {})
            self.values[row], self.grads[row] = self._at(self.params[row], rng, state)

    def _at(self, w: np.ndarray, rng: np.random.Generator, state: State) -> tuple[float, np.ndarray]:
        found = self.problem.loss_and_gradient(w, self.number, rng, state)
        if not isinstance(found, tuple) or len(found) != 2:
            raise self._wrong("loss_and_gradient", "a pair (loss, gradient)", found)
        return self._number("loss_and_gradient", "loss", found[0]), self._vector("loss_and_gradient", found[1])

    def _number(self, method: str, what: str, given: Any) -> float:
        number = np.asarray(given)
        if number.ndim or number.dtype.kind not in "fiu":
            raise self._wrong(method, f"a number as {what}", given)
        return float(number)

    def _numbers(self, method: str, names: Sequence[str], given: Any) -> tuple[float, ...]:
        if not isinstance(given, tuple) or len(given) != len(names):
            raise self._wrong(method, f"({', '.join(names)})", given)
        return tuple(self._number(method, name, value) for name, value in zip(names, given, strict=True))

    def loss(self, row: int) -> float:
        return self.values[row]

    def probe(self, row: int, at: np.ndarray, out: np.ndarray) -> float:
        # The same noise and memory again: a probe is another point of the same random function.
        generator, state = self.before[row]
        rng = np.random.default_rng()
        rng.bit_generator.state = generator
        value, out[...] = self._at(at, rng, deepcopy(state) if state else {})
        return value

    def evaluate(self, row: int, params: np.ndarray, validated: bool = True) -> Scores:
        names = ("training loss", "training metric", "validation loss", "validation metric")
        a, b, c, d = self._numbers("evaluate", names, self.problem.evaluate(params, self._state(row, params)))
        return a, b, c, d

    def test(self, row: int, params: np.ndarray) -> tuple[float, float]:
        found = self.problem.test(params, self._state(row, params))
        loss, metric = self._numbers("test", ("test loss", "test metric"), found)
        return loss, metric

    def _state(self, row: int, params: np.ndarray) -> State:
        state = self.states[row]
        return state if np.shares_memory(params, self.params) else self.problem.settled(params, deepcopy(state))

    def project(self, row: int, vector: np.ndarray) -> None:
        self.problem.project(vector)

    @property
    def stack(self) -> int:
        return len(self.params)

    def select(self, rows: Sequence[int]) -> "OwnProblem":
        seeds, initializers = [self.seeds[k] for k in rows], [self.initializers[k] for k in rows]
        chosen = OwnProblem(self.problem, seeds, initializers, self.params.dtype)
        chosen.params[...] = self.params[list(rows)]
        return chosen

    def save(self, row: int) -> dict[str, Any]:
        saved = {"generators": {"noise": generator_state(self.noises[row])}}
        return {**saved, "state": deepcopy(self.states[row])} if self.states[row] else saved

    def load(self, row: int, saved: dict[str, Any]) -> None:
        self.noises[row].bit_generator.state = saved["generators"]["noise"]
        self.states[row] = saved.get("state", {})
