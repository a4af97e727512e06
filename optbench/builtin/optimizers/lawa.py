"""Latest weight averaging."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.adam import Adam
from optbench.builtin.optimizers.wrapper import Wrapper
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class LAWA(Wrapper):
    """The inner optimizer, whose result is the plain mean of its latest weights.

        w <- the inner optimizer's step
        a  = the mean of the last k of the weights that were kept: those after every `every` of the budget

    a is evaluated; until some are kept, w. Training goes on from w. The paper keeps the weights at the ends of epochs,
    AlgoPerf's entry, as here, at shares of the budget. "swa" averages all late ones, "ema" forgets by and by.
    """

    name = "lawa"
    reference = (
        "Kaddour 2022, Stop Wasting My Time! Saving Days of ImageNet and BERT Training with Latest Weight Averaging"
    )
    special_cases = (("inner", {"k": 1, "every": 0.0}),)
    inner: Optimizer = Adam()  # noqa: RUF009 - a frozen component is a value
    k: int = hyper(6, low=2, high=20, scale="integer", valid="[1, inf)", help="weights in the mean")
    every: float = hyper(
        0.01, low=0.002, high=0.05, scale="log", valid="[0, 1]", priority=2, help="share of the budget between two"
    )

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        kept = np.zeros((self.k, len(params)), params.dtype)
        return {"n": 0, **super().init(params, layout), "kept": kept, "average": params.copy()}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        super().step(params, grads, state, context)
        progress = context.progress
        if (progress.step + 1) % max(round(self.every * progress.total_steps), 1):
            return
        state["kept"][state["n"] % len(state["kept"])] = params
        state["n"] += 1
        rows = self.rows(state)
        average = np.sum(rows, axis=0, out=state["average"])
        average *= 1 / len(rows)

    def rows(self, state: State) -> np.ndarray:
        """What is in the mean."""
        return state["kept"][: state["n"]]

    def evaluation_params(self, params: np.ndarray, state: State) -> np.ndarray:
        return state["average"] if state["n"] else super().evaluation_params(params, state)

    def iterates(self, params: np.ndarray, state: State) -> list[np.ndarray]:
        return [*super().iterates(params, state), *self.rows(state), state["average"]]
