"""What the trainer costs beside the arithmetic."""

import time

import numpy as np

from .common import NETWORKS, training


class Overhead:
    """The share of a step outside gather, forward, backward and update."""

    params = [list(NETWORKS)]
    param_names = ["network"]
    version = "1"

    def setup(self, network: str) -> None:
        self.training = training("adam", network, steps=1_000_000)

    def track_share(self, network: str) -> float:
        """Median over rounds, in which whole steps and their bare parts take turns."""
        shares = []
        for _ in range(25):
            whole, bare = timed(self.training.step), timed(self.bare)
            shares.append(1 - bare / whole)
        return 100 * max(0.0, float(np.median(shares)))

    track_share.unit = "%"  # type: ignore[attr-defined]

    def bare(self) -> None:
        (row,) = self.training.rows
        self.training.problem.next_batch(self.training.number)
        self.training.problem.gradient()
        row.recipe.optimizer.step(row.params, row.grads, row.state, row.context)
        self.training.number += 1


def timed(call, count: int = 40) -> float:
    start = time.perf_counter()
    for _ in range(count):
        call()
    return time.perf_counter() - start
