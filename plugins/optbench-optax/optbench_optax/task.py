"""A tree of parameters, a loss and batches of a user's own: looked over once, compiled, and at work on flat vectors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from optbench import ComponentError, Layout, Metric, OptbenchError
from optbench.bridging import mean_scores, said
from optbench_optax.minibatches import Batches, examples, moved
from optbench_optax.program import precision
from optbench_optax.pure import asks, called, check_pure, stepped, takes
from optbench_optax.trees import Memory, Tree

FIRST = ("model", "suite")
DOUBLE = np.dtype(np.float64)


@dataclass(frozen=True, eq=False)
class Task:
    """What `optbench_optax.workload` was given (see there), at work; `where` names it in messages.

    Whatever is wrong with it is a `ComponentError`, by the time that `layout` is there.
    """

    where: str
    model: Any
    loss: Callable[..., Any]
    loaders: Any
    metric: str = ""
    measure: Callable[..., Any] | None = None
    state: Any = None
    roles: Mapping[str, str] | None = None
    first_values: str = "model"

    # --------------------------------------------------------------------------------------------------- looked over

    @cached_property
    def layout(self) -> Layout:
        self._check_settings()
        self.batches  # noqa: B018  whatever is wrong with them is told before what is wrong with the functions
        self._check_functions()
        return self.tree.layout

    @cached_property
    def batches(self) -> dict[str, Batches]:
        return Batches.of_splits(self.where, self.loaders)

    @cached_property
    def tree(self) -> Tree:
        found = Tree(self.where, self.made(0), self.roles)
        if not found.leaves:
            raise ComponentError(f"{self.where} has no parameters to train: its tree has no leaf of floats")
        return found

    @cached_property
    def memory(self) -> Memory:
        return Memory(f"{self.where}: state", self.state)

    def made(self, seed: int) -> Any:
        """The tree with first values of this seed; the very one that was given, if it was one."""
        return first_tree(self.where, self.model, seed)

    def _check_settings(self) -> None:
        if self.metric:
            try:
                Metric.of(self.metric)
            except OptbenchError as error:
                raise ComponentError(f"{self.where}: {error}") from error
        if self.metric and self.measure is None:
            raise ComponentError(f"{self.where}: metric = {self.metric!r} needs measure, a function that gives it")
        if self.first_values not in FIRST:
            raise ComponentError(f"{self.where}: first_values = {self.first_values!r} is neither 'model' nor 'suite'")
        for name, function in (("loss", self.loss), ("measure", self.measure)):
            if function is not None and not callable(function):
                raise ComponentError(f"{self.where}: {name} is a {type(function).__name__}, not a function")
        if ("state" in asks(self.loss)) != (self.state is not None):
            raise ComponentError(f"{self.where}: state and an argument of the loss that is called state go together")

    def _check_functions(self) -> None:
        """One step and one evaluation of the first batch, in float32."""
        import jax

        dtype = np.dtype(np.float32)
        with precision(dtype):
            batch = moved(self.batches["train"].at(0, 0), dtype)
            flat, statistics = self.first_vector(0).astype(dtype), self.first_statistics(dtype)
            step = (flat, statistics, batch, np.uint32(0))
            try:
                check_pure(f"{self.where}: the loss", lambda: lambda *given: self._number(*given, True)[0], step)
                loss, slopes, _ = self._step(*step)
            except OptbenchError:
                raise
            except Exception as error:  # whatever the user's functions do
                raise ComponentError(f"{self.where} fails on the first batch: {said(error)}") from error
            check_slopes(self.where, self.tree, loss, slopes)
            if not any(np.asarray(slope).any() for slope in slopes):
                # At a point apart, too: it does not see them. A stationary point alone would be a place to start.
                apart = flat + np.random.default_rng(0).normal(size=flat.size, scale=0.1).astype(dtype)
                if not any(np.asarray(slope).any() for slope in self._step(apart, *step[1:])[1]):
                    raise ComponentError(f"{self.where}: the gradient is 0; does the loss depend on the parameters?")
            try:
                jax.eval_shape(self._score, flat, statistics, batch)
            except OptbenchError:
                raise
            except Exception as error:
                raise ComponentError(
                    f"{self.where} fails in evaluation, where key is None and training False: {said(error)}"
                ) from error

    # ------------------------------------------------------------------------------------------------ what is compiled

    @cached_property
    def _step(self) -> Any:
        """(flat, statistics, batch, seed) -> (loss, gradients of the leaves, new statistics)."""
        import jax

        def step(flat: Any, statistics: Any, batch: Any, seed: Any) -> tuple[Any, Any, Any]:
            def at(leaves: Any) -> tuple[Any, Any]:
                return self._number(leaves, statistics, batch, seed, True)

            (loss, state), slopes = jax.value_and_grad(at, has_aux=True)(self.tree.cut(flat))
            return loss, slopes, self.memory.arrays(state, flat.dtype)

        return jax.jit(step)

    @cached_property
    def _score(self) -> Any:
        """(flat, statistics, batch) -> (loss, metric), of evaluation."""
        import jax

        def score(flat: Any, statistics: Any, batch: Any) -> tuple[Any, Any]:
            loss = self._number(flat, statistics, batch, None, False)[0]
            if self.measure is None:
                return loss, np.nan
            given = called(self.measure, (self._grown(flat), batch), self.memory.grown(statistics), None, False)
            return loss, scalar(f"{self.where}: measure", given)

        return jax.jit(score)

    def _grown(self, flat: Any) -> Any:
        return self.tree.grown(self.tree.cut(flat) if hasattr(flat, "ndim") else flat)

    def _number(self, leaves: Any, statistics: Any, batch: Any, seed: Any, training: bool) -> tuple[Any, Any]:
        """(loss, new state) at leaves or a flat vector."""
        what, state = f"{self.where}: the loss", self.memory.grown(statistics)
        loss, state = stepped(what, self.loss, (self._grown(leaves), batch), state, seed, training)
        return scalar(what, loss), state

    # ------------------------------------------------------------------------------------------------------- at work

    def first_vector(self, seed: int) -> np.ndarray:
        values = self.tree.values(self.tree.tree if seed == 0 else self.made(seed))
        return np.concatenate([values[leaf.asked.name].reshape(-1) for leaf in self.tree.leaves])

    def first_statistics(self, dtype: np.dtype = DOUBLE) -> dict[str, np.ndarray]:
        return {name: array.astype(dtype) for name, array in self.memory.first.items()}

    def step(
        self, w: np.ndarray, statistics: Mapping[str, np.ndarray], batch: Any, seed: int
    ) -> tuple[float, np.ndarray, dict[str, np.ndarray]]:
        """(loss, gradient, new statistics) of a batch."""
        with precision(w.dtype):
            loss, slopes, changed = self._step(w, _of(statistics, w), moved(batch, w.dtype), np.uint32(seed))
            gradient = np.empty(self.tree.size, w.dtype)
            self.tree.fill(gradient, slopes)
            return float(loss), gradient, {name: np.array(value) for name, value in changed.items()}

    def scores(self, w: np.ndarray, statistics: Mapping[str, np.ndarray], split: str) -> tuple[float, float]:
        """Mean loss and metric of a split's batches, each counted by its examples; NaN where there is no such split."""

        def score(batch: Any) -> tuple[int, float, float]:
            found = self._score(w, _of(statistics, w), moved(batch, w.dtype))
            return examples(batch), float(found[0]), float(found[1])

        with precision(w.dtype):
            return mean_scores(self.batches, split, score)


def _of(statistics: Mapping[str, np.ndarray], w: np.ndarray) -> dict[str, np.ndarray]:
    """In the dtype of w: a run's own are."""
    return {name: array.astype(w.dtype, copy=False) for name, array in statistics.items()}


def first_tree(where: str, model: Any, seed: int) -> Any:
    """A tree of this seed: what a function of a key gives, or the tree itself."""
    import jax

    if not callable(model):
        return model
    with precision(np.dtype(np.float32)):
        try:
            return model(*[jax.random.key(np.uint32(seed))] * takes(model))
        except OptbenchError:
            raise
        except Exception as error:  # whatever the user's function does
            raise ComponentError(f"{where}: the parameters cannot be made: {said(error)}") from error


def scalar(what: str, given: Any) -> Any:
    """One float; `what` names it in a message."""
    import jax.numpy as jnp

    kind = f"a {type(given).__name__}"
    if hasattr(given, "dtype") or isinstance(given, (int, float)):
        kind = f"{jnp.result_type(given)} of shape {np.shape(given)}"
        if np.size(given) == 1 and jnp.issubdtype(jnp.result_type(given), np.floating):
            return jnp.reshape(given, ())
    raise ComponentError(f"{what} is one float, such as a mean, but it gives {kind}")


def check_slopes(where: str, tree: Tree, loss: Any, slopes: Any) -> None:
    """Refuse a first gradient that is not finite."""
    for leaf, slope in zip(tree.leaves, slopes, strict=True):
        if not np.isfinite(np.asarray(slope)).all():
            raise ComponentError(f"{where}: the gradient of {leaf.asked.name} is not finite at its first parameters")
    if not np.isfinite(np.asarray(loss)).all():
        raise ComponentError(f"{where}: the loss is not finite at its first parameters")
