"""Further numbers of a run: what the classical claims are about, besides losses.

activation_std, gradient_std   (hidden layers,): standard deviation of each hidden layer's activations, and of the loss
                               gradient by its inputs, on one mini-batch with the first parameters
activation_drift, gradient_drift
                               |log10| of the ratio of the last to the first of those: 0 where the variance is kept,
                               1 where it changed tenfold
unit_spread                    how much the units of a hidden layer differ: the standard deviation of incoming weights
                               over the units, as a share of their root mean square, the least of all layers; 0 where
                               they are identical
statistics_gap                 |mean loss with averaged statistics - with a mini-batch's own|, on one mini-batch;
                               0 where no layer averages any
loss_rises                     the share of evaluations at which the training loss had risen
oscillation                    the share of evaluations at which a variable of an analytic function turned back,
                               averaged over the variables
detour                         length of the path on an analytic function over the distance between its ends: 1 where
                               it is straight. Swings count by their size, unlike in `oscillation`
weight_norm                    Euclidean norm of all weights at the end
"""

from collections.abc import Sequence

import numpy as np

from optbench.contract.context import Measurement
from optbench.contract.layer import unfolded
from optbench.contract.layout import Layout
from optbench.nn.activations import ACTIVATIONS
from optbench.nn.network import Graph
from optbench.training.network_problem import NetworkProblem
from optbench.training.problem import Problem

_ACTIVATIONS = tuple(ACTIVATIONS.values())
#: A standard deviation below this is taken for none: its logarithm says no more.
LEAST = 1e-30


def at_start(problem: Problem, row: int) -> dict[str, np.ndarray]:
    """Per-layer statistics of the first parameters; nothing for analytic functions."""
    if not isinstance(problem, NetworkProblem):
        return {}
    graph = one_batch(problem, row, problem.params[row], backward=True)
    graph.forward(True, True)
    graph.backward()
    forward, backward = [], []
    for layer, op in zip(unfolded(problem.network.layers), unfolded(graph.ops), strict=True):
        if isinstance(layer, _ACTIVATIONS):
            forward.append(float(np.std(op.wires.y, dtype=np.float64)))
            # Behind the first activation nobody needs a gradient by the inputs of the network itself.
            gradient = op.wires.dx
            backward.append(float("nan") if gradient is None else float(np.std(gradient, dtype=np.float64)))
    return {"activation_std": np.array(forward), "gradient_std": np.array(backward)}


def of_start(start: dict[str, np.ndarray]) -> dict[str, float]:
    """What the statistics of the first parameters say: of runs that diverge, too, since exploding is what they tell."""
    profiles = {name: start.get(f"{name}_std") for name in ("activation", "gradient")}
    return {f"{name}_drift": drift(p) for name, p in profiles.items() if p is not None and len(p) > 1}


def at_end(
    problem: Problem,
    row: int,
    params: np.ndarray,
    history: Sequence[Measurement],
    path: Sequence[np.ndarray],
    start: dict[str, np.ndarray],
) -> dict[str, float]:
    """All numbers that apply to this run."""
    metrics = of_start(start)
    metrics |= {"weight_norm": weight_norm(params, problem.layout), "loss_rises": loss_rises(history)}
    if len(path) > 2:
        metrics["oscillation"] = oscillation(np.array(path))
        metrics["detour"] = detour(np.array(path))
    if isinstance(problem, NetworkProblem):
        spread = unit_spread(params, problem.layout)
        if spread is not None:
            metrics["unit_spread"] = spread
        # 0 and not absent: so a claim can say that the gap is about as small as that of a network without.
        averaged = any(problem.state)
        metrics["statistics_gap"] = statistics_gap(problem, row, params) if averaged else 0.0
    return metrics


def one_batch(problem: NetworkProblem, row: int, params: np.ndarray, backward: bool = False) -> Graph:
    """A graph of its own on the first mini-batch's worth of training examples; it changes nothing of the problem."""
    vector = params[None].astype(problem.params.dtype)
    state = [{name: a[row : row + 1].copy() for name, a in layer.items()} for layer in problem.state]
    grads = np.zeros_like(vector) if backward else None
    rngs = [np.random.default_rng(0)]
    graph = problem.network.bind(vector, grads, state, problem.batch, rngs)
    graph.x[0] = problem.pool.x[: problem.batch]
    scale = 1.0 if problem.network.loss.numbers else float(1 / problem.batch)
    graph.targets[0] = problem.data.train_targets[: problem.batch] * scale
    return graph


def weight_norm(params: np.ndarray, layout: Layout) -> float:
    return float(np.sqrt(sum(np.square(params[s], dtype=np.float64).sum() for s in layout.weights)))


def loss_rises(history: Sequence[Measurement]) -> float:
    losses = np.array([m.train_loss for m in history])
    return float(np.mean(np.diff(losses) > 0)) if len(losses) > 1 else 0.0


def oscillation(path: np.ndarray) -> float:
    moves = np.diff(path, axis=0)
    return float(np.mean(moves[1:] * moves[:-1] < 0))


def detour(path: np.ndarray) -> float:
    length = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())
    distance = float(np.linalg.norm(path[-1] - path[0]))
    # A path that ends where it began: an infinite detour; one that never left: none.
    return length / distance if distance > 0 else (float("inf") if length > 0 else 1.0)


def drift(profile: np.ndarray) -> float:
    first, last = profile[np.isfinite(profile)][[0, -1]]
    return float(abs(np.log10(max(last, LEAST)) - np.log10(max(first, LEAST))))


def unit_spread(params: np.ndarray, layout: Layout) -> float | None:
    weights = [t for t in layout if t.role == "weight" and len(t.shape) > 1][:-1]
    spreads = []
    for tensor in weights:
        matrix = params[tensor.slice].reshape(layout.matrix(tensor)).astype(np.float64)
        size = float(np.sqrt(np.mean(matrix**2)))
        spreads.append(float(matrix.std(axis=1).mean()) / size if size > 0 else 0.0)
    return min(spreads) if spreads else None


def statistics_gap(problem: NetworkProblem, row: int, params: np.ndarray) -> float:
    graph = one_batch(problem, row, params)
    losses = []
    for training in (True, False):
        graph.forward(training, False)
        losses.append(float(graph.value()[0]))
    return abs(losses[0] - losses[1])
