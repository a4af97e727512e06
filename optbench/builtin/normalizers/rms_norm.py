"""RMS norm as a component; the arithmetic is in `optbench.nn.example_norm`."""

from dataclasses import dataclass

from optbench.contract.components import HiddenNormalizer
from optbench.contract.hyperparameters import hyper
from optbench.contract.layer import Shape
from optbench.nn.rms_norm import RMSNorm


@dataclass(frozen=True)
class RMSNormalization(HiddenNormalizer):
    """z <- gamma z / sqrt(mean(z^2) + epsilon), over the features of each example: layer norm without the mean.

    Of float32 activations above 1.8e19, whose squares overflow, it makes 0.
    """

    name = "rms-norm"
    reference = "Zhang and Sennrich 2019, Root Mean Square Layer Normalization"

    epsilon: float = hyper(1e-5, low=1e-8, high=1e-2, scale="log", valid="(0, inf)", priority=3)

    def layer(self, features: Shape) -> RMSNorm:
        return RMSNorm(self.epsilon)
