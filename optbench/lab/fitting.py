"""Small experiments by hand: a network from layer sizes, your own weights, data and batch order, every step's cost.

    net = optbench.network([2, 10, 5, 1], ["relu", "relu", "sigmoid"], dtype="float64")
    params = net.draw(HeNormal(), seed=3)
    batches = optbench.minibatches(len(x), 64, seed=0)
    fit = optbench.fit(net, x, y, Adam(lr=0.001), steps=1000, params=params, batches=batches)
    fit.costs            # the cost of each step's mini-batch, before the step
    fit.predict(x)       # probabilities

No suite, no splits, no store: what a course does in its notebooks. See docs/experiments.md.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from optbench.contract import arguments
from optbench.contract.components import Constraint, Optimizer, Penalty, Schedule
from optbench.contract.context import Context, Progress
from optbench.contract.errors import OptbenchError
from optbench.contract.layout import Layout
from optbench.lab.masks import Masks
from optbench.lab.model import Model
from optbench.lab.targets import fill, gradient
from optbench.lab.trained import Fit
from optbench.nn.network import Graph
from optbench.trials.seeds import stream

#: as many as a suite's workload may have
MOST_STEPS = 1_000_000_000
#: Full passes that running statistics are estimated from again, for averaged parameters.
STATISTICS_PASSES = 50


def minibatches(examples: int, batch_size: int, seed: int = 0, shuffle: bool = True) -> Iterator[np.ndarray]:
    """Index arrays without end: each epoch in a new order, its last batch perhaps shorter."""
    examples = arguments.whole("examples", examples, 1)
    batch_size = arguments.whole("batch_size", batch_size, 1, examples)
    return _minibatches(examples, batch_size, arguments.seed("seed", seed), arguments.flag("shuffle", shuffle))


def _minibatches(examples: int, batch_size: int, seed: int, shuffle: bool) -> Iterator[np.ndarray]:
    rng = stream(seed, "order")
    while True:
        order = rng.permutation(examples) if shuffle else np.arange(examples)
        for start in range(0, examples, batch_size):
            yield order[start : start + batch_size]


def fit(
    model: Model,
    x: np.ndarray,
    y: np.ndarray,
    optimizer: Optimizer,
    *,
    steps: int,
    params: np.ndarray,
    batches: Iterable[np.ndarray] | None = None,
    schedule: Schedule | None = None,
    penalties: Sequence[Penalty] = (),
    constraints: Sequence[Constraint] = (),
    masks: Iterable[Sequence[np.ndarray]] | None = None,
    seed: int = 0,
) -> Fit:
    """Train for a number of steps and keep each step's cost.

    x        (examples, inputs)
    y        class numbers (examples,), or targets (examples, outputs)
    params   the first parameters (size,); they are copied
    batches  an index array a step; default: all examples, each step (batch gradient descent). The first one's size
             tells a schedule how many steps an epoch has
    masks    what dropout keeps, 1, and drops, 0: for each step one array (batch, *features) a dropout layer;
             default: drawn
    seed     of dropout's masks and of what an optimizer draws

    A training that diverges goes on: its costs become infinite or NaN, as they would in a notebook.
    """
    from threadpoolctl import threadpool_limits

    arguments.made("model", model, Model, "a network such as network([2, 10, 1], ['relu', 'sigmoid'])")
    arguments.made("optimizer", optimizer, Optimizer, "an optimizer such as Adam(lr=0.001)")
    steps, seed = arguments.whole("steps", steps, 0, MOST_STEPS), arguments.seed("seed", seed)
    penalties = arguments.all_made("penalties", penalties, Penalty, "a penalty such as L2()")
    constraints = arguments.all_made("constraints", constraints, Constraint, "a constraint such as MaxNorm()")
    if schedule is not None:
        arguments.made("schedule", schedule, Schedule, "a schedule such as Cosine()")
    if batches is not None and not isinstance(arguments.plain(batches), Iterable):
        raise arguments.wrong("batches", "index arrays, one a step", batches)
    x, targets = model.examples(x, y)
    vector = np.array(model.vector(params))[None]
    order = repeat(np.arange(len(x))) if batches is None else iter(arguments.plain(batches))
    training = _Fitting(model, x, targets, optimizer, vector, steps, seed)
    if masks is not None:
        training.masks = given_masks(masks)
        training.rngs = [Masks(model.network)]
    training.penalties, training.constraints, training.schedule = penalties, constraints, schedule
    with threadpool_limits(1), np.errstate(all="ignore"):
        training.project()
        for step in range(steps):
            index = next(order, None)
            if index is None:
                raise OptbenchError(f"batches ended after {step} of {steps} steps")
            training.draw(step, steps)
            training.step(step, checked(index, len(x)))
        return training.result()


def given_masks(masks: Iterable[Sequence[np.ndarray]]) -> Iterator[Sequence[np.ndarray]]:
    if not isinstance(arguments.plain(masks), Iterable):
        raise arguments.wrong("masks", "for each step one array a dropout layer", masks)
    return iter(arguments.plain(masks))


def checked(index: np.ndarray, examples: int) -> np.ndarray:
    """A batch's indices, if they are that."""
    index = np.asarray(index)
    if index.ndim != 1 or not len(index) or index.dtype.kind not in "iu" or index.max() >= examples or index.min() < 0:
        raise OptbenchError(f"batches: expected arrays of indices 0 … {examples - 1}, got {index!r}")
    return index


class _Fitting:
    """What one `fit` has at hand."""

    penalties: Sequence[Penalty] = ()
    constraints: Sequence[Constraint] = ()
    schedule: Schedule | None = None
    masks: Iterator[Sequence[np.ndarray]] | None = None

    def __init__(
        self,
        model: Model,
        x: np.ndarray,
        targets: np.ndarray,
        optimizer: Optimizer,
        vector: np.ndarray,
        steps: int,
        seed: int,
    ):
        self.model, self.x, self.targets, self.optimizer, self.vector = model, x, targets, optimizer, vector
        self.grads = np.zeros_like(vector)
        self.running = model.network.initial_state(1, model.dtype)
        self.rngs: list[Any] = [stream(seed, "dropout")]
        self.graphs: dict[int, Graph] = {}
        self.costs: list[float] = []
        self.context = Context(model.layout, Progress(0, steps), stream(seed, "optimizer"))
        self.state = optimizer.init(vector[0], model.layout)

    def graph(self, size: int) -> Graph:
        if size not in self.graphs:
            bind = self.model.network.bind
            self.graphs[size] = bind(self.vector, self.grads, self.running, size, self.rngs)
        return self.graphs[size]

    def draw(self, step: int, steps: int) -> None:
        """Take the masks of this step, where they are given."""
        if self.masks is not None:
            masks = next(self.masks, None)
            if masks is None:
                raise OptbenchError(f"masks ended after {step} of {steps} steps")
            self.rngs[0].give(masks)

    def step(self, step: int, index: np.ndarray) -> None:
        context, layout = self.context, self.model.layout
        graph = self.graph(len(index))
        cost = gradient(graph, self.x[index], self.targets[index])
        for penalty in self.penalties:
            cost += penalty.apply(self.vector[0], self.grads[0], layout)
        self.costs.append(cost)
        if step == 0:
            context.progress.steps_per_epoch = -(-len(self.x) // len(index))
        context.progress.step = step
        context.factor = 1.0 if self.schedule is None else float(self.schedule.factor(context.progress))
        context._loss = lambda: cost
        context._gradient = Again(graph, self.vector, self.grads, self.penalties, layout)
        self.optimizer.step(self.vector[0], self.grads[0], self.state, context)
        self.project()

    def project(self) -> None:
        for iterate in self.optimizer.iterates(self.vector[0], self.state) if self.constraints else []:
            for constraint in self.constraints:
                constraint.project(iterate, self.model.layout)

    def result(self) -> Fit:
        found = self.optimizer.evaluation_params(self.vector[0], self.state)
        if any(self.running) and not np.shares_memory(found, self.vector):
            # Averaged parameters never saw a batch: statistics of their own.
            self.vector[0] = found
            for statistics, first in zip(
                self.running, self.model.network.initial_state(1, self.model.dtype), strict=True
            ):
                for name, array in first.items():
                    statistics[name][...] = array
            graph = self.graph(len(self.x))
            fill(graph, self.x)
            for _ in range(STATISTICS_PASSES):
                graph.forward()
        return Fit(self.model, np.array(found), np.array(self.costs), self.running)


class Again:
    """The gradient of the present mini-batch at another point, for optimizers that ask for it."""

    def __init__(
        self, graph: Graph, params: np.ndarray, grads: np.ndarray, penalties: Sequence[Penalty], layout: Layout
    ):
        self.graph, self.params, self.grads = graph, params, grads
        self.penalties, self.layout = penalties, layout

    def __call__(self, at: np.ndarray, out: np.ndarray | None = None) -> tuple[float, np.ndarray]:
        here, before = self.params.copy(), self.grads.copy()
        self.params[0] = at
        self.graph.forward(training=True, fresh=False)
        loss = float(self.graph.value()[0])
        self.graph.backward()
        result = np.empty_like(self.grads[0]) if out is None else out
        result[...] = self.grads[0]
        self.params[...], self.grads[...] = here, before
        for penalty in self.penalties:
            loss += penalty.apply(at, result, self.layout)
        return loss, result
