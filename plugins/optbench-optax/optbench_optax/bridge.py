"""An optax transformation as an optbench optimizer; what is compiled of it is in `program`.

The state is kept as jax has it; `save` gives its leaves, `load` puts them into the tree that the transformation's
`init` has.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from optbench import Context, Layout, Optimizer, State
from optbench_optax.program import Live, Program


class Optax(Optimizer):
    """The base of all: subclasses say which transformation."""

    #: "value": it asks for the loss; "search": for the loss as a function; "gradient": for the gradient as one
    needs: ClassVar[str] = ""
    #: which argument is the rate; "": none
    rate_argument: ClassVar[str] = "learning_rate"
    #: settings with a None in optax, which stands here as 0
    optional: ClassVar[frozenset[str]] = frozenset()

    # ---------------------------------------------------------------------------------------- what subclasses say

    def factory(self) -> Callable[..., Any]:
        """optax's function, which makes the transformation."""
        raise NotImplementedError

    def arguments(self, dtype: Any) -> dict[str, Any]:
        """The settings as optax wants them, without the rate."""
        return {
            name: None if name in self.optional and getattr(self, name) == 0 else getattr(self, name)
            for name in type(self).hyperparameters()
            if name != "lr"
        }

    def transformation(self, rate: Any, factor: Any, dtype: Any) -> Any:
        """optax's transformation at this rate times the schedule's factor. Both may be tracers: it is made anew in
        each trace."""
        arguments = self.arguments(dtype)
        if self.rate_argument:
            arguments[self.rate_argument] = rate * factor
        return self.factory()(**arguments)

    def rate(self) -> float:
        return float(self.lr)  # type: ignore[attr-defined]

    def without_rate(self) -> "Optax":
        """The same at the rate 1: what is compiled serves all rates."""
        return replace(self, lr=1.0)  # type: ignore[type-var]

    # --------------------------------------------------------------------------------------------- the contract

    def init(self, params: np.ndarray, layout: Layout) -> State:
        program = self._program(params, layout)
        return {"live": Live(program, program.init(params, self.rate()))}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        live: Live = state["live"]
        if not live.seeded:
            live.seed(context)
        value = context.loss if self.needs in ("value", "search") else 0.0
        scalars = (self.rate(), context.factor, value)
        live.tree = live.program.step(params, grads, live.tree, scalars, context)

    def save(self, state: State) -> State:
        live: Live = state["live"]
        return {"leaves": live.program.leaves(live.tree), "seeded": live.seeded}

    def load(self, saved: State, params: np.ndarray, layout: Layout) -> State:
        program = self._program(params, layout)
        return {"live": Live(program, program.tree(saved["leaves"], params), saved["seeded"])}

    def _program(self, params: np.ndarray, layout: Layout) -> "Program":
        return _program(self.without_rate(), layout, params.dtype.str, threading.get_ident())

    def bridge_seconds(self, params: np.ndarray, layout: Layout) -> float:
        idle = Idle()
        state, context, grads, rounds = idle.init(params, layout), Context(layout), np.ones_like(params), []
        for _ in range(7):
            start = time.perf_counter()
            for _ in range(20):
                idle.step(params, grads, state, context)
            rounds.append((time.perf_counter() - start) / 20)
        return float(np.median(rounds[1:]))


@lru_cache(maxsize=128)
def _program(component: Optax, layout: Layout, dtype: str, thread: int) -> Program:
    return Program(component, layout, np.dtype(dtype))


class Idle(Optax):
    """Does nothing: what is left is the bridge."""

    name = "optax/idle"
    rate_argument = ""

    def transformation(self, rate: Any, factor: Any, dtype: Any) -> Any:
        import optax

        return optax.identity()

    def rate(self) -> float:
        return 1.0

    def without_rate(self) -> Optax:
        return self
