"""The deep autoencoder."""

from dataclasses import dataclass

from optbench.builtin.networks.hidden import check_activation, check_sizes, dense_layers
from optbench.contract.architecture import Architecture, Extras, Inputs
from optbench.contract.hyperparameters import hyper
from optbench.contract.layer import Layer
from optbench.nn.dense import Dense


@dataclass(frozen=True)
class Autoencoder(Architecture):
    """An encoder with hidden layers `hidden`, a linear code of `code` units, and a decoder that is its mirror image.

    64-128-64-12-64-128-64 on images of 8x8: every example goes through the bottleneck. It is trained to give back its
    inputs by the dataset `reconstruction`. Normalizers act between each hidden product and its activation, dropout
    behind that; the code has neither.
    """

    name = "autoencoder"
    reference = "Hinton and Salakhutdinov 2006, Reducing the dimensionality of data with neural networks"

    hidden: tuple[int, ...] = hyper((128, 64), help="units of the encoder's hidden layers; the decoder's come reversed")
    code: int = hyper(12, valid="[1, inf)", help="units of the bottleneck")
    activation: str = hyper("relu", help="of every hidden layer")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sizes("network autoencoder: hidden", self.hidden)
        check_activation("network autoencoder: activation", self.activation)

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        encoder = dense_layers(self.hidden, self.activation, extras)
        decoder = dense_layers(self.hidden[::-1], self.activation, extras)
        return [*encoder, Dense(self.code), *decoder, Dense(outputs)]
