"""A torch model with its own loss and batches as a problem: `problem = { name = "torch:my_project.train:names" }`."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, make_dataclass
from functools import cache, lru_cache
from typing import Any, ClassVar

import numpy as np

from optbench import ComponentError, Layout, OptbenchError, Problem, State, hyper
from optbench_torch.batches import SEEDS
from optbench_torch.bound import Bound
from optbench_torch.library import torch_module
from optbench_torch.signature import field_of, hyperparameters
from optbench_torch.task import SETTLING, Task, said


class TorchProblem(Problem):
    """A torch model, its loss and its batches."""

    def task(self) -> Task:
        """What is trained; the same object each time it is asked for."""
        raise NotImplementedError

    @property
    def metric(self) -> str:  # type: ignore[override]
        self.task().layout  # noqa: B018  whatever is wrong is told before anything is trained
        return self.task().metric

    def layout(self) -> Layout:
        return self.task().layout

    def initial(self, rng: np.random.Generator) -> np.ndarray | None:
        task = self.task()
        return None if task.first_values == "suite" else task.first_vector(int(rng.integers(SEEDS)))

    def begin(self, rng: np.random.Generator) -> State:
        statistics = self.task().first_statistics()
        return {"epoch": int(rng.integers(SEEDS)), "place": 0, "statistics": statistics}

    def loss_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator, state: State
    ) -> tuple[float, np.ndarray]:
        task = self.task()
        seed, following = (int(n) for n in rng.integers(SEEDS, size=2))
        batch = task.batches["train"].at(state["epoch"], state["place"])
        if batch is None:
            state["epoch"], state["place"] = following, 0
            batch = task.batches["train"].at(following, 0)
        state["place"] += 1
        bound = self._bound(w, state, True)
        loss = task.passed(bound, batch, seed, True)
        bound.backward(loss)
        _keep(bound, state)
        assert bound.grads is not None
        return float(loss.detach()), bound.grads

    def settled(self, w: np.ndarray, state: State) -> State:
        task = self.task()
        if not task.changed:
            return state
        bound = self._bound(w, {"statistics": task.first_statistics()}, True)
        for place in range(SETTLING):
            batch = task.batches["train"].at(0, place)
            if batch is None:
                break
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
    called = called if called.isidentifier() else "model"
    given = {"model": model, "loss": loss, "loaders": loaders, "metric": metric, "measure": measure}
    given |= {"first_values": first_values, "device": device, "precision": precision}
    made = make_dataclass(
        called,
        [],
        bases=(Given,),
        frozen=True,
        namespace={
            "__doc__": f"A torch model: {called}.",
            # It is the user's: it travels by value, and its key is what it holds.
            "__module__": "__main__",
            "name": called,
            "reference": called,
            "bridge": f"torch {torch.__version__}",
            "given": given,
            "code": [(type(one.dataset), one.collate_fn) for one in _loaders(loaders) if hasattr(one, "collate_fn")],
        },
    )
    made().layout()
    return made()


def _loaders(loaders: Any) -> list[Any]:
    return list(loaders.values()) if isinstance(loaders, Mapping) else [loaders]


@dataclass(frozen=True)
class Given(TorchProblem):
    """A model in hand.

    given   the arguments of `workload`
    code    of loaders that are torch's: what else decides which batches they give
    """

    given: ClassVar[Mapping[str, Any]]
    code: ClassVar[Sequence[Any]]

    def task(self) -> Task:
        return looked_over(type(self))


@cache
def looked_over(problem: type[Given]) -> Task:
    """Its task, once a process."""
    return Task(f"torch model {problem.name}", **problem.given)


@dataclass(frozen=True)
class Made(TorchProblem):
    """What a user's function gives for these settings."""

    make: ClassVar[Callable[..., Any]]
    arguments: ClassVar[Mapping[str, str]]

    def task(self) -> Task:
        try:
            hash(self)
        except TypeError:  # a setting that is no number, text or tuple of those
            return _task(self)
        return _kept(self)


@lru_cache(maxsize=4)
def _kept(problem: Made) -> Task:
    return _task(problem)


def _task(problem: Made) -> Task:
    arguments = {argument: getattr(problem, field) for field, argument in type(problem).arguments.items()}
    try:
        found = type(problem).make(**arguments)
    except OptbenchError:
        raise
    except Exception as error:  # whatever the user's function does
        raise ComponentError(f"problem {problem.name}: {said(error)}") from error
    if not isinstance(found, TorchProblem):
        raise ComponentError(
            f"problem {problem.name} gave a {type(found).__name__}; let it return optbench_torch.workload(model, loss, "
            "loaders)"
        )
    return found.task()


def problem_of(name: str, path: str, found: Any, bridge: str) -> type[TorchProblem]:
    """The component class of a function that returns `workload(…)`, whose arguments are its settings, or of what one
    returned."""
    namespace = {
        "__doc__": f"{(inspect.getdoc(found) or path).partition(chr(10))[0]}\n\n{path}, a torch model ({bridge}).",
        "__module__": __name__,
        "name": name,
        "reference": path,
        "bridge": bridge,
    }
    called = path.rpartition(":")[2].replace(".", "_")
    if isinstance(found, Given):
        return make_dataclass(called, [], bases=(type(found),), frozen=True, namespace=namespace)
    if not callable(found) or isinstance(found, type):
        raise OptbenchError(f"{path} is no function that returns optbench_torch.workload(…), and no such workload")
    settings, required = hyperparameters(found, (), 0)
    fields: list[Any] = [(field_of(argument, TorchProblem), Any) for argument in required]
    arguments = {field_of(argument, TorchProblem): argument for argument in (*required, *settings)}
    for argument, default in settings.items():
        value = tuple(default) if isinstance(default, list) else default
        fields.append((field_of(argument, TorchProblem), type(value), hyper(value)))
    namespace |= {"make": staticmethod(found), "arguments": arguments}
    return make_dataclass(called, fields, bases=(Made,), frozen=True, kw_only=True, namespace=namespace)
