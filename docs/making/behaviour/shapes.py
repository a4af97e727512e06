"""A network layer by layer: what each gives, and how many parameters it has."""

from typing import Any

from matplotlib.figure import Figure

from making.drawn import side_by_side
from making.suites import network_of, using
from optbench import OptbenchError, sequential

#: what one that no suite has is shown with
EXAMPLES = ((16, 16, 1), (20, 8), (16,))


def network(made: Any) -> tuple[Figure, str]:
    place = using("network", made.name)
    if place is None:
        return example(made)
    suite, workload = place
    told = f"As in the workload {workload} of {suite}: each layer's parameters, and the shape that it gives."
    return layers(network_of(suite, workload)), told


def example(made: Any) -> tuple[Figure, str]:
    for shape in EXAMPLES:
        try:
            net = sequential(made, shape, outputs=10).network
        except OptbenchError:  # it reads examples of another shape
            continue
        told = f"For examples of shape {shape} and ten classes: each layer's parameters, and the shape that it gives."
        return layers(net), told
    raise OptbenchError(f"no workload has network {made.name}, and it reads none of {EXAMPLES}")


def layers(net: Any) -> Figure:
    """Bars of parameters, a row a layer, from the input down."""
    names, counts = [], []
    for layer, shape, parameters in zip(net.layers, net.shapes[1:], net.chain.parameters, strict=True):
        names.append(f"{type(layer).__name__} → {'×'.join(map(str, shape))}")
        counts.append(sum(size(p) for p in parameters))

    def draw(axis: Any) -> None:
        axis.barh(range(len(names)), counts, color="#0072b2", height=0.6)
        for row, count in enumerate(counts):
            told = f"{count:,}" if count else "none"
            axis.annotate(told, (count, row), (4, 0), textcoords="offset points", va="center", fontsize=8)
        axis.set_yticks(range(len(names)), names)
        axis.set(xlabel="parameters", ylim=(len(names) - 0.4, -0.6), xlim=(0, 1.2 * max(*counts, 1)))
        axis.grid(axis="y", visible=False)

    return side_by_side([draw], max(1.6, 0.24 * len(names) + 0.7))


def size(parameter: Any) -> int:
    total = 1
    for side in parameter.shape:
        total *= side
    return total
