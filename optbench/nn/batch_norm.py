"""Batch normalization."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.layer import Layer, Op, Parameter, Shape, Wires, by_channel


def scale_and_shift(shape: Shape) -> tuple[Parameter, ...]:
    """gamma and beta, one for each channel: the last axis of `shape`."""
    return (
        Parameter("scale", shape[-1:], "scale"),
        Parameter("shift", shape[-1:], "shift"),
    )


@dataclass(frozen=True)
class BatchNorm(Layer):
    """y = gamma (x - mu) / sqrt(sigma^2 + epsilon) + beta, over the batch (of images: height and width too).

    In training mu and sigma^2 = mean (x - mu)^2 are the mini-batch's. At evaluation they are the exponentially
    weighted averages of those with bias correction, V <- momentum V + (1 - momentum) mu, mu_run =
    V / (1 - momentum^t), so that one example alone can be evaluated, after the first mini-batch as after the
    last. (Ioffe and Szegedy 2015; averaged is sigma^2 itself, not the unbiased m / (m - 1) sigma^2.) In float32 the
    squares of values above 1.8e19 overflow: y is then beta, and the averages are lost for good.
    """

    momentum: float = 0.9
    epsilon: float = 1e-5
    reads_output = False

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        return scale_and_shift(shape)

    def initial(self, shape: Shape) -> dict[str, np.ndarray]:
        return {"mean": np.zeros(shape[-1:]), "variance": np.ones(shape[-1:]), "weight": np.zeros(1)}

    def op(self, wires: Wires) -> Op:
        return BatchNormOp(wires, self.momentum, self.epsilon)


class BatchNormOp(Op):
    def __init__(self, wires: Wires, momentum: float, epsilon: float):
        super().__init__(wires)
        self.momentum, self.epsilon = momentum, epsilon
        self.x, self.y = by_channel(wires.x), by_channel(wires.y)
        stack, channels, count = self.x.shape
        self.count = float(count)
        # A sum is a product with ones: BLAS does it in a third of the time of `add.reduce`.
        self.ones = np.ones(count, wires.x.dtype)
        self.centred = np.zeros((stack, channels, count), wires.x.dtype)
        small = np.zeros((6, stack, channels), wires.x.dtype)
        self.mean, self.variance, self.inverse, self.slope, self.offset, self.work = small
        self.share = np.zeros((stack, 1), wires.x.dtype)
        self.scale, self.shift = wires.params["scale"], wires.params["shift"]
        # The same with an axis for the values of a channel.
        self.means, self.slopes, self.offsets = self.mean[..., None], self.slope[..., None], self.offset[..., None]
        self.shifts, self.works = self.shift[..., None], self.work[..., None]
        if wires.dy is not None:
            self.dy = by_channel(wires.dy)
            self.dscale, self.dshift = wires.grads["scale"], wires.grads["shift"]
        if wires.dx is not None:
            self.dx = by_channel(wires.dx)

    def forward(self, training: bool, fresh: bool) -> None:
        if not training:
            return self._evaluate()
        np.vecdot(self.x, self.ones, out=self.mean)
        self.mean /= self.count
        np.subtract(self.x, self.means, out=self.centred)
        np.vecdot(self.centred, self.centred, out=self.variance)
        self.variance /= self.count
        self._invert(self.variance)
        np.multiply(self.centred, self.slopes, out=self.y)
        np.add(self.y, self.shifts, out=self.y)
        if fresh:
            self._average()
        return None

    def _invert(self, variance: np.ndarray) -> None:
        """1 / sqrt(variance + epsilon), and that times gamma."""
        np.add(variance, self.epsilon, out=self.inverse)
        np.sqrt(self.inverse, out=self.inverse)
        np.divide(1, self.inverse, out=self.inverse)
        np.multiply(self.scale, self.inverse, out=self.slope)

    def _average(self) -> None:
        # With the weight w = 1 - momentum^t, mu_run += (1 - momentum) / w (mu - mu_run) is V / w without V.
        state = self.wires.state
        weight = state["weight"]
        weight *= self.momentum
        weight += 1 - self.momentum
        np.divide(1 - self.momentum, weight, out=self.share)
        for running, new in ((state["mean"], self.mean), (state["variance"], self.variance)):
            np.subtract(new, running, out=self.work)
            self.work *= self.share
            running += self.work

    def _evaluate(self) -> None:
        self._invert(self.wires.state["variance"])
        np.multiply(self.wires.state["mean"], self.slope, out=self.offset)
        np.subtract(self.shift, self.offset, out=self.offset)
        np.multiply(self.x, self.slopes, out=self.y)
        np.add(self.y, self.offsets, out=self.y)

    def backward(self) -> None:
        """With m values a channel: dx = gamma inverse (dy - dbeta / m - centred inverse dgamma / m)."""
        np.vecdot(self.dy, self.ones, out=self.dshift)
        np.vecdot(self.dy, self.centred, out=self.dscale)
        self.dscale *= self.inverse
        if self.wires.dx is None:
            return
        np.multiply(self.dscale, self.slope, out=self.work)
        self.work *= self.inverse
        self.work /= -self.count
        np.multiply(self.centred, self.works, out=self.dx)
        np.multiply(self.dshift, self.slope, out=self.work)
        self.work /= self.count
        # dy is free from here on: whoever fills it next overwrites it.
        self.dy *= self.slopes
        self.dy -= self.works
        self.dx += self.dy
