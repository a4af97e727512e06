"""Networks by hand: from layer sizes, or of any layers."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from optbench.contract import arguments
from optbench.contract.architecture import Architecture, Extras, Inputs
from optbench.contract.arguments import all_made, numbers
from optbench.contract.components import LayerFactory
from optbench.contract.edges import Edges
from optbench.contract.errors import OptbenchError, near
from optbench.contract.layer import Layer
from optbench.lab.model import Model
from optbench.lab.outputs import output_of
from optbench.nn.activations import ACTIVATIONS
from optbench.nn.dense import Dense
from optbench.nn.losses import LOSSES
from optbench.nn.network import Network


def network(
    sizes: Sequence[int],
    activations: Sequence[str],
    *,
    dtype: str = "float32",
    loss: str | None = None,
    extras: Sequence[LayerFactory] = (),
) -> Model:
    """A network of dense layers.

    sizes        inputs, units of each layer, outputs: [2, 10, 5, 1]
    activations  one a layer: [relu, relu, sigmoid]. The last names the output and its loss: "softmax" has the
                 multi-class cross-entropy, "sigmoid" the binary one, any other ("identity") the mean squared error
    loss         "mean_squared_error" with "sigmoid", too: then the error is that of the activations
    extras       normalizers (before each hidden activation) and dropout (after it)
    """
    sizes, activations = arguments.listed("sizes", sizes), arguments.listed("activations", activations)
    if len(sizes) < 2 or len(activations) != len(sizes) - 1:
        raise OptbenchError(
            "activations: expected one a layer, "
            f"{max(len(sizes) - 1, 1)} for {len(sizes)} sizes (the first is that of the inputs), got {len(activations)}"
        )
    sizes = [arguments.whole(f"sizes[{k}]", size, 1) for k, size in enumerate(sizes)]
    dtype = arguments.choice("dtype", named(dtype), ("float32", "float64"))
    extras = all_made("extras", extras, LayerFactory, "a normalizer of hidden layers or dropout")
    *hidden, output = (arguments.text(f"activations[{k}]", a) for k, a in enumerate(activations))
    if output == "softmax" and sizes[-1] < 2:
        raise OptbenchError("softmax needs at least 2 outputs: for a single one take 'sigmoid'")
    last, loss_class = output_of(output, loss)
    placed = Extras(extras)
    layers: list[Layer] = []
    for units, activation in zip(sizes[1:-1], hidden, strict=True):
        if activation not in ACTIVATIONS:
            raise OptbenchError(f"activations: there is no activation {activation!r}; {near(activation, ACTIVATIONS)}")
        layers.append(Dense(units))
        layers += placed.before_activation((units,))
        layers.append(ACTIVATIONS[activation]())
        layers += placed.after_activation((units,))
    layers += [Dense(sizes[-1]), *last]
    return Model(Network(layers, (sizes[0],), loss_class), np.dtype(dtype), Inputs((sizes[0],)))


def sequential(
    layers: Sequence[Layer] | Architecture,
    shape: Sequence[int],
    *,
    loss: str = "softmax_cross_entropy",
    outputs: int | None = None,
    positions: int = 1,
    vocabulary: int = 0,
    edges: np.ndarray | None = None,
    graphs: bool = False,
    dtype: str = "float32",
    extras: Sequence[LayerFactory] = (),
) -> Model:
    """A network of any layers: images, convolutions, sequences, graphs.

    layers      from the first to the last, which gives the logits: [Convolution(8), Relu(), MaxPooling(), Dense(10)];
                or a network kind, get("cnn", channels=[8])
    shape       of one example: (height, width, channels), (time, features), (time,) of tokens, (nodes, features) of a
                graph, or (nodes, features + nodes) where its edges are in it
    loss        on the logits; "sequence_cross_entropy" where each position of an example has a class
    outputs, positions, vocabulary, edges, graphs, extras
                what a kind has to know: its logits, the positions that have a class each, how many tokens there are,
                the nodes that each edge of the one graph joins, (edges, 2), whether each example is a graph of its
                own, and the normalizers and dropout that it places
    """
    shape = tuple(arguments.whole(f"shape[{k}]", n, 1) for k, n in enumerate(arguments.listed("shape", shape)))
    dtype = arguments.choice("dtype", named(dtype), ("float32", "float64"))
    name = arguments.text("loss", loss)
    if name not in LOSSES:
        raise OptbenchError(f"loss: there is none called {name!r}; {near(name, LOSSES)}")
    reads = Inputs(
        shape,
        arguments.whole("positions", positions, 1),
        arguments.whole("vocabulary", vocabulary, 0),
        edges=None if edges is None else joined(edges, shape[0]),
        graphs=arguments.flag("graphs", graphs),
    )
    extras = all_made("extras", extras, LayerFactory, "a normalizer of hidden layers or dropout")
    if isinstance(layers, Architecture):
        if outputs is None:
            raise OptbenchError(f"outputs: network {layers.name} has to know how many logits it ends in")
        if reads.kind not in layers.reads or (reads.positions > 1 and not layers.every):
            raise OptbenchError(f"layers: network {layers.name} does not read {reads.kind} at {positions} positions")
        placed = layers.layers(reads, arguments.whole("outputs", outputs, 1), Extras(extras))
    else:
        if outputs is not None or extras:
            raise OptbenchError("outputs and extras are for a network kind: a list of layers has them in it")
        placed = list(all_made("layers", layers, Layer, "a layer such as Dense(10)"))
    return Model(Network(placed, shape, LOSSES[name]), np.dtype(dtype), reads)


def joined(edges: Any, nodes: int) -> Edges:
    """The edges of a graph with so many nodes; `OptbenchError` unless they are."""
    pairs = numbers("edges", edges)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or not len(pairs):
        raise OptbenchError(f"edges: expected the two nodes of each, shape (edges, 2), got {pairs.shape}")
    if not ((pairs >= 0) & (pairs < nodes) & (pairs == np.floor(pairs))).all() or (pairs[:, 0] == pairs[:, 1]).any():
        raise OptbenchError(f"edges: expected two different nodes each, whole numbers from 0 to {nodes - 1}")
    return Edges(nodes, pairs)


def named(dtype: Any) -> Any:
    """The name of a dtype, which may be given as np.float64."""
    try:
        return dtype if isinstance(dtype, str) or dtype is None else np.dtype(dtype).name
    except TypeError:
        return dtype
