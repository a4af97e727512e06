"""The multilayer perceptron."""

from dataclasses import dataclass

from optbench.builtin.networks.hidden import check_activation, check_sizes, dense_layers, embedded
from optbench.contract.architecture import Architecture, Extras, Inputs
from optbench.contract.hyperparameters import hyper
from optbench.contract.layer import Layer
from optbench.nn.dense import Dense


@dataclass(frozen=True)
class MLP(Architecture):
    """a[l] = g(a[l-1] W[l] + b[l]) for each hidden layer, and one linear layer to the outputs.

    Normalizers act between each product and its g, dropout behind g. Images are flattened. A table's categories become
    vectors first, all of as many units as fast.ai's rule gives the column of most categories: 1.6 n^0.56, at most 600.
    """

    name = "mlp"
    reference = "Rumelhart, Hinton and Williams 1986, Learning representations by back-propagating errors"
    reads = ("values", "categories")

    hidden: tuple[int, ...] = hyper((64, 32), help="units of each hidden layer")
    activation: str = hyper("relu", help="of every hidden layer")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sizes("network mlp: hidden", self.hidden)
        check_activation("network mlp: activation", self.activation)

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        return [*embedded(inputs), *dense_layers(self.hidden, self.activation, extras), Dense(outputs)]
