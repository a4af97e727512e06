"""A small convolutional network."""

from dataclasses import dataclass

from optbench.builtin.networks.hidden import check_activation, check_sizes, dense_layers
from optbench.contract.architecture import Architecture, Extras, Inputs
from optbench.contract.hyperparameters import ComponentError, hyper
from optbench.contract.layer import Layer
from optbench.nn.activations import ACTIVATIONS
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.flatten import Flatten
from optbench.nn.pooling import AveragePooling, MaxPooling

POOLINGS: dict[str, type[Layer]] = {"max": MaxPooling, "average": AveragePooling}


@dataclass(frozen=True)
class CNN(Architecture):
    """For each entry of `channels` a 3x3 convolution, its activation and 2x2 pooling; then dense layers.

    Normalizers act between each product and its activation, dropout behind it. Each pooling halves height and
    width (an odd last row or column is left out). The greatest of a square is taken before a monotone activation
    where nothing stands between the two: the function is the same, for a quarter of the activations.
    """

    name = "cnn"
    reference = "LeCun, Bottou, Bengio and Haffner 1998, Gradient-based learning applied to document recognition"

    channels: tuple[int, ...] = hyper((16, 32), help="channels of each convolution")
    hidden: tuple[int, ...] = hyper((), help="units of each hidden dense layer behind the convolutions")
    activation: str = hyper("relu", help="of every hidden layer")
    pooling: str = hyper("max", scale="choice", choices=("max", "average"))

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sizes("network cnn: channels", self.channels)
        check_sizes("network cnn: hidden", self.hidden)
        check_activation("network cnn: activation", self.activation)

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        shape = inputs.shape
        if len(shape) != 3:
            raise ComponentError(
                f"network cnn needs images (height, width, channels), but the inputs have shape {shape}; "
                "for flat features take network mlp or linear"
            )
        least = 2 ** len(self.channels)
        if min(shape[:2]) < least:
            raise ComponentError(
                f"network cnn: channels = {list(self.channels)} pools {len(self.channels)} times, which needs images "
                f"of at least {least}x{least}, got {shape[0]}x{shape[1]}"
            )
        layers: list[Layer] = []
        height, width = shape[:2]
        for channels in self.channels:
            layers.append(Convolution(channels))
            layers += extras.before_activation((height, width, channels))
            activation = ACTIVATIONS[self.activation]()
            behind = extras.after_activation((height, width, channels))
            pooling = POOLINGS[self.pooling]()
            if self.pooling == "max" and activation.monotone and not behind:
                # The greatest of f(a), f(b), ... is f of the greatest: a quarter of the work.
                layers += [pooling, activation]
            else:
                layers += [activation, *behind, pooling]
            height, width = height // 2, width // 2
        return [*layers, Flatten(), *dense_layers(self.hidden, self.activation, extras), Dense(outputs)]
