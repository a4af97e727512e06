"""Cautious optimizers."""

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
class Cautious(Wrapper):
    """The inner optimizer's step, without the coordinates in which it goes against the gradient.

        u  = the inner optimizer's step
        f  = n / (count + offset) where u g < 0, else 0        of n coordinates of a tensor, u g < 0 in `count`
        w <- w + (1 - caution + caution f) u

    The other coordinates of a tensor make up for what is left out. The authors' later code has offset 0. A weight decay
    of the inner optimizer is part of its step here, while the authors mask the step alone. Where the inner optimizer
    computes its parameters anew from other vectors (Schedule-Free), the next step undoes the mask.
    """

    name = "cautious"
    reference = "Liang et al. 2024, Cautious Optimizers: Improving Training with One Line of Code"
    special_cases = (("inner", {"caution": 0.0}),)
    inner: Optimizer = Adam()  # noqa: RUF009 - a frozen component is a value
    caution: float = hyper(1.0, valid="[0, 1]", priority=3, help="share of the mask; 0: the inner optimizer")
    offset: float = hyper(1.0, valid="[0, inf)", priority=3, help="added to the count of what is kept")

    def invariances(self) -> tuple[str, ...]:
        return tuple(name for name in super().invariances() if name != "rotation")

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        more = {"before": np.zeros_like(params), "mask": np.zeros_like(params)}
        return {**super().init(params, layout), **more}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        if self.caution == 0:
            super().step(params, grads, state, context)
            return
        before, mask = state["before"], state["mask"]
        before[...] = params
        # The inner optimizer uses up the gradient; and the product of two small numbers may be 0.
        rises, falls = grads > 0, grads < 0
        super().step(params, grads, state, context)
        params -= before
        rises &= params < 0
        falls &= params > 0
        kept = rises | falls
        mask[...] = kept
        for tensor in context.layout:
            place = tensor.slice
            count = int(np.count_nonzero(kept[place]))
            mask[place] *= self.caution * tensor.size / (count + self.offset) if count else 0.0
        if self.caution < 1:
            mask += 1 - self.caution
        params *= mask
        params += before
