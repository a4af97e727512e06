"""Loss and metric of a network on one split or several, in chunks of a fixed size."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

import numpy as np

from optbench.contract.layer import Calls, memory
from optbench.nn.network import Graph, Network, Tree
from optbench.nn.scores import Score

#: Examples a chunk, and the rows that it opens into at most (of at least one example). Fixed for all workloads:
#: another chunk size may give other bits.
CHUNK = 512
ROWS = 4096
#: Logits that are scored together at most, but for a chunk that has more: so small classifiers' are in one pass, and
#: large outputs while they are in the cache.
TOGETHER = 2**15
#: Inputs, in numbers, that are kept as a network that `rebinds` reads them. Those of more are copied chunk by chunk.
KEPT = 2**22


class Evaluator:
    """Evaluates parameter vectors on fixed examples, by the same NumPy calls each time.

    Chunks of one length share one graph, whose buffers are what evaluation needs memory for.

    splits   pairs of inputs and targets, no chunk of which has examples of two.
             Inputs are (examples, *features); targets (examples, outputs): one-hot for classes, 0/1 for binary, values
             for regression and reconstruction; (examples, positions) class numbers where the loss takes those
    metric   "accuracy" or "r2"
    """

    def __init__(
        self,
        network: Network,
        splits: Sequence[tuple[np.ndarray, np.ndarray]],
        metric: str,
        state: Tree,
        chunk: int = CHUNK,
    ):
        self.network, self.metric = network, metric
        self.chunk = max(1, min(chunk, ROWS // max(network.chain.positions)))
        self.params = np.zeros((1, network.layout.size), splits[0][0].dtype)
        self.state = [{name: np.array(a[:1]) for name, a in layer.items()} for layer in state]
        self.kept = network.rebinds and sum(x.size for x, _ in splits) <= KEPT
        #: how many chunks there are of each length
        self.lengths = Counter(len(x[start : start + self.chunk]) for x, _ in splits for start in self._starts(x))
        self.graphs: dict[int, Graph] = {}
        self.parts = [self._part(x, targets) for x, targets in splits]

    def _starts(self, x: np.ndarray) -> range:
        return range(0, len(x), self.chunk)

    def _part(self, x: np.ndarray, targets: np.ndarray) -> "Part":
        part = Part(targets, self.metric, self.network.loss.numbers)
        network = self.network
        size = min(self.chunk, len(x)) * network.positions * network.outputs[0]
        step = self.chunk * max(1, TOGETHER // size)
        for start in range(0, len(x), step):
            self._block(part, x[start : start + step], targets[start : start + step])
        return part

    def _block(self, part: "Part", x: np.ndarray, targets: np.ndarray) -> None:
        """Add the calls for chunks whose logits are scored together."""
        network, loss = self.network, self.network.loss
        joint: np.ndarray | None = None
        if len(x) > self.chunk:
            joint = np.zeros((network.outputs[0], len(x) * network.positions), self.params.dtype)
        for start in self._starts(x):
            graph = self._graph(part, x[start : start + self.chunk])
            part.calls += graph.forward_calls(training=False, fresh=False)
            logits = memory(graph.logits)[0]
            if joint is not None:
                place = joint[:, start * network.positions :][:, : logits.shape[1]]
                part.calls.append(partial(np.copyto, place, logits))
            if graph.adding:
                count = part.counted(targets[start : start + self.chunk])
                part.calls.append(partial(part.add, graph, count))
        z = logits if joint is None else joint
        score = loss.score(z, targets.reshape(-1) if loss.numbers else targets, self.metric, loss.boundary)
        part.calls += score.calls
        part.calls.append(partial(part.count, score))

    def _graph(self, part: "Part", x: np.ndarray) -> Graph:
        """A graph that reads these examples in the part's calls from here on."""
        graph = self.graphs.get(len(x))
        if graph is None:
            graph = self.graphs[len(x)] = self.network.bind(self.params, None, self.state, len(x))
        if self.kept:
            laid = np.ones_like(graph.x)
            laid[0, :, :-1] = x.reshape(laid[0, :, :-1].shape)
            return graph.on(laid)
        place = graph.x[0, ..., :-1] if self.network.wide else graph.x[0]
        if self.lengths[len(x)] == 1:
            place[...] = x.reshape(place.shape)
        else:
            part.calls.append(partial(np.copyto, place, x.reshape(place.shape)))
        return graph

    def __call__(
        self, params: np.ndarray, state: Tree, row: int = 0, first: int | None = None
    ) -> list[tuple[float, float]]:
        """(mean loss, metric) on each split at `params` (size,), with row `row` of the running statistics `state`.

        first   only so many splits, from the first on, are evaluated; None: all
        """
        self.params[0] = params
        for mine, theirs in zip(self.state, state, strict=True):
            for name, array in mine.items():
                array[0] = theirs[name][row]
        return [part() for part in self.parts[:first]]


class Part:
    """The calls that evaluate a split, and the sums over it."""

    def __init__(self, targets: np.ndarray, metric: str, numbers: bool):
        self.metric, self.numbers = metric, numbers
        self.targets = self.counted(targets)
        self.total = float(np.square(targets - targets.mean(axis=0), dtype=np.float64).sum())
        self.loss = self.quality = 0.0
        self.calls: Calls = []

    def __call__(self) -> tuple[float, float]:
        """(mean loss, metric) at the parameters that the graphs have now."""
        self.loss = self.quality = 0.0
        for call in self.calls:
            call()
        return self.result()

    def counted(self, targets: np.ndarray) -> int:
        """How many targets there are, of examples or of positions."""
        return int((targets >= 0).sum()) if self.numbers else len(targets)

    def add(self, graph: Graph, count: int) -> None:
        """Add what layers add to the mean loss of so many targets."""
        for op in graph.adding:
            added = op.added_loss()
            assert added is not None
            self.loss += float(added[0]) * count

    def count(self, score: Score) -> None:
        self.loss += score.loss()
        self.quality += score.quality()

    def result(self) -> tuple[float, float]:
        if self.metric == "accuracy":
            return self.loss / self.targets, self.quality / self.targets
        return self.loss / self.targets, 1 - self.quality / self.total if self.total > 0 else float("nan")
