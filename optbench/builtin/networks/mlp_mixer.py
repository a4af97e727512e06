"""The MLP mixer."""

from dataclasses import dataclass

from optbench.builtin.networks.blocks import check_patch, feed_forward, normalizers
from optbench.builtin.networks.hidden import check_activation
from optbench.contract.architecture import Architecture, Extras, Inputs
from optbench.contract.hyperparameters import hyper
from optbench.contract.layer import Layer
from optbench.nn.dense import Dense
from optbench.nn.positions import MeanOverPositions, Patches, SwapPositions
from optbench.nn.residual import Residual


@dataclass(frozen=True)
class MLPMixer(Architecture):
    """An image's patches, each a product to `width` units; blocks that mix patches, x + (g(norm(x)' W + b) V + c)', and
    then units, x + g(norm(x) W + b) V + c; a norm, the mean over patches, and a product.

    x' has patches and units exchanged, so that each unit is mixed over patches by the same weights. Norms are layer
    norm; a candidate's own take their place. Dropout acts on what is added to x.
    """

    name = "mlp-mixer"
    reference = "Tolstikhin et al. 2021, MLP-Mixer: an all-MLP architecture for vision"

    patch: int = hyper(2, valid="[1, inf)", help="height and width of a patch; it divides those of the image")
    depth: int = hyper(2, valid="[1, inf)", help="blocks, each of a mixing of patches and one of units")
    width: int = hyper(32, valid="[1, inf)", help="units of a patch between blocks")
    mixing: int = hyper(32, valid="[1, inf)", help="hidden units where patches are mixed")
    hidden: int = hyper(128, valid="[1, inf)", help="hidden units where units are mixed")
    activation: str = hyper("gelu_tanh", help="of both")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_activation("network mlp-mixer: activation", self.activation)

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        check_patch(self.name, inputs.shape, self.patch, "mlp")
        count = (inputs.shape[0] // self.patch) * (inputs.shape[1] // self.patch)
        layers: list[Layer] = [Patches(self.patch), Dense(self.width)]
        for _ in range(self.depth):
            norm = normalizers(self.width, extras)
            mixed = feed_forward(count, self.mixing, self.activation, extras)
            layers.append(Residual((*norm, SwapPositions(count), *mixed, SwapPositions(self.width))))
            norm = normalizers(self.width, extras)
            layers.append(Residual((*norm, *feed_forward(self.width, self.hidden, self.activation, extras))))
        return [*layers, *normalizers(self.width, extras), MeanOverPositions(), Dense(outputs)]
