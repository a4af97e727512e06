"""An optimizer around another."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.sgd import SGD
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import ComponentError

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class Wrapper(Optimizer):
    """Passes everything on to `inner`, whose state is the wrapper's under "inner". Subclasses add their idea.

    A wrapper has no rate of its own. In a suite: { name = "sam", inner = { name = "adam", lr = 0.01 } };
    searches go by path ("inner.lr"), and without a `search` the inner's ranges are searched with the wrapper's.
    """

    inner: Optimizer = SGD()  # noqa: RUF009 - a frozen component is a value

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.inner, Optimizer):
            raise ComponentError(
                f'optimizer {self.name}: inner must be an optimizer such as {{ name = "adam" }}, got {self.inner!r}'
            )

    def invariances(self) -> tuple[str, ...]:
        return self.inner.invariances()

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return {"inner": self.inner.init(params, layout)}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        self.inner.step(params, grads, state["inner"], context)

    def evaluation_params(self, params: np.ndarray, state: State) -> np.ndarray:
        return self.inner.evaluation_params(params, state["inner"])

    def iterates(self, params: np.ndarray, state: State) -> list[np.ndarray]:
        return self.inner.iterates(params, state["inner"])

    def save(self, state: State) -> State:
        return {**state, "inner": self.inner.save(state["inner"])}

    def load(self, saved: State, params: np.ndarray, layout: "Layout") -> State:
        return {**saved, "inner": self.inner.load(saved["inner"], params, layout)}
