"""What a problem of one's own is: anything that gives a loss and a gradient at a flat vector of parameters.

A differential equation's residual, a policy, a simulator, a model of another library: no dataset, no network, and
otherwise what every workload has: seeds, tuning, targets, a verdict. An analytic function is one with less to say: see
`function`.
"""

from copy import deepcopy
from typing import ClassVar

import numpy as np

from optbench.contract.components import Component, State
from optbench.contract.errors import OptbenchError
from optbench.contract.layout import Layout, Tensor


class Problem(Component):
    """Something to train that has neither dataset nor network. A frozen dataclass, as every component.

    It says which parameters there are by `layout`, `initial` or both, and `loss_and_gradient` is all else that it
    must have. Parameters are one vector (size,) of the workload's dtype, and are only to be read.
    """

    kind = "problem"
    #: what `evaluate` and `test` give beside the loss: "accuracy" or "r2" (at most 1), "score" (any number of which
    #: more is better), or one of your own with which way is better, and perhaps a unit: "return:higher",
    #: "latency:lower:ms" (see `optbench.contract.metric`). "" for nothing: then results are compared by the loss
    metric: ClassVar[str] = ""
    #: why the gradient is not the derivative of the loss that comes with it, where it is not: "score function". Then
    #: its mean over what is drawn must be the derivative of the training loss that `evaluate` gives
    estimated: ClassVar[str] = ""

    def layout(self) -> Layout:
        """Which tensors the vector holds, with their roles: `Layout.of({"W": (3, 2), "b": (2,)}, {"b": "bias"})`.

        Roles say what optimizers, penalties, constraints and initializers do with each. By default it is one tensor,
        "point", as long as what `initial` gives.
        """
        first = self.initial(np.random.default_rng(0))
        if first is None:
            raise OptbenchError(f"{self.kind} {self.name} does not say which parameters it has: give layout or initial")
        return Layout([Tensor("point", (np.size(first),), "point")])

    def initial(self, rng: np.random.Generator) -> np.ndarray | None:
        """The first parameters, (size,). None: the workload's initializer draws the weights of `layout`."""
        return None

    def begin(self, rng: np.random.Generator) -> State:
        """What a run remembers from step to step, as nested dicts of arrays and Python scalars: by default nothing."""
        return {}

    def loss_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator, state: State
    ) -> tuple[float, np.ndarray]:
        """Loss and gradient (size,) at w as a step of training (0, 1, …) sees them.

        All that is random in a step (a mini-batch, a roll-out) is drawn from `rng`, and what is remembered is in
        `state`, to be changed in place. Where an optimizer asks for the gradient at a second point in a step, both are
        as they were before it.
        """
        raise NotImplementedError

    def evaluate(self, w: np.ndarray, state: State) -> tuple[float, float, float, float]:
        """Training loss and metric, validation loss and metric at w; NaN for what there is not.

        Draws no chance, and only reads `state`. By default the loss of step 0, always with the same numbers drawn.
        """
        nan = float("nan")
        loss = self.loss_and_gradient(w, 0, np.random.default_rng(0), deepcopy(state))[0]
        return float(loss), nan, nan, nan

    def test(self, w: np.ndarray, state: State) -> tuple[float, float]:
        """Test loss and metric at w, read once, at the end, and only reads `state`; by default there are none."""
        return float("nan"), float("nan")

    def settled(self, w: np.ndarray, state: State) -> State:
        """The state to evaluate w with where no step was made at w, but w is an average of others; by default `state`.

        For what `state` holds of the parameters themselves, such as running statistics of activations.
        """
        return state

    def project(self, w: np.ndarray) -> None:
        """Move w into the problem's domain, in place, after every step; by default all points are in it."""
