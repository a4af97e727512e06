"""A tree of parameters with a loss and batches of its own: `problem = { name = "jax:my_project.train:names" }`."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from optbench import ComponentError, State
from optbench.bridging import ModelProblem
from optbench_optax.classes import libraries
from optbench_optax.program import prepare
from optbench_optax.task import Task
from optbench_optax.trees import frozen

# Before a worker process unpickles an array of jax's, which is the first thing that it computes there.
prepare()


class JaxProblem(ModelProblem):
    """A tree of parameters, a pure loss and batches."""

    what = "JAX model"
    made_by = "optbench_optax.workload(model, loss, loaders)"

    @classmethod
    def looked_over(cls, where: str, given: Mapping[str, Any]) -> Task:
        return Task(where, **given)

    def unkept(self) -> Task:
        raise ComponentError(
            f"problem {self.name}: a setting is no number, text or list of those, so that what is compiled for it "
            "could not be found again"
        )

    def loss_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator, state: State
    ) -> tuple[float, np.ndarray]:
        batch, seed = self.next_batch(rng, state)
        loss, gradient, state["statistics"] = self.task().step(w, state["statistics"], batch, seed)
        return loss, gradient

    def settled(self, w: np.ndarray, state: State) -> State:
        task = self.task()
        if not state["statistics"]:
            return state
        statistics: Mapping[str, np.ndarray] = task.first_statistics(w.dtype)
        for batch in self.settling():
            statistics = task.step(w, statistics, batch, 0)[2]
        return {**state, "statistics": statistics}

    def evaluate(self, w: np.ndarray, state: State) -> tuple[float, float, float, float]:
        task, statistics = self.task(), state["statistics"]
        return (*task.scores(w, statistics, "train"), *task.scores(w, statistics, "validation"))

    def test(self, w: np.ndarray, state: State) -> tuple[float, float]:
        found: tuple[float, float] = self.task().scores(w, state["statistics"], "test")
        return found


def workload(
    model: Any,
    loss: Callable[..., Any],
    loaders: Any,
    *,
    metric: str = "",
    measure: Callable[..., Any] | None = None,
    state: Any = None,
    roles: Mapping[str, str] | None = None,
    first_values: str = "model",
) -> JaxProblem:
    """A JAX model, which is a tree of parameters and a pure loss, with its batches: a problem that every optimizer
    trains.

    model         a function of a random key that makes the tree: made anew for each seed. Or a tree, whose values are
                  then the first ones for all seeds. Leaves of floats are trained, others stay as they are
    loss          loss(params, batch), a scalar, the mean of a batch. It is compiled once for each shape of a batch.
                  Where it has arguments of these names, it is given them: `key`, a random key of the step (None in
                  evaluation), `training`, and `state`; with `state` it gives (loss, new state)
    loaders       of "train", and of "validation" and "test" if there are; or the training loader alone. Each is a list
                  of batches (trees of arrays), a function of a NumPy generator that gives an iterable of an epoch's, a
                  function without arguments, or what `optbench_optax.batches(arrays, size)` gives
    metric        what `measure` gives: "accuracy" or "r2", "score" (more is better), one of your own with which way is
                  better and perhaps a unit ("perplexity:lower", "gain:higher:dB"), or "" for none
    measure       as `loss`, without a new state
    state         a tree of what a step changes beside the parameters: running statistics
    roles         {"blocks.0.temperature": "scale"}: of leaves, where their names do not say it; one of weight, bias,
                  scale, shift, embedding, gates, head
    first_values  "model": the tree's own; "suite": weights are the initializer's, scales 1, and all else is 0

    What is wrong is an `OptbenchError`, here or when the suite is read: a tree without floats, a loss that is no
    scalar or not pure, a gradient that is not finite, a loader that gives nothing.
    """
    prepare()
    given = {
        "model": model if callable(model) else frozen(model),
        "loss": loss,
        "loaders": _frozen(loaders),
        "metric": metric,
        "measure": measure,
        "state": None if state is None else frozen(state),
        "roles": None if roles is None else dict(roles),
        "first_values": first_values,
    }
    called = getattr(model, "__name__", "model") if callable(model) else "model"
    found: JaxProblem = JaxProblem.in_hand(called, given, libraries())
    return found


def _frozen(loaders: Any) -> Any:
    if isinstance(loaders, Mapping):
        return {split: _frozen(loader) for split, loader in loaders.items()}
    return [frozen(batch) for batch in loaders] if isinstance(loaders, (list, tuple)) else loaders
