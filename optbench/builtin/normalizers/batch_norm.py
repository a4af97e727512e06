"""Batch norm as a component; the arithmetic is in `optbench.nn.batch_norm`."""

from dataclasses import dataclass

from optbench.contract.components import HiddenNormalizer
from optbench.contract.hyperparameters import hyper
from optbench.contract.layer import Shape
from optbench.nn.batch_norm import BatchNorm


@dataclass(frozen=True)
class BatchNormalization(HiddenNormalizer):
    """z <- gamma (z - mu) / sqrt(sigma^2 + epsilon) + beta, over the mini-batch; averaged mu, sigma^2 at evaluation.

    V <- momentum V + (1 - momentum) mu, averaged mu = V / (1 - momentum^t), and sigma^2 likewise. gamma and beta
    are trained by whichever optimizer trains the weights. Of images: one of each for a channel, over height and
    width too. Holds float32 activations up to 1.8e19, whose squares overflow.
    """

    name = "batch-norm"
    reference = "Ioffe and Szegedy 2015, Batch Normalization"

    momentum: float = hyper(
        0.9, low=0.5, high=0.999, scale="log1m", valid="[0, 1)", priority=3, help="of the running averages"
    )
    epsilon: float = hyper(1e-5, low=1e-8, high=1e-2, scale="log", valid="(0, inf)", priority=3)

    def layer(self, features: Shape) -> BatchNorm:
        return BatchNorm(self.momentum, self.epsilon)
