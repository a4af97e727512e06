"""A model of another library with a loss and batches of its own as a problem: what all bridges to such share.

A bridge says how its library makes a step, and what a model in hand is once it was looked over: its `ModelTask`. Which
mini-batch is next, what a run remembers, and how a user's function becomes a component stand here.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, make_dataclass
from functools import cache, lru_cache
from typing import Any, ClassVar, Protocol

import numpy as np

from optbench.bridging.loaders import SEEDS, Minibatches
from optbench.bridging.signatures import field_of, settings_of
from optbench.contract.components import State
from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import ComponentError
from optbench.contract.layout import Layout
from optbench.contract.problem import Problem

#: running statistics of averaged parameters are estimated from so many batches
SETTLING = 50


class ModelTask(Protocol):
    """A model that was looked over, with what it is trained on.

    metric        of `Problem`
    first_values  "suite" where the workload's initializer draws the weights; else they are the model's own
    batches       by split: train, and validation and test if there are
    """

    metric: str
    first_values: str

    @property
    def batches(self) -> Mapping[str, Minibatches]: ...

    @property
    def layout(self) -> Layout: ...

    def first_vector(self, seed: int) -> np.ndarray: ...

    def first_statistics(self) -> Mapping[str, np.ndarray]: ...


class ModelProblem(Problem):
    """A model, a loss and batches; a bridge's own class says the rest of `Problem`."""

    #: what such a model is called, and the call that makes one, in messages
    what: ClassVar[str]
    made_by: ClassVar[str]

    @classmethod
    def looked_over(cls, where: str, given: Mapping[str, Any]) -> Any:
        """The `ModelTask` of the arguments that a user gave; `where` names it in messages."""
        raise NotImplementedError

    def task(self) -> Any:
        """What is trained; the same object each time it is asked for."""
        raise NotImplementedError

    @property
    def metric(self) -> str:  # type: ignore[override]
        self.task().layout  # noqa: B018  whatever is wrong is told before anything is trained
        return str(self.task().metric)

    def layout(self) -> Layout:
        found: Layout = self.task().layout
        return found

    def initial(self, rng: np.random.Generator) -> np.ndarray | None:
        task: ModelTask = self.task()
        return None if task.first_values == "suite" else task.first_vector(int(rng.integers(SEEDS)))

    def begin(self, rng: np.random.Generator) -> State:
        return {"epoch": int(rng.integers(SEEDS)), "place": 0, "statistics": self.task().first_statistics()}

    def next_batch(self, rng: np.random.Generator, state: State) -> tuple[Any, int]:
        """(batch, seed of what else the step draws), and the state as it is behind it."""
        batches = self.task().batches["train"]
        seed, following = (int(n) for n in rng.integers(SEEDS, size=2))
        batch = batches.at(state["epoch"], state["place"])
        if batch is None:
            state["epoch"], state["place"] = following, 0
            batch = batches.at(following, 0)
        state["place"] += 1
        return batch, seed

    def settling(self) -> Iterator[Any]:
        """The batches that running statistics are estimated from."""
        found: Iterator[Any] = self.task().batches["train"].all(SETTLING)
        return found

    def unkept(self) -> Any:
        """The task of a problem with settings that cannot be hashed, which is looked over each time it is asked for."""
        return task_of(self)

    @classmethod
    def in_hand(cls, called: str, given: Mapping[str, Any], bridge: str, **more: Any) -> Any:
        """The problem of a model in hand: `given` are the arguments of the bridge's `workload`."""
        called = called if called.isidentifier() else "model"
        namespace = {
            "__doc__": f"A {cls.what}: {called}.",
            # It is the user's: it travels by value, and its key is what it holds.
            "__module__": "__main__",
            "name": called,
            "reference": called,
            "bridge": bridge,
            "given": given,
            **more,
        }
        made = make_dataclass(called, [], bases=(Given, cls), frozen=True, namespace=namespace)
        made().layout()
        return made()

    @classmethod
    def by_path(cls, name: str, path: str, found: Any, bridge: str) -> Any:
        """The component class of a function that returns such a problem, whose arguments are its settings, or of what
        one returned."""
        namespace: dict[str, Any] = {
            "__doc__": f"{(inspect.getdoc(found) or path).partition(chr(10))[0]}\n\n{path}, a {cls.what} ({bridge}).",
            "__module__": cls.__module__,
            "name": name,
            "reference": path,
            "bridge": bridge,
        }
        called = path.rpartition(":")[2].replace(".", "_")
        if isinstance(found, Given):
            return make_dataclass(called, [], bases=(type(found),), frozen=True, namespace=namespace)
        if not callable(found) or isinstance(found, type):
            caller = cls.made_by.partition("(")[0]
            raise OptbenchError(f"{path} is no function that returns {caller}(…), and no such workload")
        settings = settings_of(found)
        fields = [(field_of(argument, cls), *rest) for argument, *rest in settings]
        arguments = {field_of(argument, cls): argument for argument, _, _ in settings}
        namespace |= {"make": staticmethod(found), "arguments": arguments}
        return make_dataclass(called, fields, bases=(Made, cls), frozen=True, kw_only=True, namespace=namespace)


@dataclass(frozen=True)
class Given(ModelProblem):
    """A model in hand.

    given   the arguments of the bridge's `workload`
    """

    given: ClassVar[Mapping[str, Any]]

    def task(self) -> Any:
        problem: Any = type(self)
        return _looked_over(problem)


@cache
def _looked_over(problem: Any) -> Any:
    """Its task, once a process."""
    return problem.looked_over(f"{problem.what} {problem.name}", problem.given)


@dataclass(frozen=True)
class Made(ModelProblem):
    """What a user's function gives for these settings."""

    make: ClassVar[Callable[..., Any]]
    arguments: ClassVar[Mapping[str, str]]

    def task(self) -> Any:
        try:
            hash(self)
        except TypeError:  # a setting that is no number, text or tuple of those
            return self.unkept()
        return _kept(self)


@lru_cache(maxsize=4)
def _kept(problem: Made) -> Any:
    return task_of(problem)


def task_of(problem: Any) -> Any:
    """The task of what a user's function gives for the settings of `problem`."""
    arguments = {argument: getattr(problem, field) for field, argument in type(problem).arguments.items()}
    try:
        found = type(problem).make(**arguments)
    except OptbenchError:
        raise
    except Exception as error:  # whatever the user's function does
        raise ComponentError(f"problem {problem.name}: {said(error)}") from error
    if not isinstance(found, Given) or found.what != problem.what:
        raise ComponentError(
            f"problem {problem.name} gave a {type(found).__name__}; let it return {problem.made_by}"
        )
    return found.task()


def said(error: Exception) -> str:
    """An error in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}"
