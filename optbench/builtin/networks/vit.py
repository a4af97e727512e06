"""The vision transformer."""

from dataclasses import dataclass

from optbench.builtin.networks.blocks import AttentionNetwork, check_patch
from optbench.contract.architecture import Extras, Inputs
from optbench.contract.hyperparameters import hyper
from optbench.contract.layer import Layer
from optbench.nn.dense import Dense
from optbench.nn.positions import MeanOverPositions, Patches, Places


@dataclass(frozen=True)
class VisionTransformer(AttentionNetwork):
    """An image's patches, each a product to `width` units with a learned place added; blocks as of `transformer`; the
    mean over patches, and a product.

    The mean stands for the class token of the paper (Beyer, Zhai and Kolesnikov 2022, Better plain ViT baselines).
    Normalizers and dropout act as in `transformer`.
    """

    name = "vit"
    reference = "Dosovitskiy et al. 2021, An image is worth 16x16 words"

    patch: int = hyper(2, valid="[1, inf)", help="height and width of a patch; it divides those of the image")

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        check_patch(self.name, inputs.shape, self.patch, "ft-transformer")
        count = (inputs.shape[0] // self.patch) * (inputs.shape[1] // self.patch)
        front = [Patches(self.patch), Dense(self.width), Places(count)]
        return [*front, *self.blocks(count, extras), MeanOverPositions(), Dense(outputs)]
