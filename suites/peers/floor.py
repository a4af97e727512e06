"""What is left to gain in NumPy: `python suites/peers/floor.py`.

Beside our step stand its own calls of NumPy and BLAS, made bare one after the other on the same buffers: the matrix
products alone, all of the network's, and Adam's passes over the vector. What a step takes above their sum is Python and
the gathering of the batch; below it, it can only get by fewer or cheaper calls. Medians of interleaved rounds, one
processor, one thread.
"""

import sys
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from peers.compare import in_new_process, pin
from peers.rows import family
from peers.table import seconds
from peers.timing import Contender, clock, interleaved
from peers.work import Ours, Work

FAMILIES = (
    *("mlp", "deep", "residual", "autoencoder", "large", "cnn_digits", "cnn_mnist"),
    *("lstm_characters", "recommender", "gcn", "transformer", "physics", "stack"),
)
ROUNDS = 41


class Bare(Contender):
    """Calls without arguments, again and again."""

    def __init__(self, calls: list) -> None:
        self.calls = calls

    def run(self, steps: int) -> float:
        start = clock()
        for _ in range(steps):
            for call in self.calls:
                call()
        return clock() - start


def update(size: int) -> list:
    """Adam's passes over vectors of this size."""
    from scipy.linalg.blas import saxpy

    m, v, g, w = np.abs(np.random.default_rng(1).normal(size=(4, size))).astype("f4")
    return [
        partial(saxpy, g, m, None, 1e-9),
        partial(np.multiply, g, g, g),
        partial(saxpy, g, v, None, 1e-9),
        partial(np.sqrt, v, g),
        partial(np.add, g, 1e-8, g),
        partial(np.divide, m, g, g),
        partial(saxpy, g, w, None, -1e-9),
    ]


def floor(name: str) -> str:
    """A row of the table for a family; called in a new process."""
    pin()
    title = family(name).rows[0].work
    work: Work = sys.modules[f"peers.rows.{name}"].WORK
    rows = 32 if name == "stack" else 1
    rates = dict.fromkeys(range(1, rows + 1), 1e-3)
    training = work.training(rates)
    graph = training.problem.graph  # type: ignore[attr-defined]
    training.step()
    new = not training.problem.full  # type: ignore[attr-defined]
    network = [*graph.forward_calls(True, True, new), *graph.backward_calls(new)]
    products = [call for call in network if getattr(call, "func", None) is np.matmul]
    contenders = {
        "products": Bare(products),
        "network": Bare(network),
        "update": Bare([call for _ in range(rows) for call in update(work.network.layout.size)]),
        "ours": Ours(work.training(rates)),
    }
    with np.errstate(all="ignore"):
        samples = interleaved(contenders, ROUNDS, slot=0.03)
    a, b, c, whole = (float(np.median(samples[n])) for n in contenders)
    share = 100 * (b + c) / whole
    return f"| {title} | {seconds(a)} | {seconds(b)} | {seconds(c)} | {seconds(whole)} | {share:.0f} % |"


if __name__ == "__main__":
    print("| step | products | the network's calls | Adam's passes | our step | calls' share |")
    print("|---|---|---|---|---|---|")
    for chosen in sys.argv[1:] or FAMILIES:
        print(in_new_process(floor, chosen), flush=True)
