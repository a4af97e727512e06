"""What is trained in the comparisons: our own network and problem, and the same as plain arrays for the peers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optbench.builtin.initializers.he import HeNormal
from optbench.builtin.optimizers.adam import Adam
from optbench.builtin.schedules.constant import Constant
from optbench.contract.architecture import Architecture, Extras
from optbench.contract.components import LayerFactory
from optbench.contract.dataset import Dataset
from optbench.nn.latent import GaussianLatent
from optbench.nn.losses import LOSSES
from optbench.nn.network import Network
from optbench.training.network_problem import NetworkProblem
from optbench.training.preparation import Prepared, prepare
from optbench.training.trainer import Budget, Recipe, Training
from optbench.trials.seeds import stream
from peers.timing import Contender, clock

#: Epochs whose batches are drawn beforehand for the peers; then they come again.
EPOCHS = 8
FOREVER = 10**9


@dataclass(frozen=True)
class Work:
    """A network trained on a dataset by mini-batches, with He's initialization and Adam at its default rate."""

    dataset: Dataset
    architecture: Architecture
    batch: int
    lr: float = 0.001
    normalizers: tuple[LayerFactory, ...] = ()

    @cached_property
    def data(self) -> Prepared:
        return prepare(self.dataset)

    @cached_property
    def network(self) -> Network:
        layers = self.architecture.layers(self.data.inputs, self.data.outputs, Extras(self.normalizers))
        return Network(layers, self.data.shape, LOSSES[self.data.loss])

    def problem(self, seeds: Sequence[int] = (1,)) -> NetworkProblem:
        return NetworkProblem(self.network, self.data, self.batch, seeds, [HeNormal()] * len(seeds))

    def training(self, rates: Mapping[int, float] | None = None) -> Training:
        """A stack with a row for each seed, trained at its rate; one row at the default rate unless said."""
        rates = rates or {1: self.lr}
        recipes = [Recipe(Adam(lr=rate), Constant(), seed) for seed, rate in rates.items()]
        return Training(self.problem(list(rates)), recipes, Budget(FOREVER, FOREVER))

    def noise(self) -> Iterator[np.ndarray]:
        """What the latent variables of a training with seed 1 are drawn from, step by step, (batch, units)."""
        (units,) = {
            shape[0] // 2
            for layer, shape in zip(self.network.layers, self.network.shapes, strict=False)
            if isinstance(layer, GaussianLatent)
        }
        rng = stream(1, "dropout")
        while True:
            yield rng.standard_normal((units, self.batch), dtype=np.float32).T

    def arrays(self, stack: int = 1, epochs: int = EPOCHS) -> "Arrays":
        """What a peer needs to train the same: the same examples, weights and batches."""
        problem = self.problem(range(1, stack + 1))
        steps, start = problem.steps_per_epoch, problem.params.copy()
        orders = []
        for epoch in range(epochs):
            problem.next_batch(epoch * steps)
            orders.append(problem.order[:, : steps * self.batch].reshape(stack, steps, self.batch).copy())
        x = self.data.x_train.astype(np.int64 if self.data.vocabulary else self.data.x_train.dtype)
        targets = self.data.train_targets
        labels = targets.argmax(axis=1) if self.data.task == "classification" else targets.copy()
        if self.network.loss.numbers:
            labels = labels.astype(np.int64)
        return Arrays(x, labels, np.concatenate(orders, axis=1), start, steps)


@dataclass(frozen=True)
class Arrays:
    """x (examples, *features), labels (examples,), batches (stack, steps, batch) of indices, start (stack, size).

    Where there are no classes or two, labels are the targets (examples, outputs); with a class at each position they
    are (examples, positions), -1 where none is. Tokens and class numbers are int64.
    """

    x: np.ndarray
    labels: np.ndarray
    batches: np.ndarray
    start: np.ndarray
    steps_per_epoch: int


class Ours(Contender):
    """Our trainer, by its own `step`: batch, schedule, gradient and update; several trainings one after the other."""

    def __init__(self, *trainings: Training):
        self.trainings = trainings
        self.note = f"Training.step, rows: {', '.join(str(len(t.rows)) for t in trainings)}"

    def run(self, steps: int) -> float:
        start = clock()
        with np.errstate(all="ignore"):  # as the trainer: an exponential may be infinite
            for training in self.trainings:
                step = training.step
                for _ in range(steps):
                    step()
        return clock() - start

    def parameters(self) -> np.ndarray:
        return np.concatenate([t.problem.params.reshape(-1) for t in self.trainings])
