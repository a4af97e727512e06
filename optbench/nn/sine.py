"""Sine layers: a product whose weights are small, and a sine that is fast."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from optbench.contract.layer import FixedOp, Layer, Op, Parameter, Shape, Wires
from optbench.nn.dense import Dense


@dataclass(frozen=True)
class Sine(Layer):
    """y = sin(omega x); dy/dx = omega cos(omega x)."""

    omega: float = 1.0
    inplace = True
    reads_output = False

    def op(self, wires: Wires) -> Op:
        return SineOp(wires, self.omega)


class SineOp(FixedOp):
    def __init__(self, wires: Wires, omega: float):
        super().__init__(wires)
        x, y, dtype = wires.x, wires.y, wires.y.dtype
        factor = np.array(omega, dtype)
        angle: Callable[[], object] = partial(np.multiply, x, factor, y)
        if wires.dx is None or wires.dy is None:
            self.ahead = [angle, partial(np.sin, y, y)]
            return
        # The sine does not say of which sign the cosine was, so that this is kept.
        slope = np.zeros_like(y)
        self.ahead = [angle, partial(np.cos, y, slope), partial(np.sin, y, y)]
        self.back = [partial(np.multiply, slope, factor, slope), partial(np.multiply, wires.dy, slope, wires.dx)]


@dataclass(frozen=True)
class SineProduct(Dense):
    """A dense layer in front of a `Sine` or behind one, which asks initializers for weights of SIREN's size.

    Their variance is 1 / (3 n^2) for n inputs where it reads coordinates, so that uniform weights lie within 1/n; and
    2 / (n omega^2) where it reads sines, so that the angles omega (x W) have variance 1 as x has 1/2: uniform weights
    lie within sqrt(6 / n) / omega. An initializer is told so by a fan-in and a fan-out of one by the variance: what
    draws by either (Glorot, LeCun) gives exactly this, He's weights are larger by the square root of 2.
    (Sitzmann, Martel, Bergman, Lindell and Wetzstein 2020, section 3.2.)
    """

    omega: float = 30.0
    first: bool = False

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        weight, bias = super().parameters(shape)
        inputs = weight.fan_in
        fan = round(3 * inputs**2 if self.first else max(1.0, inputs * self.omega**2 / 2))
        return replace(weight, fan_in=fan, fan_out=fan), bias
