"""A torch model with its own loss and batches as a problem: `problem = { name = "torch:my_project.train:names" }`."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from optbench import State
from optbench.bridging import ModelProblem
from optbench_torch.bound import Bound
from optbench_torch.library import torch_module
from optbench_torch.task import Task


class TorchProblem(ModelProblem):
    """A torch model, its loss and its batches."""

    what = "torch model"
    made_by = "optbench_torch.workload(model, loss, loaders)"

    @classmethod
    def looked_over(cls, where: str, given: Mapping[str, Any]) -> Task:
        return Task(where, **given)

    def loss_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator, state: State
    ) -> tuple[float, np.ndarray]:
        batch, seed = self.next_batch(rng, state)
        bound = self._bound(w, state, True)
        loss = self.task().passed(bound, batch, seed, True)
        bound.backward(loss)
        _keep(bound, state)
        assert bound.grads is not None
        return float(loss.detach()), bound.grads

    def settled(self, w: np.ndarray, state: State) -> State:
        task = self.task()
        if not task.changed:
            return state
        bound = self._bound(w, {"statistics": task.first_statistics()}, True)
        for batch in self.settling():
            task.passed(bound, batch, 0, True)
        found = {**state, "statistics": {}}
        _keep(bound, found)
        return found

    def evaluate(self, w: np.ndarray, state: State) -> tuple[float, float, float, float]:
        bound = self._bound(w, state, False)
        return (*self.task().scores(bound, "train"), *self.task().scores(bound, "validation"))

    def test(self, w: np.ndarray, state: State) -> tuple[float, float]:
        return self.task().scores(self._bound(w, state, False), "test")

    def _bound(self, w: np.ndarray, state: State, backward: bool) -> Bound:
        bound = self.task().bound(w.dtype, backward)
        bound.attach(w)
        for name, array in bound.statistics.items():
            array[...] = state["statistics"][name]
        return bound


def _keep(bound: Bound, state: State) -> None:
    state["statistics"] = {name: array.copy() for name, array in bound.statistics.items()}


def workload(
    model: Any,
    loss: Callable[..., Any],
    loaders: Any,
    *,
    metric: str = "",
    measure: Callable[..., Any] | None = None,
    first_values: str = "module",
    device: str = "cpu",
    precision: str = "",
) -> TorchProblem:
    """A torch model with its loss and batches, as a problem that every optimizer trains.

    model         a class or function that makes a `torch.nn.Module` without arguments: made anew for each seed. Or a
                  module, whose values are then the first ones for all seeds (of a model that was trained before)
    loss          loss(outputs, targets) for batches (inputs, targets), such as `torch.nn.CrossEntropyLoss()`; or, where
                  its first argument is called `model`, loss(model, batch) for any batches. A scalar, a batch's mean
    loaders       of "train", and of "validation" and "test" if there are; or the training loader alone. Each is a
                  `torch.utils.data.DataLoader`, a list of batches, or a function that gives an iterable of an epoch's
    metric        what `measure` gives: "accuracy" or "r2", "score" (more is better), one of your own with which way is
                  better and perhaps a unit ("perplexity:lower", "gain:higher:dB"), or "" for none
    measure       as `loss`, the mean of a batch; of an accuracy by default the share of the greatest outputs that are
                  the targets
    first_values  "module": the model's own; "suite": weights are the initializer's, scales 1, and all else is 0
    device        torch's name of the device that the model is on
    precision     "" or "bfloat16": torch's autocast

    What is wrong is an `OptbenchError`, here or when the suite is read: no parameters, a loss that is no scalar, a
    gradient that is sparse or not finite, a loader that gives nothing.
    """
    torch = torch_module()
    called = type(model).__name__ if isinstance(model, torch.nn.Module) else getattr(model, "__name__", "model")
    given = {"model": model, "loss": loss, "loaders": loaders, "metric": metric, "measure": measure}
    given |= {"first_values": first_values, "device": device, "precision": precision}
    # what else decides which batches torch's loaders give
    code = [(type(one.dataset), one.collate_fn) for one in _loaders(loaders) if hasattr(one, "collate_fn")]
    found: TorchProblem = TorchProblem.in_hand(called, given, f"torch {torch.__version__}", code=code)
    return found


def _loaders(loaders: Any) -> list[Any]:
    return list(loaders.values()) if isinstance(loaders, Mapping) else [loaders]
