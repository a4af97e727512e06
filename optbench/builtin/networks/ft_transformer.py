"""The feature tokenizer transformer, for tables."""

from dataclasses import dataclass
from math import prod

from optbench.builtin.networks.blocks import AttentionNetwork
from optbench.contract.architecture import Extras, Inputs
from optbench.contract.layer import Layer
from optbench.nn.dense import Dense
from optbench.nn.feature_tokenizer import FeatureTokenizer
from optbench.nn.flatten import Flatten
from optbench.nn.positions import MeanOverPositions


@dataclass(frozen=True)
class FTTransformer(AttentionNetwork):
    """Each column of a table becomes `width` units, a category by an embedding, a value x as x w + b with vectors w and
    b of its own; blocks as of `transformer`; the mean over columns, and a product.

    The mean stands for the class token of the paper, one activation for its gated one. Images and sequences are
    flattened. Normalizers and dropout act as in `transformer`.
    """

    name = "ft-transformer"
    reference = "Gorishniy, Rubachev, Khrulkov and Babenko 2021, Revisiting deep learning models for tabular data"
    reads = ("values", "categories")

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        columns = prod(inputs.shape)
        front: list[Layer] = [Flatten()] if len(inputs.shape) > 1 else []
        front.append(FeatureTokenizer(self.width, inputs.categories))
        return [*front, *self.blocks(columns, extras), MeanOverPositions(), Dense(outputs)]
