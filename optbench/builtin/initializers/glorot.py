"""Glorot's (Xavier) initialization: between what keeps activations and what keeps gradients on one scale."""

from dataclasses import dataclass

from optbench.builtin.initializers.variance import NormalLaw, UniformLaw

_REFERENCE = (
    "Glorot and Bengio 2010, Understanding the Difficulty of Training Deep Feedforward Neural Networks"
)


@dataclass(frozen=True)
class GlorotNormal(NormalLaw):
    """w ~ N(0, 2 / (fan_in + fan_out)): activations ask for 1 / fan_in, gradients for 1 / fan_out.

    Made for tanh; behind relus the variance halves layer by layer.
    """

    name = "glorot"
    reference = _REFERENCE

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2 / (fan_in + fan_out)


@dataclass(frozen=True)
class GlorotUniform(UniformLaw):
    """w ~ U(-a, a), a = sqrt(6 / (fan_in + fan_out)): of the same variance as "glorot"."""

    name = "glorot-uniform"
    reference = _REFERENCE

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2 / (fan_in + fan_out)
