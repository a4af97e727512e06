"""Normalization within each example: what layer norm, RMS norm and group norm share."""

import numpy as np

from optbench.contract.layer import Op, Wires, by_channel


class ExampleNormOp(Op):
    """y = gamma h + beta, h = (x - mu) / sqrt(v + epsilon), over the features of each group of each example.

    `groups` split the channels. `centre` says whether mu is the mean and v the variance, or mu is 0 and v the
    mean square. Nothing depends on the batch, so training and evaluation are the same. In float32 the squares of
    values above 1.8e19 overflow: h is then 0, and so is the gradient.
    """

    def __init__(self, wires: Wires, groups: int, centre: bool, epsilon: float):
        super().__init__(wires)
        self.centre, self.epsilon = centre, epsilon
        dtype = wires.x.dtype
        self.batch = wires.x.shape[1]
        channels = by_channel(wires.x)
        self.hat_channels = np.zeros(channels.shape, dtype)
        self.work_channels = np.zeros(channels.shape, dtype)
        stack, count, positions = channels.shape
        self.features = count * positions // self.batch // groups
        self.groups = (stack, groups, self.features, self.batch)
        self.x = self._grouped(channels)
        self.hat, self.work = self._grouped(self.hat_channels), self._grouped(self.work_channels)
        self.y_channels = by_channel(wires.y)
        # A sum over features is a product with a row of ones.
        self.ones = np.full((1, self.features), 1 / self.features, dtype)
        self.per_position = np.ones(positions, dtype)
        self.mean, self.inverse = np.zeros((2, stack, groups, 1, self.batch), dtype)
        self.scale = wires.params["scale"][..., None]
        self.shift = wires.params["shift"][..., None] if "shift" in wires.params else None
        if wires.dy is not None:
            self.dy_channels = by_channel(wires.dy)
        if wires.dx is not None:
            self.dx = self._grouped(by_channel(wires.dx))

    def _grouped(self, channels: np.ndarray) -> np.ndarray:
        """(stack, channels, positions x batch) as (stack, groups, features of a group, batch)."""
        return channels.reshape(self.groups, copy=False)

    def _mean(self, values: np.ndarray, out: np.ndarray) -> None:
        np.matmul(self.ones, values, out=out)

    def forward(self, training: bool, fresh: bool) -> None:
        centred = self.x
        if self.centre:
            self._mean(self.x, self.mean)
            np.subtract(self.x, self.mean, out=self.hat)
            centred = self.hat
        np.multiply(centred, centred, out=self.work)
        self._mean(self.work, self.inverse)
        self.inverse += self.epsilon
        np.sqrt(self.inverse, out=self.inverse)
        np.divide(1, self.inverse, out=self.inverse)
        np.multiply(centred, self.inverse, out=self.hat)
        np.multiply(self.hat_channels, self.scale, out=self.y_channels)
        if self.shift is not None:
            np.add(self.y_channels, self.shift, out=self.y_channels)

    def backward(self) -> None:
        """dx = inverse (g - mean g - h mean(g h)), g = gamma dy, means over a group; no mean g without mu."""
        if self.shift is not None:
            np.vecdot(self.dy_channels, self.per_position, out=self.wires.grads["shift"])
        np.vecdot(self.dy_channels, self.hat_channels, out=self.wires.grads["scale"])
        if self.wires.dx is None:
            return
        np.multiply(self.dy_channels, self.scale, out=self.work_channels)
        np.multiply(self.work, self.hat, out=self.dx)
        self._mean(self.dx, self.mean)
        np.multiply(self.hat, self.mean, out=self.dx)
        np.subtract(self.work, self.dx, out=self.dx)
        if self.centre:
            self._mean(self.work, self.mean)
            self.dx -= self.mean
        self.dx *= self.inverse
