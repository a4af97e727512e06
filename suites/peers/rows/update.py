"""Adam's update alone, on the 235,146 parameters of 784-256-128-10."""


import numpy as np

from optbench.builtin.datasets.mnist_5k import Mnist5k
from optbench.builtin.networks.mlp import MLP
from optbench.builtin.optimizers.adam import Adam
from optbench.contract.context import Context
from peers.rows.base import Family, Row
from peers.timing import Contender, clock
from peers.work import Work

WORK = Work(Mnist5k(), MLP(hidden=(256, 128)), batch=128)
LAYOUT = WORK.network.layout
TITLE = f"Adam update, {LAYOUT.size:,} parameters"


def vectors() -> tuple[np.ndarray, np.ndarray]:
    """Parameters and a gradient, (size,)."""
    rng = np.random.default_rng(1)
    return rng.normal(size=LAYOUT.size).astype("f4"), rng.normal(scale=0.01, size=LAYOUT.size).astype("f4")


class OurUpdate(Contender):
    """The gradient is laid out anew before each update, off the clock: an update may use it up."""

    note = "Adam.step on one flat vector"

    def __init__(self) -> None:
        self.params, self.gradient = vectors()
        self.optimizer, self.context = Adam(), Context(LAYOUT)
        self.state = self.optimizer.init(self.params, LAYOUT)

    def run(self, steps: int) -> float:
        grads, seconds = np.empty_like(self.gradient), 0.0
        for _ in range(steps):
            grads[...] = self.gradient
            start = clock()
            self.optimizer.step(self.params, grads, self.state, self.context)
            seconds += clock() - start
        return seconds

    def parameters(self) -> np.ndarray:
        return self.params.copy()


class TorchUpdate(Contender):
    """Adam on the network's six tensors, their gradients laid out anew in the same way."""

    def __init__(self, fused: bool):
        import torch

        torch.set_num_threads(1)
        params, gradient = vectors()
        self.tensors = [torch.from_numpy(v.copy()) for v in LAYOUT.views(params).values()]
        self.gradients = [torch.from_numpy(v.copy()) for v in LAYOUT.views(gradient).values()]
        for tensor in self.tensors:
            tensor.grad = torch.empty_like(tensor)
        self.optimizer = torch.optim.Adam(self.tensors, lr=Adam().lr, fused=fused or None)
        self.note = f"torch {torch.__version__} Adam fused={fused} on {len(self.tensors)} tensors"

    def run(self, steps: int) -> float:
        seconds = 0.0
        for _ in range(steps):
            for tensor, gradient in zip(self.tensors, self.gradients, strict=True):
                assert tensor.grad is not None
                tensor.grad.copy_(gradient)
            start = clock()
            self.optimizer.step()
            seconds += clock() - start
        return seconds

    def parameters(self) -> np.ndarray:
        return np.concatenate([t.numpy().reshape(-1) for t in self.tensors])


FAMILY = Family(
    rows=(
        Row(TITLE, "torch, Adam default", 0.8, under="torch default", needs=("torch",)),
        Row(TITLE, "torch, Adam fused", 1.0, under="torch fused", needs=("torch",)),
    ),
    makers={
        "ours": OurUpdate,
        "torch default": lambda: TorchUpdate(False),
        "torch fused": lambda: TorchUpdate(True),
    },
    unit="update",
    check_steps=lambda: 10,
)
