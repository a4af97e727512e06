"""Layer norm as a component; the arithmetic is in `optbench.nn.example_norm`."""

from dataclasses import dataclass

from optbench.contract.components import HiddenNormalizer
from optbench.contract.hyperparameters import hyper
from optbench.contract.layer import Shape
from optbench.nn.layer_norm import LayerNorm


@dataclass(frozen=True)
class LayerNormalization(HiddenNormalizer):
    """z <- gamma (z - mu) / sqrt(sigma^2 + epsilon) + beta, over the features of each example.

    Of images: over height, width and channels, with one gamma and beta a channel. Of float32 activations above
    1.8e19, whose squares overflow, it makes beta.
    """

    name = "layer-norm"
    reference = "Ba, Kiros and Hinton 2016, Layer Normalization"

    epsilon: float = hyper(1e-5, low=1e-8, high=1e-2, scale="log", valid="(0, inf)", priority=3)

    def layer(self, features: Shape) -> LayerNorm:
        return LayerNorm(self.epsilon)
