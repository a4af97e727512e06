"""A network on prepared data, as a problem to train: mini-batches, running statistics, evaluation."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from optbench.contract.components import BatchTransform, Initializer
from optbench.contract.dataset import CLASSIFYING, POSITIONED
from optbench.nn.evaluator import Evaluator
from optbench.nn.network import Graph, Network, Tree
from optbench.training.initialization import draw
from optbench.training.preparation import Prepared
from optbench.training.problem import Scores, generator_state
from optbench.training.split import stratified_order
from optbench.trials.seeds import stream

#: The training loss and metric are measured on this many training examples at most, where a workload does not say: see
#: `measured`. Those of a suite always say.
EXAMPLES = 1024
#: Where examples have several targets each, it is on so many targets for each of these, but on LEAST_EXAMPLES anyway.
TARGETS_EACH, LEAST_EXAMPLES = 4, 64
#: Mini-batches that running statistics are estimated from again, for parameters that never were trained on.
STATISTICS_BATCHES = 50


class Pool(NamedTuple):
    """Examples that mini-batches are gathered from.

    x         inputs as the first layer wants them, with its column of ones
    laid      targets as the loss wants them: transposed and divided by the batch size, or class numbers as they are
    targets   (examples, outputs)
    """

    x: np.ndarray
    laid: np.ndarray
    targets: np.ndarray


class NetworkProblem:
    """A network on prepared data.

    Of online data each row draws an epoch's examples anew, by its own stream of chance.

    batch_size   examples a step; the whole training split where it is None or larger
    transforms   per row, what changes each mini-batch before it is seen
    measured_on  most training examples that training loss and metric are measured on
    """

    def __init__(
        self,
        network: Network,
        data: Prepared,
        batch_size: int | None,
        seeds: Sequence[int],
        initializers: Sequence[Initializer],
        transforms: Sequence[Sequence[BatchTransform]] = (),
        measured_on: int = EXAMPLES,
    ):
        self.bounded, self.measured_on = False, measured_on
        stack, dtype = len(seeds), data.x_train.dtype
        examples = len(data.x_train)
        self.network, self.data, self.layout = network, data, network.layout
        self.batch = min(batch_size or examples, examples)
        # The last, shorter batch of an epoch is left out: every step has the same shape, and other examples
        # are left out in the next epoch.
        self.steps_per_epoch = examples // self.batch
        self.online = data.fresh is not None
        self.full = self.batch == examples and not self.online
        self.transforms = [list(t) for t in transforms] or [[] for _ in seeds]
        self.orders = [stream(seed, "order") for seed in seeds]
        self.draws = [stream(seed, "online") for seed in seeds]
        self.noises = [stream(seed, "noise") for seed in seeds]
        self.dropouts = [stream(seed, "dropout") for seed in seeds]
        self.params = np.zeros((stack, network.layout.size), dtype)
        self.grads = np.zeros_like(self.params)
        self.seeds, self.initializers = list(seeds), list(initializers)
        for row, (seed, initializer) in enumerate(zip(seeds, initializers, strict=True)):
            draw(self.params[row], network, initializer, stream(seed, "initialization"))
        self.state: Tree = network.initial_state(stack, dtype)
        self.graph = network.bind(self.params, self.grads, self.state, self.batch, self.dropouts)
        self.order = np.tile(np.arange(examples), (stack, 1))
        self.pool = self._laid(self.data.x_train, self.data.train_targets)
        self.pools = [self.pool] * stack
        #: what each row's generator of draws was before it drew the present pool
        self.drawn: list[dict[str, Any] | None] = [None] * stack
        self.rows_x = [self.graph.x[k] for k in range(stack)]
        numbers = network.loss.numbers
        self.target_axis = 0 if numbers else 1
        self.rows_t = [t if numbers else t.T for t in self.graph.targets]
        #: the first row of the same batches, those of its seed: a copy of what it gathered takes a third of the time
        self.first = list(range(stack))
        if not self.online and not any(self.transforms):
            self.first = [self.seeds.index(seed) for seed in self.seeds]
        self.probes: dict[int, Probe] = {}
        self.evaluators: dict[tuple[str, ...], Evaluator] = {}
        self.batch_number = 0
        #: whether the graph's inputs and targets have changed since its last pass
        self.filled = True
        if self.full:
            self._fill(0, self.batch)

    def _laid(self, x: np.ndarray, targets: np.ndarray) -> Pool:
        # One gather a step must give the batch as it is wanted.
        x = x.reshape(len(x), *self.network.shapes[0])
        if self.network.wide:
            x = np.concatenate([x, np.ones((len(x), 1), x.dtype)], axis=1)
        if self.network.loss.numbers:
            return Pool(x, targets, targets)
        return Pool(x, np.ascontiguousarray((targets * float(1 / self.batch)).T), targets)

    def _draw(self, k: int) -> None:
        assert self.data.fresh is not None
        self.drawn[k] = generator_state(self.draws[k])
        self.pools[k] = self._laid(*self.data.fresh(self.draws[k], len(self.data.x_train)))

    def next_batch(self, step: int) -> None:
        self.batch_number = step
        place = step % self.steps_per_epoch
        if self.full:
            if any(self.transforms):
                self._fill(0, self.batch)
            return
        if place == 0:
            for k, (order, rng) in enumerate(zip(self.order, self.orders, strict=True)):
                if self.online:
                    self._draw(k)
                rng.shuffle(order)
        self._fill(place * self.batch, (place + 1) * self.batch)

    def _fill(self, start: int, stop: int) -> None:
        self.filled = True
        for k, order in enumerate(self.order):
            if (first := self.first[k]) != k:
                np.copyto(self.rows_x[k], self.rows_x[first])
                np.copyto(self.rows_t[k], self.rows_t[first])
                continue
            index = order[start:stop]
            pool = self.pools[k]
            pool.x.take(index, 0, self.rows_x[k], "clip")
            if self.transforms[k]:
                self._transform(k, index)
            else:
                pool.laid.take(index, self.target_axis, self.rows_t[k], "clip")

    def _transform(self, k: int, index: np.ndarray) -> None:
        place = self.rows_x[k][..., :-1] if self.network.wide else self.rows_x[k]
        x = place.reshape(len(index), *self.data.shape)
        y = self.pools[k].targets[index]
        new_x = x
        for transform in self.transforms[k]:
            new_x, y = transform.transform(new_x, y, self.noises[k])
        if new_x is not place:
            place[...] = new_x.reshape(place.shape)
        np.multiply(y.T, float(1 / self.batch), out=self.rows_t[k])

    def gradient(self) -> None:
        self.graph.forward(True, True, self.filled)
        self.graph.backward(self.filled)
        self.filled = False

    def loss(self, row: int) -> float:
        return float(self.graph.value()[row])

    def probe(self, row: int, at: np.ndarray, out: np.ndarray) -> float:
        if row not in self.probes:
            self.probes[row] = Probe(self, row)
        return self.probes[row](at, out)

    def _evaluator(self, *splits: str) -> Evaluator:
        if splits not in self.evaluators:
            examples = [self._examples(split) for split in splits]
            self.evaluators[splits] = Evaluator(self.network, examples, self.data.metric, self.state)
        return self.evaluators[splits]

    def _examples(self, split: str) -> tuple[np.ndarray, np.ndarray]:
        x, targets = self.data.examples(split)
        if split == "train":
            sample = measured(targets, self.data.task, self.measured_on)
            x, targets = x[sample], targets[sample]
        return x, targets

    def evaluate(self, row: int, params: np.ndarray, validated: bool = True) -> Scores:
        state, place = self.statistics(row, params)
        evaluator = self._evaluator("train", "validation")
        if not validated:
            return (*evaluator(params, state, place, 1)[0], math.nan, math.nan)
        train, validation = evaluator(params, state, place)
        return (*train, *validation)

    def test(self, row: int, params: np.ndarray) -> tuple[float, float]:
        state, place = self.statistics(row, params)
        return self._evaluator("test")(params, state, place)[0]

    def statistics(self, row: int, params: np.ndarray) -> tuple[Tree, int]:
        """(running statistics, row in them) that belong to `params`.

        Averaged or looked-ahead parameters never saw a mini-batch: theirs are estimated again, on mini-batches in
        the order of the training split, by the layers' own averaging.
        """
        if np.shares_memory(params, self.params) or not any(self.state):
            return self.state, row
        state = self.network.initial_state(1, self.params.dtype)
        graph = self.network.bind(
            params[None].copy(), None, state, self.batch, [np.random.default_rng(0)]
        )
        for number in range(STATISTICS_BATCHES):
            start = (number % self.steps_per_epoch) * self.batch
            graph.x[0] = self.pool.x[start : start + self.batch]
            graph.forward(True, True)
        return state, 0

    def project(self, row: int, vector: np.ndarray) -> None:
        pass

    @property
    def stack(self) -> int:
        return len(self.params)

    def select(self, rows: Sequence[int]) -> "NetworkProblem":
        chosen = NetworkProblem(
            self.network,
            self.data,
            self.batch,
            [self.seeds[k] for k in rows],
            [self.initializers[k] for k in rows],
            [self.transforms[k] for k in rows],
            self.measured_on,
        )
        chosen.params[...] = self.params[list(rows)]
        return chosen

    def save(self, row: int) -> dict[str, Any]:
        return {
            "order": self.order[row].copy(),
            "generators": {
                "order": generator_state(self.orders[row]),
                "noise": generator_state(self.noises[row]),
                "dropout": generator_state(self.dropouts[row]),
            },
            "drawn": self.drawn[row],
            "statistics": {
                str(i): {name: a[row].copy() for name, a in layer.items()} for i, layer in enumerate(self.state)
            },
        }

    def load(self, row: int, saved: dict[str, Any]) -> None:
        self.order[row] = saved["order"]
        for name, rngs in (("order", self.orders), ("noise", self.noises), ("dropout", self.dropouts)):
            rngs[row].bit_generator.state = saved["generators"][name]
        if saved.get("drawn") is not None:
            # Not the examples are kept, but what they are drawn by.
            self.draws[row].bit_generator.state = saved["drawn"]
            self._draw(row)
        for i, layer in enumerate(self.state):
            for name, array in layer.items():
                array[row] = saved["statistics"][str(i)][name]


class Probe:
    """The gradient of one row's current mini-batch at any other point, on buffers of its own.

    It shares the row's dropout masks and reads its running statistics, and changes neither.
    """

    def __init__(self, problem: NetworkProblem, row: int):
        self.problem, self.row = problem, row
        one = slice(row, row + 1)
        self.params = np.zeros_like(problem.params[one])
        self.grads = np.zeros_like(self.params)
        state = [{name: a[one] for name, a in layer.items()} for layer in problem.state]
        masks = [{name: a[one] for name, a in layer.items()} for layer in problem.graph.memory]
        rngs = [problem.dropouts[row]]
        self.graph: Graph = problem.network.bind(
            self.params, self.grads, state, problem.batch, rngs, memory=masks
        )
        self.filled = -1

    def __call__(self, at: np.ndarray, out: np.ndarray) -> float:
        if self.filled != self.problem.batch_number:
            self.graph.x[0] = self.problem.graph.x[self.row]
            self.graph.targets[0] = self.problem.graph.targets[self.row]
            self.filled = self.problem.batch_number
        self.params[0] = at
        self.graph.forward(True, False)
        self.graph.backward()
        out[...] = self.grads[0]
        return float(self.graph.value()[0])


def measured(targets: np.ndarray, task: str, most: int = EXAMPLES) -> np.ndarray:
    """Indices of the training examples that training loss and metric are measured on: all, or `most` of many.

    A random sample with each class in its proportion, up to an example or two, the same in every trial on the data.
    targets   (examples, outputs), or of sequences (examples, positions)
    """
    wanted = most
    if task in POSITIONED:
        wanted = min(wanted, max(LEAST_EXAMPLES, TARGETS_EACH * most // targets.shape[1]))
    if len(targets) <= wanted:
        return np.arange(len(targets))
    rng = stream(0, "evaluation")
    if task not in CLASSIFYING:
        order = rng.permutation(len(targets))
    else:
        order = stratified_order(targets.argmax(axis=1) if targets.shape[1] > 1 else targets[:, 0].astype(int), rng)
    return np.sort(order[:wanted])
