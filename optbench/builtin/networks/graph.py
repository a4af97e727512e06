"""Networks on graphs: convolutions on one, and isomorphism networks, which also read a graph an example."""

from dataclasses import dataclass

from optbench.builtin.networks.hidden import check_activation
from optbench.contract.architecture import Architecture, Extras, Inputs
from optbench.contract.hyperparameters import ComponentError, hyper
from optbench.contract.layer import Layer
from optbench.nn.activations import ACTIVATIONS
from optbench.nn.dense import Dense
from optbench.nn.graph_convolution import GraphConvolution
from optbench.nn.neighbour_sum import NeighbourSum
from optbench.nn.positions import MeanOverPositions


@dataclass(frozen=True)
class GCN(Architecture):
    """H[l] = g(M H[l-1] W[l] + b[l]) for all layers but the last, which has no g; M = D^-1/2 (A + I) D^-1/2.

    H[0] are the features of a graph's nodes. Where these are classified, the last H has each node's logits; where a
    graph is an example, as in `random-graphs`, it has a g, too, and the logits are a product of its mean over the
    nodes. Normalizers act between each product and its g, dropout behind g; no dropout acts on the features
    themselves.
    """

    name = "gcn"
    reference = "Kipf and Welling 2017, Semi-supervised classification with graph convolutional networks"
    reads = ("graph", "graphs")
    every = True

    width: int = hyper(16, valid="[1, inf)", help="units of each hidden layer")
    depth: int = hyper(2, valid="[1, inf)", help="graph convolutions")
    activation: str = hyper("relu", help="of every hidden layer")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_activation("network gcn: activation", self.activation)

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        check_graphs(self.name, inputs)
        pooled = inputs.positions == 1
        layers: list[Layer] = []
        for _ in range(self.depth if pooled else self.depth - 1):
            layers.append(GraphConvolution(self.width, inputs.edges))
            layers += activated(self.width, self.activation, extras)
        last = [MeanOverPositions(), Dense(outputs)] if pooled else [GraphConvolution(outputs, inputs.edges)]
        return [*layers, *last]


@dataclass(frozen=True)
class GIN(Architecture):
    """H[l] = MLP[l]((A + I) H[l-1]) for each layer, MLP(s) = g(g(s U + b) V + c); logits are a product of the last H.

    H[0] are the features of a graph's nodes. Where a graph is an example, as in `random-graphs`, the product is of the
    mean of H over its nodes; where its nodes are classified, of each. Normalizers act between each product and its g,
    dropout behind g. Of the paper's network it is the variant GIN-0, read out from the last layer only.
    """

    name = "gin"
    reference = "Xu, Hu, Leskovec and Jegelka 2019, How powerful are graph neural networks?"
    reads = ("graph", "graphs")
    every = True

    width: int = hyper(16, valid="[1, inf)", help="units of each hidden layer")
    depth: int = hyper(2, valid="[1, inf)", help="sums over neighbours, each with two hidden layers behind it")
    activation: str = hyper("relu", help="of every hidden layer")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_activation("network gin: activation", self.activation)

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        check_graphs(self.name, inputs)
        layers: list[Layer] = []
        for _ in range(self.depth):
            layers.append(NeighbourSum(inputs.edges))
            for _ in range(2):
                layers += [Dense(self.width), *activated(self.width, self.activation, extras)]
        mean = [MeanOverPositions()] if inputs.positions == 1 else []
        return [*layers, *mean, Dense(outputs)]


def check_graphs(kind: str, inputs: Inputs) -> None:
    """Raise `ComponentError` unless there are edges."""
    if inputs.edges is None and not inputs.graphs:
        raise ComponentError(
            f"network {kind} needs graphs, as those of random-graphs or stochastic-block-model, but the inputs are "
            f"{inputs.kind} of shape {inputs.shape}"
        )


def activated(width: int, activation: str, extras: Extras) -> list[Layer]:
    """What stands behind a hidden product."""
    features = (width,)
    return [*extras.before_activation(features), ACTIVATIONS[activation](), *extras.after_activation(features)]
