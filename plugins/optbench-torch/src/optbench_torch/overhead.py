"""What the bridge itself costs: a step around an optimizer that does nothing."""

import time

import numpy as np

from optbench import Context, Layout
from optbench_torch.library import torch_module
from optbench_torch.session import Session
from optbench_torch.spec import Spec


def seconds(spec: Spec, params: np.ndarray, layout: Layout, rounds: int = 7, steps: int = 40) -> float:
    """Seconds of a step of this bridge around an optimizer that does nothing: the median of some rounds."""
    torch = torch_module()

    class Nothing(torch.optim.Optimizer):  # type: ignore[name-defined]
        def __init__(self, tensors):
            super().__init__(tensors, {"lr": 0.0})

        @torch.no_grad()
        def step(self, closure=None):
            if closure is not None:
                closure()

    def loss() -> float:
        return 0.0

    grads = np.zeros_like(params)
    session = Session(spec, lambda tensors: [Nothing(tensors)], params, layout)
    context = Context(layout, loss=loss)
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(steps):
            session.step(params, grads, context)
        taken.append((time.perf_counter() - start) / steps)
    return float(np.median(taken))
