"""The residual network for small images."""

from dataclasses import dataclass

from optbench.builtin.networks.hidden import check_activation, check_sizes
from optbench.contract.architecture import Architecture, Extras, Inputs
from optbench.contract.hyperparameters import ComponentError, hyper
from optbench.contract.layer import Layer, Shape
from optbench.nn.activations import ACTIVATIONS
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.residual import Residual
from optbench.nn.strided import GlobalAveragePooling, Projection, StridedConvolution, halved


@dataclass(frozen=True)
class ResNet(Architecture):
    """A 3x3 convolution; for each entry of `channels` `blocks` residual blocks; the mean over all positions; a product.

    A block is g(s(x) + f(x)) with f two 3x3 convolutions, g behind the first, and each normalized. The first block of
    each stage but the first halves height and width and projects its shortcut, s(x) = x[::2, ::2] W + b, normalized
    alike; elsewhere s(x) = x. Batch norm is part of the network; a candidate's own normalizers take its place.
    Dropout acts behind every activation.
    """

    name = "resnet"
    reference = "He, Zhang, Ren and Sun 2016, Deep residual learning for image recognition"

    channels: tuple[int, ...] = hyper((8, 16, 32), help="channels of each stage")
    blocks: int = hyper(1, valid="[1, inf)", help="residual blocks a stage")
    activation: str = hyper("relu", help="of every hidden layer")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sizes("network resnet: channels", self.channels)
        check_activation("network resnet: activation", self.activation)
        if not self.channels:
            raise ComponentError("network resnet: channels must name at least one stage, got []")

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        shape = inputs.shape
        if len(shape) != 3:
            raise ComponentError(
                f"network resnet needs images (height, width, channels), but the inputs have shape {shape}; "
                "for flat features take network residual-mlp"
            )
        features: Shape = (*shape[:2], self.channels[0])
        layers: list[Layer] = [Convolution(self.channels[0]), *self._activated(features, extras)]
        for stage, channels in enumerate(self.channels):
            for block in range(self.blocks):
                narrow = stage > 0 and block == 0
                features = (*(halved(features) if narrow else features[:2]), channels)
                first = StridedConvolution(channels) if narrow else Convolution(channels)
                body = [first, *self._activated(features, extras), Convolution(channels)]
                before = self._normalizers(features, extras)
                shortcut = (Projection(channels, 2), *before) if narrow else ()
                layers.append(Residual((*body, *before), shortcut))
                layers += [ACTIVATIONS[self.activation](), *extras.after_activation(features)]
        return [*layers, GlobalAveragePooling(), Dense(outputs)]

    def _activated(self, features: Shape, extras: Extras) -> list[Layer]:
        behind = [ACTIVATIONS[self.activation](), *extras.after_activation(features)]
        return [*self._normalizers(features, extras), *behind]

    @staticmethod
    def _normalizers(features: Shape, extras: Extras) -> list[Layer]:
        return extras.before_activation(features) or [BatchNorm()]
