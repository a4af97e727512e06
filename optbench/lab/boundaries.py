"""What a trial's network says of the whole plane, where it reads two numbers and tells two classes."""

from dataclasses import dataclass, replace

import numpy as np

from optbench.registry.registry import Registry
from optbench.training.assembly import Parts, assemble, content_of, data_of
from optbench.training.network_problem import NetworkProblem
from optbench.training.trainer import train
from optbench.trials.trial import Run, Trial, bare


@dataclass(frozen=True)
class Plane:
    """A trained network over the plane of its two inputs, as normalized for it.

    x, y     training examples (m, 2) and their classes (m,), 0 or 1
    across, up   the grid's coordinates
    chance   (up, across): the network's probability of class 1
    run      what the training gave, to be compared with the one that was stored
    """

    x: np.ndarray
    y: np.ndarray
    across: np.ndarray
    up: np.ndarray
    chance: np.ndarray
    run: Run


def planar(trial: Trial, registry: Registry) -> bool:
    """Whether this trial's network reads two numbers and tells two classes; its data are loaded to see it."""
    if bare(trial.workload):
        return False
    data = data_of(trial.workload, Parts(trial, registry).inputs, registry, content_of(trial))
    return data.task == "binary" and tuple(data.shape) == (2,)


def plane(trial: Trial, registry: Registry, points: int = 121) -> Plane:
    """Train a trial again, with the code and data that there are now, and ask its network about a grid of points."""
    training = assemble([replace(trial, sources={})], registry)
    row = training.rows[0]
    generator = train(training)
    while True:
        try:
            next(generator)
        except StopIteration as end:
            (run,) = end.value
            break
    problem = training.problem
    assert isinstance(problem, NetworkProblem)
    params = row.recipe.optimizer.evaluation_params(row.params, row.state)
    if row.recipe.stopping and row.best is not None:
        params = row.best
    x, y = problem.data.x_train, problem.data.y_train.reshape(-1)
    margin = 0.08 * np.ptp(x, axis=0)
    across, up = (np.linspace(x[:, k].min() - margin[k], x[:, k].max() + margin[k], points) for k in (0, 1))
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2).astype(x.dtype)
    statistics, _ = problem.statistics(row.index, params)
    graph = problem.network.bind(np.array(params)[None], None, statistics, len(grid))
    graph.x[0][:, :2] = grid
    graph.forward(training=False, fresh=True)
    chance = problem.network.loss.predict(np.array(graph.logits[0]))
    return Plane(x, y, across, up, chance.reshape(points, points), run)
