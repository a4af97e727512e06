"""Loss and metric of a network on one split, in chunks of a fixed size."""

import numpy as np

from optbench.nn.network import Graph, Network, Tree

#: Examples a chunk, and the rows that it opens into at most (of at least one example). Fixed for all workloads:
#: another chunk size may give other bits.
CHUNK = 512
ROWS = 4096


class Evaluator:
    """Evaluates parameter vectors on fixed examples.

    Chunks of one length share one graph, whose buffers are what evaluation needs memory for; a chunk that is the
    only one of its length stays laid into it.

    x        (examples, *features)
    targets  (examples, outputs): one-hot for classes, 0/1 for binary, values for regression and reconstruction;
             (examples, positions) class numbers where the loss takes those
    metric   "accuracy" or "r2"
    """

    def __init__(
        self,
        network: Network,
        x: np.ndarray,
        targets: np.ndarray,
        metric: str,
        state: Tree,
        chunk: int = CHUNK,
    ):
        self.numbers = network.loss.numbers
        chunk = max(1, min(chunk, ROWS // max(network.chain.positions)))
        self.metric = metric
        self.params = np.zeros((1, network.layout.size), x.dtype)
        self.state = [{name: np.array(a[:1]) for name, a in layer.items()} for layer in state]
        self.graphs: dict[int, Graph] = {}
        self.chunks: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        #: how many targets each chunk has
        self.counts: list[int] = []
        for start in range(0, len(x), chunk):
            part, wanted = x[start : start + chunk], targets[start : start + chunk]
            if self.numbers:
                self.chunks.append((part, wanted, wanted.reshape(-1)))
            else:
                labels = wanted.argmax(axis=1) if wanted.shape[1] > 1 else wanted[:, 0] > 0.5
                self.chunks.append((part, wanted * float(1 / len(part)), labels))
            self.counts.append(int((wanted >= 0).sum()) if self.numbers else len(part))
            if len(part) not in self.graphs:
                self.graphs[len(part)] = network.bind(self.params, None, self.state, len(part))
        self.laid: dict[int, int] = {}
        self.targets = sum(self.counts)
        self.total = float(np.square(targets - targets.mean(axis=0), dtype=np.float64).sum())

    def _graph(self, number: int) -> Graph:
        """The graph for a chunk, with its inputs and targets laid into it."""
        part, scaled, _ = self.chunks[number]
        graph = self.graphs[len(part)]
        if self.laid.get(len(part)) != number:
            place = graph.x[0, ..., :-1] if graph.network.wide else graph.x[0]
            place[...] = part.reshape(place.shape)
            graph.targets[0] = scaled
            self.laid[len(part)] = number
        return graph

    def __call__(self, params: np.ndarray, state: Tree, row: int = 0) -> tuple[float, float]:
        """(mean loss, metric) at `params` (size,), with row `row` of the running statistics `state`."""
        self.params[0] = params
        for mine, theirs in zip(self.state, state, strict=True):
            for name, array in mine.items():
                array[0] = theirs[name][row]
        loss = hits = residual = 0.0
        for number, ((_, _, labels), count) in enumerate(zip(self.chunks, self.counts, strict=True)):
            graph = self._graph(number)
            graph.forward(training=False, fresh=False)
            loss += float(graph.value()[0]) * count
            logits = graph.logits[0]
            if self.metric == "r2":
                error = graph.loss.predict(logits) - graph.targets[0] * graph.batch
                residual += float(np.square(error, dtype=np.float64).sum())
            elif logits.shape[1] > 1:  # a position without a target has the label -1, which no class has
                hits += int((logits.argmax(axis=1) == labels).sum())
            else:
                hits += int(((logits[:, 0] > graph.loss.boundary) == labels).sum())
        if self.metric == "r2":
            quality = 1 - residual / self.total if self.total > 0 else float("nan")
        else:
            quality = hits / self.targets
        return loss / self.targets, quality
