"""Batch normalization."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from optbench.contract.layer import Calls, Layer, Op, Parameter, ReadyOp, Shape, Wires, by_channel


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


class BatchNormOp(ReadyOp):
    def __init__(self, wires: Wires, momentum: float, epsilon: float):
        super().__init__(wires)
        x, y = by_channel(wires.x), by_channel(wires.y)
        (stack, channels, count), dtype = x.shape, x.dtype
        # A sum is a product with ones, a mean one with their share: BLAS does it in a third of `add.reduce`'s time.
        ones, shares = np.ones(count, dtype), np.full(count, 1 / count, dtype)
        # 0-d arrays: NumPy would convert a Python number at each call.
        one, part, least = np.array(1, dtype), np.array(1 / count, dtype), np.array(epsilon, dtype)
        centred = np.zeros((stack, channels, count), dtype)
        mean, variance, inverse, slope, offset, work = np.zeros((6, stack, channels), dtype)
        scale, shift = wires.params["scale"], wires.params["shift"]
        self.train: Calls = [
            partial(np.vecdot, x, shares, mean),
            partial(np.subtract, x, mean[..., None], centred),
            partial(np.vecdot, centred, centred, variance),
            partial(np.multiply, variance, part, variance),
            *_inverted(variance, least, one, inverse),
            partial(np.multiply, scale, inverse, slope),
            partial(np.multiply, centred, slope[..., None], y),
            partial(np.add, y, shift[..., None], y),
        ]
        self.average = self._averaging(momentum, mean, variance, work)
        self.evaluate: Calls = [
            *_inverted(wires.state["variance"], least, one, inverse),
            partial(np.multiply, scale, inverse, slope),
            partial(np.multiply, wires.state["mean"], slope, offset),
            partial(np.subtract, shift, offset, offset),
            partial(np.multiply, x, slope[..., None], y),
            partial(np.add, y, offset[..., None], y),
        ]
        self.back: Calls = []
        if wires.dy is None:
            return
        # With m values a channel: dx = gamma inverse (dy - dbeta / m - centred inverse dgamma / m).
        dy, dscale, dshift = by_channel(wires.dy), wires.grads["scale"], wires.grads["shift"]
        self.back = [
            partial(np.vecdot, dy, ones, dshift),
            partial(np.vecdot, dy, centred, dscale),
            partial(np.multiply, dscale, inverse, dscale),
        ]
        if wires.dx is not None:
            dx = by_channel(wires.dx)
            self.back += [
                partial(np.multiply, dscale, inverse, work),
                partial(np.multiply, work, part, work),
                partial(np.multiply, centred, work[..., None], dx),
                partial(np.multiply, dshift, part, work),
                partial(np.add, dx, work[..., None], dx),
                partial(np.subtract, dy, dx, dx),
                partial(np.multiply, dx, slope[..., None], dx),
            ]

    def _averaging(self, momentum: float, mean: np.ndarray, variance: np.ndarray, work: np.ndarray) -> Calls:
        # With the weight w = 1 - momentum^t, mu_run += (1 - momentum) / w (mu - mu_run) is V / w without V.
        state, dtype = self.wires.state, mean.dtype
        weight, share = state["weight"], np.zeros((len(mean), 1), dtype)
        if len(mean) == 1:
            # As numbers they cost half of what they cost as rows.
            weight, share = weight.reshape(()), share.reshape(())
        kept, new = np.array(momentum, dtype), np.array(1 - momentum, dtype)
        calls: Calls = [
            partial(np.multiply, weight, kept, weight),
            partial(np.add, weight, new, weight),
            partial(np.divide, new, weight, share),
        ]
        for running, value in ((state["mean"], mean), (state["variance"], variance)):
            calls += [
                partial(np.subtract, value, running, work),
                partial(np.multiply, work, share, work),
                partial(np.add, running, work, running),
            ]
        return calls

    def forward_calls(self, training: bool, fresh: bool) -> Calls:
        if not training:
            return self.evaluate
        return [*self.train, *self.average] if fresh else self.train

    def backward_calls(self) -> Calls:
        return self.back


def _inverted(variance: np.ndarray, epsilon: np.ndarray, one: np.ndarray, out: np.ndarray) -> Calls:
    """1 / sqrt(variance + epsilon)."""
    return [partial(np.add, variance, epsilon, out), partial(np.sqrt, out, out), partial(np.divide, one, out, out)]
