"""Our own update, on one flat vector."""


import numpy as np

from optbench.contract.components import Optimizer
from optbench.contract.context import Context, Progress
from optbench.contract.layout import Layout
from peers.timing import Contender, clock
from peers.updating.networks import Gradients


class OurUpdate(Contender):
    """The gradient is laid out before each update, off the clock, as are gradients that an update asks for."""

    def __init__(self, optimizer: Optimizer, layout: Layout, curved: bool):
        self.optimizer, self.curved = optimizer, curved
        self.gradients = Gradients(layout.size)
        self.params = self.gradients.start.copy()
        self.grads, self.probe = np.empty_like(self.params), np.empty_like(self.params)
        # A budget that is half over, and epochs of a step: what averages late iterates does so.
        self.context = Context(layout, Progress(10**9, 10**9, 1), loss=self.loss, gradient=self.gradient)
        self.state = optimizer.init(self.params, layout)
        self.number, self.away = 0, 0.0
        self.note = f"{optimizer.name}: step on one flat vector"

    def run(self, steps: int) -> float:
        seconds = 0.0
        for _ in range(steps):
            if self.curved:
                self.gradients.at(self.number, self.params, self.grads)
            else:
                self.grads[...] = self.gradients.noise[self.number % len(self.gradients.noise)]
            self.away, start = 0.0, clock()
            self.optimizer.step(self.params, self.grads, self.state, self.context)
            seconds += clock() - start - self.away
            self.number += 1
        return seconds

    def loss(self) -> float:
        start = clock()
        value = self.gradients.loss(self.number, self.params)
        self.away += clock() - start
        return value

    def gradient(self, at: np.ndarray, out: np.ndarray | None = None) -> tuple[float, np.ndarray]:
        start = clock()
        out = self.probe if out is None else out
        self.gradients.at(self.number, at, out)
        value = self.gradients.loss(self.number, at)
        self.away += clock() - start
        return value, out

    def parameters(self) -> np.ndarray:
        return self.params.copy()
