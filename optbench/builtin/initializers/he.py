"""He's initialization: keeps the second moment of activations through layers with relu, which halves it."""

from dataclasses import dataclass

from optbench.builtin.initializers.variance import NormalLaw, UniformLaw

_REFERENCE = "He et al. 2015, Delving Deep into Rectifiers"


@dataclass(frozen=True)
class HeNormal(NormalLaw):
    """w ~ N(0, 2 / fan_in)."""

    name = "he"
    reference = _REFERENCE

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2 / fan_in


@dataclass(frozen=True)
class HeUniform(UniformLaw):
    """w ~ U(-a, a), a = sqrt(6 / fan_in): of the same variance as "he"."""

    name = "he-uniform"
    reference = _REFERENCE

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2 / fan_in
