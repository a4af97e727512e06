"""Elementwise activations, simplest first. Each writes over its input where that is safe."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from optbench.contract.layer import FixedOp, Layer, Op, Wires
from optbench.nn.sine import Sine

_SQRT_HALF = float(np.sqrt(0.5))
_DENSITY = float(1 / np.sqrt(2 * np.pi))
_TANH_SLOPE = float(np.sqrt(2 / np.pi))


@dataclass(frozen=True)
class Identity(Layer):
    """y = x."""

    view = True
    monotone = True
    any_order = True

    def op(self, wires: Wires) -> Op:
        return IdentityOp(wires)


class IdentityOp(Op):
    """Input and output are one buffer: nothing is to be done."""

    def forward(self, training: bool, fresh: bool) -> None:
        pass

    def backward(self) -> None:
        pass


@dataclass(frozen=True)
class Relu(Layer):
    """y = max(x, 0); the gradient at 0 is 0. (Nair and Hinton 2010.)"""

    inplace = True
    monotone = True

    def op(self, wires: Wires) -> Op:
        return ReluOp(wires)


class ReluOp(FixedOp):
    def __init__(self, wires: Wires):
        super().__init__(wires)
        # An array of zeros, not the scalar 0: NumPy's loop over two arrays takes a third of the time.
        self.ahead = [partial(np.maximum, wires.x, np.zeros_like(wires.y), out=wires.y)]
        if wires.dx is not None and wires.dy is not None:
            # Seen as integers, y > 0 is min(y, 1), and a product with 0 or 1 keeps or clears the bits of dy: no
            # comparison whose outcome must be converted. (-0.0, the least integer, leaves a zero as well.)
            whole = np.dtype(f"i{wires.y.dtype.itemsize}")
            y, dy, dx = wires.y.view(whole), wires.dy.view(whole), wires.dx.view(whole)
            mask = np.zeros_like(y)
            self.back = [
                partial(np.minimum, y, np.ones_like(y), out=mask),
                partial(np.multiply, dy, mask, dx),
            ]


@dataclass(frozen=True)
class LeakyRelu(Layer):
    """y = max(x, slope x), 0 <= slope < 1; the gradient at 0 is the slope. (Maas et al. 2013.)"""

    slope: float = 0.01
    inplace = True
    monotone = True

    def op(self, wires: Wires) -> Op:
        return LeakyReluOp(wires, self.slope)


class LeakyReluOp(Op):
    def __init__(self, wires: Wires, slope: float):
        super().__init__(wires)
        self.slope = slope
        self.scaled = np.zeros_like(wires.y)

    def forward(self, training: bool, fresh: bool) -> None:
        np.multiply(self.wires.x, self.slope, out=self.scaled)
        np.maximum(self.wires.x, self.scaled, out=self.wires.y)

    def backward(self) -> None:
        if self.wires.dx is not None and self.wires.dy is not None:
            # The sign of y is the sign of x, so y serves after x was overwritten.
            np.greater(self.wires.y, 0, out=self.scaled, casting="unsafe")
            self.scaled *= 1 - self.slope
            self.scaled += self.slope
            np.multiply(self.wires.dy, self.scaled, out=self.wires.dx)


@dataclass(frozen=True)
class Tanh(Layer):
    """y = tanh(x); dy/dx = 1 - y^2."""

    inplace = True
    monotone = True

    def op(self, wires: Wires) -> Op:
        return TanhOp(wires)


class TanhOp(Op):
    def __init__(self, wires: Wires):
        super().__init__(wires)
        self.slope = np.zeros_like(wires.y)

    def forward(self, training: bool, fresh: bool) -> None:
        np.tanh(self.wires.x, out=self.wires.y)

    def backward(self) -> None:
        if self.wires.dx is not None and self.wires.dy is not None:
            np.multiply(self.wires.y, self.wires.y, out=self.slope)
            np.subtract(1, self.slope, out=self.slope)
            np.multiply(self.wires.dy, self.slope, out=self.wires.dx)


@dataclass(frozen=True)
class Sigmoid(Layer):
    """y = 1 / (1 + exp(-x)), computed as (1 + tanh(x / 2)) / 2, which cannot overflow; dy/dx = y (1 - y)."""

    inplace = True
    monotone = True

    def op(self, wires: Wires) -> Op:
        return SigmoidOp(wires)


class SigmoidOp(Op):
    def __init__(self, wires: Wires):
        super().__init__(wires)
        self.slope = np.zeros_like(wires.y)

    def forward(self, training: bool, fresh: bool) -> None:
        sigmoid(self.wires.x, out=self.wires.y)

    def backward(self) -> None:
        if self.wires.dx is not None and self.wires.dy is not None:
            np.subtract(1, self.wires.y, out=self.slope)
            self.slope *= self.wires.y
            np.multiply(self.wires.dy, self.slope, out=self.wires.dx)


def sigmoid(x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """1 / (1 + exp(-x)) without overflow; same shape and dtype as x."""
    out = np.multiply(x, 0.5, out=out)
    np.tanh(out, out=out)
    out *= 0.5
    out += 0.5
    return out


@dataclass(frozen=True)
class Gelu(Layer):
    """y = x Phi(x), with the normal distribution function itself and no tanh for it.

    (Hendrycks and Gimpel 2016.)
    """

    reads_output = False

    def op(self, wires: Wires) -> Op:
        return GeluOp(wires)


class GeluOp(Op):
    def __init__(self, wires: Wires):
        super().__init__(wires)
        # Imported where it is needed: SciPy's special functions take longer to load than all of optbench.
        from scipy.special import erf

        self.erf = erf
        self.phi = np.zeros_like(wires.y)
        self.work = np.zeros_like(wires.y)

    def forward(self, training: bool, fresh: bool) -> None:
        np.multiply(self.wires.x, _SQRT_HALF, out=self.work)
        self.erf(self.work, out=self.phi)
        self.phi += 1
        self.phi *= 0.5
        np.multiply(self.wires.x, self.phi, out=self.wires.y)

    def backward(self) -> None:
        if self.wires.dx is None or self.wires.dy is None:
            return
        x, work = self.wires.x, self.work
        np.multiply(x, x, out=work)
        work *= -0.5
        np.exp(work, out=work)
        work *= x
        work *= _DENSITY
        work += self.phi
        np.multiply(self.wires.dy, work, out=self.wires.dx)


@dataclass(frozen=True)
class GeluTanh(Layer):
    """y = x (1 + tanh(c (x + 0.044715 x^3))) / 2, c = sqrt(2 / pi): close to `Gelu`, for half of its time.

    (Hendrycks and Gimpel 2016; GPT-2's.)
    """

    def op(self, wires: Wires) -> Op:
        return GeluTanhOp(wires)


class GeluTanhOp(FixedOp):
    def __init__(self, wires: Wires):
        super().__init__(wires)
        x, y = wires.x, wires.y
        square, gate, slope, work = (np.zeros_like(y) for _ in range(4))
        # The gate is (1 + tanh(x (linear + cubic x^2))) / 2; 0-d arrays, which NumPy need not convert at each call.
        linear, cubic = (np.array(f * _TANH_SLOPE, y.dtype) for f in (1, 0.044715))
        half, one = np.array(0.5, y.dtype), np.array(1, y.dtype)
        self.ahead = [
            partial(np.multiply, x, x, square),
            partial(np.multiply, square, cubic, gate),
            partial(np.add, gate, linear, gate),
            partial(np.multiply, gate, x, gate),
            partial(np.tanh, gate, gate),
            partial(np.multiply, gate, half, gate),
            partial(np.add, gate, half, gate),
            partial(np.multiply, x, gate, y),
        ]
        if wires.dx is not None and wires.dy is not None:
            # dy/dx = s + 2 y (1 - s) (linear + 3 cubic x^2) with the gate s
            twice, cubic6 = (np.array(2 * f * _TANH_SLOPE, y.dtype) for f in (1, 3 * 0.044715))
            self.back = [
                partial(np.subtract, one, gate, work),
                partial(np.multiply, work, y, work),
                partial(np.multiply, square, cubic6, slope),
                partial(np.add, slope, twice, slope),
                partial(np.multiply, work, slope, work),
                partial(np.add, gate, work, work),
                partial(np.multiply, wires.dy, work, wires.dx),
            ]


#: hidden activations by the name that a network's `activation` has in a suite
ACTIVATIONS: dict[str, type[Layer]] = {
    "identity": Identity,
    "relu": Relu,
    "leaky_relu": LeakyRelu,
    "tanh": Tanh,
    "sigmoid": Sigmoid,
    "gelu": Gelu,
    "sine": Sine,
    "gelu_tanh": GeluTanh,
}
