"""The multilayer perceptron with residual connections."""

from dataclasses import dataclass

from optbench.builtin.networks.hidden import check_activation, dense_layers, embedded
from optbench.contract.architecture import Architecture, Extras, Inputs
from optbench.contract.hyperparameters import hyper
from optbench.contract.layer import Layer
from optbench.nn.dense import Dense
from optbench.nn.residual import Residual


@dataclass(frozen=True)
class ResidualMLP(Architecture):
    """a[0] = x W[0] + b[0], a[l] = a[l-1] + g(a[l-1] W[l] + b[l]) for each block, and a linear layer to the outputs.

    Normalizers act between each product within a block and its g, dropout behind g, before the sum. Images are
    flattened. A table's categories become vectors first, as in `mlp`.
    """

    name = "residual-mlp"
    reference = "Yang and Schoenholz 2017, Mean field residual networks: on the edge of chaos"
    reads = ("values", "categories")

    width: int = hyper(64, valid="[1, inf)", help="units of the first layer and of each block")
    blocks: int = hyper(8, valid="[0, inf)", help="residual blocks behind the first layer")
    activation: str = hyper("relu", help="within each block")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_activation("network residual-mlp: activation", self.activation)

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        blocks = [Residual(tuple(dense_layers([self.width], self.activation, extras))) for _ in range(self.blocks)]
        return [*embedded(inputs), Dense(self.width), *blocks, Dense(outputs)]
