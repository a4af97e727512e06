"""From trials, which are plain data, to ready objects: the one place where the trainer's parts meet the registry."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from optbench.contract.architecture import Architecture, Extras
from optbench.contract.components import (
    BatchTransform,
    Component,
    Constraint,
    HiddenNormalizer,
    Initializer,
    InputNormalizer,
    LayerRegularizer,
    Penalty,
    Stopping,
)
from optbench.contract.dataset import POSITIONED
from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import ComponentError
from optbench.nn.losses import LOSSES, ReconstructionCrossEntropy
from optbench.nn.network import Network
from optbench.registry.registry import Registry
from optbench.training import awake
from optbench.training.network_problem import EXAMPLES, NetworkProblem
from optbench.training.own_problem import OwnProblem
from optbench.training.preparation import Prepared, prepare
from optbench.training.problem import Problem
from optbench.training.split import Split
from optbench.training.trainer import Budget, Recipe, Training
from optbench.trials.seeds import reported
from optbench.trials.trial import NOT_IN_KEY, Settings, Trial, bare, canonical


class Parts:
    """A trial's components, made."""

    def __init__(self, trial: Trial, registry: Registry):
        settings = trial.components
        self.seed = trial.seed
        self.optimizer = registry.create("optimizers", settings["optimizer"])
        self.schedule = registry.create("schedules", settings["schedule"])
        self.initializer = registry.create("initializers", settings["initializer"])
        normalizers = [registry.create("normalizers", s) for s in settings["normalizers"]]
        regularizers = [registry.create("regularizers", s) for s in settings["regularizers"]]
        self.inputs = tuple(n for n in normalizers if isinstance(n, InputNormalizer))
        self.factories = tuple(
            c for c in (*normalizers, *regularizers) if isinstance(c, (HiddenNormalizer, LayerRegularizer))
        )
        self.penalties = _of(regularizers, Penalty)
        self.constraints = _of(regularizers, Constraint)
        self.transforms = _of(regularizers, BatchTransform)
        self.stopping = _of(regularizers, Stopping)

    def recipe(self, tested: bool) -> Recipe:
        return Recipe(
            self.optimizer, self.schedule, self.seed, self.penalties, self.constraints, self.stopping, tested
        )


def _of(components: Sequence[Component], base: type) -> list[Any]:
    return [c for c in components if isinstance(c, base)]


def stack_key(trial: Trial) -> Hashable:
    """Trials with equal keys share data, network shape and budget, so that they can be trained in one stack."""
    workload = {k: v for k, v in trial.workload.items() if k not in NOT_IN_KEY}
    # Any regularizer may be a layer or change the data's layout; equal ones always fit.
    return canonical([workload, trial.components["normalizers"], trial.components["regularizers"]])


#: Stacks pay where a step is mostly the cost of calling NumPy: rows of a stack for networks of at most so many
#: parameters. Above, a stack's arrays leave the cache (measured by the `stack` benchmarks).
STACK_SIZES = ((10_000, 16), (20_000, 8))


def stack_limit(trial: Trial, registry: Registry) -> int:
    """How many trials like this one to train in one stack."""
    if bare(trial.workload):
        return 1
    parts = Parts(trial, registry)
    data = data_of(trial.workload, parts.inputs, registry, content_of(trial))
    network = network_of(trial.workload, data, parts.factories, registry)
    # A step on one graph is all calls, too, though its nodes come as (nodes, features).
    shapes = network.shapes if data.edges is None else network.shapes[1:]
    if any(len(shape) > 1 for shape in shapes):
        return 1
    return next((size for parameters, size in STACK_SIZES if network.layout.size <= parameters), 1)


def assemble(
    trials: Sequence[Trial], registry: Registry, timeout: float | None = None, alone: bool = False
) -> Training:
    """A training of these trials, which must share their `stack_key`.

    alone   nothing is selected by them: the test split is read whatever their seeds, else not of tuning trials
    """
    workload = trials[0].workload
    parts = [Parts(trial, registry) for trial in trials]
    seeds = [trial.seed for trial in trials]
    problem: Problem
    if bare(workload):
        problem = own_problem_of(workload, seeds, [p.initializer for p in parts], registry)
    else:
        data = data_of(workload, parts[0].inputs, registry, content_of(trials[0]))
        network = network_of(workload, data, parts[0].factories, registry)
        for transform in (t for p in parts for t in p.transforms):
            _check_transform(transform, data)
        batch = None if workload["batch_size"] == "full" else int(workload["batch_size"])
        if data.fresh is not None:
            _check_online(workload, batch, data)
        problem = NetworkProblem(
            network,
            data,
            batch,
            seeds,
            [p.initializer for p in parts],
            [p.transforms for p in parts],
            workload.get("evaluate_examples") or EXAMPLES,
        )
    recipes = [p.recipe(alone or reported(p.seed)) for p in parts]
    return Training(problem, recipes, budget_of(workload, problem, timeout))


def _check_online(workload: Settings, batch: int | None, data: Prepared) -> None:
    """Raise `OptbenchError` where budget or batch size make no sense for data that never come to an end."""
    where, most = f"dataset {workload['dataset']['name']}", len(data.x_train)
    if not workload.get("steps"):
        raise OptbenchError(f"{where}: online data have no epochs: give steps")
    if batch is None:
        raise OptbenchError(f'{where}: online data have no full batch: give a number of examples as batch_size')
    if batch > most:
        raise OptbenchError(
            f"{where}: batch_size = {batch}, but {most} new examples are drawn at a time, as many as the training "
            "split has: give its inner dataset more samples"
        )


def _check_transform(transform: BatchTransform, data: Prepared) -> None:
    if data.task in POSITIONED:
        reason = "which is for one-hot targets, not for a class at each position"
    elif transform.inputs and (data.vocabulary or data.categories or data.graphs):
        reason = "but these inputs are tokens, categories or edges, which are not to be computed with"
    else:
        return
    raise OptbenchError(f"regularizer {transform.name} changes mini-batches, {reason}; leave it out")


def content_of(trial: Trial) -> str:
    """What the trial's dataset must hold; empty where nobody recorded it."""
    return str(trial.sources.get(f"data:{trial.workload['dataset']['name']}", ""))


def own_problem_of(
    workload: Settings, seeds: Sequence[int], initializers: Sequence[Initializer], registry: Registry
) -> OwnProblem:
    """The function or problem of a workload that has neither dataset nor network, at its start."""
    own = bare(workload)
    assert own is not None
    return OwnProblem(registry.create(*own), seeds, initializers, np.dtype(workload["dtype"]))


def data_of(
    workload: Settings, normalizers: Sequence[InputNormalizer], registry: Registry, content: str = ""
) -> Prepared:
    """The workload's data, split and normalized; see `prepare` on `content`."""
    dataset = registry.create("datasets", workload["dataset"])
    split, dtype = Split(**workload["split"]), np.dtype(workload["dtype"])
    return prepare(dataset, split, tuple(normalizers), dtype, content)


def network_of(
    workload: Settings, data: Prepared, factories: Sequence[Any], registry: Registry
) -> Network:
    """The workload's network for its data."""
    architecture = registry.create("networks", workload["network"])
    _check_reads(architecture, data, workload["dataset"]["name"], registry)
    layers = architecture.layers(data.inputs, data.outputs, Extras(factories))
    loss = LOSSES[workload.get("loss") or data.loss]
    if loss is ReconstructionCrossEntropy and not 0 <= data.y_train.min() <= data.y_train.max() <= 1:
        raise OptbenchError(
            f"dataset {workload['dataset']['name']}: loss {loss.name} reconstructs grey levels in [0, 1], but features "
            f"lie in [{data.y_train.min():g}, {data.y_train.max():g}]; take mean_squared_error"
        )
    return Network(layers, data.shape, loss)


def _check_reads(architecture: Architecture, data: Prepared, dataset: str, registry: Registry) -> None:
    """Raise `ComponentError` with the networks that would do, where this one cannot read the data."""
    inputs = data.inputs

    def fits(kind: Any) -> bool:
        return inputs.kind in kind.reads and (kind.every or data.task not in POSITIONED)

    if fits(type(architecture)):
        return
    each = {"sequence": ", and a class at each position", "nodes": ", and a class at each node"}
    asked = inputs.kind + each.get(data.task, "")
    others = ", ".join(name for name, entry in registry.components["networks"].items() if fits(entry.component))
    raise ComponentError(
        f"network {architecture.name} does not fit dataset {dataset}, which is {asked}; take one of: {others}"
    )


def budget_of(workload: Settings, problem: Problem, timeout: float | None) -> Budget:
    """The workload's budget in steps of this problem."""
    steps = workload.get("steps") or int(workload["epochs"]) * problem.steps_per_epoch
    every = workload.get("evaluate_every")
    if not every:
        every = max(1, steps // 100) if bare(workload) else problem.steps_per_epoch
    validate = workload.get("validate_every") or 1  # trials of before suites said so read it each time
    return Budget(int(steps), int(every), awake.after(timeout), bool(workload.get("diagnostics")), int(validate))


