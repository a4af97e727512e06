"""The matrix products of one of our steps, alone: recorded while a step runs, and then repeated on its buffers."""

from typing import Any
from unittest.mock import patch

import numpy as np

from peers.timing import Contender, clock
from peers.work import Work


class Products(Contender):
    """Repeats the calls of `np.matmul` that a training step makes, with the same arguments."""

    def __init__(self, work: Work):
        self.calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        matmul = np.matmul

        def recorded(*arguments: Any, **named: Any) -> np.ndarray:
            self.calls.append((arguments, named))
            return matmul(*arguments, **named)

        # The graph is made within, too: an operation may keep the function.
        with patch("numpy.matmul", recorded):
            self.training = work.training()
            self.training.step()
            self.calls.clear()
            self.training.step()
        # Forward, by the weights and by the inputs; the first layer's inputs need none.
        expected = 3 * sum(len(t.shape) > 1 for t in work.network.layout) - 1
        if len(self.calls) < expected:
            raise RuntimeError(f"a step made {len(self.calls)} calls of np.matmul, expected at least {expected}")
        self.note = f"the {len(self.calls)} calls of np.matmul of a step, repeated on its buffers"

    def run(self, steps: int) -> float:
        matmul, calls = np.matmul, self.calls
        start = clock()
        for _ in range(steps):
            for arguments, named in calls:
                matmul(*arguments, **named)
        return clock() - start
