"""A tree of parameters with a loss and batches of its own: `problem = { name = "jax:my_project.train:names" }`."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, make_dataclass
from functools import cache, lru_cache
from typing import Any, ClassVar

import numpy as np

from optbench import ComponentError, Layout, OptbenchError, Problem, State
from optbench_optax.classes import libraries
from optbench_optax.minibatches import SEEDS
from optbench_optax.program import prepare
from optbench_optax.pure import said
from optbench_optax.settings import field_of, settings_of
from optbench_optax.task import Task
from optbench_optax.trees import frozen

# Before a worker process unpickles an array of jax's, which is the first thing that it computes there.
prepare()

#: running statistics of averaged parameters are estimated from so many batches
SETTLING = 50


class JaxProblem(Problem):
    """A tree of parameters, a pure loss and batches."""

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
        statistics = self.task().first_statistics(np.dtype(np.float64))
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
        loss, gradient, state["statistics"] = task.step(w, state["statistics"], batch, seed)
        return loss, gradient

    def settled(self, w: np.ndarray, state: State) -> State:
        task = self.task()
        if not state["statistics"]:
            return state
        statistics: Mapping[str, np.ndarray] = task.first_statistics(w.dtype)
        for place in range(SETTLING):
            batch = task.batches["train"].at(0, place)
            if batch is None:
                break
            statistics = task.step(w, statistics, batch, 0)[2]
        return {**state, "statistics": statistics}

    def evaluate(self, w: np.ndarray, state: State) -> tuple[float, float, float, float]:
        task, statistics = self.task(), state["statistics"]
        return (*task.scores(w, statistics, "train"), *task.scores(w, statistics, "validation"))

    def test(self, w: np.ndarray, state: State) -> tuple[float, float]:
        return self.task().scores(w, state["statistics"], "test")


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
    called = getattr(model, "__name__", "model") if callable(model) else "model"
    called = called if called.isidentifier() else "model"
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
    made = make_dataclass(
        called,
        [],
        bases=(Given,),
        frozen=True,
        namespace={
            "__doc__": f"A JAX model: {called}.",
            # It is the user's: it travels by value, and its key is what it holds.
            "__module__": "__main__",
            "name": called,
            "reference": called,
            "bridge": libraries(),
            "given": given,
        },
    )
    made().layout()
    return made()


def _frozen(loaders: Any) -> Any:
    if isinstance(loaders, Mapping):
        return {split: _frozen(loader) for split, loader in loaders.items()}
    return [frozen(batch) for batch in loaders] if isinstance(loaders, (list, tuple)) else loaders


@dataclass(frozen=True)
class Given(JaxProblem):
    """A model in hand.

    given   the arguments of `workload`
    """

    given: ClassVar[Mapping[str, Any]]

    def task(self) -> Task:
        return looked_over(type(self))


@cache
def looked_over(problem: type[Given]) -> Task:
    """Its task, once a process."""
    return Task(f"JAX model {problem.name}", **problem.given)


@dataclass(frozen=True)
class Made(JaxProblem):
    """What a user's function gives for these settings."""

    make: ClassVar[Callable[..., Any]]
    arguments: ClassVar[Mapping[str, str]]

    def task(self) -> Task:
        try:
            hash(self)
        except TypeError:  # a setting that is no number, text or tuple of those
            raise ComponentError(
                f"problem {self.name}: a setting is no number, text or list of those, so that what is compiled for it "
                "could not be found again"
            ) from None
        return _kept(self)


@lru_cache(maxsize=4)
def _kept(problem: Made) -> Task:
    arguments = {argument: getattr(problem, field) for field, argument in type(problem).arguments.items()}
    try:
        found = type(problem).make(**arguments)
    except OptbenchError:
        raise
    except Exception as error:  # whatever the user's function does
        raise ComponentError(f"problem {problem.name}: {said(error)}") from error
    if not isinstance(found, JaxProblem):
        raise ComponentError(
            f"problem {problem.name} gave a {type(found).__name__}; let it return optbench_optax.workload(model, loss, "
            "loaders)"
        )
    return found.task()


def problem_of(name: str, path: str, found: Any, bridge: str) -> type[JaxProblem]:
    """The component class of a function that returns `workload(…)`, whose arguments are its settings, or of what one
    returned."""
    namespace = {
        "__doc__": f"{(inspect.getdoc(found) or path).partition(chr(10))[0]}\n\n{path}, a JAX model ({bridge}).",
        "__module__": __name__,
        "name": name,
        "reference": path,
        "bridge": bridge,
    }
    called = path.rpartition(":")[2].replace(".", "_")
    if isinstance(found, Given):
        return make_dataclass(called, [], bases=(type(found),), frozen=True, namespace=namespace)
    if not callable(found) or isinstance(found, type):
        raise OptbenchError(f"{path} is no function that returns optbench_optax.workload(…), and no such workload")
    fields = settings_of(found)
    arguments = {field_of(argument, JaxProblem): argument for argument, _, _ in fields}
    namespace |= {"make": staticmethod(found), "arguments": arguments}
    made = [(field_of(argument, JaxProblem), *rest) for argument, *rest in fields]
    return make_dataclass(called, made, bases=(Made,), frozen=True, kw_only=True, namespace=namespace)
