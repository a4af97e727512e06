"""An update by an optimizer of torch's kind, on a network's own tensors: outputs x inputs, as torch has them."""

from collections.abc import Callable

import numpy as np
import torch

from optbench.contract.layout import Layout
from peers.timing import Contender, clock
from peers.updating.networks import GRADIENTS, Gradients

torch.set_num_threads(1)
#: from the tensors, and a closure that lays out their gradients and returns the loss, to what makes a step
Made = Callable[[list[torch.Tensor], Callable[[], torch.Tensor]], Callable[[], object]]


class TorchUpdate(Contender):
    """Gradients are laid out anew off the clock, those that the closure gives too."""

    def __init__(self, made: Made, layout: Layout, curved: bool, note: str):
        self.layout, self.curved, self.note = layout, curved, f"torch {torch.__version__}: {note}"
        self.gradients = Gradients(layout.size)
        self.tensors = self.split(self.gradients.start)
        self.noise = [self.split(noise) for noise in self.gradients.noise]
        self.flat, self.grads = self.gradients.start.copy(), np.empty_like(self.gradients.start)
        self.number, self.away = 0, 0.0
        for tensor in self.tensors:
            tensor.requires_grad_()
            tensor.grad = torch.empty_like(tensor)
        self.step = made(self.tensors, self.closure)

    def split(self, vector: np.ndarray) -> list[torch.Tensor]:
        return [torch.from_numpy(np.ascontiguousarray(v.T).copy()) for v in self.layout.views(vector).values()]

    def lay_out(self) -> None:
        found = self.noise[self.number % GRADIENTS]
        if self.curved:
            self.parameters(self.flat)
            self.gradients.at(self.number, self.flat, self.grads)
            found = [torch.from_numpy(v.T) for v in self.layout.views(self.grads).values()]
        for tensor, gradient in zip(self.tensors, found, strict=True):
            if tensor.grad is None:  # some set it to None, as zero_grad does
                tensor.grad = torch.empty_like(tensor)
            tensor.grad.copy_(gradient)

    def closure(self) -> torch.Tensor:
        start = clock()
        self.lay_out()
        loss = torch.tensor(self.gradients.loss(self.number, self.flat))
        self.away += clock() - start
        return loss

    def run(self, steps: int) -> float:
        seconds = 0.0
        for _ in range(steps):
            self.lay_out()
            self.away, start = 0.0, clock()
            self.step()
            seconds += clock() - start - self.away
            self.number += 1
        return seconds

    def parameters(self, out: np.ndarray | None = None) -> np.ndarray:
        out = np.empty_like(self.flat) if out is None else out
        for view, tensor in zip(self.layout.views(out).values(), self.tensors, strict=True):
            view[...] = tensor.detach().numpy().T
        return out
