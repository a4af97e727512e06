"""What a component does, in a picture: one for each kind. A function of a component gives (figure, caption).

paths       optimizers, functions and problems: the way down
curves      schedules, penalties, stopping
spreads     initializers and what acts on activations
samples     datasets, and what changes examples
shapes      networks: what each layer gives, and how many parameters it has
"""

from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

from making.behaviour import curves, paths, samples, shapes, spreads
from making.suites import component, network_of
from optbench import (
    Architecture,
    BatchTransform,
    Component,
    Constraint,
    Dataset,
    Function,
    HiddenNormalizer,
    Initializer,
    InputNormalizer,
    LayerRegularizer,
    Optimizer,
    Penalty,
    Problem,
    Schedule,
    Stopping,
)
from optbench.registry.registry import registry

Drawn = tuple[Figure, str]
#: base class -> what draws it; a function is a problem, too, and stands before it
DRAWS: dict[type, Callable[[Any], Drawn]] = {
    Optimizer: paths.optimizer,
    Function: paths.function,
    Problem: paths.problem,
    Schedule: curves.schedule,
    Penalty: curves.penalty,
    Stopping: curves.stopping,
    Constraint: spreads.constraint,
    Initializer: spreads.initializer,
    HiddenNormalizer: spreads.hidden,
    LayerRegularizer: spreads.hidden,
    InputNormalizer: spreads.inputs,
    BatchTransform: samples.transform,
    Dataset: samples.dataset,
    Architecture: shapes.network,
}


def drawn(component: Component) -> Drawn:
    """The picture of a component as it is by default, and what it shows."""
    draw = next(draw for base, draw in DRAWS.items() if isinstance(component, base))
    return draw(component)


def workload(suite: str, made: Any) -> Drawn:
    """The picture of a suite's workload: the way down where it has no data, else its network."""
    for field, kind in (("function", "functions"), ("problem", "problems")):
        settings = getattr(made, field)
        if settings is not None:
            one = registry().create(kind, settings)
            # a large one by itself would take minutes: what it does is that of the function as it is by default
            figure, told = drawn(one if len(getattr(one, "window", ())) == 2 else component(kind, one.name) or one)
            return figure, f"{told} The settings of the workload are below."
    told = "Its network: each layer's parameters, and the shape that it gives."
    return shapes.layers(network_of(suite, made.name)), told
