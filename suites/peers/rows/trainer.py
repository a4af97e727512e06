"""What the trainer adds to a step's forward pass, backward pass and update."""


import numpy as np

from optbench.training.network_problem import NetworkProblem
from peers.rows.base import Family, Row, Samples
from peers.rows.mlp import WORK
from peers.timing import Contender, clock


class Parts(Contender):
    """Steps of a training by hand, of which only the parts that were chosen are on the clock.

    gather   count the gathering of the mini-batch among the parts
    """

    def __init__(self, gather: bool):
        self.training = WORK.training()
        self.gather = gather
        what = "mini-batch, forward, backward and update" if gather else "forward, backward and update"
        self.note = f"{what} of a training, called by hand"

    def run(self, steps: int) -> float:
        training, (row,) = self.training, self.training.rows
        problem, update = training.problem, row.recipe.optimizer.step
        assert isinstance(problem, NetworkProblem)
        graph = problem.graph
        params, grads, state, context = row.params, row.grads, row.state, row.context
        seconds = 0.0
        for number in range(training.number, training.number + steps):
            first = clock()
            problem.next_batch(number)
            start = first if self.gather else clock()
            graph.forward(True, True)
            graph.backward()
            update(params, grads, state, context)
            seconds += clock() - start
        training.number += steps
        return seconds

    def parameters(self) -> np.ndarray:
        return self.training.problem.params.reshape(-1).copy()


class Whole(Contender):
    """The trainer's own steps, each on the clock by itself, as the parts are."""

    note = "Training.step"

    def __init__(self) -> None:
        self.training = WORK.training()

    def run(self, steps: int) -> float:
        step, seconds = self.training.step, 0.0
        for _ in range(steps):
            start = clock()
            step()
            seconds += clock() - start
        return seconds

    def parameters(self) -> np.ndarray:
        return self.training.problem.params.reshape(-1).copy()


def outside(samples: Samples) -> Samples:
    """What is left of a step without its parts."""
    whole = samples["ours"]
    return {
        f"outside of {name}": [a - b for a, b in zip(whole, samples[name], strict=True)]
        for name in ("the three", "the three and the batch")
    }


TITLE = "trainer outside forward, backward and update"

FAMILY = Family(
    rows=(
        Row(TITLE, "our own step, 64-64-32-10", 0.03, over="outside of the three"),
        Row(f"{TITLE} and the gathering of the batch", "the same", 0.03, over="outside of the three and the batch"),
    ),
    makers={"ours": Whole, "the three": lambda: Parts(False), "the three and the batch": lambda: Parts(True)},
    derive=outside,
    check_steps=lambda: 50,
    # Small differences of large numbers: many short turns, so that all see the same noise.
    slot=0.002,
    turns=8,
)
