"""An optimizer's update by itself, without a network."""

import numpy as np

from optbench.components import Context
from optbench.nn.layout import Layout
from optbench.registry import registry

from .common import OPTIMIZERS, require


class Update:
    """`step` on a flat float32 vector. A copy of the gradient is on the clock: optimizers may overwrite theirs."""

    params = [OPTIMIZERS, [1_000, 6_634, 235_146]]
    param_names = ["optimizer", "parameters"]
    version = "1"
    repeat = (2, 8, 1.0)
    warmup_time = 0.05

    def setup(self, optimizer: str, parameters: int) -> None:
        require("optimizers", optimizer)
        rng = np.random.default_rng(0)
        layout = Layout.of({"w": (parameters,)})
        self.params_vector = rng.standard_normal(parameters, dtype=np.float32)
        self.gradient = rng.standard_normal(parameters, dtype=np.float32)
        self.grads = self.gradient.copy()
        self.optimizer = registry().create("optimizers", {"name": optimizer})
        self.state = self.optimizer.init(self.params_vector, layout)
        self.context = Context(layout)

    def time_update(self, optimizer: str, parameters: int) -> None:
        self.grads[...] = self.gradient
        self.optimizer.step(self.params_vector, self.grads, self.state, self.context)
