"""How values are spread: first weights and what becomes of activations, before and behind a layer, a rescaling."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from making.drawn import log, side_by_side
from optbench import Dense, Layout, get, network, sequential

BEFORE, BEHIND = "#7b818b", "#0072b2"
UNITS, LAYERS, EXAMPLES = 128, 10, 256
#: (mean, standard deviation) of units before a layer; as many as groups of channels want
SPREADS = ((-2, 0.5), (0, 1), (4, 2), (1, 1.5), (-1, 1), (2, 0.7), (0, 3), (3, 1))


def initializer(made: Any) -> tuple[Figure, str]:
    drawn = made.draw((UNITS, UNITS), UNITS, UNITS, np.random.default_rng(0)).ravel()
    sizes = {activation: deep(made, activation) for activation in ("tanh", "relu")}

    def weights(axis: Any) -> None:
        if np.ptp(drawn) == 0:
            axis.axvline(drawn[0], color=BEHIND, linewidth=3)
        else:
            axis.hist(drawn, bins=60, color=BEHIND)
        axis.set(xlabel="weight", ylabel="how many")

    def depth(axis: Any) -> None:
        for (activation, stds), color in zip(sizes.items(), ("#0072b2", "#d55e00"), strict=True):
            shown = np.maximum(stds, 1e-12)
            axis.plot(np.arange(len(stds)), shown, marker="o", markersize=3, color=color, label=activation)
        axis.set(xlabel="layer", ylabel="root mean square of activations")
        log(axis, "y", np.maximum(list(sizes.values()), 1e-12))
        axis.legend()

    return side_by_side([weights, depth]), (
        f"The weights of a layer of {UNITS} inputs and units, and the size of activations through {LAYERS} such layers "
        "with tanh and with relu (below 1e-12 drawn there): level is what a deep network needs."
    )


def deep(made: Any, activation: str) -> list[float]:
    """The root mean square of inputs and of each layer's activations."""
    model = network([UNITS] * (LAYERS + 1) + [1], [activation] * LAYERS + ["identity"], dtype="float64")
    params = model.draw(made)
    weights = [params[place].reshape(UNITS, -1) for place in model.layout.weights]
    value = np.random.default_rng(1).normal(size=(EXAMPLES, UNITS))
    act = np.tanh if activation == "tanh" else lambda z: np.maximum(z, 0)
    sizes = [float(np.sqrt(np.mean(value**2)))]
    for weight in weights[:LAYERS]:
        value = act(value @ weight)
        sizes.append(float(np.sqrt(np.mean(value**2))))
    return sizes


def hidden(made: Any) -> tuple[Figure, str]:
    """Three units on different scales, before and behind the layer in training."""
    rng = np.random.default_rng(0)
    x = np.stack([rng.normal(m, s, EXAMPLES) for m, s in SPREADS], axis=1)
    layer = made.layer((x.shape[1],))
    model = sequential([layer, Dense(1)], (x.shape[1],), loss="mean_squared_error", dtype="float64")
    params = model.draw(get("glorot"))[None]
    state = model.network.initial_state(1, model.dtype)
    graph = model.network.bind(params, np.zeros_like(params), state, len(x), [np.random.default_rng(0)])
    graph.x[0][:, : x.shape[1]] = x
    graph.forward(training=True, fresh=True)
    y = graph.ops[0].wires.y[0][:, : x.shape[1]]
    return before_and_behind(x, y), (
        f"Four of eight units of different mean and spread, {EXAMPLES} examples, before the layer, and behind it in "
        "training."
    )


def before_and_behind(x: np.ndarray, y: np.ndarray) -> Figure:
    def spread(values: np.ndarray) -> Any:
        def draw(axis: Any) -> None:
            for unit, color in enumerate(("#0072b2", "#d55e00", "#009e73", "#cc79a7")):
                axis.hist(values[:, unit], bins=40, color=color, alpha=0.75, label=f"unit {unit + 1}")
            axis.set(xlabel="before" if values is x else "behind", ylabel="examples")

        return draw

    return side_by_side([spread(x), spread(y)])


def inputs(made: Any) -> tuple[Figure, str]:
    """Two correlated inputs on different scales."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(EXAMPLES, 2)) @ np.array([[3.0, 0.4], [0.0, 0.3]]) + [5, 1]
    y = made.fit(x)(x)

    def cloud(values: np.ndarray, label: str, color: str) -> Any:
        def draw(axis: Any) -> None:
            axis.plot(values[:, 0], values[:, 1], ".", markersize=3, color=color)
            axis.set(xlabel=f"first input, {label}", ylabel="second input")

        return draw

    return side_by_side([cloud(x, "before", BEFORE), cloud(y, "behind", BEHIND)]), (
        f"Two correlated inputs of different scale, {EXAMPLES} examples, as they are and as the network reads them."
    )


def constraint(made: Any) -> tuple[Figure, str]:
    """The vectors into units of two inputs, before and after the projection."""
    units = 60
    layout = network([2, units], ["identity"], dtype="float64").layout
    params = np.random.default_rng(0).normal(0, 3, layout.size)
    before = vectors(params, layout)
    made.project(params, layout)
    after = vectors(params, layout)

    def draw(axis: Any) -> None:
        for (a, b), (c, d) in zip(before.T, after.T, strict=True):
            axis.plot([a, c], [b, d], color="#bfc4cc", linewidth=0.8)
        axis.plot(*before, ".", color=BEFORE, label="before")
        axis.plot(*after, ".", color=BEHIND, label="after")
        axis.set(xlabel="weight from the first input", ylabel="from the second", aspect="equal")
        axis.legend()

    told = f"The weights that enter {units} units of two inputs, before and after a step's projection."
    return side_by_side([draw], 4.0), told


def vectors(params: np.ndarray, layout: Layout) -> np.ndarray:
    """(2, units), a copy."""
    return params[layout.weights[0]].reshape(2, -1).copy()

