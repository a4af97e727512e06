"""An optimizer's update by itself, without a network."""

import numpy as np

from optbench.contract.context import Context
from optbench.contract.layout import Layout
from optbench.registry.registry import registry

from .common import OPTIMIZERS, require

#: tensors of so many parameters: one matrix, 64-64-32-10 with a batch norm's vector, and 784-256-128-10
SHAPES: dict[int, list[tuple[int, ...]]] = {
    1_000: [(50, 20)],
    6_634: [(64, 64), (64,), (64,), (64, 32), (32,), (32, 10), (10,)],
    235_146: [(784, 256), (256,), (256, 128), (128,), (128, 10), (10,)],
}


class Update:
    """`step` on a flat float32 vector. Copies of the start and its gradient are on the clock: both are overwritten.

    The loss is a bowl around its minimum one unit gradient away, for those that ask for it elsewhere.
    """

    params = [OPTIMIZERS, list(SHAPES)]
    param_names = ["optimizer", "parameters"]
    version = "1"
    rounds = 1
    repeat = (2, 5, 0.4)
    warmup_time = 0.05

    def setup(self, optimizer: str, parameters: int) -> None:
        require("optimizers", optimizer)
        rng = np.random.default_rng(0)
        layout = Layout.of({f"w{i}": shape for i, shape in enumerate(SHAPES[parameters])})
        self.start = rng.standard_normal(parameters, dtype=np.float32)
        self.gradient = rng.standard_normal(parameters, dtype=np.float32)
        self.params_vector, self.grads = self.start.copy(), self.gradient.copy()
        self.optimizer = registry().create("optimizers", {"name": optimizer})
        self.state = self.optimizer.init(self.params_vector, layout)
        self.context = Context(layout, loss=lambda: 0.0, gradient=self.elsewhere)

    def elsewhere(self, at: np.ndarray, out: np.ndarray | None = None) -> tuple[float, np.ndarray]:
        """Loss and gradient of g (w - w0) + |w - w0|^2 / 2."""
        out = np.empty_like(at) if out is None else out
        np.subtract(at, self.start, out=out)
        loss = float(self.gradient @ out) + 0.5 * float(out @ out)
        out += self.gradient
        return loss, out

    def time_update(self, optimizer: str, parameters: int) -> None:
        self.params_vector[...] = self.start
        self.grads[...] = self.gradient
        self.optimizer.step(self.params_vector, self.grads, self.state, self.context)
