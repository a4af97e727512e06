"""Loss and metric of a network on one split, in chunks of a fixed size."""

import numpy as np

from optbench.nn.network import Network, Tree

#: Fixed for all workloads: another chunk size may give other bits.
CHUNK = 512


class Evaluator:
    """Evaluates parameter vectors on fixed examples. The inputs are laid into the graphs once, not at each call.

    x        (examples, *features)
    targets  (examples, outputs): one-hot for classes, 0/1 for binary, values for regression
    metric   "accuracy" or "r2"
    """

    def __init__(
        self, network: Network, x: np.ndarray, targets: np.ndarray, metric: str, state: Tree, chunk: int = CHUNK
    ):
        dtype = x.dtype
        self.examples = len(x)
        self.metric = metric
        self.params = np.zeros((1, network.layout.size), dtype)
        self.state = [{name: np.array(a[:1]) for name, a in layer.items()} for layer in state]
        self.graphs, self.labels = [], []
        for start in range(0, len(x), chunk):
            part, wanted = x[start : start + chunk], targets[start : start + chunk]
            graph = network.bind(self.params, None, self.state, len(part))
            place = graph.x[0, ..., :-1] if network.wide else graph.x[0]
            place[...] = part.reshape(place.shape)
            graph.targets[0] = wanted * float(1 / len(part))
            self.graphs.append(graph)
            self.labels.append(wanted.argmax(axis=1) if wanted.shape[1] > 1 else wanted[:, 0] > 0.5)
        self.total = float(np.square(targets - targets.mean(axis=0)).sum(dtype=np.float64))

    def __call__(self, params: np.ndarray, state: Tree, row: int = 0) -> tuple[float, float]:
        """(mean loss, metric) at `params` (size,), with row `row` of the running statistics `state`."""
        self.params[0] = params
        for mine, theirs in zip(self.state, state, strict=True):
            for name, array in mine.items():
                array[0] = theirs[name][row]
        loss = hits = residual = 0.0
        for graph, labels in zip(self.graphs, self.labels, strict=True):
            graph.forward(training=False, fresh=False)
            loss += float(graph.loss.value()[0]) * graph.batch
            logits = graph.logits[0]
            if self.metric == "r2":
                error = logits - graph.targets[0] * graph.batch
                residual += float(np.square(error).sum(dtype=np.float64))
            elif logits.shape[1] > 1:
                hits += int((logits.argmax(axis=1) == labels).sum())
            else:
                hits += int(((logits[:, 0] > 0) == labels).sum())
        if self.metric == "r2":
            quality = 1 - residual / self.total if self.total > 0 else float("nan")
        else:
            quality = hits / self.examples
        return loss / self.examples, quality
